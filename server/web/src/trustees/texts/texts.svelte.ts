/** What the page for trustees says. Its texts stand in the files beside this one alone. */
import i18next from 'i18next';
import { numberFormat } from '../../texts/formats.js';
import { language, locale } from '../../texts/language.svelte.js';
import en from './en.json';
import vi from './vi.json';

export { language } from '../../texts/language.svelte.js';

type Keys<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Keys<T[K]>}` }[keyof T & string];
export type Key = Keys<typeof vi>;

const texts = i18next.createInstance();
await texts.init({
  lng: 'vi',
  fallbackLng: false,
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
});
const say = texts.t as unknown as (key: string, given: object) => string;

/** A text by its key. */
export function t(key: Key, given: Record<string, string | number> = {}): string {
  return say(key, { lng: language.now, ...given });
}

/** The text of a code that the core gives; `given` fills its blanks. A test of the core sees that it has one. */
export function coded(key: string, given: [string, string][] = []): string {
  return say(key, { lng: language.now, ...Object.fromEntries(given) });
}

/** A number as people write it. */
export function number(value: number): string {
  return numberFormat(locale()).format(value);
}
