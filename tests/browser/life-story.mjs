// The whole life of a round, from a roster to a published result, by what stands on the pages and on paper and nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Meeting } from './meeting.mjs';
import { Trustees } from './trustees-desk.mjs';

const CHAIR = 'Nguyễn Chủ Trì';
const HEAD = 'Trần Trưởng Ban';
const HIGH = 0;

/** What the browser prints lies in the page's own list: nobody keeps it elsewhere, as with paper. */
const printer = () => {
  globalThis.printed = [];
  globalThis.print = () => {
    const sheet = document.querySelector('.paper');
    globalThis.printed.push({
      codes: [...(sheet?.querySelectorAll('.code') ?? [])].map((code) => code.innerText.replace(/\s+/g, '-').replace(/-+/g, '-')),
      digits: [...(sheet?.querySelectorAll('.digits div') ?? [])].map((group) => group.innerText.match(/\d{5}$/)[0]),
    });
    dispatchEvent(new Event('afterprint'));
  };
};

/**
 * Sets a round up in the console, makes its keys on the trustees' page, votes on two tablets' pages, counts and publishes.
 * `desk` is signed in as somebody who may do all of it, or becomes somebody else by `as`.
 */
export async function life({ desk, home, address, roster, title, unit, voters, officials, as }) {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const sure = async (name) => {
    await desk.button(name).click();
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  const step = (name) => page.getByRole('navigation', { name: 'Các bước lập đợt' }).getByRole('link', { name: new RegExp(`\\. ${name}`) }).click();
  const printed = () => page.evaluate(() => globalThis.printed.pop());
  const once = async (name) => {
    const shown = page.getByRole('region', { name });
    await shown.waitFor();
    return (await shown.getByRole('paragraph').nth(1).innerText()).trim();
  };
  const browsers = [];
  const start = async (name) => {
    const browser = await Browser.start(join(home, name));
    browsers.push(browser);
    return browser;
  };
  const here = (name) => page.getByRole('navigation', { name: title }).getByRole('link', { name, exact: true }).click();

  try {
    // One workbook with units, officials, voters and team becomes a round.
    await as?.('organiser');
    await page.evaluate(printer);
    await page.getByRole('navigation', { name: 'Các phần của trang' }).getByRole('link', { name: 'Lập đợt mới', exact: true }).click();
    await desk.heading('Lập đợt mới');
    await page.getByLabel('Chọn tệp').setInputFiles(roster);
    await desk.says('Không có chỗ sai');
    await page.getByLabel('Tên đợt').fill(title);
    await page.getByRole('radio', { name: /CHÍNH THỨC/ }).check();
    await desk.button('Lập đợt này').click();
    await page.getByRole('heading', { level: 2, name: 'Thể lệ' }).waitFor();

    // Slips: printed, counted, confirmed.
    await step('Tờ mã phiếu');
    await desk.button('Chọn các đơn vị chưa in (1)').click();
    await page.getByRole('button', { name: /^Làm và in \d+ tờ mã cho 1 đơn vị$/ }).click();
    await page.getByLabel(/^Gõ số tờ đã đếm/).waitFor();
    const slips = (await printed()).codes;
    must(slips.length >= voters + 3, `a slip for each voter and spares: ${slips.length}`);
    await page.getByLabel(/^Gõ số tờ đã đếm/).fill(String(slips.length));
    await desk.button('Đã in, đã đếm đủ').click();
    await desk.says('Đã xác nhận in: 1 trên 1 đơn vị');

    // The trustees make keys on a machine of their own; only the file of public halves comes back.
    await step('Khóa của người giữ khóa');
    const id = await page.locator('main code').first().innerText();
    const trustees = new Trustees(await start('trustees'), address);
    const { page: safe } = trustees;
    await trustees.open();
    await trustees.link('Tạo khóa của đợt').click();
    await trustees.heading('Tạo khóa của đợt');
    await safe.getByLabel('Mã của đợt').fill(id);
    await trustees.button('Bắt đầu').click();
    const shares = [];
    for (const index of [1, 2, 3]) {
      await trustees.heading(`Mảnh khóa ${index} trong 3`);
      await trustees.button(`Hiện mảnh khóa ${index}`).click();
      await trustees.button('In tờ này').waitFor();
      shares.push(await trustees.copied());
      await trustees.button('Đã có trên giấy: ẩn đi').click();
      await trustees.heading(`Gõ lại mảnh khóa ${index}`);
      await trustees.typeShare(shares.at(-1), `Mảnh khóa ${index} trên giấy`, 'So với mảnh khóa');
    }
    await trustees.heading('Mở thử');
    await trustees.button('Mở thử và tạo tệp khóa').click();
    await trustees.heading('Đã tạo khóa');
    const keys = join(home, 'round.hpk');
    await (await trustees.saved('Lưu tệp khóa (.hpk)')).saveAs(keys);
    await trustees.link('Về trang đầu').last().click();
    await page.getByLabel('Nộp tệp khóa (.hpk)').setInputFiles(keys);
    await desk.says('Đã có khóa');

    // Signed, opened, its list printed for the unit.
    await step('Ký');
    await sure('Ký gói của đợt');
    await desk.says('đã ký');
    await step('Mở đợt');
    await sure('Mở đợt');
    await desk.says('Tiếp theo: đăng ký máy tính bảng');
    await here('In danh sách, mẫu phiếu');
    await page.getByRole('button', { name: /^In danh sách của / }).click();
    await page.waitForFunction(() => globalThis.printed.length > 0);
    const { digits } = await printed();
    must(digits.length === 6, 'a page with digits');

    // Two tablets.
    await as?.('administrator');
    await here('Thiết bị');
    const tokens = [];
    for (const number of [1, 2]) {
      await desk.button('Đăng ký thiết bị').click();
      await page.getByLabel('Tên thiết bị').fill(`Máy ${number}`);
      await page.getByLabel('Máy tính bảng của đơn vị, nhận phiếu').check();
      await page.getByLabel(new RegExp(unit)).check();
      await desk.button('Tạo mã đăng ký').click();
      tokens.push(await once(`Mã đăng ký cho Máy ${number}`));
      await desk.button('Đã ghi lại').click();
    }
    const teams = [];
    for (const [place, token] of tokens.entries()) {
      const hall = { address, token, digits, officials, slips };
      const team = new Meeting(await start(`tablet-${place}`), hall, undefined, []);
      teams.push(team);
      await team.enrol([]);
      await team.compare();
      await team.begin();
    }
    const [one, two] = teams;
    await one.pick(CHAIR);
    await one.setPin('4711');
    await two.pick(HEAD);
    await two.setPin('4712');
    const half = voters / 2;
    for (const [at, team] of teams.entries()) {
      await team.go('Điểm danh');
      for (let voter = 1; voter <= half; voter += 1) await team.checkIn(at * half + voter);
      await team.back();
    }
    await one.go('Ban kiểm phiếu', 'Chủ trì và ban kiểm phiếu');
    await one.page.getByLabel('Chủ trì hội nghị', { exact: true }).fill(CHAIR);
    await one.page.getByLabel('Trưởng ban kiểm phiếu', { exact: true }).fill(HEAD);
    await one.button('Ghi ban kiểm phiếu').click();
    await one.said('Đã ghi.');
    await one.back();
    for (const [at, team] of teams.entries()) {
      await team.leave();
      await team.voting();
      for (const slip of slips.slice(at * half, (at + 1) * half)) {
        await team.slip(slip);
        await team.mark(officials.map(() => HIGH));
        await team.cast();
      }
      await team.leaveVoting();
      await team.close();
      await team.begin();
    }
    await one.choose(CHAIR, '4711');
    await two.choose(HEAD, '4712');
    for (const team of teams) {
      await team.entered();
      await team.go('Số liệu', 'Số liệu của hội nghị');
      await team.figures({ 'Tổng trên máy này': half });
      await team.said('Đã ghi.');
      await team.back();
    }
    for (const team of [...teams, ...teams]) await team.sync();
    await one.go('Số liệu', 'Số liệu của hội nghị');
    for (const part of ['Người', 'Mã phiếu']) await one.page.getByRole('region', { name: part, exact: true }).getByRole('button', { name: `Theo điểm danh: ${voters}`, exact: true }).click();
    await one.figures({
      'Số triệu tập': voters,
      'Mã phiếu đã in': slips.length,
      'Mã phiếu đã dùng': voters,
      'Phiếu hỏng': 0,
      'Phiếu còn lại': slips.length - voters,
      'Phiếu không nộp lại': 0,
    });
    await one.said('Đã ghi.');
    await one.back();
    for (const team of [...teams, ...teams]) await team.sync();
    await one.go('Biên bản');
    await one.sign('Chủ trì hội nghị', '4711');
    await one.said('Đã ký');
    await one.back();
    await two.go('Biên bản');
    await two.sign('Trưởng ban kiểm phiếu', '4712');
    await two.said('Đã ký');
    await two.back();
    for (const team of [...teams, ...teams]) await team.sync();

    // The office closes, orders; the trustees count without any network; the office publishes.
    await as?.('organiser');
    await here('Bảng theo dõi');
    await page.getByRole('row').filter({ hasText: unit }).getByText('đã đóng hòm').waitFor();
    await here('Điều hành');
    await sure('Đóng đợt');
    await desk.button('Mở lại').waitFor();
    await sure('Lập lệnh mở phiếu');
    await desk.says('Lệnh mở phiếu số 1, mã băm:');
    const [download] = await Promise.all([page.waitForEvent('download'), desk.link('Tải gói số liệu').click()]);
    const bundle = join(home, 'round.hpb');
    await download.saveAs(bundle);
    await trustees.browser.context.setOffline(true);
    await trustees.link('Mở phiếu và kiểm phiếu').click();
    await safe.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(bundle);
    await trustees.says('Đúng nguồn');
    await trustees.button('Tiếp: so với giấy').click();
    await trustees.heading('So lệnh mở phiếu số 1 với giấy');
    await trustees.compared(await safe.getByRole('checkbox').count());
    await trustees.typeShare(shares[0]);
    await trustees.typeShare(shares[2]);
    await trustees.button('Mở và kiểm phiếu').click();
    await trustees.heading('Đã kiểm phiếu');
    const result = join(home, 'round.hpr');
    await (await trustees.saved('Lưu kết quả đã ký (.hpr)')).saveAs(result);
    await page.getByLabel('Nộp tệp kết quả (.hpr)').setInputFiles(result);
    await desk.says('Đã nhận kết quả của lệnh số 1, mã băm:');
    await sure('Công bố các đơn vị không còn vướng');
    await desk.says('Đã công bố 1 đơn vị.');

    // Read: as a picture with words, counts and bases, and as data.
    await here('Kết quả');
    await page.getByRole('list').getByRole('link', { name: new RegExp(unit) }).click();
    await desk.says(`Có quyết liệt, thường xuyên và hiệu quả: ${voters} (100,00 %)`);
    await desk.says(`tính trên ${voters} phiếu thu về`);
    await desk.looked('life-result');
    const [file] = await Promise.all([page.waitForEvent('download'), desk.link('Tải số liệu (JSON)').click()]);
    const figures = JSON.parse(readFileSync(await file.path(), 'utf8'));
    await here('Thông báo kết quả');
    await page.getByRole('row').filter({ hasText: officials[0] }).getByText('còn hạn').waitFor();
    for (const team of teams) await team.place.kill();
    for (const browser of browsers) await browser.end();
    return { round: id, valid: figures.valid, collected: figures.collected, officials: figures.officials.length };
  } catch (error) {
    const shown = [];
    for (const browser of browsers) {
      shown.push(await browser.page.locator('body').innerText().catch(() => ''));
      await browser.kill().catch(() => undefined);
    }
    throw new Error(`${error.stack}\n--- other pages show\n${shown.join('\n-----\n')}`);
  }
}
