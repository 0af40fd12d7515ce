// Three tablets hold one meeting together: node session.mjs PACKAGES CHROMIUM < hall.json
// What it prints at the end is what the centre must hold.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { HOSTILE, Meeting } from './meeting.mjs';
import { place as placed } from './place.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const CHAIR = 'Nguyễn Chủ Trì';
const HEAD = 'Trần Trưởng Ban';
const THIRD = '<b>Lý</b> \u202eA Páo';
const tokens = [hall.token, hall.other, hall.tokens[0]];
const teams = [];
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 900_000).unref());

/** What was noted on one tablet is on every other one. */
async function meet() {
  for (let round = 0; round < 2; round += 1) for (const team of teams) await team.sync();
}

const story = async () => {
  const secrets = [...hall.officials, ...hall.slips, 'Không quyết liệt', 'Có quyết liệt'];
  for (const [place, token] of tokens.entries()) {
    const at = placed(hall, join(home, `tablet-${place}`));
    const team = new Meeting(await Browser.start(join(home, String(place))), { ...hall, token }, at, secrets);
    teams.push(team);
    await team.enrol();
    await team.compare();
    await team.begin();
  }
  const [one, two, three] = teams;

  // Who works here: a name of one's own, and a PIN. Whatever is typed instead is text, or refused.
  await one.join(HOSTILE[1]);
  await one.said('Phần chữ quá dài (10000 byte, nhiều nhất 600): hãy rút ngắn.');
  await one.join(CHAIR);
  await one.heading(CHAIR);
  for (const pin of ['<b>1</b>', '9'.repeat(10_000), '\u202e1234', '123']) {
    await one.page.getByLabel('PIN', { exact: true }).fill(pin);
    await one.page.getByLabel('Gõ lại PIN').fill(pin);
    await one.button('Vào làm việc').click();
    await one.said('PIN có từ 4 đến 12 chữ số.');
  }
  await one.page.getByLabel('PIN', { exact: true }).fill('4711');
  await one.page.getByLabel('Gõ lại PIN').fill('4712');
  await one.button('Vào làm việc').click();
  await one.said('Hai lần gõ khác nhau: hãy gõ lại.');
  await one.setPin('4711');
  await one.lock();
  await one.choose(CHAIR, '0000');
  await one.said('Sai PIN.');
  await one.page.getByLabel('PIN', { exact: true }).fill('4711');
  await one.button('Vào làm việc').click();
  await one.entered();
  await two.join(HEAD);
  await two.setPin('4712');
  await three.join(THIRD);
  await three.heading(THIRD);
  await three.harmless();
  await three.setPin('4713');

  // The register: searched by number, noted in two taps, on all tablets at once.
  for (const team of teams) await team.go('Điểm danh');
  for (const text of HOSTILE) {
    await one.page.getByLabel(/^Tìm số thứ tự/).fill(text);
    await one.said('Không tìm thấy ai.');
  }
  await one.harmless();
  const rows = one.page.getByRole('list', { name: 'Điểm danh' }).getByRole('listitem');
  await one.page.getByLabel(/^Tìm số thứ tự/).fill('');
  await one.button('Xem thêm, còn 190 người').click();
  await one.said('Xem thêm, còn 140 người');
  must((await rows.count()) === 100, 'so many rows as were asked for');
  await one.page.getByLabel(/^Tìm số thứ tự/).fill('24');
  await rows.filter({ hasText: '240' }).waitFor();
  must((await rows.count()) === 2, 'numbers that begin so: 24 and 240');
  for (const number of [1, 2, 3]) await one.checkIn(number);
  for (const number of [4, 5, 3]) await two.checkIn(number);
  await three.voter(6, 'Điểm danh');
  await three.said('Đã điểm danh người số 6.');
  await three.voter(6, 'Phát mã');
  await three.said('Đã phát mã cho người số 6.');
  // A tap too many is undone where it was made.
  await three.voter(7, 'Điểm danh');
  await three.said('Đã điểm danh người số 7.');
  await three.voter(7, 'Xem, sửa');
  let dialog = await three.dialog('Người số 7');
  await dialog.getByRole('button', { name: /^Hủy, ghi nhầm/ }).click();
  await dialog.getByText('Chưa ghi gì về người này.').waitFor();
  await dialog.getByRole('button', { name: 'Đóng' }).click();
  await three.said('Có mặt: 1');
  for (const team of teams) await team.back();

  // Figures: two people note different numbers present.
  await one.go('Số liệu', 'Số liệu của hội nghị');
  for (const text of HOSTILE) {
    await one.figures({ 'Có mặt': text });
    await one.said('Hãy gõ một số, chỉ dùng chữ số');
  }
  await one.harmless();
  // Whoever types on while something is being saved loses nothing of it.
  const summoned = one.page.getByLabel('Số triệu tập', { exact: true });
  await one.page.getByLabel('Có mặt', { exact: true }).fill('sáu');
  await summoned.evaluate((input) => {
    input.form.requestSubmit();
    input.value = '9';
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await one.page.locator('button.main:enabled').waitFor();
  must((await summoned.inputValue()) === '9', 'what was typed meanwhile stays');
  const first = { 'Số triệu tập': 8, 'Có mặt': 6, 'Mã phiếu đã in': 26 };
  await one.figures(first);
  await one.said('Đã ghi.');
  await one.back();
  await two.go('Số liệu', 'Số liệu của hội nghị');
  await two.figures({ 'Có mặt': 5 });
  await two.said('Đã ghi.');
  await two.back();

  await one.go('Ban kiểm phiếu', 'Chủ trì và ban kiểm phiếu');
  const chair = one.page.getByLabel('Chủ trì hội nghị', { exact: true });
  const head = one.page.getByLabel('Trưởng ban kiểm phiếu', { exact: true });
  await chair.fill(CHAIR);
  await head.fill(CHAIR.toUpperCase());
  await one.button('Ghi ban kiểm phiếu').click();
  await one.said('Hãy nêu một chủ trì hội nghị và một trưởng ban kiểm phiếu, hai người khác nhau.');
  await head.fill(HOSTILE[1]);
  await one.button('Ghi ban kiểm phiếu').click();
  await one.said('Phần chữ quá dài');
  await head.fill(HEAD);
  await one.button('Thêm thành viên').click();
  await one.page.getByLabel('Thành viên 1').fill(THIRD);
  await one.button('Ghi ban kiểm phiếu').click();
  await one.said('Đã ghi.');
  await one.harmless();
  await one.back();

  await three.go('Sự cố, ghi chú', 'Sự cố và ghi chú');
  for (const text of HOSTILE) {
    await three.page.getByLabel('Chuyện gì đã xảy ra?').fill(text);
    await three.button('Ghi').click();
    await three.said(text.length > 600 ? 'Phần chữ quá dài' : text);
  }
  await three.harmless();
  await three.button('Sửa').first().click();
  dialog = await three.dialog('Sửa điều đã ghi');
  await dialog.getByRole('button', { name: 'Hủy, ghi nhầm' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await three.page.getByLabel('Ghi chú').check();
  await three.page.getByLabel('Chuyện gì đã xảy ra?').fill('Bắt đầu muộn 10 phút');
  await three.button('Ghi').click();
  await three.said('Bắt đầu muộn 10 phút');
  await three.back();

  // Everybody sees what the others noted, and who is in doubt.
  await meet();
  for (const team of teams) {
    await team.said('Có mặt 6, đã phát 7 mã phiếu');
    await team.said('Có 2 việc ghi khác nhau');
    await team.harmless();
  }
  await one.go('Điểm danh');
  await one.said('Điểm danh 2 lần, phát 2 mã');
  await one.voter(3, 'Xem, sửa');
  dialog = await one.dialog('Người số 3');
  await dialog.getByText('NGƯỜI NÀY ĐƯỢC GHI HAI LẦN. Đừng phát thêm mã.').waitFor();
  await dialog.getByText(HEAD).first().waitFor();
  await dialog.getByRole('button', { name: 'Đóng' }).click();
  await one.back();

  // Two settle the same thing in two ways without hearing of each other: that is seen, and settled again.
  for (const [team, value] of [[one, 5], [two, 6]]) {
    await team.go('Cần thống nhất');
    await team.button(`Giữ điều này: Có mặt, ${value}`).click();
    await team.said('Đã ghi.');
  }
  for (const entry of ['Điểm danh', 'Phát mã']) {
    await two.page.getByRole('button', { name: new RegExp(`^Hủy, ghi nhầm: ${entry}, máy này`) }).click();
    if (entry === 'Điểm danh') await two.said('Người số 3');
  }
  await two.said('Không có gì ghi khác nhau.');
  await one.back();
  await two.back();
  await meet();
  for (const team of teams) await team.said('Có 1 việc ghi khác nhau');
  await three.go('Cần thống nhất');
  await three.button('Giữ điều này: Có mặt, 6').click();
  await three.said('Không có gì ghi khác nhau.');
  await three.back();

  // Two ballots on the first tablet; then all boxes close, and the totals are read aloud.
  await one.leave();
  await one.voting();
  for (const slip of hall.slips.slice(0, 2)) {
    await one.slip(slip);
    await one.mark(hall.officials.map(() => 1));
    await one.cast();
  }
  await one.leaveVoting();
  await two.leave();
  await three.leave();
  for (const team of teams) {
    await team.close();
    await team.begin();
  }
  await one.choose(CHAIR, '4711');
  await two.choose(HEAD, '4712');
  await three.page.getByRole('button').filter({ hasText: 'Páo' }).click();
  await three.page.getByLabel('PIN', { exact: true }).fill('4713');
  await three.button('Vào làm việc').click();
  for (const team of teams) await team.entered();
  for (const [team, total] of [[one, 2], [two, 0], [three, 0]]) {
    await team.go('Số liệu', 'Số liệu của hội nghị');
    await team.figures({ 'Tổng trên máy này': total });
    await team.said('Đã ghi.');
    await team.back();
  }
  await meet();
  await one.go('Số liệu', 'Số liệu của hội nghị');
  await one.button('Theo điểm danh: 6').click();
  await one.figures({ 'Mã phiếu đã dùng': 2, 'Phiếu hỏng': 1, 'Phiếu còn lại': 20, 'Phiếu không nộp lại': 4 });
  await one.said('Đã ghi.');
  await one.said('Phát ra 6 phiếu, nhưng đã dùng 2, hỏng 1 và không nộp lại 4');
  // Mended: it stands already, so the page asks.
  await one.figures({ 'Phiếu không nộp lại': 3 });
  dialog = await one.dialog('Trước đó đã ghi khác');
  await dialog.getByRole('button', { name: 'Thay bằng số mới' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await one.said('Đã ghi.');
  must(!(await one.shows('Phát ra 6 phiếu, nhưng')), 'the figures fit');
  await one.back();
  await meet();

  // A second person explains what does not fit, the first one cannot.
  await one.go('Biên bản');
  must((await one.page.getByRole('button', { name: /^Giải trình/ }).count()) === 0, 'nobody explains own figures');
  await two.go('Biên bản');
  await two.page.getByRole('button', { name: /^Giải trình: Ghi đã in 26 mã phiếu, danh sách có 252/ }).click();
  dialog = await two.dialog('Giải trình');
  await dialog.getByLabel('Vì sao như vậy?').fill(HOSTILE[1]);
  await dialog.getByRole('button', { name: 'Ghi giải trình' }).click();
  await dialog.getByText('Phần chữ quá dài').waitFor();
  await dialog.getByLabel('Vì sao như vậy?').fill(HOSTILE[0]);
  await dialog.getByRole('button', { name: 'Ghi giải trình' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await two.said(HOSTILE[0]);
  await two.harmless();

  // Each signs with the own PIN: the chair on the own tablet, the head on another one too, where a PIN is set first.
  must((await one.code()) === (await two.code()), 'both see the same minutes');
  await one.sign('Chủ trì hội nghị', '1234');
  await one.said('Sai PIN.');
  dialog = await one.dialog('Ký: Chủ trì hội nghị');
  await dialog.getByLabel('PIN', { exact: true }).fill('4711');
  await dialog.getByRole('button', { name: 'Ký', exact: true }).click();
  await one.said('Đã ký');
  await two.sign('Trưởng ban kiểm phiếu', '4712');
  await two.said('Đã ký');
  for (const team of [one, two]) await team.back();
  await meet();
  for (const team of teams) {
    await team.said('Đã ký đủ');
    await team.go('Biên bản');
    await team.said('Chủ trì và trưởng ban kiểm phiếu đã ký.');
    await team.harmless();
    await team.back();
  }

  // Something was forgotten: a word why, what is right, and new signatures beside the old ones, both on one tablet.
  await three.go('Biên bản');
  await three.page.getByText('Biên bản đã ký không đúng?').click();
  await three.page.getByLabel('Điều gì không đúng?').fill(HOSTILE[1]);
  await three.button('Ghi là không đúng').click();
  await three.said('Phần chữ quá dài');
  await three.page.getByLabel('Điều gì không đúng?').fill(HOSTILE[0]);
  await three.button('Ghi là không đúng').click();
  await three.said('Nói là không đúng:');
  await three.harmless();
  await three.back();
  await three.go('Sự cố, ghi chú', 'Sự cố và ghi chú');
  await three.page.getByLabel('Chuyện gì đã xảy ra?').fill('Mất điện 5 phút');
  await three.button('Ghi').click();
  await three.said('Mất điện 5 phút');
  await three.back();
  await three.go('Biên bản');
  await three.sign('Chủ trì hội nghị', '5711', true);
  await three.said('Đã ký');
  await three.sign('Trưởng ban kiểm phiếu', '5712', true);
  await three.said('Chủ trì và trưởng ban kiểm phiếu đã ký.');
  await three.back();
  await three.sync();

  // What was noted travels without a network, readable for the one chosen alone.
  await three.go('Giao và nhận', 'Giao và nhận không cần mạng');
  const choices = await three.page.getByLabel('Giao cho').locator('option').allInnerTexts();
  must(choices.length >= 3, `the other tablets of the unit can be chosen: ${choices}`);
  const [own] = (await one.page.getByText(/trên .*\([0-9a-f]{8}\)/).first().innerText()).match(/[0-9a-f]{8}/);
  await three.page.getByLabel('Giao cho').selectOption({ label: choices.find((text) => text.includes(own)) });
  const [download] = await Promise.all([three.page.waitForEvent('download'), three.button('Ghi thành tệp').click()]);
  await download.saveAs(join(home, 'record.hpgoi'));
  await three.back();
  await one.offline(true);
  await one.go('Giao và nhận', 'Giao và nhận không cần mạng');
  await one.page.getByLabel('Mở tệp .hpgoi').setInputFiles(join(home, 'record.hpgoi'));
  await one.said('Đã nhận gói');
  await one.back();
  await one.said('Đã ký đủ');
  await one.go('Sự cố, ghi chú', 'Sự cố và ghi chú');
  await one.said('Mất điện 5 phút');
  await one.back();
  await one.offline(false);

  // Left alone, the tablet locks: no name stays on the screen, and nobody writes for somebody else.
  await two.page.clock.install();
  await two.open();
  await two.heading('Tổ công tác');
  await two.begin();
  await two.choose(HEAD, '4712');
  await two.entered();
  await two.page.clock.fastForward(170_000);
  must(await two.shows('Đang ghi:'), 'not yet');
  await two.page.clock.fastForward(20_000);
  two.acting = false;
  await two.said('Máy đã tự khóa vì không có ai bấm.');

  for (const team of teams) {
    const complaints = team.browser.complaints.filter((text) => !team.place.isExpected(text));
    must(complaints.length === 0, `the browser complains: ${complaints.join('\n')}`);
  }
  const views = new Set(teams.flatMap((team) => [...team.views])).size;
  for (const team of teams) {
    await team.browser.end();
    await team.place.kill();
  }
  console.log(JSON.stringify({ ballots: 2, views }));
};

try {
  await Promise.race([story(), hung]);
} catch (error) {
  for (const team of teams) {
    const shown = await team.page.locator('body').innerText().catch(() => '');
    console.error(`--- a page shows\n${shown}\n${team.browser.complaints.join('\n')}`);
    await team.browser.kill().catch(() => undefined);
    await team.place.kill();
  }
  console.error(error.stack);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
