/** What is wrong with a roster or a corrected sheet, in the language of the page. English is what the centre says itself. */
import causes from '../generated/causes.json';
import { language } from '../texts/texts.svelte.js';

const inVietnamese = causes as Record<string, string>;
const upper = (text: string) => text.replace(/^./u, (first) => first.toLocaleUpperCase(language.now));

type Cause = { code: string; detail: string; given?: Record<string, string> };

function words(kind: 'roster' | 'correction', { code, detail, given = {} }: Cause): string {
  const text = inVietnamese[`${kind}_${code}`];
  if (language.now === 'en' || text === undefined) return upper(detail);
  const filled = { ...given };
  // The one thing that is a word itself: which list it is about.
  if (filled['what'] !== undefined) filled['what'] = inVietnamese[`roster_list_${filled['what']}`] ?? filled['what'];
  // What a corrected sheet names is shown beside it.
  if (/{{(\w+)}}/.test(text.replace(/{{(\w+)}}/g, (blank, name: string) => (filled[name] === undefined ? blank : '')))) return upper(detail);
  return upper(text.replace(/{{(\w+)}}/g, (blank, name: string) => filled[name] ?? blank));
}

export const rosterWords = (problem: Cause): string => words('roster', problem);
export const correctionWords = (remark: Cause): string => words('correction', remark);
