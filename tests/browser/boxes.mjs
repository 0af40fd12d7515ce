// Ballots are cast in an order that is known; then the box is closed and the raw profile taken apart: node boxes.mjs
// PACKAGES CHROMIUM < hall.json. Leaves in the folder `taken` everything that a thief would have, and says the box's key.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { READABLE, files } from './profile.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const browser = await Browser.start(hall.profile, undefined, READABLE);
const team = new Team(browser, hall);
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

/** A value of the database, as the page's own scripts could read it. */
const kept = (name) =>
  team.page.evaluate(async (name) => {
    const db = await new Promise((done) => (indexedDB.open('homphieu').onsuccess = (event) => done(event.target.result)));
    const asked = db.transaction('values').objectStore('values').get(name);
    const value = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
    db.close();
    return value && [...value];
  }, name);

/** The bytes of an array as browsers write it: a tag, how many, and then the bytes; here from where these begin. */
function array(value, begin) {
  for (let width = 1; width < 5; width += 1) {
    if (value[begin - width - 1] !== 0x42) continue;
    const length = value.subarray(begin - width, begin).reduceRight((sum, byte) => sum * 128 + (byte & 127), 0);
    if (begin + length <= value.length) return value.subarray(begin, begin + length);
  }
  throw new Error('no array begins here');
}

const story = async () => {
  await team.enrol();
  await team.compare();
  await browser.context.setOffline(true);
  await team.voting();
  for (const slip of hall.slips) {
    await team.slip(slip);
    await team.mark(hall.officials.map(() => 0));
    await team.cast();
  }
  const key = await kept('boxkey~A');
  must(key, 'an open box has a key');
  await team.leaveVoting();
  await team.close();
  must(!(await kept('boxkey~A')) && !(await kept('box~A')), 'a closed box and its key are gone');
  await browser.end();

  // File by file as it lies there, and value by value as it was written.
  const name = Buffer.from('box~A', 'utf16le').swap16();
  mkdirSync(hall.taken);
  let [taken, versions] = [0, 0];
  const write = (kind, bytes) => writeFileSync(join(hall.taken, `${String((taken += 1)).padStart(6, '0')}.${kind}`), bytes);
  for (const { path, bytes, puts } of files(hall.profile)) {
    write('file', bytes);
    if (puts.length > 0) write('values', Buffer.concat(puts.map(({ value }) => value)));
    if (!path.includes('IndexedDB')) continue;
    const stamped = puts.filter(({ key, value }) => key.subarray(-name.length).equals(name) && value.includes('HPV1'));
    for (const { value } of stamped) write('box', array(value, value.indexOf('HPV1')));
    versions += stamped.length;
  }
  return { versions, key: Buffer.from(key).toString('hex') };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await team.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
}
