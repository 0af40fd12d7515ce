/** What the page says, in the language that is chosen. Texts stand in the files beside this one alone. */
import i18next, { type ParseKeys } from 'i18next';
import type { Text } from '../core/core.js';
import en from './en.json';
import vi from './vi.json';

export type Language = 'vi' | 'en';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof vi };
  }
}

await i18next.init({
  lng: 'vi',
  fallbackLng: false,
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
});

let chosen = $state<Language>('vi');

export const language = {
  get now(): Language {
    return chosen;
  },
  choose(language: Language): void {
    chosen = language;
    document.documentElement.lang = language;
    void i18next.changeLanguage(language);
  },
  toggle(): void {
    this.choose(chosen === 'vi' ? 'en' : 'vi');
  },
};

/** A text by its key. */
export function t(key: ParseKeys, given: Record<string, string | number> = {}): string {
  return i18next.t(key, { lng: chosen, ...given });
}

/** What the core says. */
export function said(text: Text): string {
  return text[chosen].replace(/^./u, (first) => first.toLocaleUpperCase(chosen));
}

/** A moment by this device's clock, right or wrong. */
export function moment(milliseconds: number): string {
  return new Intl.DateTimeFormat(chosen === 'en' ? 'en-GB' : chosen, { dateStyle: 'short', timeStyle: 'short' }).format(milliseconds);
}

/** An amount of bytes, in words that people use: roughly. */
export function size(bytes: number): string {
  const giga = bytes >= 1e9;
  const unit = giga ? 'gigabyte' : 'megabyte';
  const amount = giga ? bytes / 1e9 : Math.floor(bytes / 1e6);
  return new Intl.NumberFormat(chosen === 'en' ? 'en-GB' : chosen, { style: 'unit', unit, maximumFractionDigits: 0 }).format(amount);
}
