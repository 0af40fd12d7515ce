// What people of the office do on the console, by what they read on it and nothing else.
import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { Office } from './office-desk.mjs';

/** Lines from outside: first what is on paper, then an answer to each question. */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);
export const office = await heard();

/** Has something happen outside of the browser. */
export async function happen(ask) {
  console.log(JSON.stringify({ ask }));
  return heard();
}

/** What an authenticator shows that many steps of thirty seconds from now (RFC 6238). */
export function code(secret, ahead = 0) {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The console of the centre that the first line names. */
export class Desk extends Office {
  constructor(browser, folder) {
    super(browser, office.address, folder);
  }
}

/** Plays a story in a browser of its own. What goes wrong is told with what the page shows. */
export async function play(story, most = 240_000) {
  const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
  const browser = await Browser.start(profile);
  const desk = new Desk(browser, process.argv[4]);
  const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), most).unref());
  try {
    await Promise.race([story(desk), hung]);
    await browser.end();
    console.log(JSON.stringify({ views: desk.views }));
  } catch (error) {
    const shown = await desk.page.locator('body').innerText().catch(() => '');
    console.error(`--- the page shows\n${shown}\n${browser.complaints.join('\n')}\n${error.stack}`);
    await browser.kill().catch(() => undefined);
    process.exitCode = 1;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.stdin.destroy();
  }
}
