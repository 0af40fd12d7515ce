/** Published figures as pictures need them. The centre has computed and rounded every percentage. */
import type { LevelLabel, Share } from '../api/client.js';
import { language } from '../texts/texts.svelte.js';

/** Fillings that there are; a scale with more levels begins again. */
const PATTERNS = 5;

export const filling = (level: number): string => `url(#level-${level % PATTERNS})`;

/** What a level is called. */
export const label = (level: LevelLabel): string => level[language.now];

export type Segment = { at: number; wide: number; level: number };

/** Where each level lies on a bar as wide as its base. What is left of the base is blank lines and invalid ballots. */
export function segments(shares: Share[], base: number): Segment[] {
  if (base === 0) return [];
  let at = 0;
  return shares.map(({ count }, level) => {
    const wide = (100 * count) / base;
    at += wide;
    return { at: at - wide, wide, level };
  });
}

/** Over all officials together the base is every mark that could be made on a valid ballot. */
export function marks(shares: Share[], blank: number): number {
  return shares.reduce((all, { count }) => all + count, blank);
}
