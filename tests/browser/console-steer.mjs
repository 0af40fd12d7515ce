// From an open round to published results, as the organisation board does it: node console-steer.mjs PACKAGES CHROMIUM [FOLDER]
import { readFileSync, writeFileSync } from 'node:fs';
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  /** A second look, then it is done. */
  const sure = async (name) => {
    await desk.button(name).click();
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  const { organiser, trustee } = office.people;

  await desk.open();
  await desk.signIn(organiser.login, organiser.password);
  await desk.link('Điều hành').click();
  await desk.heading('Điều hành');
  await desk.says('Chưa có lệnh mở phiếu nào');
  await desk.looked('steer-open');
  await desk.button('Đóng đợt').click();
  await desk.pictures('steer-sure-vi');
  await page.keyboard.press('Escape');
  must(await desk.button('Đóng đợt').isVisible(), 'who thinks again has changed nothing');
  await sure('Đóng đợt');
  await desk.button('Mở lại').waitFor();
  await sure('Lập lệnh mở phiếu');
  await desk.says('Lệnh mở phiếu số 1, mã băm:');
  // As trustees compare it: groups of the same hash.
  const hash = await page.locator('code').first().innerText();
  const groups = [0, 1, 2, 3, 4, 5].map((at) => String(Number(BigInt(`0x${hash.slice(at * 10, at * 10 + 10)}`) % 100000n)).padStart(5, '0'));
  await desk.says(groups.join(' '));
  /** What trustees compare, as whoever comes to the page later reads it. */
  const stillSays = async () => {
    await desk.says('Lệnh mở phiếu số 1, mã băm:');
    await desk.says(groups.join(' '));
    must((await page.locator('code').first().innerText()) === hash, 'the same order');
  };
  await page.reload();
  await stillSays();
  await sure('Lập lệnh mở phiếu');
  await desk.says('Lệnh mở phiếu trước chưa có kết quả: hãy kiểm phiếu theo lệnh ấy trước.');
  await desk.looked('steer-ordered');
  await sure('Công bố các đơn vị không còn vướng');
  await desk.says('Đã công bố 0 đơn vị.');
  await desk.says('chưa có kết quả được nhận');
  await desk.signOut();

  // A trustee fetches the bundle and hands the result in, and does nothing else.
  await desk.signIn(trustee.login, trustee.password);
  await desk.link('Điều hành').click();
  await desk.heading('Điều hành');
  await page.getByLabel('Nộp tệp kết quả (.hpr)').waitFor();
  for (const name of ['Mở lại', 'Lập lệnh mở phiếu', 'Công bố các đơn vị không còn vướng', 'Kết thúc đợt']) {
    must((await desk.button(name).count()) === 0, `${name} is not for trustees`);
  }
  await stillSays();
  const [bundle] = await Promise.all([page.waitForEvent('download'), desk.link('Tải gói số liệu').click()]);
  must(readFileSync(await bundle.path()).length > 1000, 'the bundle is a file');
  const result = await happen('count');
  const wrong = `${result}.wrong`;
  writeFileSync(wrong, '<b>no result</b>');
  await page.getByLabel('Nộp tệp kết quả (.hpr)').setInputFiles(wrong);
  await desk.says('Tệp kết quả không dùng được cho đợt này.');
  await page.getByLabel('Nộp tệp kết quả (.hpr)').setInputFiles(result);
  await desk.says('Đã nhận kết quả của lệnh số 1, mã băm:');
  await page.reload();
  await desk.says('Đã nhận kết quả của lệnh số 1, mã băm:');
  await stillSays();
  await desk.looked('steer-trustee');
  await desk.signOut();

  await desk.signIn(organiser.login, organiser.password);
  await desk.link('Điều hành').click();
  const days = page.getByLabel('Báo kết quả cho từng người trong mấy ngày làm việc');
  must((await days.inputValue()) === '5', 'as many days as usual');
  await desk.says(/Công bố hôm nay thì hạn báo là ngày \d/);
  await days.fill('61');
  await desk.says('Ghi từ 1 đến 60 ngày; đang tính 5 ngày.');
  await days.fill('3');
  await desk.says(/Công bố hôm nay thì hạn báo là ngày \d/);
  await sure('Công bố các đơn vị không còn vướng');
  await desk.says('Đã công bố 1 đơn vị.');
  await sure('Kết thúc đợt');
  await desk.says('Chưa kết thúc được, chưa thay đổi gì.');
  await desk.looked('steer-not-finished');

  // Something came later: the next order stands beside the one before and its result, as trustees compare both.
  await happen('late');
  await sure('Lập lệnh mở phiếu');
  for (const reloaded of [false, true]) {
    if (reloaded) await page.reload();
    await desk.says('Lệnh mở phiếu số 2, mã băm:');
    must((await page.locator('code').first().innerText()) !== hash, 'another order');
    const before = page.locator('dl').filter({ hasText: 'Lệnh trước, số 1:' });
    must((await before.innerText()).includes(groups.join(' ')), 'the order before');
    await before.getByText('Kết quả của lệnh số 1:').waitFor();
  }
  await desk.looked('steer-second-order');
});
