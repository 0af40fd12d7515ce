// Every text that is asked for exists in both languages, with the same blanks; none is there that nobody asks for.
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
const read = (language) => flat(JSON.parse(readFileSync(`src/texts/${language}.json`, 'utf8')));
const plain = (key) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const blanks = (text) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort().join();

const source = files('src').map((path) => readFileSync(path, 'utf8')).join('\n');
const asked = new Set([...source.matchAll(/\bt\(\s*['"`]([\w.]+)['"`]/g)].map(([, key]) => key));
const begins = [...source.matchAll(/\bt\(\s*`([\w.]+)\$\{/g)].map(([, key]) => key);
const [vi, en] = ['vi', 'en'].map(read);
const wrong = [];
for (const [language, texts] of [['vi', vi], ['en', en]]) {
  const known = new Map(texts.map(([key, text]) => [key, text]));
  const names = new Set([...known.keys()].map(plain));
  for (const key of asked) if (!names.has(key)) wrong.push(`${language} lacks ${key}`);
  for (const key of names) {
    const used = asked.has(key) || begins.some((start) => key.startsWith(start));
    if (!used) wrong.push(`${language}: nobody asks for ${key}`);
  }
  for (const [key, text] of known) if (text.trim() === '') wrong.push(`${language}: ${key} is empty`);
}
const viTexts = new Map(vi);
for (const [key, text] of en) {
  const other = viTexts.get(key) ?? viTexts.get(plain(key));
  if (other === undefined) wrong.push(`vi lacks ${key}`);
  else if (blanks(other) !== blanks(text)) wrong.push(`${key} has other blanks in vi and en`);
}
const enNames = new Set(en.map(([key]) => plain(key)));
for (const [key] of vi) if (!enNames.has(plain(key))) wrong.push(`en lacks ${key}`);
if (asked.size === 0) wrong.push('no text was found in the sources');
wrong.forEach((line) => console.error(line));
console.log(`${asked.size} texts, ${wrong.length} wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
