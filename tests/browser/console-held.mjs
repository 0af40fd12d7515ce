// What is held or missing, decided by two people: node console-held.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

const WHY = 'xe hỏng giữa đường <b>& “đêm”</b>';

await play(async (desk) => {
  const { page } = desk;
  const part = (name) => page.getByRole('article').filter({ hasText: name }).first();
  const dialog = page.getByRole('dialog');
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const come = async (person) => {
    await desk.signIn(person.login, person.password);
    await desk.link('Tạm giữ và còn thiếu').click();
    await desk.heading('Tạm giữ và còn thiếu');
    await part('đến muộn').waitFor();
  };
  const propose = async (name, verdict) => {
    await part(name).getByRole('button', { name: `Đề nghị: ${verdict}`, exact: true }).click();
    await dialog.getByLabel('Lý do').fill(WHY);
    await dialog.getByRole('button', { name: 'Gửi đề nghị' }).click();
  };
  const [first, second, involved] = office.inspectors;

  await desk.open();
  await come(first);
  await desk.says(`Chưa có ở trung tâm khi ${office.organiser} đóng đợt lúc`);
  await desk.looked('held');
  await part('đến muộn').getByRole('button', { name: 'Đề nghị: tính các phiếu này', exact: true }).click();
  await dialog.waitFor();
  await desk.browser.accessible('proposing');
  await desk.pictures('held-propose-vi');
  must(await dialog.getByRole('button', { name: 'Gửi đề nghị' }).isDisabled(), 'there is a reason, or no proposal');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await propose('đến muộn', 'tính các phiếu này');
  await part('đến muộn').getByText(WHY).waitFor();
  await desk.says('Đang chờ người thứ hai.');
  must((await desk.button('Tôi đồng ý').count()) === 0, 'nobody agrees with themselves');
  await propose('chưa đóng hòm', 'coi như mất');
  await part('chưa đóng hòm').getByText(WHY).waitFor();
  await desk.looked('held-proposed');
  await desk.signOut();

  // Somebody who votes there is refused, and told why.
  await come(involved);
  await part('đến muộn').getByRole('button', { name: 'Tôi đồng ý' }).click();
  await dialog.getByRole('button', { name: 'Tôi đồng ý' }).click();
  await desk.says('Người này bỏ phiếu hoặc được lấy phiếu ở đơn vị ấy nên không được quyết định.');
  await desk.looked('held-interest');
  await desk.signOut();

  // A second person agrees with one and turns the other down.
  await come(second);
  await part('đến muộn').getByRole('button', { name: 'Tôi đồng ý' }).click();
  await desk.pictures('held-confirm-vi');
  await dialog.getByRole('button', { name: 'Tôi đồng ý' }).click();
  await part('đến muộn').getByText('hai người đã quyết định').waitFor();
  await part('chưa đóng hòm').getByRole('button', { name: 'Không đồng ý' }).click();
  await part('chưa đóng hòm').getByText(WHY).waitFor({ state: 'detached' });
  await part('chưa đóng hòm').getByRole('button', { name: 'Đề nghị: coi như mất' }).waitFor();

  // What was settled meanwhile is not settled twice.
  await happen('close box');
  await propose('chưa đóng hòm', 'coi như mất');
  await desk.says('Ở đây không có gì chờ quyết định.');
  await page.keyboard.press('Escape');
  await desk.signOut();

  // A unit reads what is held of it, and decides nothing.
  await come(office.people.unit);
  must((await page.getByRole('main').getByRole('button').count()) === 0, 'a unit only reads');
  must(alerts === 0, 'no name became code');
});
