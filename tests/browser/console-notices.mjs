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

  // Each row says by which way its official is told; those with letters alone lead to printing.
  await row('Lầu Văn Ba').getByText('Bằng thư in').waitFor();
  await row('Sùng Thị Bốn').getByText('Bằng thư điện tử: chưa gửi').waitFor();
  must((await row('Sùng Thị Bốn').getByRole('link', { name: /^In thư cho/ }).count()) === 0, 'no letter for who has an address');
  await page.getByRole('link', { name: 'In thư cho Lầu Văn Ba' }).click();
  await desk.heading('Văn bản in');
  await desk.open(place);
  // Thinking again sends nothing; sending says what went, and what is left for letters.
  const result = async (what) => page.locator('dl div').filter({ hasText: what }).locator('dd').innerText();
  const send = async () => {
    await desk.button('Gửi thông báo ngay').click();
    await dialog.getByRole('button', { name: 'Gửi thông báo ngay', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await desk.says('Được gửi đi ngay bây giờ');
  };
  await desk.button('Gửi thông báo ngay').click();
  await desk.pictures('notices-send-vi');
  await desk.browser.accessible('sending notices');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await row('Sùng Thị Bốn').getByText('Bằng thư điện tử: chưa gửi').waitFor();
  await send();
  must((await result('Bằng thư điện tử')) === '1' && (await result('Thư phải in')) === '3', 'one by e-mail, three letters');
  await row('Sùng Thị Bốn').getByText('Bằng thư điện tử: đang chờ gửi').waitFor();
  await desk.looked('notices-sent');
  await send();
  must((await result('Bằng thư điện tử')) === '0' && (await result('Đã gửi hoặc đang gửi từ trước')) === '1', 'nothing twice');
  await happen('refuse mail');
  await page.reload();
  await row('Sùng Thị Bốn').getByText('Bằng thư điện tử: không gửi được').waitFor();
  await row('Sùng Thị Bốn').getByRole('link', { name: 'Tin gửi đi' }).click();
  await desk.heading('Tin gửi đi');
  await row('bon@dongvan.vn').getByText('Không gửi được').waitFor();
  // Taken up again, it goes out, and the row says when.
  await row('bon@dongvan.vn').getByRole('button', { name: /Gửi lại/ }).click();
  await row('bon@dongvan.vn').getByText('Đang chờ').waitFor();
  await happen('take mail');
  await desk.open(place);
  await row('Sùng Thị Bốn').getByText('Bằng thư điện tử, gửi ngày 15/01/2027').waitFor();
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
  must((await desk.button('Gửi thông báo ngay').count()) === 0, 'only the office sends');
  await desk.signOut();

  // A unit sees its own and notes what was signed there.
  await enter(unit);
  await page.getByRole('row').nth(2).waitFor();
  must((await row('Lầu Văn Ba').count()) === 0, "no other unit's officials");
  must((await desk.button('Gửi thông báo ngay').count()) === 0, 'only the office sends');
  await row('cmd').getByText('Bằng thư in').waitFor();
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
