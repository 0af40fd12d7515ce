// A parcel goes to another app of the device where the browser can do that: node share.mjs PACKAGES CHROMIUM < hall.json
// What stands for the other app is the only thing here that is not the browser's own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const browser = await Browser.start(join(home, 'profile'));
const { page } = browser;
const team = new Team(browser, hall);
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

const story = async () => {
  await team.enrol();
  await team.button('Giao và nhận không cần mạng').click();
  await team.heading('Giao và nhận không cần mạng');
  const can = await page.evaluate(() => navigator.canShare?.({ files: [new File(['x'], 'x.txt', { type: 'text/plain' })] }) ?? false);
  must((await team.button('Chia sẻ tệp').count()) === Number(can), 'it is offered where the browser can, and nowhere else');

  // As Chromium does it: files of known kinds alone, and within moments of a press.
  await page.addInitScript(() => {
    navigator.canShare = ({ files }) => files.every(({ name, type }) => name.endsWith('.txt') && type === 'text/plain');
    navigator.share = async ({ files: [file] }) => {
      if (!navigator.userActivation.isActive) throw new DOMException('no press', 'NotAllowedError');
      if (globalThis.refusal) throw new DOMException('refused', globalThis.refusal);
      globalThis.shared = { name: file.name, bytes: [...new Uint8Array(await file.arrayBuffer())] };
    };
  });
  await page.reload();
  await team.button('Giao và nhận không cần mạng').click();
  await team.button('Chia sẻ tệp').click();
  const { name, bytes } = await page.waitForFunction(() => globalThis.shared).then((shared) => shared.jsonValue());
  must(name === 'giao.hpgoi.txt', name);

  // Whoever gets it opens it as it is.
  await page.getByLabel('Mở tệp .hpgoi').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(bytes) });
  await page.getByRole('heading', { name: 'Đã nhận gói' }).waitFor();

  // Given up by the person, nothing happens; refused by the browser, it becomes a file.
  let downloads = 0;
  page.on('download', () => (downloads += 1));
  await page.evaluate(() => (globalThis.refusal = 'AbortError'));
  await team.button('Chia sẻ tệp').click();
  await page.evaluate(() => (globalThis.refusal = 'NotAllowedError'));
  const [download] = await Promise.all([page.waitForEvent('download'), team.button('Chia sẻ tệp').click()]);
  must(download.suggestedFilename() === 'giao.hpgoi', download.suggestedFilename());
  await download.saveAs(join(home, 'file'));
  must(readFileSync(join(home, 'file')).equals(Buffer.from(bytes)), 'both ways give the same bytes');
  must(downloads === 1, 'what was given up is no file');
  await browser.end();
  return { bytes: bytes.length };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
