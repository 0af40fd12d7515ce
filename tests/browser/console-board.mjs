// Who sees what, and the board while ballots come in: node console-board.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

const ROUND = 'Đợt thử';
const EVERYBODY = Object.keys(office.people);
const READERS = ['organiser', 'inspector'];
const OWN = [...READERS, 'unit', 'official'];
/** Views in the order in which the page has them: the place of each, and who may see it. Written down here a second time. */
const WHOLE = {
  'Các đợt': ['rounds', EVERYBODY],
  'Lập đợt mới': ['setup', ['organiser']],
  'Cuối năm': ['years', READERS],
  'Định kỳ': ['periodic', READERS],
  'Tin gửi đi': ['outbox', READERS],
  'Địa chỉ liên hệ': ['contacts', ['organiser']],
  'Của tôi': ['own', ['official']],
  'Sao lưu': ['backups', [...READERS, 'administrator']],
  'Người dùng': ['people', ['administrator']],
  'Tài khoản': ['account', EVERYBODY],
};
const OF_ROUND = {
  'Bảng theo dõi': ['board', [...READERS, 'observer', 'unit']],
  'Chiếu lên tường': ['screen', [...READERS, 'observer', 'unit']],
  'Tạm giữ và còn thiếu': ['held', [...READERS, 'unit']],
  'Điều hành': ['steer', ['organiser', 'trustee']],
  'Thiết bị': ['devices', [...READERS, 'administrator']],
  'Giám sát': ['oversight', READERS],
  'In danh sách, mẫu phiếu': ['papers', READERS],
  'Kết quả': ['results', OWN],
  'So sánh': ['compare', OWN],
  'Thông báo kết quả': ['notices', OWN],
  'Văn bản in': ['documents', OWN],
  'Kế hoạch khắc phục': ['plans', [...READERS, 'unit']],
};
const seenBy = (role, views) => Object.keys(views).filter((name) => views[name][1].includes(role));

await play(async (desk) => {
  const { page } = desk;
  const row = (name) => page.getByRole('row').filter({ hasText: name });
  let alerts = 0;
  page.on('dialog', (dialog) => {
    alerts += 1;
    void dialog.dismiss();
  });

  await desk.open();
  for (const [role, { login, password }] of Object.entries(office.people)) {
    await desk.signIn(login, password);
    await desk.says('TẬP HUẤN – phiếu không được tính');
    const [nav, round] = [seenBy(role, WHOLE), seenBy(role, OF_ROUND)];
    const seen = await desk.links('Các phần của trang');
    must(seen.join() === nav.join(), `${role} sees ${seen}`);
    const links = round.length === 0 ? [] : await desk.links(ROUND);
    must(links.join() === round.join(), `${role} sees of the round ${links}`);
    // What is not shown is not there by its address either.
    for (const [name, [place]] of Object.entries(OF_ROUND)) {
      if (round.includes(name)) continue;
      await desk.open(`#/rounds/${office.round}/${place}`);
      await desk.heading('Không có trang này');
    }
    for (const [name, [place]] of Object.entries(WHOLE)) {
      if (nav.includes(name)) continue;
      await desk.open(`#/${place}`);
      await desk.heading('Không có trang này');
    }
    if (role === 'unit') {
      await desk.open(`#/rounds/${office.round}/board`);
      await row('Đảng bộ').waitFor();
      must((await page.getByRole('row').count()) === 2, 'a unit sees its own and nothing else');
    }
    await desk.signOut();
    await desk.open('#/');
  }

  // The board changes by itself.
  await desk.signIn(office.people.observer.login, office.people.observer.password);
  await desk.link('Bảng theo dõi').click();
  await desk.heading('Bảng theo dõi');
  await row('Đảng bộ').getByText('chưa có phiếu').waitFor();
  must((await page.getByRole('row').count()) === 4, 'three units below the heading');
  await desk.looked('board-empty');
  await happen('vote');
  await row('Đảng bộ').getByText('đang về').waitFor();
  must((await row('Đảng bộ').innerText()).includes('4 / 24'), 'what was confirmed of what is expected');
  await desk.looked('board');

  // Names are found without diacritics, whatever is in them.
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('dang bo');
  await page.getByText('1 đơn vị', { exact: true }).waitFor();
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('không có <b>');
  await desk.says('Không có đơn vị nào như vậy.');
  await desk.looked('board-none');
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('');
  await page.getByLabel('Chỉ xem').selectOption('đang về');
  await page.getByText('1 đơn vị', { exact: true }).waitFor();
  await page.getByLabel('Chỉ xem').selectOption('tất cả');

  // The centre goes away and comes back; what is shown stays, and says that it may be old.
  await happen('stop');
  await desk.says('Mất liên lạc với trung tâm từ');
  must((await page.getByRole('row').count()) === 4, 'what came is still in sight');
  await desk.looked('board-lost');
  await happen('start');
  await page.getByText('Mất liên lạc với trung tâm từ').waitFor({ state: 'detached' });
  await happen('close box');
  await row('Đảng bộ').getByText('đã đóng hòm').waitFor();
  must((await row('Đảng bộ').innerText()).includes('8 / 24'), 'nothing was lost, nothing is twice');

  // On the wall.
  await desk.link('Chiếu lên tường').click();
  await desk.heading(ROUND);
  await desk.says('đã đóng hòm');
  for (const language of ['vi', 'en']) {
    if (language === 'en') await page.evaluate(() => localStorage.setItem('homphieu-language', 'en'));
    await page.reload();
    await page.getByRole('listitem').first().waitFor();
    await desk.browser.accessible(`screen (${language})`);
    await desk.pictures(`screen-${language}`);
  }
  must(alerts === 0, 'no name became code');
});
