// As a newcomer would at the office, with what the demo said and what stands on the pages, and nothing else: node walk-console.mjs
// PACKAGES CHROMIUM < {"said": "…"}
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { counted } from './effort.mjs';
import { Office } from './office-desk.mjs';
import { life } from './life-story.mjs';

const { said } = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-walk-'));
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 600_000).unref());

/** What a person reads from the demo's last words. */
const part = said.slice(said.indexOf('XEM BẰNG TRANG VĂN PHÒNG'));
const [, address] = part.match(/^ +(http:\S+)\/console\/$/m);
const [, login, password] = part.match(/Tên đăng nhập: (\S+) +Mật khẩu: (\S+)/);
const books = part.match(/^ +\/\S+\.xlsx$/gm).map((path) => path.trim());
must(books.length === 1, 'the one workbook of an own round is named');
const [roster] = books;

const browser = await Browser.start(join(home, 'office'));
const desk = new Office(browser, address);
const story = async () => {
  const effort = counted(browser.page);
  await desk.open();
  await desk.signIn(login, password);
  // The round of the demo, as pictures.
  await desk.open();
  const played = desk.page.getByRole('listitem').filter({ hasText: '5 đơn vị' });
  await played.getByRole('link', { name: 'Kết quả', exact: true }).click();
  await desk.heading('Kết quả');
  await desk.page.getByRole('list').getByRole('link').first().click();
  await desk.page.locator('.bar').first().waitFor();
  await desk.link('Các đợt').click();
  await desk.heading('Các đợt lấy phiếu');
  const found = { ...effort };
  const own = await life({ desk, home, address, roster, title: 'Đợt làm thử', unit: 'Chi bộ làm thử', voters: 6, officials: ['Người Thử Một', 'Người Thử Hai'] });
  await browser.end();
  return { ...own, found, effort };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await browser.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
