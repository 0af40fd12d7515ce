// The core for trustees outside of any browser, so that its whole memory can be searched for shares when it is done: node
// trustees-memory.mjs PACKAGES CHROMIUM < hall.json
import { readFileSync } from 'node:fs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const generated = new URL('../../server/web/src/trustees/generated/', import.meta.url);
const core = await import(new URL('homphieu.js', generated));
const { memory } = core.initSync({ module: readFileSync(new URL('homphieu_bg.wasm', generated)) });
const { Checked, Making, Opener } = core;
const bytes = (text) => new TextEncoder().encode(text);

/** The 32 bytes of a share that are secret (`sync-core/FORMAT.md`). */
function secret(paper) {
  const symbols = [...paper.replaceAll('-', '')].map((letter) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter).toString(2).padStart(5, '0'));
  return Buffer.from(symbols.join('').match(/.{8}/g).map((byte) => Number.parseInt(byte, 2))).subarray(8, 40);
}

/** Where any of these lies in the memory, as text or as bytes. */
function traces(papers) {
  const all = Buffer.from(memory.buffer);
  return papers.flatMap((paper, index) => {
    const plain = paper.replaceAll('-', '');
    const needles = { text: Buffer.from(paper), plain: Buffer.from(plain), lower: Buffer.from(plain.toLowerCase()), secret: secret(paper) };
    return Object.entries(needles).filter(([, needle]) => all.includes(needle)).map(([name]) => `${name} of share ${index + 1}`);
  });
}

const papers = [];
const making = Making.begin(hall.round, 2, 3);
for (const index of [1, 2, 3]) {
  papers.push(new TextDecoder().decode(making.show(index)));
  const typed = bytes(papers.at(-1));
  making.readBack(index, typed);
  if (typed.some((byte) => byte !== 0)) throw new Error('what was typed is not wiped');
}
const planted = traces(papers).some((found) => found.startsWith('secret'));
making.finish();

const bundle = Checked.open(readFileSync(hall.bundle));
for (const share of hall.shares.slice(0, 2)) bundle.addShare(bytes(share));
const { parts } = bundle.join();
const key = bundle.boxKey();
const kept = Buffer.from(key);
const opener = Opener.begin(key);
if (key.some((byte) => byte !== 0)) throw new Error('the key is not wiped');
parts.forEach((_, number) => bundle.take(number, opener.open(bundle.part(number))));
bundle.finish();
opener.free();
bundle.free();
const found = traces([...papers, ...hall.shares]);
if (Buffer.from(memory.buffer).includes(kept)) found.push('the key that opens');
console.log(JSON.stringify({ planted, found }));
