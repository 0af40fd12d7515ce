/** How a notice stands, as it is shown: with a sign beside the colour. */
import type { MessageState, NoticeView } from '../api/client.js';

export { day } from '../../texts/language.svelte.js';

export type Stage = NoticeView['stage'];

/** Late ones first, for somebody has to do something about them. */
export const STAGES: readonly Stage[] = ['overdue', 'waiting', 'late', 'in_time'];

export const SIGNS: Record<Stage, string> = { overdue: '▲', waiting: '◔', late: '◑', in_time: '✔' };
export const LOOKS: Record<Stage, string> = { overdue: 'warn', waiting: '', late: 'wait', in_time: 'good' };

/** How a message stands. */
export const MESSAGE_SIGNS: Record<MessageState, string> = { waiting: '…', sent: '✔', failed: '✘', given_up: '–' };
export const MESSAGE_LOOKS: Record<MessageState, string> = { waiting: 'wait', sent: 'good', failed: 'warn', given_up: '' };

/** The centre's days are those of Viet Nam, seven hours east of Greenwich all year, wherever this machine thinks it is. */
const EAST_MS = 7 * 3_600_000;

/** Today, as `2026-11-27`. */
export function today(): string {
  return new Date(Date.now() + EAST_MS).toISOString().slice(0, 10);
}

/** The time of day of a moment in seconds, where the centre is. */
export function time(seconds: number): string {
  return new Date(seconds * 1000 + EAST_MS).toISOString().slice(11, 16);
}
