/** Files that leave the page: onto the device, or to another app of it. */

/** What came of sharing: done, given up by the person, or not possible here. */
export type Shared = 'done' | 'given_up' | 'not_here';

const KIND = 'application/octet-stream';

/** Writes a file among the device's downloads. */
export function download(bytes: Uint8Array, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new File([new Uint8Array(bytes)], name, { type: KIND }));
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Browsers hand files of a few known kinds alone to other apps, so a parcel goes as a text file by its name; its bytes are
 * the same, and whoever opens it here looks at the bytes alone.
 */
const shareable = (bytes: Uint8Array, name: string) => new File([new Uint8Array(bytes)], `${name}.txt`, { type: 'text/plain' });

/** Whether this browser hands files to other apps. */
export function canShare(): boolean {
  return navigator.canShare?.({ files: [shareable(new Uint8Array([0]), 'x')] }) ?? false;
}

export async function share(bytes: Uint8Array, name: string): Promise<Shared> {
  try {
    await navigator.share({ files: [shareable(bytes, name)] });
    return 'done';
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? 'given_up' : 'not_here';
  }
}
