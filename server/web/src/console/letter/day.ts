import { language } from '../texts/texts.svelte.js';

/** A day such as `2026-11-27`, as people write it. */
export function day(text: string): string {
  const [year, month, date] = text.split('-');
  if (!year || !month || !date) return text;
  return language.now === 'vi' ? `${date}/${month}/${year}` : text;
}
