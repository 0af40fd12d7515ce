// The raw profile folder of a browser, as a thief would read it.
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { entries } from './leveldb.mjs';

/** With it the browser writes the pages to be restored in clear, so that a search in them may find something. */
export const READABLE = ['--disable-features=EncryptSessionStorage'];

/** Every file: its place, its bytes, and where it is of a LevelDB what was put there. */
export function files(profile) {
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(path);
      if (!entry.isFile()) return [];
      const bytes = readFileSync(path);
      return [{ path: relative(profile, path), bytes, puts: entries(path, bytes) ?? [] }];
    });
  return walk(profile);
}

/** Places in which some bytes lie, in the file or in what it unpacks to. */
export function places(found, bytes) {
  const holds = ({ bytes: raw, puts }) =>
    raw.includes(bytes) || puts.some(({ key, value }) => key.includes(bytes) || value.includes(bytes));
  return found.filter(holds).map(({ path }) => path);
}

/** The ways in which browsers write a text: a slip's code, with and without its dashes. */
export function spellings(text) {
  const plain = text.replaceAll('-', '');
  const cases = [text, plain].flatMap((one) => [one, one.toLowerCase()]);
  const wide = (one) => Buffer.from(one, 'utf16le');
  return cases.flatMap((one) => [Buffer.from(one), wide(one), wide(one).swap16()]);
}

/** The ways in which marks are written, of which none is blank: bytes, digits, and numbers as browsers keep them. */
export function markings(marks) {
  const digits = marks.join(',');
  return [
    Buffer.from(marks),
    Buffer.from(digits),
    Buffer.from(digits, 'utf16le'),
    Buffer.from(marks.flatMap((mark) => [0x49, 2 * mark])),
  ];
}

/** Where any of them lies. */
export function traces(found, needles) {
  return [...new Set(needles.flatMap((needle) => places(found, needle)))];
}
