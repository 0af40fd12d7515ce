// Keys, two counts and a check without any network, with shares as canaries that must be nowhere but on paper: node
// trustees.mjs PACKAGES CHROMIUM [FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { happen, office } from './desk.mjs';
import { READABLE, files, spellings, traces } from './profile.mjs';
import { FOLDER, Trustees } from './trustees-desk.mjs';

const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-trustees-'));
const browser = await Browser.start(profile, undefined, READABLE);
const hall = new Trustees(browser, office.address);
const { page } = hall;
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 500_000).unref());

/** Whatever is asked of any network by the page, its workers and its service worker. */
const asked = [];
browser.context.on('request', (request) => asked.push({ url: request.url(), body: request.postData() }));

/** Everything that the page itself could get at; how many parts there are, and in how many of them a needle lies. */
const reachable = (needles) =>
  page.evaluate(async (needles) => {
    const stored = JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), history.state]);
    const inputs = [...document.querySelectorAll('input, textarea')].map(({ value }) => value);
    const parts = [document.documentElement.outerHTML, ...inputs, document.cookie, location.href, stored, window.name, document.title];
    const databases = await indexedDB.databases();
    parts.push(...databases.map(({ name }) => name));
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) parts.push(request.url, await (await cache.match(request)).text());
    }
    const found = parts.filter((part) => needles.some((needle) => part.includes(needle)));
    return { parts: parts.length, found: found.length, databases: databases.length };
  }, needles);

/** A share as it may lie somewhere: whole, without its hyphens, and each row of six groups. */
function needles(papers) {
  return papers.flatMap((paper) => {
    const groups = paper.split('-');
    const rows = [0, 6, 12].map((at) => groups.slice(at, at + 6));
    return [paper, groups.join(''), ...rows.flatMap((row) => [row.join('-'), row.join('')])];
  });
}

const papers = [];

async function makeKeys() {
  await hall.link('Tạo khóa của đợt').click();
  await hall.heading('Tạo khóa của đợt');
  await page.getByLabel('Mã của đợt').fill('đợt một');
  await hall.button('Bắt đầu').click();
  await hall.refuses('Mã của đợt không đúng dạng');
  await page.getByLabel('Mã của đợt').fill(office.round);
  await page.getByLabel('Tên đợt, để in lên giấy').fill('Đợt lấy phiếu năm 2018');
  await page.getByLabel('Số mảnh cần để mở').fill('3');
  must(await hall.button('Bắt đầu').isDisabled(), 'never n of n');
  await page.getByLabel('Số mảnh cần để mở').fill('2');
  await hall.button('Bắt đầu').click();
  for (const index of [1, 2, 3]) {
    await hall.heading(`Mảnh khóa ${index} trong 3`);
    // By the keyboard alone: what is shown is hidden, and typed back from paper.
    await hall.reach(`Hiện mảnh khóa ${index}`);
    await page.keyboard.press('Enter');
    await hall.button('In tờ này').waitFor();
    const paper = await hall.copied();
    must(/^([0-9A-Z]{4}-){17}[0-9A-Z]{4}$/.test(paper), 'a share has 18 groups');
    must((await reachable([paper.slice(0, 4)])).found > 0, 'the search sees what is shown');
    if (FOLDER && index === 2) {
      await page.pdf({ path: join(FOLDER, 'trustees-sheet.pdf'), preferCSSPageSize: true });
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: 794, height: 1123 });
      await page.screenshot({ path: join(FOLDER, 'trustees-sheet-print.png'), fullPage: true });
      await page.emulateMedia({ media: null });
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    papers.push(paper);
    await hall.reach('Đã có trên giấy: ẩn đi');
    await page.keyboard.press('Enter');
    await hall.heading(`Gõ lại mảnh khóa ${index}`);
    must((await reachable(needles([paper]))).found === 0, 'what was hidden is gone');
    const label = `Mảnh khóa ${index} trên giấy`;
    if (index === 2) {
      await hall.typeShare(papers[0], label, 'So với mảnh khóa');
      await hall.refuses('Đây không phải mảnh khóa 2');
      const damaged = (paper.startsWith('0') ? '1' : '0') + paper.slice(1);
      await hall.typeShare(damaged, label, 'So với mảnh khóa');
      await hall.refuses('Có chỗ gõ sai');
      await page.evaluate(() => history.back());
      await page.getByRole('dialog').waitFor();
      await browser.accessible('leaving');
      await page.keyboard.press('Escape');
      await hall.heading('Gõ lại mảnh khóa 2');
      await page.getByLabel(label).fill('');
    }
    await hall.reach(label);
    await page.keyboard.type(index === 3 ? paper.toLowerCase().replaceAll('-', ' ') : paper);
    await page.keyboard.press('Enter');
  }
  await hall.heading('Mở thử');
  await hall.reach('Mở thử và tạo tệp khóa');
  await page.keyboard.press('Enter');
  await hall.heading('Đã tạo khóa');
  const file = await hall.saved('Lưu tệp khóa (.hpk)');
  must(/^[0-9a-f]{8}\.hpk$/.test(file.suggestedFilename()), file.suggestedFilename());
  const keys = join(home, 'round.hpk');
  await file.saveAs(keys);
  must((await reachable(needles(papers))).found === 0, 'no share is left in the page');
  await hall.link('Về trang đầu').last().click();
  return keys;
}

async function bundle(path) {
  await hall.link('Mở phiếu và kiểm phiếu').click();
  await hall.heading('Mở phiếu và kiểm phiếu');
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(path);
}

/** What a person sees of the progress on a page whose thread is six times slower. */
async function slowly(work) {
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.evaluate(() => {
    globalThis.steps = new Set();
    const look = () => {
      const bar = document.querySelector('progress[max]');
      if (bar) globalThis.steps.add(bar.value / bar.max);
    };
    globalThis.watching = new MutationObserver(look);
    globalThis.watching.observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
  });
  await work();
  const steps = await page.evaluate(() => (globalThis.watching.disconnect(), [...globalThis.steps]));
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  must(steps.some((step) => step > 0 && step < 1), `progress between beginning and end is seen: ${steps}`);
}

async function count(wrong = '') {
  await hall.typeShare(papers[0].toLowerCase());
  await hall.says('Còn thiếu 1 mảnh khóa (cần 2).');
  must((await hall.button('Mở và kiểm phiếu').count()) === 0, 'one share of two opens nothing');
  if (wrong !== '') {
    // Its checksum fits and it is wrong: nothing opens, and with one more it is named.
    await hall.typeShare(wrong);
    await hall.button('Mở và kiểm phiếu').click();
    await hall.refuses('ít nhất một mảnh sai');
  }
  await hall.typeShare(papers[2].replaceAll('0', 'o').replaceAll('1', 'l'));
  await hall.says('Đã đủ mảnh khóa.');
  must((await reachable(needles(papers))).found === 0, 'a share that was taken is gone from the page');
  await slowly(async () => {
    await hall.button('Mở và kiểm phiếu').click();
    await hall.heading('Đã kiểm phiếu');
  });
  if (wrong !== '') await hall.says('Mảnh khóa 2 sai, tuy các chữ kiểm tra vẫn khớp');
  const file = await hall.saved('Lưu kết quả đã ký (.hpr)');
  const result = join(home, file.suggestedFilename());
  await file.saveAs(result);
  return result;
}

const story = async () => {
  await hall.open();
  await hall.says('Trang đã nằm trên máy này');
  await browser.context.setOffline(true);
  await page.reload();
  await hall.heading('Người giữ khóa');
  asked.length = 0;

  const keys = await makeKeys();
  // From here the centre stands still too, whenever the page works.
  const first = await happen({ do: 'vote', keys, papers });

  await bundle(first.early);
  await hall.says('Gói chưa có lệnh mở phiếu');
  await hall.link('Về trang đầu').click();
  await bundle(first.tampered);
  await page.getByRole('alert').filter({ hasText: /Trong gói|Đây không phải gói/ }).waitFor();
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(keys);
  await hall.refuses('Đây là tệp khóa (.hpk)');
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(first.bundle);
  await hall.says('Đúng nguồn');
  await hall.button('Tiếp: so với giấy').click();
  await hall.heading('So lệnh mở phiếu số 1 với giấy');
  await hall.compared(3);
  await hall.typeShare(office.foreign);
  await hall.refuses('thuộc đợt khác');
  await hall.typeShare((papers[0].startsWith('0') ? '1' : '0') + papers[0].slice(1));
  await hall.refuses('Có chỗ gõ sai');
  await hall.typeShare(papers[0]);
  await hall.typeShare(papers[0]);
  await hall.refuses('Mảnh khóa 1 đã gõ rồi');
  await hall.button('Xóa các mảnh đã gõ').click();
  await hall.says('Còn thiếu 2 mảnh khóa (cần 2).');
  const result = await count();
  await hall.link('Về trang đầu').last().click();

  // A second order: the digits of the order and of the result before stand there to be compared with paper.
  const second = await happen({ do: 'again', result });
  await bundle(second.bundle);
  await hall.button('Tiếp: so với giấy').click();
  await hall.heading('So lệnh mở phiếu số 2 với giấy');
  const shown = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
  must(shown.includes(second.before), 'the result before is there to be compared');
  await hall.button('Có chỗ không khớp: dừng lại').click();
  await hall.heading('Đã dừng, chưa mở gì cả');
  await hall.link('Về trang đầu').last().click();
  await bundle(second.bundle);
  await hall.button('Tiếp: so với giấy').click();
  await hall.compared(5);
  const again = await count(office.wrong);
  await hall.link('Về trang đầu').last().click();

  const last = await happen({ do: 'publish', result: again });
  await hall.link('Kiểm tra lại').click();
  await hall.heading('Kiểm tra lại');
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(last.bundle);
  await hall.says('Đúng nguồn');
  await hall.button('Kiểm phiếu lại bằng mảnh khóa').click();
  await hall.typeShare(papers[1]);
  await hall.typeShare(papers[2]);
  await hall.button('Kiểm phiếu lại').click();
  await hall.heading('Đã kiểm phiếu lại');
  await hall.says('Kiểm phiếu lại ra đúng kết quả đã ký.');
  await hall.link('Về trang đầu').last().click();
  await hall.link('Thử mảnh khóa').click();
  await page.getByLabel('Chọn tệp khóa (.hpk)').setInputFiles(keys);
  await hall.typeShare(papers[1]);
  await hall.typeShare(papers[0]);
  await hall.button('Mở thử').click();
  await hall.says('Các mảnh khóa mở được đợt này.');

  const left = await reachable(needles(papers));
  must(left.parts > 8 && left.found === 0, `no share is left: ${JSON.stringify(left)}`);
  must(left.databases === 0, 'the page has no database');
  const stranger = asked.filter(({ url }) => !url.startsWith(`${office.address}/trustees/`) && !/^(blob|data):/.test(url));
  must(stranger.length === 0, `the page asks others: ${JSON.stringify(stranger)}`);
  must(asked.every(({ body }) => body === null), 'the page sends nothing');
  must(asked.every(({ url }) => needles(papers).every((needle) => !decodeURIComponent(url).includes(needle) || url.startsWith('data:'))), 'no address holds a share');
  const fault = browser.complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to load resource/.test(text));
  must(fault.length === 0, fault.join('\n'));
  await browser.end();
  const found = traces(files(profile), papers.flatMap((paper) => needles([paper]).flatMap(spellings)));
  must(found.length === 0, `a share lies in ${found}`);
  // The same search finds what is there.
  must(traces(files(profile), [Buffer.from(`${office.address}/trustees/`)]).length > 0, 'the search finds what the browser keeps');
  return { secrets: papers.length };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  for (const folder of [profile, home]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.stdin.destroy();
}
