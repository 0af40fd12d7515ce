/** What the inspection committee reads: days, stages with a shape each, and texts that the centre says in both languages. */
import type { ReasonLine, UnitOversight } from '../api/client.js';
import { language } from '../texts/texts.svelte.js';

export { day } from '../../texts/language.svelte.js';

export const STAGES = ['not_begun', 'prepared', 'voting', 'closed', 'minuted', 'counted', 'left_unpublished', 'published'] as const;
export type Stage = (typeof STAGES)[number];

/** A shape for each stage, so that none is told by its colour alone. */
export const SHAPES: Record<Stage, string> = {
  not_begun: '○',
  prepared: '◌',
  voting: '◔',
  closed: '◑',
  minuted: '◕',
  counted: '●',
  left_unpublished: '✕',
  published: '✔',
};

/** A shape for how grave a reason is: what stands in the way, what is late, what is a sign. */
export const GRADES: Record<ReasonLine['grade'], string> = { blocking: '■', late: '▲', sign: '◇' };

/** A text in the chosen language. */
export const said = (text: { vi: string; en: string }): string => (language.now === 'vi' ? text.vi : text.en);

/** Today where the district is, as a field for days wants it. */
export const today = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' }).format(Date.now());

export const FILTERS = ['all', 'visit', 'late', 'signs', 'follow_ups', 'plans', ...STAGES] as const;
export type Filter = (typeof FILTERS)[number];

export function passes(unit: UnitOversight, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'visit':
      return unit.reasons.length > 0;
    case 'late':
      return unit.reasons.some(({ grade }) => grade === 'late');
    case 'signs':
      return unit.signs.length > 0;
    case 'follow_ups':
      return unit.visits.open > 0;
    case 'plans':
      return unit.plans_overdue + unit.plans_behind > 0;
    default:
      return unit.stage === filter;
  }
}
