// Published figures as each role sees them: node console-results.mjs PACKAGES CHROMIUM [FOLDER]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

/** Between its margins, in pixels of a print. */
const A4 = { width: 680, height: 1009 };
const vi = (percent) => `${percent.replace('.', ',')} %`;

await play(async (desk) => {
  const { page } = desk;
  const { figures } = office;
  const [large, small] = figures.units;
  let alerts = 0;
  page.on('dialog', (dialog) => {
    alerts += 1;
    void dialog.dismiss();
  });
  /** Every level in words with its count, its percentage, and the base of it. */
  const complete = async (official) => {
    for (const share of official.levels) {
      const words = figures.levels.find(({ code }) => code === share.level).vi;
      await page.getByText(`${words}: ${share.count} (${vi(share.percent)})`).first().waitFor();
    }
    await desk.says(`tính trên ${large.base} phiếu thu về`);
  };
  const file = async (link) => {
    const [download] = await Promise.all([page.waitForEvent('download'), desk.link(link).click()]);
    return readFileSync(await download.path(), 'utf8');
  };

  await desk.open();
  await desk.signIn(office.people.inspector.login, office.people.inspector.password);
  await desk.link('Kết quả').click();
  await desk.heading('Kết quả');
  await desk.says('1 đơn vị chưa công bố: T');
  await desk.looked('results');
  must((await file('Tải bảng (CSV)')).includes("'=cmd"), 'no spreadsheet takes a name for a formula');
  must(JSON.parse(await file('Tải số liệu (JSON)')).digest === figures.digest, 'the same figures as data');
  await page.getByLabel('Tìm đơn vị hoặc người (không cần dấu)').fill('vang mi');
  must((await page.getByRole('listitem').filter({ hasText: 'phiếu hợp lệ,' }).count()) === 1, 'found by an official');
  await page.getByRole('link', { name: /Đảng bộ/ }).click();
  await page.getByRole('heading', { level: 2, name: /Đảng bộ/ }).waitFor();
  for (const official of large.officials) await complete(official);
  await desk.looked('results-unit');
  must((await file('Tải bảng (CSV)')).trim().split('\n').length === 3, 'a line for each official');
  await page.emulateMedia({ media: 'print' });
  must(!(await desk.button('In (A4, đen trắng)').isVisible()), 'nothing to click on paper');
  if (desk.folder) {
    await page.setViewportSize(A4);
    await page.screenshot({ path: join(desk.folder, 'console-results-paper.png'), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await page.emulateMedia({ media: null });

  // A small unit shows no level, nowhere.
  await desk.link('← Cả đợt').click();
  await page.getByLabel('Tìm đơn vị hoặc người (không cần dấu)').fill('');
  await page.getByRole('link', { name: new RegExp(small.name.slice(0, 20)) }).click();
  await desk.says('Quá ít phiếu.');
  must(!/%/.test(await page.getByRole('main').innerText()), 'no percentage of a small group');
  must((await page.getByRole('table').count()) === 0, 'no table of a small group');
  await desk.looked('results-small');

  // What can be printed, and the figures of the year.
  /** What a link to a document leads to, as whoever opens it gets it. */
  const paper = async (name, begins) => {
    const link = page.getByRole('link', { name }).first();
    const answer = await page.request.get(new URL(await link.getAttribute('href'), page.url()).href);
    must(answer.ok() && (await answer.body()).subarray(0, begins.length).toString() === begins, `${name}: ${answer.status()}`);
  };
  await desk.open(`#/rounds/${office.round}/documents`);
  await desk.heading('Văn bản in');
  await desk.says('Báo cáo và thông báo có khi đơn vị được công bố.');
  must((await page.getByRole('group').count()) === 1, 'an inspector makes no letters');
  for (const name of ['Báo cáo tổng hợp (PDF)', /^Biên bản kiểm phiếu/, /^Thông báo từng người/]) await paper(name, '%PDF-');
  await desk.looked('documents');
  await page.getByLabel('English').check();
  must((await page.getByRole('link', { name: /^Mẫu phiếu/ }).first().getAttribute('href')).endsWith('?lang=en'), 'in English');
  await desk.link('Cuối năm').click();
  await desk.heading('Cuối năm');
  await paper(/^Bảng tính/, 'PK');
  await paper(/^Trang in/, '%PDF-');
  await desk.looked('years');
  await desk.signOut();

  // The organiser makes letters with codes.
  await desk.open('#/');
  await desk.signIn(office.people.organiser.login, office.people.organiser.password);
  await desk.open(`#/rounds/${office.round}/documents`);
  await page.getByText('Thư có mã dùng một lần').first().click();
  await page.getByLabel('Địa chỉ mà người nhận mở trong trình duyệt').first().waitFor();
  await desk.looked('documents-letters');
  const [letters] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Làm thư' }).first().click()]);
  must(readFileSync(await letters.path()).subarray(0, 5).toString() === '%PDF-', 'letters to print');
  await desk.says('Đã tải tệp thư về.');
  await desk.signOut();

  // A unit and an official see what is their own.
  await desk.open('#/');
  await desk.signIn(office.people.unit.login, office.people.unit.password);
  await desk.link('Kết quả').click();
  await page.getByRole('heading', { level: 2, name: /Đảng bộ/ }).waitFor();
  await complete(large.officials[1]);
  await desk.looked('results-own-unit');
  await desk.open(`#/rounds/${office.round}/documents`);
  await paper(/^Thông báo từng người/, '%PDF-');
  await desk.signOut();
  await desk.open('#/');
  await desk.signIn(office.people.official.login, office.people.official.password);
  await desk.link('Kết quả').click();
  await complete(large.officials[0]);
  must((await page.getByText(large.officials[1].name).count()) === 0, "nobody else's figures");
  must((await file('Tải bảng (CSV)')).trim().split('\n').length === 2, 'one line');
  await desk.open(`#/rounds/${office.round}/documents`);
  await paper('Thông báo kết quả (PDF)', '%PDF-');
  await desk.looked('documents-own');
  must(alerts === 0, 'no name became code');
});
