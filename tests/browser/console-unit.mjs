// What a unit's team noted, and what the office adds: node console-unit.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

const WHY = 'sổ ghi nhầm dòng <script>alert(1)</script>';

await play(async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const part = (name) => page.getByRole('region', { name, exact: true });
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const unit = (code) => desk.open(`#/rounds/${office.round}/unit/${code}`);

  await desk.open();
  await desk.signIn(office.people.organiser.login, office.people.organiser.password);
  await desk.link('Bảng theo dõi').click();
  await page.getByRole('link', { name: /Đảng bộ/ }).click();
  await desk.heading(/Đảng bộ/);
  await part('Sự cố và ghi chú').getByText(office.incident).waitFor();
  await desk.looked('unit');

  // Two numbers for one thing are shown as such until somebody settles it.
  const present = page.getByRole('row').filter({ hasText: 'Có mặt' });
  await present.getByText('ghi khác nhau').waitFor();
  await present.getByRole('button', { name: 'Lấy 21' }).click();
  await dialog.getByText('Lấy “21” do Trần Trưởng Ban ghi trên').waitFor();
  await desk.browser.accessible('settling');
  await desk.pictures('unit-settle-vi');
  await dialog.getByRole('button', { name: 'Lấy số này' }).click();
  await present.getByText('ghi khác nhau').waitFor({ state: 'detached' });
  await present.getByText('21', { exact: true }).waitFor();

  // A warning is explained by somebody else, an error is not.
  const finding = part('Chưa khớp').getByRole('listitem');
  const errors = finding.filter({ hasText: 'phải sửa' });
  must((await errors.count()) > 0 && (await errors.getByRole('button').count()) === 0, 'errors cannot be explained away');
  const warning = finding.filter({ hasText: 'Người số 99 không có trong danh sách' });
  await warning.getByRole('button', { name: 'Giải trình' }).click();
  await dialog.getByLabel('Vì sao như vậy').fill(WHY);
  await desk.pictures('unit-explain-vi');
  await dialog.getByRole('button', { name: 'Ghi giải trình' }).click();
  await warning.getByText('đã giải trình').waitFor();
  // Who said what stands below it, for everybody who reads the record.
  await warning.getByText(WHY, { exact: true }).waitFor();
  await warning.getByText(/vai-organiser" giải trình:/).waitFor();

  await page.getByLabel('Ghi thêm').fill(WHY);
  await desk.button('Ghi vào hồ sơ').click();
  await part('Sự cố và ghi chú').getByText(WHY).waitFor();
  await desk.looked('unit-after');

  // A unit that noted nothing, and one that is not there.
  await unit('S');
  await desk.says('Chưa ghi gì về hội nghị.');
  await desk.looked('unit-empty');
  await unit('khong-co');
  await desk.says('Trong đợt không có đơn vị này.');
  await desk.signOut();

  // A unit reads its own record, and nobody else's.
  await desk.signIn(office.people.unit.login, office.people.unit.password);
  await unit('A');
  await part('Sự cố và ghi chú').getByText(WHY).waitFor();
  await part('Chưa khớp').getByText(WHY, { exact: true }).waitFor();
  must((await page.getByRole('main').getByRole('button').count()) === 1, 'it may load it again, and nothing else');
  await unit('S');
  await desk.says('Vai trò của đồng chí chỉ xem phần của mình.');
  must(alerts === 0, 'nothing became code');
});
