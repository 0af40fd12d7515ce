// Every view at four sizes in both languages: node screenshots.mjs PACKAGES CHROMIUM FOLDER < hall.json
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { meeting } from './session-shots.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const folder = process.argv[4];
mkdirSync(folder, { recursive: true });
const SIZES = [[1280, 800], [1024, 600], [390, 844], [1920, 1080]];
let taken = 0;

for (const [place, language] of ['vi', 'en'].entries()) {
  const file = new URL(`../../server/web/src/texts/${language}.json`, import.meta.url);
  const texts = JSON.parse(readFileSync(file, 'utf8'));
  const t = (key) => key.split('.').reduce((part, name) => part[name], texts);
  const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
  const browser = await Browser.start(profile);
  const { page } = browser;
  const click = (key) => page.getByRole('button', { name: t(key), exact: true }).click();
  const titled = (key) => page.getByRole('heading', { name: t(key) }).waitFor();
  const shot = async (view) => {
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(folder, `${view}-${language}-${width}.png`) });
      taken += 1;
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  };

  await page.goto(`${hall.address}/tablet/`);
  if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
  await titled('enrol.title');
  await shot('enrol');
  await page.getByRole('textbox').fill(hall.tokens[place]);
  await click('enrol.go');
  await titled('home.title');
  await shot('home-compare');
  await click('home.compare');
  const blanks = page.getByRole('textbox');
  await blanks.first().waitFor();
  for (let blank = 0; blank < 2; blank += 1) {
    const label = await blanks.nth(blank).evaluate((input) => input.labels[0].textContent);
    await blanks.nth(blank).fill(hall.digits[Number(label.match(/\d+/)[0]) - 1]);
  }
  await shot('compare');
  await click('compare.go');
  await titled('home.title');
  await shot('home-empty');
  await meeting({ page, t, click, titled, shot });
  await click('home.vote');
  await titled('slip.title');
  await shot('slip');
  await page.getByRole('textbox').fill('ABCD-EFGH');
  await click('slip.go');
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
  await shot('slip-wrong');
  await page.getByRole('textbox').fill(hall.slips[place]);
  await click('slip.go');
  await page.getByRole('radio').first().waitFor();
  await shot('mark');
  await click('list.all');
  await titled('list.title');
  await shot('list');
  await click('list.single');
  for (let line = 0; line < hall.officials.length; line += 1) {
    await page.getByRole('heading', { name: hall.officials[line] }).waitFor();
    await page.getByRole('radio').nth(line === 1 ? hall.levels : 0).check();
    if (line === 1) await shot('mark-chosen');
    await click(line + 1 === hall.officials.length ? 'mark.review' : 'mark.next');
  }
  await titled('review.title');
  await shot('review');
  await click('review.cast');
  await titled('done.title');
  await shot('done');
  await click('done.go');
  await titled('slip.title');
  await click('slip.leave');
  await shot('leave');
  await click('slip.leave_go');
  await titled('home.title');
  await shot('home-unsafe');
  await click('home.close');
  await page.getByRole('checkbox').check();
  await shot('close');
  await click('close.go');
  await titled('home.title');
  await shot('home-closed');
  await click('home.hand');
  await titled('hand.title');
  await shot('hand');
  await click('hand.show');
  await page.getByRole('img', { name: t('hand.code') }).waitFor();
  await shot('hand-codes');
  await click('hand.stop');
  await click('back');
  await titled('home.title');
  await click('home.sync');
  await page.getByText(t('sync.done')).waitFor();
  await shot('sync');
  await click('back');
  await titled('home.title');
  await shot('home-safe');
  for (const [store, view] of [['platform', 'key-lost'], ['values', 'lost']]) {
    await page.evaluate(async (store) => {
      const db = await new Promise((done) => (indexedDB.open('homphieu').onsuccess = (event) => done(event.target.result)));
      const write = db.transaction(store, 'readwrite');
      write.objectStore(store).clear();
      await new Promise((done) => (write.oncomplete = done));
      db.close();
    }, store);
    await page.reload();
    const english = page.getByRole('button', { name: 'English' });
    await english.waitFor();
    if (language === 'en') await english.click();
    await shot(view);
  }
  await browser.end();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
console.log(JSON.stringify({ taken }));
