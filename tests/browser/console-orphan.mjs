// The box of a tablet that lost its key is handed in and decided about: node console-orphan.mjs PACKAGES CHROMIUM [FOLDER]
import { office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const dialog = page.getByRole('dialog');
  const part = () => page.getByRole('article').filter({ hasText: 'máy mất khóa' }).first();
  const { organiser, first, second } = office.people;
  const come = async (person, view, heading) => {
    await desk.open('#/');
    await desk.signIn(person.login, person.password);
    await desk.open(`#/rounds/${office.round}/${view}`);
    await desk.heading(heading);
  };

  await come(organiser, 'devices', 'Thiết bị');
  const field = page.getByLabel('Nộp tệp cứu từ máy mất khóa (.hpgoi)');
  await field.setInputFiles({ name: 'sai.hpgoi', mimeType: 'application/octet-stream', buffer: Buffer.from('no parcel') });
  await page.getByRole('alert').locator('p').first().waitFor();
  await field.setInputFiles(office.parcel);
  await desk.says(`Đã tạm giữ ${office.ballots} phiếu của đơn vị A`);
  await desk.looked('devices-orphan');
  await page.getByRole('status').getByRole('link', { name: 'Mở mục Tạm giữ và còn thiếu' }).click();
  await part().getByText(office.story).waitFor();
  await desk.signOut();

  await come(first, 'held', 'Tạm giữ và còn thiếu');
  await part().getByRole('button', { name: 'Đề nghị: tính các phiếu này', exact: true }).click();
  await dialog.getByLabel('Lý do').fill('biên bản số 3');
  await dialog.getByRole('button', { name: 'Gửi đề nghị' }).click();
  await part().getByText('biên bản số 3').waitFor();
  await desk.signOut();
  await come(second, 'held', 'Tạm giữ và còn thiếu');
  await part().getByRole('button', { name: 'Tôi đồng ý' }).click();
  await dialog.getByRole('button', { name: 'Tôi đồng ý' }).click();
  await part().getByText('hai người đã quyết định').waitFor();

  // The unit's page shows it among the envelopes, as a fact.
  await desk.open(`#/rounds/${office.round}/unit/A`);
  const envelopes = page.getByRole('region', { name: 'Bao phiếu theo máy' });
  await envelopes.getByRole('row').filter({ hasText: 'máy mất khóa' }).getByText('tính các phiếu này').waitFor();
  await envelopes.getByText('chưa đóng hòm').first().waitFor();
  await page.getByText('Xem sổ điểm danh').click();
  await page.getByLabel('Tìm trong sổ (tên, số)').waitFor();
  await desk.looked('unit-envelopes');
});
