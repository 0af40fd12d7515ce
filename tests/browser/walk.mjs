// As a newcomer would, with what the demo said and what stands on the page, and nothing else: node walk.mjs PACKAGES CHROMIUM
// < {"said": "…"}
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { codes } from './film.mjs';

const { said } = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

/** What a person reads from the demo's last part. */
const part = said.slice(said.indexOf('TỰ THỬ LẤY'));
const address = part.match(/^ +(http:\S+)$/m)[1];
const tokens = part.match(/HPE1\.\S+/g);
const slips = part.match(/^ +([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/gm).map((slip) => slip.trim());
const digits = part.match(/^ +\d{5}( \d{5})+$/m)[0].trim().split(' ');
must(tokens.length >= 2 && slips.length >= 2, 'two tablets and two voters can try');
must(part.includes('MẪU'), 'the slips are said to be specimens');

let browsers = [];
let page;
const press = (label) => page.getByRole('button', { name: label, exact: true }).click();
const shows = (text) => page.getByText(text).first().waitFor();
const titled = (title) => page.getByRole('heading', { level: 1, name: title }).waitFor();

async function device(name, film) {
  const browser = await Browser.start(join(home, name), film);
  browsers.push(browser);
  page = browser.page;
  await page.goto(address);
  await titled('Đăng ký máy này');
  await page.getByLabel('Mã đăng ký').fill(tokens.shift());
  await press('Đăng ký');
  await titled('Tổ công tác');
  await shows('TẬP HUẤN – phiếu không được tính');
  return browser;
}

async function compare() {
  await press('So danh sách với giấy');
  const blanks = page.getByRole('textbox');
  await blanks.first().waitFor();
  for (const label of await blanks.evaluateAll((all) => all.map((input) => input.labels[0].textContent))) {
    await page.getByLabel(label.trim()).fill(digits[Number(label.match(/\d+/)[0]) - 1]);
  }
  await press('Đã so xong');
  await titled('Tổ công tác');
}

/** Somebody of the team says who they are, checks voters in by number, and hands each a slip. */
async function checkIn(voters) {
  await press('Phiên họp: điểm danh, biên bản');
  await titled('Ai đang làm việc trên máy này?');
  await page.getByLabel('Họ và tên').fill('Vàng Thị Mới');
  await press('Ghi tên vào tổ');
  await page.getByLabel('PIN', { exact: true }).fill('2580');
  await page.getByLabel('Gõ lại PIN').fill('2580');
  await press('Vào làm việc');
  await titled('Phiên họp');
  await page.getByRole('button', { name: /^Điểm danh/ }).click();
  await titled('Điểm danh');
  for (const voter of voters) {
    await page.getByLabel(/^Tìm số thứ tự/).fill(String(voter));
    await press(`Điểm danh, phát mã: ${voter}`);
    await shows(new RegExp(`^Đã điểm danh và phát mã cho người số ${voter}(, .+)?\\.$`));
  }
  await press('Quay lại');
  await titled('Phiên họp');
  await press('Rời phiên họp');
  await titled('Tổ công tác');
}

async function vote(slip) {
  await titled('Mời đồng chí nhập mã phiếu');
  await page.getByLabel('Mã phiếu').fill(slip);
  await press('Tiếp tục');
  const next = page.getByRole('button', { name: 'Người tiếp theo' });
  const review = page.getByRole('button', { name: 'Xem lại phiếu' });
  for (;;) {
    await next.or(review).waitFor();
    const last = await review.isVisible();
    const name = await page.getByRole('heading', { level: 1 }).innerText();
    await page.getByLabel('Có quyết liệt, thường xuyên và hiệu quả').check();
    await (last ? review : next).click();
    if (last) break;
    await page.waitForFunction((before) => document.querySelector('h1')?.innerText !== before, name);
  }
  await titled('Xem lại trước khi bỏ vào hòm');
  await press('Bỏ phiếu vào hòm');
  await titled('Phiếu đã vào hòm');
  await press('Xong');
}

const story = async () => {
  const first = await device('first');
  await compare();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await first.context.setOffline(true);
  await page.reload();
  await titled('Tổ công tác');
  await checkIn([1, 2]);
  await press('Mở cho người ghi phiếu');
  for (const slip of slips.slice(0, 2)) await vote(slip);
  await press('Tổ công tác');
  await press('Rời màn hình bỏ phiếu');
  await shows('CHƯA AN TOÀN: 2 phiếu chỉ có trên máy này');
  await press('Đóng hòm');
  await page.getByLabel('Mọi người có mặt đã bỏ phiếu xong').check();
  await press('Đóng hòm');
  await titled('Tổ công tác');
  await press('Giao và nhận không cần mạng');
  await press('Hiện loạt mã QR');
  await page.getByRole('img', { name: 'Mã QR đang đổi' }).waitFor();
  writeFileSync(join(home, 'codes.y4m'), await codes(page));
  await press('Dừng');

  // The second one takes the codes without a network, and goes to where there is one.
  const second = await device('second', join(home, 'codes.y4m'));
  await second.context.setOffline(true);
  await press('Giao và nhận không cần mạng');
  await press('Quét loạt mã QR');
  await shows('Đã nhận gói');
  await second.context.setOffline(false);
  await press('Quay lại');
  await press('Đồng bộ với trung tâm');
  await shows('Đồng bộ xong.');

  // Back in a network, the first one hears that all is safe.
  page = first.page;
  await first.context.setOffline(false);
  await press('Quay lại');
  await press('Đồng bộ với trung tâm');
  await shows('Đồng bộ xong.');
  await press('Quay lại');
  await shows('An toàn: trung tâm đã xác nhận tất cả');
  return { confirmed: 2 };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await page?.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}`);
  process.exitCode = 1;
} finally {
  for (const browser of browsers) await browser.kill().catch(() => undefined);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
