// What a browser may lose, and what the page says then: node eviction.mjs PACKAGES CHROMIUM < hall.json
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const origin = new URL(hall.address).origin;
const tokens = [...hall.tokens];
let browser;
let page;
let team;
let devtools;

async function start() {
  browser = await Browser.start(profile);
  ({ page } = browser);
  team = new Team(browser, hall);
  devtools = await browser.context.newCDPSession(page);
}

const said = (text) => page.getByText(text).first().waitFor();
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());
const LOST = 'Dữ liệu của máy này đã mất';
const BUCKET = 'indexeddb,cache_storage,service_workers,file_systems';

/** Takes away what a browser takes away at once. The page that is open then has to be loaded again. */
async function evict(what) {
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: what });
  await team.open();
}

/** Does something to the database of the page, as damage would. */
const damage = (how, ...given) =>
  page.evaluate(
    async ([how, given]) => {
      const answer = (asked) => new Promise((done, failed) => {
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error);
      });
      const opened = (name, change) => {
        const asked = indexedDB.open(name);
        if (change) asked.onupgradeneeded = () => change(asked.result);
        return answer(asked);
      };
      const db = await opened('homphieu');
      const copy = await opened('copy', (fresh) => ['values', 'platform'].map((store) => fresh.createObjectStore(store)));
      const pour = async (from, into) => {
        for (const store of ['values', 'platform']) {
          const [keys, values] = await Promise.all(['getAllKeys', 'getAll'].map((all) => answer(from.transaction(store).objectStore(store)[all]())));
          const write = into.transaction(store, 'readwrite');
          await answer(write.objectStore(store).clear());
          for (const [place, key] of keys.entries()) await answer(write.objectStore(store).put(values[place], key));
        }
      };
      const store = (name) => db.transaction(name, 'readwrite').objectStore(name);
      const done = {
        copy: () => pour(db, copy),
        restore: () => pour(copy, db),
        clear: (name) => answer(store(name).clear()),
        delete: (key) => answer(store('values').delete(key)),
        async flip(key) {
          const value = await answer(store('values').get(key));
          const bytes = value instanceof Uint8Array ? value : new Uint8Array(value.sealed);
          bytes[bytes.length - 1] ^= 1;
          await answer(store('values').put(value, key));
        },
        keys: () => answer(store('values').getAllKeys()),
      };
      const found = await done[how](...given);
      [db, copy].forEach((one) => one.close());
      return found;
    },
    [how, given],
  );

/** Takes it away, and says it in the page; then everything is put back. */
async function damaged(what, expected, then = async () => undefined) {
  await damage(...what);
  await team.open();
  await said(expected);
  await browser.accessible(`after ${what}`);
  await then();
  await damage('restore');
  await team.open();
  await team.heading('Tổ công tác');
}

async function enrolAnew() {
  await page.getByLabel('Mã đăng ký').fill(tokens.shift());
  await team.button('Đăng ký').click();
  await team.heading('Tổ công tác');
}

/** The loss is shown, and only whoever told the office goes on. */
async function lost(risk) {
  await team.heading(LOST);
  await said('Trình duyệt này là máy “Máy”');
  await said(risk);
  must(await team.button('Dùng như một máy mới').isDisabled(), 'nobody goes on without a word to the office');
  await page.reload();
  await team.heading(LOST);
  await page.getByLabel('Văn phòng đã biết việc này').check();
  await team.button('Dùng như một máy mới').click();
  await team.heading('Đăng ký máy này');
}

async function vote(slip) {
  await team.voting();
  await team.slip(slip);
  await team.mark(hall.officials.map(() => 0));
  await team.cast();
  await team.leaveVoting();
}

const story = async () => {
  await start();
  await team.open();
  await enrolAnew();

  // Whether the browser promises to keep everything, and how much room there is.
  await said('Trình duyệt chưa hứa giữ');
  await devtools.send('Browser.grantPermissions', { origin, permissions: ['durableStorage'] });
  await team.button('Hỏi lại trình duyệt').click();
  await said('Trình duyệt hứa giữ những gì trang này cất');
  await said(/còn chỗ cho trang này: khoảng \d+ GB/);
  // Chromium says the same of every device, other browsers what is left.
  const little = await page.context().newPage();
  await little.addInitScript(() => {
    navigator.storage.estimate = async () => ({ quota: 30_000_000, usage: 17_500_000 });
  });
  await browser.page.goto('about:blank');
  await little.goto(`${hall.address}/tablet/`);
  await little.getByText('SẮP HẾT CHỖ: chỉ còn khoảng 12 MB').waitFor();
  await browser.accessible('little room', little);
  await little.close();
  await team.open();
  await team.heading('Tổ công tác');

  // Evicted before anybody voted: nothing is said of ballots that were never there.
  await evict(BUCKET);
  await lost('Theo lần ghi cuối, không có phiếu nào chỉ ở trên máy này.');
  await enrolAnew();
  await page.reload();
  await team.heading('Tổ công tác');

  // With a ballot in the box, by a browser that evicts local storage too; the cookie is left.
  await team.compare();
  await vote(hall.slips[0]);
  await evict(`${BUCKET},local_storage`);
  await lost('Máy đã mở cho người bỏ phiếu');
  await enrolAnew();
  await team.compare();

  // A ballot that finds no room is not confirmed, and goes into the box when there is some.
  await browser.end();
  await start();
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  await team.open();
  await team.voting();
  await team.slip(hall.slips[1]);
  await team.mark(hall.officials.map(() => 0));
  await team.button('Bỏ phiếu vào hòm').click();
  await said('Bộ nhớ của máy đã đầy');
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await team.cast();
  await team.leaveVoting();
  must((await team.count('Trong hòm')) === 1, 'one ballot is in the box');
  await damage('copy');
  const names = await damage('keys');
  for (const name of ['box~A', 'boxkey~A', 'identity', 'package']) must(names.includes(name), `${name} is kept`);

  // The database alone, in parts and as a whole.
  await damaged(['clear', 'platform'], 'Trình duyệt đã làm mất khóa của máy này', async () => {
    must(await team.button('Ghi tệp cho văn phòng').isDisabled(), 'a story is needed');
    await page.getByLabel('Việc gì đã xảy ra với máy').fill('Máy rơi xuống suối');
    const [download] = await Promise.all([page.waitForEvent('download'), team.button('Ghi tệp cho văn phòng').click()]);
    await download.saveAs(hall.saved);
    await said('Đã ghi: 1 phiếu trong hòm, 0 bao phiếu.');
    await browser.accessible('what was saved');
    await page.getByLabel('Việc gì đã xảy ra với máy').fill('Máy ướt <b>&\u202e');
    await team.button('Ghi tệp cho văn phòng').click();
    await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
  });
  for (const name of ['identity', 'package', 'box~A', 'boxkey~A']) {
    await damaged(['flip', name], name);
    if (name !== 'package') await damaged(['delete', name], name);
  }
  await damage('clear', 'values');
  await team.open();
  await team.heading(LOST);
  await damage('restore');
  await team.open();
  await team.heading('Tổ công tác');
  must((await team.count('Trong hòm')) === 1, 'what was put back is there');

  // Written by a newer page.
  await team.page.goto(`${hall.address}/tablet/icon.svg`);
  await page.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open('homphieu', 7);
    asked.onsuccess = () => done(asked.result.close());
  }));
  await team.open();
  await said('Bộ nhớ của trang này trong trình duyệt không còn như trước');
  await browser.accessible('a store that was changed');

  // Everything at once is what nobody can tell from a new tablet.
  await evict('all');
  await team.heading('Đăng ký máy này');
  await browser.end();
  return { saved: 1 };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
