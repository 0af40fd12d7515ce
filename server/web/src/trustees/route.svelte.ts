/** Which view is open: the part of the address behind `#`, in pieces. Nothing secret is ever in it. */
import { guard } from './guard.svelte.js';

const pieces = (): string[] => location.hash.replace(/^#\/?/, '').split('/').filter((piece) => /^[\w-]+$/.test(piece));

let now = $state.raw(pieces());
addEventListener('hashchange', () => {
  if (guard.free()) now = pieces();
});

export const route = {
  get now(): string[] {
    return now;
  },
  /** Back to the beginning, also where the address says so already. */
  home(): void {
    guard.end();
    history.replaceState(null, '', '#/');
    now = [];
  },
};
