/** Rules of a round: what a new one begins with, and what they do to an example. */
import type { DraftView, RoundRules } from '../api/client.js';

export const USUAL_RULES: RoundRules = {
  title: '',
  mode: 'official',
  levels: [
    { code: 'decisive_consistent', vi: 'Có quyết liệt, thường xuyên và hiệu quả', en: 'Decisive, consistent and effective' },
    { code: 'decisive_inconsistent', vi: 'Có quyết liệt nhưng không thường xuyên', en: 'Decisive but not consistent' },
    { code: 'not_decisive', vi: 'Không quyết liệt', en: 'Not decisive' },
  ],
  percent_base: 'collected',
  batch_min: 10,
  min_publish: 5,
  attended: [],
};

export const STEPS = ['roster', 'rules', 'slips', 'keys', 'sign', 'open'] as const;
export type StepName = (typeof STEPS)[number];

/** Which steps of a round are done. */
export function doneOf(draft: DraftView): StepName[] {
  const signed = draft.round.state !== 'draft';
  const opened = signed && draft.round.state !== 'signed';
  const done: StepName[] = ['roster', 'rules'];
  if (signed || draft.printed === draft.with_slips) done.push('slips');
  if (signed || draft.keys) done.push('keys');
  if (signed) done.push('sign');
  if (opened) done.push('open');
  return done;
}

/** A percentage in hundredths, half up, as the count makes it. */
export function hundredths(count: number, base: number): string {
  if (base === 0) return '';
  return (Math.floor((count * 20000 + base) / (2 * base)) / 100).toFixed(2);
}
