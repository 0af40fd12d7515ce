// Every text that is asked for exists in both languages, with the same blanks; none is there that nobody asks for. Each
// page has texts of its own, for its own sources. English says "1 ballot": a number before a plural has both forms.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const flat = (texts, before = '') =>
  Object.entries(texts).flatMap(([name, text]) =>
    typeof text === 'string' ? [[before + name, text]] : flat(text, `${before}${name}.`),
  );
const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : files(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [path] : [];
  });
const plain = (key) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const blanks = (text) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort().join();

/** Verbs and others that end like a plural and may follow a number. */
const NO_PLURAL = new Set(['is', 'was', 'has', 'does', 'its', 'holds', 'closes', 'decides', 'says', 'owes', 'proposes', 'becomes', 'looks', 'belongs', 'names', 'forgets', 'as', 'bytes']);
/** A blank and what it counts, with up to two words between: `{{n}} valid ballots`, but not `{{n}} of the ballots`. */
const COUNTED = /{{(\w+)}}((?: (?!of\b|in\b|on\b|at\b|by\b|to\b|and\b|or\b|are\b|is\b|was\b|from\b|with\b|for\b)[a-z-]+){0,2}? (?:[a-z-]+s|people))\b/g;
/** What a number stands before in the plural alone, whatever the number is. */
const plurals = (key, text) =>
  [...text.matchAll(COUNTED)].filter(
    ([, blank, words]) => !NO_PLURAL.has(words.split(' ').at(-1)) && !(blank === 'count' && /_(one|other)$/.test(key)),
  );

const OWN = ['console', 'trustees'].map((page) => join('src', page));
const pages = [
  { texts: join('src', 'texts'), sources: files('src').filter((path) => !OWN.some((page) => path.startsWith(page))) },
  ...OWN.map((page) => ({ texts: join(page, 'texts'), sources: files(page) })),
];
const wrong = [];
for (const { texts, sources } of pages) {
  const read = (language) => flat(JSON.parse(readFileSync(join(texts, `${language}.json`), 'utf8')));
  const source = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  const asked = new Set([...source.matchAll(/\bt\(\s*['"`]([\w.]+)['"`]/g)].map(([, key]) => key));
  const begins = [...source.matchAll(/\b(?:t|coded)\(\s*`([\w.]+)\$\{/g)].map(([, key]) => key);
  const say = (line) => wrong.push(`${texts}: ${line}`);
  const [vi, en] = ['vi', 'en'].map(read);
  for (const [language, all] of [['vi', vi], ['en', en]]) {
    const names = new Set(all.map(([key]) => plain(key)));
    for (const key of asked) if (!names.has(key)) say(`${language} lacks ${key}`);
    for (const key of names) {
      const used = asked.has(key) || begins.some((start) => key.startsWith(start));
      if (!used) say(`${language}: nobody asks for ${key}`);
    }
    for (const [key, text] of all) if (text.trim() === '') say(`${language}: ${key} is empty`);
    // Of a number that is text already no form can be chosen.
    const forms = new Set(all.map(([key]) => key).filter((key) => plain(key) !== key).map(plain));
    for (const [, key] of source.matchAll(/\bt\(\s*'([\w.]+)', {[^{}]*\bcount: number\(/g)) {
      if (forms.has(key)) say(`${key} has plural forms, and its number is given as text`);
    }
  }
  const viTexts = new Map(vi);
  for (const [key, text] of en) {
    const other = viTexts.get(key) ?? viTexts.get(plain(key));
    if (other === undefined) say(`vi lacks ${key}`);
    else if (blanks(other) !== blanks(text)) say(`${key} has other blanks in vi and en`);
  }
  for (const [key, text] of en) {
    for (const [said] of plurals(key, text)) say(`en: ${key} says “${said}” also for one; give it _one and _other, or put the number last`);
  }
  const enForms = new Set(en.filter(([, text]) => text.includes('{{count}}')).map(([key]) => key));
  for (const key of enForms) {
    if (/_(one|other)$/.test(key) && !(enForms.has(`${plain(key)}_one`) && enForms.has(`${plain(key)}_other`))) say(`en: ${plain(key)} has one form of two`);
  }
  const enNames = new Set(en.map(([key]) => plain(key)));
  for (const [key] of vi) if (!enNames.has(plain(key))) say(`en lacks ${key}`);
  if (asked.size === 0) say('no text was found in the sources');
  console.log(`${texts}: ${asked.size} texts`);
}
wrong.forEach((line) => console.error(line));
process.exitCode = wrong.length === 0 ? 0 : 1;
