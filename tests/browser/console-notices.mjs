// Who was told the own result: node console-notices.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const row = (name) => page.getByRole('row').filter({ hasText: name });
  const dialog = page.getByRole('dialog');
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const { organiser, unit, official, inspector } = office.people;
  const place = `#/rounds/${office.round}/notices`;
  const enter = async ({ login, password }) => {
    await desk.open('#/');
    await desk.signIn(login, password);
    await desk.open(place);
    await desk.heading('Thông báo kết quả');
  };

  // The office sees everybody, finds names without diacritics, and notes a signature.
  await desk.open();
  await enter(organiser);
  await row('Lầu Văn Ba').waitFor();
  must((await page.getByRole('button', { name: /^Ghi đã ký: / }).count()) === 4, 'four officials of two units wait');
  await desk.looked('notices');
  await page.getByLabel('Tìm người, chức danh, mã (không cần dấu)').fill('lau van');
  await row('Sùng Thị Bốn').waitFor({ state: 'detached' });
  await row('Lầu Văn Ba').waitFor();
  await page.getByLabel('Tìm người, chức danh, mã (không cần dấu)').fill('%_!');
  await row('Lầu Văn Ba').waitFor({ state: 'detached' });
  await page.getByLabel('Tìm người, chức danh, mã (không cần dấu)').fill('');
  await page.getByLabel('Tình trạng').selectOption('quá hạn');
  await desk.says('Không có ai.');
  await page.getByLabel('Tình trạng').selectOption('tất cả');
  await desk.button('Ghi đã ký: Lầu Văn Ba').click();
  await desk.pictures('notices-sign-vi');
  await desk.browser.accessible('noting a signature');
  await dialog.getByLabel('Ngày ký').fill('2999-01-01');
  await dialog.getByRole('button', { name: 'Ghi đã ký' }).click();
  await dialog.getByRole('alert').locator('p').first().waitFor();
  await dialog.getByRole('button', { name: 'Thôi' }).click();
  // What stands there at first is today where the centre is, whatever this machine takes for its place.
  await desk.button('Ghi đã ký: Lầu Văn Ba').click();
  await dialog.getByRole('button', { name: 'Ghi đã ký' }).click();
  await row('Lầu Văn Ba').getByText('ký trên giấy').waitFor();
  await page.getByLabel('Đơn vị').selectOption({ index: 1 });
  await row('Lầu Văn Ba').waitFor({ state: 'detached' });

  // The centre goes away: what is shown stays, and says so where it is asked again.
  await happen('stop');
  await page.getByLabel('Tình trạng').selectOption('còn hạn');
  await page.getByLabel('Tìm người, chức danh, mã (không cần dấu)').fill('x');
  await desk.says('Không tới được trung tâm.');
  await happen('start');
  await page.getByLabel('Tìm người, chức danh, mã (không cần dấu)').fill('');
  await page.getByText('Không tới được trung tâm.').waitFor({ state: 'detached' });
  await desk.signOut();

  // An inspector reads and notes nothing.
  await enter(inspector);
  await row('Lầu Văn Ba').getByText('ký trên giấy').waitFor();
  must((await page.getByRole('button', { name: /^Ghi đã ký/ }).count()) === 0, 'who only reads notes nothing');
  await desk.signOut();

  // A unit sees its own and notes what was signed there.
  await enter(unit);
  await page.getByRole('row').nth(2).waitFor();
  must((await row('Lầu Văn Ba').count()) === 0, "no other unit's officials");
  await desk.looked('notices-unit');
  await page.getByRole('button', { name: /^Ghi đã ký: .*cmd/ }).click();
  await dialog.getByRole('button', { name: 'Ghi đã ký' }).click();
  await row('cmd').getByText('ký trên giấy').waitFor();
  await desk.signOut();

  // The official reads the own result and says so; once is enough.
  await enter(official);
  await desk.says('Hãy xác nhận đã xem kết quả của mình');
  must((await page.getByText('cmd').count()) === 0, "nobody else's figures");
  await desk.looked('notices-own');
  await desk.button('Tôi đã xem kết quả của mình').click();
  await desk.says('tự xem trên trang');
  must((await desk.button('Tôi đã xem kết quả của mình').count()) === 0, 'it is said once');
  must(alerts === 0, 'no name became code');
});
