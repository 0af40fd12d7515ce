// The first start of a centre, and how people sign in: node console-start.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { code, happen, office, play } from './desk.mjs';

const OWN = 'núi đá tai mèo';

await play(async (desk) => {
  await desk.open();
  await desk.heading('Đăng nhập');
  await desk.page.getByText('Chưa có mật khẩu?').click();
  await desk.looked('sign-in');

  // What is wrong is said, and not which half of it.
  for (const [login, password] of [['admin', 'sai'], ['khong-ai', office.once], ['<b>x</b>\u202e', '"><img src=x>'.repeat(10)]]) {
    await desk.type(login, password);
    await desk.says('Sai tên đăng nhập hoặc mật khẩu.');
  }
  await desk.looked('sign-in-wrong');

  // The password that was printed works once, and nothing can be seen with it.
  await desk.type('admin', office.once);
  await desk.heading('Hãy đặt mật khẩu của mình');
  must((await desk.page.getByRole('navigation').count()) === 0, 'nowhere to go before that');
  await desk.looked('forced');
  await desk.page.getByLabel('Mật khẩu một lần vừa dùng').fill(office.once);
  await desk.page.getByLabel('Mật khẩu mới', { exact: true }).fill(OWN);
  await desk.page.getByLabel('Gõ lại mật khẩu mới').fill(`${OWN}x`);
  await desk.button('Đặt mật khẩu').click();
  await desk.says('Hai lần gõ không giống nhau');
  await desk.choose('sai mật khẩu', OWN);
  await desk.says('Sai tên đăng nhập hoặc mật khẩu.');
  await desk.choose(office.once, OWN);
  await desk.heading('Các đợt lấy phiếu');
  await desk.says('Chưa có đợt lấy phiếu nào.');
  await desk.looked('rounds-none');

  // A second factor, from the picture to the code that is asked for.
  await desk.link('Tài khoản').click();
  await desk.heading('Tài khoản của tôi');
  await desk.looked('account');
  await desk.button('Bật yếu tố thứ hai').click();
  await desk.page.getByRole('img', { name: 'Mã QR cho ứng dụng xác thực' }).waitFor();
  await desk.looked('factor');
  const secret = (await desk.page.getByText('Hoặc gõ khóa bí mật này vào ứng dụng:').innerText()).split(':')[1].trim();
  await desk.page.getByLabel('Mã đang hiện trên điện thoại').fill('000000');
  await desk.button('Bật').click();
  await desk.says('Mã xác thực sai hoặc đã cũ.');
  await desk.page.getByLabel('Mã đang hiện trên điện thoại').fill(code(secret));
  await desk.button('Bật').click();
  await desk.says('Đang bật: đăng nhập phải gõ thêm mã');
  await desk.signOut();
  await desk.type('admin', OWN);
  await desk.page.getByLabel('Mã xác thực').waitFor();
  must((await desk.page.getByText('Mã xác thực sai').count()) === 0, 'that a code is needed is no mistake');
  await desk.looked('sign-in-code');
  await desk.page.getByLabel('Mã xác thực').fill('123');
  await desk.button('Đăng nhập').click();
  await desk.says('Mã xác thực sai hoặc đã cũ.');
  // A code works once: the next one.
  await desk.page.getByLabel('Mã xác thực').fill(code(secret, 1));
  await desk.button('Đăng nhập').click();
  await desk.heading('Các đợt lấy phiếu');

  // It is remembered by the browser, and the language too.
  await desk.button('English').click();
  await desk.page.reload();
  await desk.heading('Rounds');
  await desk.button('Tiếng Việt').click();

  // Without the centre the page says so, and goes on when it is back.
  await happen('stop');
  await desk.page.getByRole('link', { name: 'Tài khoản' }).click();
  await desk.says('Không tới được trung tâm.');
  await desk.looked('offline');
  await happen('start');
  await desk.button('Thử lại').first().click();
  await desk.says('đang dùng');
  await desk.open('#/rounds/a%ZZ');
  await desk.open('#/khong-co/../../x');
  await desk.heading('Không có trang này');

  // Signed out elsewhere: the page asks to sign in again.
  await happen('end sessions');
  await desk.link('Các đợt').first().click();
  await desk.says('Phiên làm việc đã kết thúc.');
  await desk.looked('ended');

  // Five wrong passwords lock, and the page says for how long.
  for (let wrong = 0; wrong < 5; wrong += 1) {
    await desk.type('khoa', `sai ${wrong}`);
    await desk.says('Sai tên đăng nhập hoặc mật khẩu.');
    await desk.button('Đăng nhập').isEnabled();
  }
  await desk.type('khoa', office.locked);
  await desk.says('Gõ sai quá nhiều lần nên tài khoản tạm khóa.');
  await desk.says(/Còn \d+ giây nữa/);
  must(await desk.button('Đăng nhập').isDisabled(), 'there is no use in trying');
  await desk.looked('locked');
});
