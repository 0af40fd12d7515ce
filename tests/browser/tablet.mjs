// One tablet from enrolment to receipt, in a real browser: node tablet.mjs PACKAGES CHROMIUM < hall.json
// What it prints at the end is what the centre must hold.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { place } from './place.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const profile = join(home, 'profile');
const here = place(hall, join(home, 'tablet'));
let browser = await Browser.start(profile);
let team = new Team(browser, hall, here);
const said = (text) => team.page.getByText(text).first().waitFor();
const [first, second, third, ...more] = hall.slips;
const plain = (code) => code.replaceAll('-', '');

// Nothing here takes minutes: what hangs is told, with what the page shows.
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

const story = async () => {
  await team.enrol();
  await said('Chưa có phiếu nào trên máy này');
  must((await team.page.getByText('TẬP HUẤN').count()) === 0, 'a real round never looks like a training');
  await team.compare();

  // A second page of the same browser may not write the same store.
  const other = await browser.context.newPage();
  await here.openAgain(other);
  await other.getByText('Trang này đang mở ở một cửa sổ khác').waitFor();
  await other.close();

  // The page comes back without any network.
  await here.settled(team.page);
  await team.offline(true);
  await team.page.reload();
  await team.heading('Tổ công tác');
  await team.voting();

  // A slip is read forgivingly, and what is wrong with it is said at once.
  await team.slip('ABCD');
  await said('Mã phiếu có 16 chữ và số');
  await team.slip(`${plain(first).slice(0, 15)}${plain(first).endsWith('0') ? '1' : '0'}`);
  await said('Mã phiếu có một ký tự sai');
  await team.slip(hall.foreign);
  await said('Tờ mã phiếu này không phát cho đơn vị này');
  await team.slip('<script>alert(1)</script>\u202e'.repeat(200));
  await said(/Mã phiếu có/);
  await team.slip(plain(first).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'));
  await team.heading(hall.officials[0]);

  // No line is left blank by mistake, only on purpose; and the review lets it be changed.
  await team.button('Người tiếp theo').click();
  await said('Hãy chọn một mức độ, hoặc chọn để trống dòng này.');
  await team.mark(hall.officials.map((_, line) => (line === 0 ? hall.levels : 0)));
  await said('1 dòng để trống.');
  await team.button(`Sửa dòng của ${hall.officials[0]}`).click();
  await team.page.getByRole('radio').nth(1).check();
  await team.button('Xem lại phiếu').click();
  await team.heading('Xem lại trước khi bỏ vào hòm');
  await team.cast();
  const left = await team.page.evaluate(() => document.documentElement.outerHTML + JSON.stringify([
    Object.entries(localStorage), Object.entries(sessionStorage), location.href, history.state,
    [...document.querySelectorAll('input')].map((input) => input.value),
  ]));
  // Read as forgivingly as a slip is.
  const forgiving = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  must(!forgiving(left).includes(plain(first)), 'the slip is somewhere on the page');
  must(await team.isUsed(first), 'the slip counts as used');

  // With the keyboard alone.
  const keys = team.page.keyboard;
  await team.page.getByLabel('Mã phiếu').focus();
  await keys.type(plain(second));
  await keys.press('Enter');
  for (const [line, name] of hall.officials.entries()) {
    await team.heading(name);
    const radio = () => team.page.evaluate(() => document.activeElement?.type === 'radio');
    for (let tabs = 0; tabs < 10 && !(await radio()); tabs += 1) await keys.press('Tab');
    await keys.press('Space');
    await keys.press('ArrowDown');
    await keys.press('Enter');
    if (line + 1 === hall.officials.length) await team.heading('Xem lại trước khi bỏ vào hòm');
  }
  const focused = () => team.page.evaluate(() => document.activeElement?.textContent?.trim());
  for (let tabs = 0; tabs < 20 && (await focused()) !== 'Bỏ phiếu vào hòm'; tabs += 1) await keys.press('Tab');
  await keys.press('Enter');
  await team.heading('Phiếu đã vào hòm');
  await team.button('Xong').click();

  // Killed in the middle of a cast: afterwards the ballot is in the box and its slip used, or neither. Once the voter was
  // told, it is.
  let sure = 2;
  for (const [kill, code] of [third, ...more.slice(0, 2)].entries()) {
    const told = kill === 2;
    await team.slip(code);
    await team.mark(hall.officials.map(() => 2));
    await team.button('Bỏ phiếu vào hòm').evaluate((button) => {
      // Not awaited: the click is on its way when the power goes.
      setTimeout(() => button.click());
    });
    if (told) await team.page.getByText('Phiếu đã vào hòm').waitFor();
    await Promise.all([here.kill(), browser.kill()]);
    browser = await Browser.start(profile);
    team.browser = browser;
    await here.start();
    await team.offline(true);
    await team.open();
    await team.heading('Tổ công tác');
    const inside = (await team.count('Trong hòm')) + (await team.count('Đã niêm phong'));
    await team.voting();
    const used = await team.isUsed(code);
    must(used || !told, 'what the voter was told is so');
    must(inside === sure + Number(used), `${inside} ballots after ${sure}, and the slip is ${used ? '' : 'not '}used`);
    if (!used) {
      await team.slip(code);
      await team.mark(hall.officials.map(() => 2));
      await team.cast();
    }
    sure += 1;
  }
  await team.leaveVoting();
  await said(`CHƯA AN TOÀN: ${sure} phiếu chỉ có trên máy này`);

  // Without a network a sync says so, and nothing is lost.
  await team.button('Đồng bộ với trung tâm').click();
  await team.heading('Đồng bộ với trung tâm');
  await said(/không tới được trung tâm|Đường truyền tới trung tâm bị đứt/);
  await team.button('Quay lại').click();
  await team.button('Đóng hòm').click();
  await team.heading('Đóng hòm của đơn vị A?');
  await team.page.getByLabel('Mọi người có mặt đã bỏ phiếu xong').check();
  await team.button('Đóng hòm').click();
  await team.heading('Tổ công tác');

  await team.offline(false);
  await team.button('Đồng bộ với trung tâm').click();
  await said('Đồng bộ xong.');
  await team.button('Quay lại').click();
  await said('An toàn: trung tâm đã xác nhận tất cả');
  must((await team.count('Trung tâm xác nhận')) === sure, 'every ballot is confirmed');
  await team.button('English').click();
  await said('Safe: the centre has confirmed everything');
  await browser.accessible('the English view');
  const complaints = browser.complaints.filter((text) => !here.isExpected(text));
  must(complaints.length === 0, `the browser complains: ${complaints.join('\n')}`);
  await browser.end();
  await here.kill();

  // Whoever reads the raw profile, or what a kiosk stored and said, finds no slip that was used, in whatever way a browser writes text.
  const files = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
    });
  const read = files(profile).map((path) => [path, readFileSync(path)]);
  must(read.some(([path]) => path.includes('IndexedDB')) === here.inBrowser, 'the database is where the tablet is');
  read.push(...here.leftBehind());
  for (const code of [first, second, third, ...more.slice(0, 2)]) {
    for (const text of [code, plain(code), plain(code).toLowerCase()]) {
      for (const encoding of ['utf8', 'utf16le']) {
        const found = read.filter(([, bytes]) => bytes.includes(Buffer.from(text, encoding)));
        must(found.length === 0, `a slip lies in ${found.map(([path]) => path).join(', ')}`);
      }
    }
  }
  const names = read.filter(([path, bytes]) => path.includes('IndexedDB') && bytes.includes(hall.officials[0]));
  must(names.length === 0, 'no name lies in the database in clear');
  console.log(JSON.stringify({ ballots: sure, views: team.views.size }));
};

try {
  await Promise.race([story(), hung]);
} catch (error) {
  const shown = await team.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  await here.kill();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
