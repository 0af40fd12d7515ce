/** Where in the console somebody is: the part of the address behind `#`, in pieces. */
const pieces = (): string[] => {
  try {
    return location.hash.replace(/^#\/?/, '').split('/').filter((piece) => piece !== '').map(decodeURIComponent);
  } catch {
    // Not from here: somebody changed the address.
    return [];
  }
};

let now = $state.raw(pieces());
addEventListener('hashchange', () => (now = pieces()));

export const route = {
  get now(): string[] {
    return now;
  },
};

/** The address of a place, for links. */
export function to(...place: string[]): string {
  return `#/${place.map(encodeURIComponent).join('/')}`;
}
