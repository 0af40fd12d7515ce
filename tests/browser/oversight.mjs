// The inspection committee's walk, and the periodic rounds of the organisation board: node oversight.mjs PACKAGES CHROMIUM [FOLDER]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

/** Between its margins, in pixels of a print. */
const A4 = { width: 680, height: 1009 };

await play(async (desk) => {
  const { page } = desk;
  const rows = () => page.getByRole('table').first().locator('tbody').getByRole('row');
  const show = (filter) => page.getByLabel(/^Hiện/).selectOption({ label: filter });
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const { inspector, observer, organiser } = office.people;

  // Who only watches has neither view.
  await desk.open();
  await desk.signIn(observer.login, observer.password);
  must((await desk.link('Giám sát').count()) === 0, 'an observer oversees nothing');
  must((await desk.link('Định kỳ').count()) === 0, 'an observer plans nothing');
  await desk.signOut();

  // Which units need a visit and why, the gravest first.
  await desk.signIn(inspector.login, inspector.password);
  await desk.link('Giám sát').click();
  await desk.heading('Giám sát');
  await desk.says('Đã bỏ phiếu và ký biên bản');
  must((await rows().count()) === 3, 'every unit');
  must((await rows().nth(0).innerText()).includes('đợt đã đóng mà đơn vị chưa bỏ phiếu'), 'what is in the way comes first');
  const second = await rows().nth(1).innerText();
  must(second.includes('quá nửa số phiếu cho mọi người cùng một mức'), 'signs stand in words');
  must(second.includes('không phiếu nào cho ai mức thấp hơn'), 'every sign');
  must((await rows().nth(2).innerText()).includes('Không có lý do nào phải đến.'), 'a unit without reasons');
  await desk.says('Đúng một nửa thì không.');
  await desk.says('Danh sách chỉ có một, hai người');
  await desk.looked('oversight');
  await show('Có dấu hiệu hình thức');
  must((await rows().count()) === 1, 'only the unit with signs');
  await show('Đã ký biên bản');
  await desk.says('Không có đơn vị nào như thế.');
  await desk.looked('oversight-none');
  await show('Tất cả');
  await page.getByLabel('Tìm đơn vị hoặc lý do (không cần dấu)').fill('chua bo phieu');
  must((await rows().count()) === 1, 'found by a reason without diacritics');
  await page.getByLabel('Tìm đơn vị hoặc lý do (không cần dấu)').fill('');
  const [download] = await Promise.all([page.waitForEvent('download'), desk.link('Tải bảng (CSV)').click()]);
  const csv = readFileSync(await download.path(), 'utf8');
  must(csv.trim().split('\n').length === 4 && csv.includes('đã công bố'), 'a line for each unit');
  await page.emulateMedia({ media: 'print' });
  must(!(await desk.button('In (A4, đen trắng)').isVisible()), 'nothing to click on paper');
  if (desk.folder) {
    await page.setViewportSize(A4);
    await page.screenshot({ path: join(desk.folder, 'console-oversight-paper.png'), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await page.emulateMedia({ media: null });

  // One unit, and a visit, all of it by keyboard.
  await page.getByRole('link', { name: /Đảng bộ/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: /Đảng bộ/ }).waitFor();
  await desk.says('Chưa có lần kiểm tra nào ở đơn vị này.');
  await desk.button('Lên kế hoạch đến kiểm tra').focus();
  await page.keyboard.press('Enter');
  const purpose = page.getByLabel('Để làm gì');
  must((await purpose.inputValue()).includes('cùng một mức'), 'the purpose begins with the reasons');
  await desk.looked('oversight-plan');
  await page.getByLabel('Những người đi (mỗi người một dòng)').fill('Sùng <i>Máy</i>\nLý Hòa');
  await desk.button('Lưu').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 4, name: /^Dự kiến/ }).waitFor();
  await desk.says('Sùng <i>Máy</i>, Lý Hòa');

  // What was found, and what is to be done about it by when.
  const write = async (what) => {
    await desk.button('Ghi tiếp').click();
    await page.getByLabel('Đã đến', { exact: true }).check();
    await desk.button('Thêm một điều ghi nhận').click();
    await page.getByLabel('Thấy gì').fill(what);
    await page.getByLabel('Phải làm', { exact: true }).check();
    await page.getByLabel('Đơn vị phải làm gì').fill('Họp lại, bỏ phiếu lại');
    await page.getByLabel('Xong trước hết ngày').fill('2099-01-31');
  };
  await write('Phiếu đã đánh sẵn');
  await desk.looked('oversight-write');
  // Somebody else was faster: nothing is written over in silence.
  await happen('write the visit');
  await desk.button('Lưu').click();
  await desk.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
  await page.reload();
  await desk.says('Người khác ghi');
  await write('Phiếu đã đánh sẵn');
  await desk.button('Lưu').click();
  await page.getByRole('heading', { level: 4, name: /^Đã đến/ }).waitFor();
  await desk.says('Phiếu đã đánh sẵn');
  await desk.says('31/01/2099');
  await desk.button('Các lần ghi trước').click();
  const revisions = page.getByRole('region', { name: 'Các lần ghi trước' }).getByRole('listitem');
  await revisions.nth(2).waitFor();
  must((await revisions.count()) === 3, 'every revision');
  await desk.looked('oversight-unit');
  await desk.link('← Tất cả đơn vị').click();
  await desk.says('còn 1 việc phải làm');
  await show('Còn việc sau kiểm tra');
  must((await rows().count()) === 1, 'what is to be put right is found');
  await desk.signOut();

  // The organisation board: a due day, what changes, the next round, guidance.
  await desk.open('#/');
  await desk.signIn(organiser.login, organiser.password);
  await desk.link('Giám sát').click();
  await page.getByLabel('Hạn chung cho mọi đơn vị').fill('2020-01-31');
  await desk.button('Đặt hạn').click();
  await page.getByText(/hạn 31\/01\/2020, quá/).first().waitFor();
  must((await desk.button('Lên kế hoạch đến kiểm tra').count()) === 0, 'only an inspector plans a visit');
  await desk.link('Định kỳ').click();
  await desk.heading('Định kỳ');
  await desk.says('Ủy ban Kiểm tra');
  await page.getByRole('combobox', { name: /^Thay đổi/ }).selectOption({ label: 'Nhập đơn vị' });
  await page.getByLabel('Mã đơn vị', { exact: true }).fill('S');
  await page.getByLabel('Nhập vào mã đơn vị').fill('T');
  await desk.button('Ghi thay đổi').click();
  await desk.says('đơn vị S nhập vào T');
  await desk.button('Xem đề xuất').click();
  await desk.says('gồm cả S; 11 người bỏ phiếu.');
  await desk.says('Đơn vị S không còn: đã nhập vào T.');
  await desk.says(/\(S1\) chuyển từ S sang\./);
  await desk.says('1 tên có ở nhiều nơi');
  await desk.looked('periodic');
  await page.getByLabel('Tên đợt mới').fill('Đợt sau');
  await desk.button('Lập bản nháp').click();
  await desk.says('Đã lập bản nháp “Đợt sau”.');
  await desk.link('Mở bản nháp').click();
  await desk.heading('Các bước lập đợt');
  await desk.says('Đợt sau');
  await desk.looked('periodic-draft');
  await desk.link('Định kỳ').click();
  await desk.heading('Định kỳ');
  await page.getByLabel('Số tháng giữa hai đợt').fill('6');
  await desk.button('Lưu').click();
  await desk.says('Đã lưu.');
  await page.getByRole('combobox', { name: /^Bước/ }).selectOption({ label: 'Văn phòng: giám sát' });
  await page.getByLabel('Tiếng Việt', { exact: true }).fill('Đi hai người.\n<b>Không</b> báo trước.');
  await desk.button('Lưu hướng dẫn').click();
  await page.getByText(/bản 1/).first().waitFor();
  await desk.link('Các đợt').click();
  await desk.link('Giám sát').first().click();
  await page.getByText('Hướng dẫn của ban tổ chức (bản 1)').click();
  await desk.says('<b>Không</b> báo trước.');
  await desk.looked('oversight-guided');
  must(alerts === 0, 'no name became code');
});
