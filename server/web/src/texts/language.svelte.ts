/** The language that is chosen, for every page. */
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

/** A moment by this device's clock, right or wrong. */
export function moment(milliseconds: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'short', timeStyle: 'short' }).format(milliseconds);
}
