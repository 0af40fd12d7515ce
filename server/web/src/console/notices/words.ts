/** How a notice stands, as it is shown: with a sign beside the colour. */
import type { NoticeView } from '../api/client.js';

export type Stage = NoticeView['stage'];

/** Late ones first, for somebody has to do something about them. */
export const STAGES: readonly Stage[] = ['overdue', 'waiting', 'late', 'in_time'];

export const SIGNS: Record<Stage, string> = { overdue: '▲', waiting: '◔', late: '◑', in_time: '✔' };
export const LOOKS: Record<Stage, string> = { overdue: 'warn', waiting: '', late: 'wait', in_time: 'good' };

/** A day as people here write it: `2026-11-27` becomes 27/11/2026. */
export function day(text: string): string {
  return text.split('-').reverse().join('/');
}

/** The centre's days are those of Viet Nam, seven hours east of Greenwich all year, wherever this machine thinks it is. */
const EAST_MS = 7 * 3_600_000;

/** Today, as `2026-11-27`. */
export function today(): string {
  return new Date(Date.now() + EAST_MS).toISOString().slice(0, 10);
}
