/** Two pages may not hold one tablet. */

/** How long another page may take to let go, in milliseconds: a page that is loaded again ends after the new one began. */
const PATIENCE = 5_000;

/**
 * Does something as soon as no other page of this place is open, and stays the only one from then on, as long as this
 * page or worker lives. What the work throws is `failed`; that another page is open is `busy`.
 */
export function alone(work: () => Promise<void>, busy: () => void, failed: (why: unknown) => void): void {
  navigator.locks
    .request('homphieu-tablet', { signal: AbortSignal.timeout(PATIENCE) }, async () => {
      try {
        await work();
      } catch (why) {
        return failed(why);
      }
      return new Promise<never>(() => undefined);
    })
    .catch((why: unknown) => (why instanceof DOMException && why.name === 'TimeoutError' ? busy() : failed(why)));
}
