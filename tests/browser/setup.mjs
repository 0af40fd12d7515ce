// From an office's own files to an open round, by what an organiser reads: node setup.mjs PACKAGES CHROMIUM [FOLDER]
import { join } from 'node:path';
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const main = page.getByRole('main');
  const top = page.getByRole('navigation', { name: 'Các phần của trang' });
  const cell = (name) => page.getByRole('textbox', { name: `Ô ${name}`, exact: true });
  const step = (name) => page.getByRole('navigation', { name: 'Các bước lập đợt' }).getByRole('link', { name });
  const sure = async (name) => {
    await desk.button(name).click();
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  /** What was on paper each time the browser printed, and the codes among it. */
  const papers = [];
  const codes = [];
  await page.exposeFunction('onPaper', async (text) => {
    papers.push(text);
    codes.push(...[...text.matchAll(/\b([0-9A-Z]{4}-[0-9A-Z]{4})\n([0-9A-Z]{4}-[0-9A-Z]{4})\b/g)].map(([, first, last]) => `${first}-${last}`));
    await page.emulateMedia({ media: 'print' });
    must(!(await page.locator('#app').isVisible()), 'on paper is the paper alone');
    await page.emulateMedia({ media: null });
    if (desk.folder) await page.pdf({ path: join(desk.folder, `paper-${papers.length}.pdf`), preferCSSPageSize: true });
  });
  await page.addInitScript(() => {
    window.print = () => {
      const paper = document.querySelector('body > .paper');
      paper.style.display = 'block';
      const text = paper.innerText;
      paper.style.display = '';
      void window.onPaper(text).then(() => dispatchEvent(new Event('afterprint')));
    };
  });
  const printed = async (press) => {
    const before = papers.length;
    await press();
    while (papers.length === before) await page.waitForTimeout(50);
    await page.locator('body > .paper').waitFor({ state: 'detached' });
    return papers.at(-1);
  };

  await desk.open();
  await desk.signIn(office.organiser.login, office.organiser.password);
  await top.getByRole('link', { name: 'Lập đợt mới' }).click();
  await desk.heading('Lập đợt mới');
  await desk.looked('setup-new');

  // What is no roster is told so, and changes nothing.
  await page.getByLabel('Chọn tệp').setInputFiles(office.picture);
  await desk.says('Còn 1 chỗ sai');
  await page.getByLabel('Chọn tệp').setInputFiles(office.files);
  await desk.says('Còn 6 chỗ sai');
  await desk.looked('setup-wrong');
  must((await desk.button('Lập đợt này').count()) === 0, 'nothing is made of a wrong roster');
  const problems = page.getByRole('region', { name: 'Những chỗ sai' });
  for (const { table, name, right, left } of office.mends) {
    // By the keyboard alone: from the list to the cell, typed over, and on.
    const place = problems.getByRole('button', { name: table }).first();
    await place.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((label) => document.activeElement?.getAttribute('aria-label') === label, `Ô ${name}`);
    must((await cell(name).getAttribute('aria-invalid')) === 'true', `${name} is marked`);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(right);
    await page.keyboard.press('Tab');
    await desk.says(left === 0 ? 'Không có chỗ sai' : `Còn ${left} chỗ sai`);
  }
  // Leaving the view and coming back loses nothing of it.
  await top.getByRole('link', { name: 'Các đợt' }).click();
  await desk.heading('Các đợt lấy phiếu');
  await top.getByRole('link', { name: 'Lập đợt mới' }).click();
  await desk.says('Không có chỗ sai');
  await page.getByLabel('Tên đợt').fill('Đợt <b>2026</b>');
  await page.getByLabel('CHÍNH THỨC').check();
  await page.getByLabel('Lập thêm một đợt TẬP HUẤN').check();
  must((await page.getByLabel('Tên đợt tập huấn').inputValue()) === 'Tập huấn: Đợt <b>2026</b>', 'a title that says it');
  await desk.looked('setup-make');
  await desk.button('Lập đợt này').click();

  // Rules, each with what it does to an example.
  await desk.heading('Các bước lập đợt');
  await desk.says('14 trên 30 phiếu = 46,67 %');
  await page.getByLabel('số phiếu hợp lệ', { exact: true }).check();
  await desk.says('14 trên 27 phiếu = 51,85 %');
  await page.getByLabel('Số phiếu hợp lệ ít nhất để cho xem từng mức').fill('7');
  await desk.says('7 phiếu: cho xem');
  await page.getByLabel('Chi bộ trường').check();
  // Whoever looks for another unit loses none that was chosen before.
  const wayOf = page.getByLabel('Tìm đơn vị (không cần dấu)');
  await wayOf.fill('nho');
  await page.getByLabel('Chi bộ nhỏ').check();
  await wayOf.fill('');
  must(await page.getByLabel('Chi bộ trường').isChecked(), 'a unit that was out of sight stays chosen');
  await wayOf.fill('nho');
  await page.getByLabel('Chi bộ nhỏ').uncheck();
  await wayOf.fill('');
  must(await page.getByLabel('Chi bộ trường').isChecked(), 'one is not chosen any more, the other is');
  must(!(await page.getByLabel('Chi bộ nhỏ').isChecked()), 'what was taken back stays so');
  await desk.looked('setup-rules');
  // Somebody else was quicker.
  await happen('change rules');
  await desk.button('Lưu thể lệ').click();
  await desk.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
  await desk.pictures('setup-conflict-vi');
  await desk.button('Thử lại').click();
  await page.getByRole('textbox', { name: 'Tên đợt' }).and(page.locator('[maxlength="200"]')).first().waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((input) => input.value === 'Tên của người khác'));
  await page.getByLabel('Tên đợt').first().fill('Đợt <b>2026</b>');
  await page.getByLabel('Số phiếu hợp lệ ít nhất để cho xem từng mức').fill('7');
  await page.getByLabel('Chi bộ trường').check();
  await desk.button('Lưu thể lệ').click();
  await main.getByRole('link', { name: 'Bước tiếp: Tờ mã phiếu' }).click();

  // Slips: on paper once, counted, confirmed.
  await desk.button('Chọn các đơn vị chưa in (2)').click();
  await desk.looked('setup-slips');
  const make = page.getByRole('button', { name: /^Làm và in/ });
  const cover = await printed(() => make.click());
  must(cover.includes('A – Đảng bộ xã A') && !cover.includes('TẬP HUẤN'), 'a cover of each unit, of an official round');
  must(codes.length === office.slips && new Set(codes).size === office.slips, `${codes.length} slips, each of its own`);
  const shown = await page.content();
  must(codes.every((code) => !shown.includes(code) && !shown.includes(code.slice(0, 9))), 'no code stays in the page');
  await desk.looked('setup-slips-count');
  // Paper jammed: those are nothing, and the next ones are others.
  await desk.button('In hỏng: hủy các tờ này, làm lại').click();
  await printed(() => make.click());
  must(new Set(codes).size === 2 * office.slips, 'there is no reprint');
  await page.getByLabel(/^Gõ số tờ đã đếm/).fill(String(office.slips - 1));
  await desk.says('Không khớp.');
  must(await desk.button('Đã in, đã đếm đủ').isDisabled(), 'who counted wrong confirms nothing');
  await page.getByLabel(/^Gõ số tờ đã đếm/).fill(String(office.slips));
  await desk.button('Đã in, đã đếm đủ').click();
  await desk.says(`Đã xác nhận in: 2 trên 2 đơn vị, ${office.slips} tờ.`);

  // The centre has what is done: a page that is opened anew goes on there.
  await page.reload();
  await step(/Tờ mã phiếu \(xong\)/).waitFor();
  await step(/Khóa của người giữ khóa/).click();
  const round = page.url().match(/rounds\/([0-9a-f-]+)/)[1];
  must((await main.getByRole('link', { name: 'Tạo khóa trên trang người giữ khóa' }).getAttribute('href')) === `/trustees/#/keys/${round}`, 'where keys are made');
  await desk.looked('setup-keys');
  const { right, wrong, digits } = await happen({ keys: round });
  await page.getByLabel('Nộp tệp khóa (.hpk)').setInputFiles(wrong);
  await desk.says('Tệp khóa không dùng được cho đợt này.');
  await page.getByLabel('Nộp tệp khóa (.hpk)').setInputFiles(right);
  await desk.says(digits);
  await desk.looked('setup-keys-here');
  await main.getByRole('link', { name: 'Bước tiếp: Ký' }).click();
  await desk.says('Ký rồi thì tên đợt');
  await desk.looked('setup-sign');
  await sure('Ký gói của đợt');
  await desk.says('Mã băm của gói:');
  await step(/Mở đợt/).click();
  await sure('Mở đợt');
  await main.getByRole('link', { name: 'Tiếp theo: đăng ký máy tính bảng' }).waitFor();
  await desk.looked('setup-open');

  // What is posted and what is copied.
  await main.getByRole('link', { name: 'In danh sách, mẫu phiếu' }).first().click();
  await desk.heading('In danh sách, mẫu phiếu');
  await page.getByRole('row').filter({ hasText: 'Đảng bộ xã A' }).waitFor();
  await desk.looked('papers');
  const sheet = await printed(() => desk.button('In danh sách của A').click());
  must(sheet.includes('Vàng Mí Sính') && sheet.includes('Lý A Páo'), 'its voters and its team by name');
  must(/\d{5}/.test(sheet) && sheet.includes('Dãy số kiểm tra'), 'and its digits');
  const form = await printed(() => desk.button('In mẫu phiếu của A').click());
  must(form.includes('PHIẾU LẤY Ý KIẾN') && form.includes('Không quyết liệt'), 'a ballot form with its levels');

  // One misspelt name costs one sheet.
  await desk.page.getByRole('link', { name: 'Sửa danh sách của A' }).click();
  await page.getByRole('heading', { level: 1, name: /Sửa danh sách/ }).waitFor();
  await desk.button('Sửa từ danh sách đang có').click();
  await page.getByRole('button', { name: /^Người được lấy phiếu/ }).click();
  await cell('D2').fill('Vàng Mí Một, tên đúng');
  await cell('D2').blur();
  await desk.says('Không có chỗ sai');
  await page.getByLabel('Lý do').fill('sai tên');
  await desk.button('Xem sẽ thay đổi gì').click();
  await page.getByRole('region', { name: 'Trước và sau' }).getByText('1. Vàng Mí Một, tên đúng, Bí thư').waitFor();
  await desk.looked('correct-preview');
  await sure('Ký danh sách mới');
  await desk.says('Đã thay danh sách, lần 1');
  await desk.looked('correct-done');
  const page2 = await printed(() => desk.button('In danh sách của A').click());
  must(page2.includes('Danh sách thay thế lần 1') && page2.includes('tên đúng'), 'the new page says what it replaces');
  // With new slips: printed and counted, then signed.
  await desk.button('Sửa tiếp').click();
  await desk.button('Sửa từ danh sách đang có').click();
  await desk.says('Không có chỗ sai');
  await page.getByLabel('Lý do').fill('mất tờ mã');
  await page.getByLabel(/^In tờ mới/).check();
  await desk.button('Xem sẽ thay đổi gì').click();
  await printed(() => make.click());
  await desk.looked('correct-slips');
  await page.getByLabel(/^Gõ số tờ đã đếm/).fill(String(office.of_a));
  await desk.button('Đã in, đã đếm đủ').click();
  await desk.says('Đã thay danh sách, lần 2');
  await desk.says('Thu và hủy mọi tờ mã cũ.');

  // Beside it the training round, which looks like no other.
  await top.getByRole('link', { name: 'Các đợt' }).click();
  const training = page.getByRole('listitem').filter({ hasText: 'Tập huấn: Đợt' });
  await training.getByText('◇ TẬP HUẤN').waitFor();
  must((await page.getByText('■ CHÍNH THỨC').count()) >= 1, 'each says what it is');
  await desk.looked('setup-rounds');
  await training.getByRole('link', { name: 'Các bước lập đợt' }).click();
  await step(/Danh sách/).click();
  await desk.says('có họ tên');
  await desk.looked('setup-roster');
  await page.getByText('Bỏ đợt đang lập').first().click();
  await sure('Bỏ đợt đang lập');
  await desk.heading('Các đợt lấy phiếu');
  must((await page.getByText('Tập huấn: Đợt').count()) === 0, 'it is gone');

  // Nothing of a code is kept by the browser.
  const kept = await page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, names, location.href, document.documentElement.outerHTML, history.length]);
  });
  must(codes.length > 0 && codes.every((code) => !kept.includes(code)), 'a code is kept by the browser');
  await happen({ codes });
});
