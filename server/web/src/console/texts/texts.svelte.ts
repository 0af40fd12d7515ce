/** What the console says. Its texts stand in the files beside this one alone. */
import i18next from 'i18next';
import { numberFormat } from '../../texts/formats.js';
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

/** Marks that nobody sees and that turn the direction of what follows, also beyond the end of a name. */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Letters that are read from the right. */
const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** What somebody wrote, without marks that would turn round what stands beside it. It belongs into a `<bdi>`. */
export function still(text: string): string {
  return text.replace(TURNS, '');
}

/** The same within another text, where no element can keep it apart. */
function apart(text: string): string {
  const plain = still(text);
  return FROM_RIGHT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** A text by its key. */
export function t(key: Key, given: Record<string, string | number> = {}): string {
  const parts = Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? apart(value) : value]);
  return say(key, { lng: language.now, ...Object.fromEntries(parts) });
}

/** The text of a code that the centre gives; what is said otherwise if this page does not know the code. */
export function coded(key: string, otherwise: string): string {
  return texts.exists(key, { lng: language.now }) ? say(key, { lng: language.now }) : otherwise;
}

/** A number as people write it. */
export function number(value: number): string {
  return numberFormat(locale()).format(value);
}

/** A percentage with two decimals, which the centre has computed and rounded; "–" where its base is 0. */
export function percent(text: string | null | undefined): string {
  if (text === null || text === undefined) return '–';
  return `${language.now === 'vi' ? text.replace('.', ',') : text} %`;
}
