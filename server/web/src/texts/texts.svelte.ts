/** What the page says, in the language that is chosen. Texts stand in the files beside this one alone. */
import i18next, { type ParseKeys } from 'i18next';
import type { Text } from '../core/core.js';
import en from './en.json';
import { language, locale } from './language.svelte.js';
import vi from './vi.json';

export { language, type Language } from './language.svelte.js';

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

/** A text by its key. */
export function t(key: ParseKeys, given: Record<string, string | number> = {}): string {
  return i18next.t(key, { lng: language.now, ...given });
}

/** What the core says. */
export function said(text: Text): string {
  return text[language.now].replace(/^./u, (first) => first.toLocaleUpperCase(language.now));
}

/** An amount of bytes, in words that people use: roughly. */
export function size(bytes: number): string {
  const giga = bytes >= 1e9;
  const unit = giga ? 'gigabyte' : 'megabyte';
  const amount = giga ? bytes / 1e9 : Math.floor(bytes / 1e6);
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, maximumFractionDigits: 0 }).format(amount);
}

export { day, moment } from './language.svelte.js';
