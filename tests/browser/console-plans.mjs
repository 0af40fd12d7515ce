// A correction plan from the official to the head to the inspector: node console-plans.mjs PACKAGES CHROMIUM [FOLDER]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

const WHAT = 'Ít xuống <script>alert(1)</script> cơ sở';

await play(async (desk) => {
  const { page } = desk;
  const files = mkdtempSync(join(tmpdir(), 'homphieu-files-'));
  const plan = `#/rounds/${office.round}/plans/A/A1`;
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });

  // The official: result, notice and plan in one place.
  await desk.open();
  await desk.signIn(office.people.official.login, office.people.official.password);
  await desk.link('Của tôi').click();
  await desk.heading('Của tôi');
  await desk.button('Tôi đã xem kết quả').click();
  await desk.says(/Đã báo ngày/);
  await desk.says('Chưa ai viết kế hoạch này.');
  await desk.looked('own');
  await desk.button('Viết kế hoạch').click();
  await page.getByLabel('Hạn chế, khuyết điểm 1').fill('ă'.repeat(301));
  await desk.says('Phần này quá dài');
  must(await desk.button('Ghi kế hoạch').isDisabled(), 'what is too long is not sent');
  await page.getByLabel('Hạn chế, khuyết điểm 1').fill(WHAT);
  await page.getByLabel('Biện pháp 1').fill('Mỗi tháng xuống hai thôn');
  await page.getByLabel('Xong trước hết ngày').fill('2099-03-31');
  await desk.looked('plan-editor');
  // Somebody else writes meanwhile: nothing is written over, and what was typed stays.
  await happen('write at the centre');
  await desk.button('Ghi kế hoạch').click();
  await desk.says('Vừa có người khác viết vào kế hoạch này');
  must((await page.getByLabel('Hạn chế, khuyết điểm 1').inputValue()) === WHAT, 'what was typed stays');
  await desk.says('viết tại trung tâm');
  await desk.pictures('plan-changed-vi');
  await desk.button('Ghi kế hoạch').click();
  await desk.says(WHAT);
  const [scan, page1] = [join(files, 'bản quét.pdf'), join(files, 'trang.pdf')];
  writeFileSync(scan, Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(300_000, 'x')]));
  writeFileSync(page1, '<html><script>alert(1)</script>');
  await page.getByLabel('Thêm tệp').setInputFiles(page1);
  await desk.says('Tệp này không phải PDF, JPEG hay PNG');
  await page.getByLabel('Thêm tệp').setInputFiles(scan);
  await desk.link('bản quét.pdf').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), desk.link('bản quét.pdf').click()]);
  must(download.suggestedFilename() === 'bản quét.pdf', download.suggestedFilename());
  must((await desk.button('Xác nhận kế hoạch').count()) === 0, 'nobody confirms the own plan');
  await desk.looked('own-written');
  await desk.signOut();

  // The head of the unit.
  await desk.signIn(office.people.unit.login, office.people.unit.password);
  await page.getByRole('link', { name: 'Kế hoạch khắc phục' }).click();
  await desk.heading('Kế hoạch khắc phục');
  await desk.says('đã viết, chờ xác nhận');
  await desk.looked('plans-unit');
  await page.getByRole('row').filter({ hasText: 'A1, Bí thư' }).getByRole('link').click();
  await desk.button('Xác nhận kế hoạch').click();
  await desk.says('Xác nhận: ');
  await page.getByLabel('Đã làm được gì?').fill('Đã xuống Sủng Là');
  await desk.button('Ghi kết quả').click();
  await desk.says('Đã xuống Sủng Là');
  await desk.says('đang thực hiện');
  await desk.looked('plan-confirmed');

  // A tablet without a network wrote from the version before: both are shown until somebody settles it.
  await happen('tablet writes');
  await page.reload();
  await desk.says('Các bản dưới đây được viết mà chưa biết bản kia.');
  await desk.says('viết trên máy không mạng');
  await desk.looked('plan-conflict');
  await desk.button('Lấy bản này làm gốc').first().click();
  await desk.button('Ghi kế hoạch').click();
  await page.getByText('Các bản dưới đây').waitFor({ state: 'detached' });
  await desk.says('Các bản trước (3)');
  await desk.signOut();

  // The inspector finds, filters and reads, and changes nothing.
  await desk.signIn(office.people.inspector.login, office.people.inspector.password);
  await desk.open(`#/rounds/${office.round}/plans`);
  await desk.heading('Kế hoạch khắc phục');
  await page.getByRole('row').filter({ hasText: 'A2, Phó' }).waitFor();
  await desk.looked('plans');
  await page.getByLabel('Tìm tên, chức vụ hoặc mã').fill('vang mi');
  await page.getByRole('row').filter({ hasText: 'A2, Phó' }).waitFor({ state: 'detached' });
  await page.getByRole('row').filter({ hasText: 'A1, Bí thư' }).waitFor();
  await page.getByLabel('Tình trạng').selectOption('done');
  await desk.says('Không có kế hoạch nào như vậy');
  await desk.looked('plans-none');
  await desk.open(plan);
  await desk.says('Các bản trước (3)');
  must((await desk.button('Viết lại').count()) + (await desk.button('Xác nhận kế hoạch').count()) === 0, 'an inspector reads');
  await desk.signOut();

  // Not theirs: an official reads no other plan.
  await desk.signIn(office.people.unit.login, office.people.unit.password);
  await desk.open(`#/rounds/${office.round}/plans/S/S1`);
  await desk.says('Vai trò của đồng chí chỉ xem phần của mình.');

  // Without the centre the page says so.
  await happen('stop');
  await desk.open(plan);
  await desk.says('Không tới được trung tâm.');
  must(alerts === 0, 'nothing became code');
  rmSync(files, { recursive: true, force: true });
});
