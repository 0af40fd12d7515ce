// A round is brought to its end by those who each may do a part of it: node console-end.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

const WHY = 'đơn vị không họp được';

await play(async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const part = (name) => page.getByRole('article').filter({ hasText: name }).first();
  const { organiser, administrator, first, second } = office.people;
  const come = async (person, view, heading) => {
    await desk.open('#/');
    await desk.signIn(person.login, person.password);
    await desk.open(view === 'backups' ? '#/backups' : `#/rounds/${office.round}/${view}`);
    await desk.heading(heading);
  };
  const sure = async (name) => {
    await desk.button(name).click();
    await dialog.getByRole('button', { name, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  // What stands in the way is seen without ending anything, and where each thing is done.
  await come(organiser, 'steer', 'Điều hành');
  await desk.button('Xem còn vướng gì').click();
  await desk.says('chưa công bố theo lệnh cuối');
  await desk.says('từ lần phục hồi máy này chưa liên lạc');
  await desk.link('Mở mục Thiết bị').waitFor();
  await desk.looked('steer-obstacles');
  await desk.signOut();

  // One inspector proposes on the page; another proposal of theirs comes from a program.
  await happen('propose');
  await come(first, 'held', 'Tạm giữ và còn thiếu');
  await part('chưa liên lạc từ lần phục hồi').getByText('máy rơi xuống suối').waitFor();
  const ending = page.getByRole('region', { name: 'Còn phải quyết định trước khi kết thúc đợt' });
  await ending.getByRole('button', { name: 'Đề nghị: không công bố đơn vị', exact: true }).click();
  await dialog.getByLabel('Lý do').fill(WHY);
  await dialog.getByRole('button', { name: 'Gửi đề nghị' }).click();
  await part('Cả đơn vị').getByText(WHY).waitFor();
  must((await desk.button('Tôi đồng ý').count()) === 0, 'nobody agrees with themselves');
  await desk.looked('held-end');
  await desk.signOut();

  // The second person finds both in one place and agrees.
  await come(second, 'held', 'Tạm giữ và còn thiếu');
  for (const what of ['Cả đơn vị', 'chưa liên lạc từ lần phục hồi']) {
    await part(what).getByRole('button', { name: 'Tôi đồng ý' }).click();
    await dialog.getByRole('button', { name: 'Tôi đồng ý' }).click();
    await part(what).waitFor({ state: 'detached' });
  }
  await ending.waitFor({ state: 'detached' });
  await desk.signOut();

  // Only a backup is missing; the organiser is told whom to ask.
  await come(organiser, 'steer', 'Điều hành');
  await sure('Kết thúc đợt');
  await desk.says('Chưa kết thúc được, chưa thay đổi gì.');
  await desk.says('Hãy nhờ quản trị');
  await desk.signOut();
  await come(administrator, 'backups', 'Sao lưu');
  await desk.button('Sao lưu ngay').click();
  await desk.says('Đã sao lưu và kiểm tra:');
  await desk.looked('backups');
  await desk.signOut();

  await come(organiser, 'steer', 'Điều hành');
  await sure('Kết thúc đợt');
  await desk.says('Đợt đã kết thúc.');
});
