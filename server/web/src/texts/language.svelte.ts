/** The language that is chosen, for every page. */
import { momentFormat } from './formats.js';

export type Language = 'vi' | 'en';

let chosen = $state<Language>('vi');

export const language = {
  get now(): Language {
    return chosen;
  },
  choose(language: Language): void {
    chosen = language;
    document.documentElement.lang = language;
  },
  toggle(): void {
    this.choose(chosen === 'vi' ? 'en' : 'vi');
  },
};

/** What dates and numbers are written as. */
export function locale(): string {
  return chosen === 'en' ? 'en-GB' : chosen;
}

/** A day as people write it, given as `2026-03-05`: 05/03/2026, or 5 March 2026. It is the same wherever this device is. */
export function day(text: string): string {
  const moment = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(moment)) return text;
  const month = chosen === 'vi' ? '2-digit' : 'long';
  const format = { day: chosen === 'vi' ? '2-digit' : 'numeric', month, year: 'numeric', timeZone: 'UTC' } as const;
  return momentFormat(locale(), 'day', format).format(moment);
}

/** A moment by this device's clock, right or wrong. */
export function moment(milliseconds: number): string {
  return momentFormat(locale(), 'moment', { dateStyle: 'short', timeStyle: 'short' }).format(milliseconds);
}
