/** What the console says. Its texts stand in the files beside this one alone. */
import i18next from 'i18next';
import { language, locale } from '../../texts/language.svelte.js';
import en from './en.json';
import vi from './vi.json';

export { language, moment } from '../../texts/language.svelte.js';

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

/** Where the chosen language is kept on this machine: it tells nothing else. */
const KEPT = 'homphieu-language';
const kept = localStorage.getItem(KEPT);
if (kept === 'en' || kept === 'vi') language.choose(kept);

export function toggleLanguage(): void {
  language.toggle();
  localStorage.setItem(KEPT, language.now);
}

/** A text by its key. */
export function t(key: Key, given: Record<string, string | number> = {}): string {
  return say(key, { lng: language.now, ...given });
}

/** The text of a code that the centre gives; what is said otherwise if this page does not know the code. */
export function coded(key: string, otherwise: string): string {
  return texts.exists(key, { lng: language.now }) ? say(key, { lng: language.now }) : otherwise;
}

/** A number as people write it. */
export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A percentage with two decimals, which the centre has computed and rounded; "–" where its base is 0. */
export function percent(text: string | null | undefined): string {
  if (text === null || text === undefined) return '–';
  return `${language.now === 'vi' ? text.replace('.', ',') : text} %`;
}
