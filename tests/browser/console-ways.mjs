// How officials are told: contacts, messages, and the own result by the code of a letter:
// node console-ways.mjs PACKAGES CHROMIUM [FOLDER]
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const row = (name) => page.getByRole('row').filter({ hasText: name });

  // An official without an account: whatever can be no code is refused here, and never sent.
  const asked = [];
  page.on('request', (request) => asked.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`));
  await page.goto(`${office.address}/n`);
  await desk.heading('Xem kết quả của mình');
  await desk.looked('letter');
  await page.getByLabel('Mã trong thư').fill(office.slip);
  await desk.button('Xem kết quả').click();
  await desk.says('Mã trong thư có 14 chữ và số, ở đây có 16.');
  must(!asked.some((line) => line.includes(office.slip.slice(0, 4))), 'a slip of the ballot stays in the page');
  await page.getByLabel('Mã trong thư').fill('0000000-0000000');
  await desk.button('Xem kết quả').click();
  await desk.says('Mã này không mở được gì');
  await desk.looked('letter-wrong');
  await page.getByLabel('Mã trong thư').fill(office.letter.toLowerCase());
  await desk.button('Xem kết quả').click();
  await desk.heading('<b onmouseover=alert(1)>Vàng Mí Một</b>');
  await desk.looked('letter-result');
  must(!page.url().includes(office.letter.slice(0, 7)), 'no code in an address');
  await desk.button('Tôi đã xem kết quả').click();
  await desk.says('Đã ghi: đồng chí đã xem kết quả ngày');
  await desk.looked('letter-told');
  await desk.button('Thoát').click();
  await desk.heading('Xem kết quả của mình');
  await page.getByLabel('Mã trong thư').fill(office.letter);
  await desk.button('Xem kết quả').click();
  await desk.says('Mã này đã dùng để báo đã xem');
  const used = asked.filter((line) => line.includes('/letter/'));
  must(used.every((line) => line.startsWith('POST ') && !line.split(' ')[1].includes('?')), 'codes travel in bodies alone');

  // Contacts: one by one, and a whole table of which a wrong cell is named.
  await desk.open();
  await desk.signIn(office.people.organiser.login, office.people.organiser.password);
  await desk.link('Địa chỉ liên hệ').click();
  await desk.heading('Địa chỉ liên hệ');
  await row('A1').waitFor();
  await desk.looked('contacts');
  await desk.button('Thêm địa chỉ').click();
  await page.getByLabel('Mã hoặc tên đăng nhập').fill('A2');
  await page.getByLabel('Họ tên').fill('<i>Hai</i>');
  await page.getByRole('textbox', { name: 'Thư điện tử' }).fill('hai@dongvan.vn');
  await desk.looked('contacts-new');
  await desk.button('Lưu').click();
  await row('<i>Hai</i>').getByText('hai@dongvan.vn').waitFor();
  await desk.button('Sửa địa chỉ của A2').click();
  await happen('change A2');
  await page.getByLabel('Họ tên').fill('Người khác');
  await desk.button('Lưu').click();
  await desk.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
  await desk.button('Thôi').click();
  const table = join(tmpdir(), `homphieu-danh-ba-${process.pid}.csv`);
  writeFileSync(table, 'Mã,Họ và tên,E-mail,Điện thoại,Cách gửi\nT2,Sáu,sai,,\nZ9,Ai đó,,,bồ câu\n');
  await page.getByLabel('Nhập từ bảng tính hoặc CSV').setInputFiles(table);
  await desk.says('Chưa nhập gì cả: bảng còn 2 chỗ sai');
  await desk.says(/\.csv, dòng 2, cột C \(E-mail\): Đây không phải địa chỉ thư điện tử: hãy viết như ten@vidu\.vn/);
  await desk.says(/\.csv, dòng 3, cột E \(Cách gửi\): “bồ câu” không phải cách gửi: hãy ghi/);
  await desk.looked('contacts-wrong');
  writeFileSync(table, 'Mã,Họ và tên,E-mail,Điện thoại,Cách gửi\nT2,Sáu,sau@dongvan.vn,,\n');
  await page.getByLabel('Nhập từ bảng tính hoặc CSV').setInputFiles(table);
  await desk.says('1 mới, 0 thay đổi, 0 giữ nguyên.');

  // Messages: one failed, and goes out again; one is given up.
  await desk.link('Tin gửi đi').click();
  await desk.heading('Tin gửi đi');
  await row('mot@dongvan.vn').getByText('Không gửi được').waitFor();
  await row('mot@dongvan.vn').getByText('15/1/27').waitFor();
  await desk.looked('outbox');
  await row('mot@dongvan.vn').getByRole('button', { name: /Gửi lại/ }).click();
  await row('mot@dongvan.vn').getByText('Đang chờ').waitFor();
  await row('mot@dongvan.vn').getByRole('button', { name: /Bỏ tin/ }).click();
  await row('mot@dongvan.vn').getByText('Đã bỏ').waitFor();
  await desk.button(/Đã gửi: 0/).click();
  await desk.says('Không có tin nào như vậy.');
  await desk.looked('outbox-none');
  await desk.signOut();

  // An inspector reads and changes nothing.
  await desk.signIn(office.people.inspector.login, office.people.inspector.password);
  must((await desk.link('Địa chỉ liên hệ').count()) === 0, 'addresses are the organiser\'s');
  await desk.link('Tin gửi đi').click();
  await row('mot@dongvan.vn').waitFor();
  must((await page.getByRole('button', { name: /Gửi lại/ }).count()) === 0, 'only the office sends');
  must(alerts === 0, 'no name became code');
});
