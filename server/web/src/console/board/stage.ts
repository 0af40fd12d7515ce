/** Where a unit is on its way, and whether somebody has to look after it. */
import type { UnitView } from '../api/client.js';

export const STAGES = ['no_tablet', 'waiting', 'coming', 'closed', 'published'] as const;
export type Stage = (typeof STAGES)[number];

/** A shape for each stage, so that none is told by its colour alone. */
export const SIGNS: Record<Stage, string> = { no_tablet: '○', waiting: '◔', coming: '◑', closed: '●', published: '✔' };

export function stage(unit: UnitView): Stage {
  if (unit.published !== null && unit.published !== undefined) return 'published';
  if (unit.tablets === 0) return 'no_tablet';
  if (unit.closed === unit.tablets) return 'closed';
  return unit.ballots === 0 ? 'waiting' : 'coming';
}

/** Something is held, or people disagree, or all tablets closed and something is missing or does not reconcile. */
export function needsSomebody(unit: UnitView): boolean {
  const settled = unit.held === 0 && unit.conflicts === 0;
  const complete = stage(unit) !== 'closed' || (unit.gaps === 0 && unit.findings === 0);
  return !(settled && complete);
}

/** Text as it is searched: without diacritics, in small letters. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/giu, 'd').toLowerCase();
}

export const FILTERS = ['all', 'needs', 'silent', 'held', 'findings', ...STAGES] as const;
export type Filter = (typeof FILTERS)[number];

export function passes(unit: UnitView, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'needs':
      return needsSomebody(unit);
    case 'silent':
      return unit.silent > 0;
    case 'held':
      return unit.held > 0;
    case 'findings':
      return unit.findings > 0 || unit.conflicts > 0;
    default:
      return stage(unit) === filter;
  }
}
