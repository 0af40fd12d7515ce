// How long views of the console take with many units and years, on a slow machine: node console-bench.mjs PACKAGES CHROMIUM RUNS < hall.json
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './browser.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const runs = Number(process.argv[4]);
const RATES = [1, 6];
/** Where somebody comes from: another page of the centre, or an empty tab, for which the browser begins a process anew. */
const FROM = { reloaded: `${hall.address}/tablet/icon.svg`, 'in a new tab': 'about:blank' };
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const round = `#/rounds/${hall.round}`;
/** Each view, and what is there when somebody can read it. */
const VIEWS = [
  ['rounds', '#/rounds', 'main li'],
  ['board', `${round}/board`, 'tbody tr'],
  ['screen', `${round}/screen`, 'main li'],
  ['results', `${round}/results`, 'main ul li a'],
  ['one unit', `${round}/results/${hall.unit}`, 'main ol li'],
  ['compare rounds', `${round}/compare`, 'main ol li'],
  ['compare units', `${round}/compare/units`, 'main ol li'],
  ['compare an official', `${round}/compare/official/${hall.official}`, 'main ol li'],
  ['notices', `${round}/notices`, 'section tbody tr'],
  ['plans', `${round}/plans`, 'main tbody tr'],
  ['oversight', `${round}/oversight`, 'main tbody tr'],
  ['messages', '#/outbox', 'main tbody tr'],
];
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const browser = await Browser.start(profile);
try {
  const { page } = browser;
  await page.goto(`${hall.address}/console/`);
  await page.getByLabel('Tên đăng nhập').fill(hall.login);
  await page.getByLabel('Mật khẩu').fill(hall.password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.getByRole('heading', { level: 1, name: 'Các đợt lấy phiếu' }).waitFor();
  const devtools = await browser.context.newCDPSession(page);
  await page.addInitScript(() => {
    // In the page's own time: from the beginning of the navigation until what is looked for was laid out.
    globalThis.until = (selector) =>
      new Promise((done) => {
        const look = () => {
          if (!document.querySelector(selector)) return false;
          requestAnimationFrame(() => done(performance.now()));
          return true;
        };
        if (look()) return;
        const watch = new MutationObserver(() => look() && watch.disconnect());
        watch.observe(document, { childList: true, subtree: true });
      });
  });
  const figures = [];
  for (const [view, place, selector] of VIEWS) {
    const times = [];
    for (const rate of RATES) {
      await devtools.send('Emulation.setCPUThrottlingRate', { rate });
      for (const from of Object.values(FROM)) {
        const all = [];
        for (let run = 0; run < runs; run += 1) {
          // Another document, so that the whole page is opened anew.
          await page.goto(from);
          await page.goto(`${hall.address}/console/${place}`, { waitUntil: 'commit' });
          all.push(await page.evaluate((selector) => globalThis.until(selector), selector));
        }
        times.push(`${String(Math.round(median(all))).padStart(6)} ms`);
      }
    }
    const ways = Object.keys(FROM).join(', ');
    figures.push(`${view.padEnd(18)} ${ways}: ${times.slice(0, 2).join(',')}; on a CPU six times slower: ${times.slice(2).join(',')}`);
  }
  console.log(JSON.stringify({ figures }));
  await browser.end();
} catch (error) {
  const shown = await browser.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown.slice(0, 3000)}\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
