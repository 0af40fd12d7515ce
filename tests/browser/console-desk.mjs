// People and devices, as an administrator has them: node console-desk.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

const NAME = '<b>Sùng</b> Mí Sính & "con"';

await play(async (desk) => {
  const { page } = desk;
  const row = (name) => page.getByRole('row').filter({ hasText: name });
  const dialog = page.getByRole('dialog');
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  /** What is shown one time, below its heading. */
  const once = async (title) => {
    const shown = page.getByRole('region', { name: title });
    await shown.waitFor();
    return (await shown.getByRole('paragraph').nth(1).innerText()).trim();
  };
  const { administrator, inspector } = office.people;

  // Somebody new: where they vote and are rated is said also if it is nowhere.
  await desk.open();
  await desk.signIn(administrator.login, administrator.password);
  await desk.link('Người dùng').click();
  await desk.heading('Người dùng');
  await row(administrator.login).waitFor();
  await desk.looked('people');
  await desk.button('Thêm người').click();
  await page.getByLabel('Tên đăng nhập').fill('sinh');
  await page.getByLabel('Họ tên').fill(NAME);
  await page.getByLabel('Ủy ban Kiểm tra: xem mọi thứ').check();
  await desk.button('Thêm').click();
  must((await page.getByRole('region', { name: /Mật khẩu một lần/ }).count()) === 0, 'where they vote is missing');
  await page.getByLabel('Không bỏ phiếu ở đâu').check();
  await page.getByLabel('Không được lấy phiếu').check();
  await desk.looked('people-new');
  await page.getByLabel('Tên đăng nhập').fill(administrator.login);
  await desk.button('Thêm').click();
  await desk.says('Đã có người dùng tên đăng nhập này.');
  await page.getByLabel('Tên đăng nhập').fill('sinh');
  await desk.button('Thêm').click();
  const password = await once('Mật khẩu một lần của sinh');
  await desk.looked('people-once');
  await desk.button('Đã ghi lại').click();
  await page.getByLabel('Tìm người (không cần dấu)').fill('mi sinh');
  await row(NAME).getByText('mật khẩu một lần').waitFor();
  must((await page.getByText(password).count()) === 0, 'it is shown one time');

  // Two at once: nothing is overwritten in silence.
  await desk.button('Sửa sinh').click();
  await page.getByLabel('Họ tên').waitFor();
  await happen('change sinh');
  await page.getByLabel('Họ tên').fill('Người khác');
  await desk.button('Lưu').click();
  await desk.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
  await desk.button('Thôi').click();
  await desk.button('Cấp lại mật khẩu cho sinh').click();
  await dialog.getByRole('button', { name: 'Cấp lại mật khẩu' }).click();
  const second = await once('Mật khẩu một lần của sinh');
  must(second !== password, 'another one');
  await desk.button('Đã ghi lại').click();

  // A tablet: the token is shown as a picture and as text, and enrols.
  await desk.link('Các đợt').click();
  await desk.link('Thiết bị').click();
  await desk.says('Chưa có thiết bị nào.');
  await desk.looked('devices-none');
  await desk.button('Đăng ký thiết bị').click();
  await page.getByLabel('Tên thiết bị').fill(NAME);
  await page.getByLabel('Máy tính bảng của đơn vị, nhận phiếu').check();
  await page.getByLabel(/Đảng bộ/).check();
  await desk.looked('devices-new');
  await desk.button('Tạo mã đăng ký').click();
  const token = await once(`Mã đăng ký cho ${NAME}`);
  await page.getByRole('img', { name: 'Mã QR đăng ký' }).waitFor();
  await desk.looked('devices-token');
  await happen({ enrol: token });
  await desk.button('Đã ghi lại').click();
  await row(NAME).getByText('có chứng thư').waitFor();
  await desk.looked('devices');
  await desk.button(`Thu hồi ${NAME}`).click();
  await dialog.getByLabel('Lý do').fill('rơi xuống suối');
  await desk.pictures('devices-revoke-vi');
  await desk.browser.accessible('revoking');
  await dialog.getByRole('button', { name: 'Thu hồi', exact: true }).click();
  await row(NAME).getByText('đã thu hồi').waitFor();
  await desk.signOut();

  // Others look at devices and change none.
  await desk.signIn(inspector.login, inspector.password);
  await desk.link('Thiết bị').click();
  await row(NAME).waitFor();
  must((await desk.button('Đăng ký thiết bị').count()) === 0, 'only an administrator enrols');
  must((await page.getByRole('button', { name: /Thu hồi/ }).count()) === 0, 'only an administrator revokes');
  must(alerts === 0, 'no name became code');
});
