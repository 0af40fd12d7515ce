// Published figures beside earlier ones: node console-compare.mjs PACKAGES CHROMIUM [FOLDER]
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
  const file = async (link) => {
    const [download] = await Promise.all([page.waitForEvent('download'), desk.link(link).first().click()]);
    return readFileSync(await download.path(), 'utf8');
  };
  const own = page.getByRole('listitem').filter({ hasText: 'đợt này' });
  const main = () => page.getByRole('main').innerText();

  // The round beside the one before.
  await desk.open();
  await desk.signIn(office.people.inspector.login, office.people.inspector.password);
  await desk.open(`#/rounds/${office.round}/compare`);
  await desk.heading('So sánh');
  await page.getByRole('heading', { level: 2, name: 'Cả đợt' }).waitFor();
  await page.getByRole('row').nth(2).waitFor();
  must((await page.getByRole('row').count()) === 3, 'two rounds below the heading');
  for (const { level, count, percent } of figures.totals.levels) {
    const words = figures.levels.find(({ code }) => code === level).vi;
    await own.getByText(`${words}: ${count} (${vi(percent)})`).first().waitFor();
  }
  await desk.says('1 đơn vị quá ít phiếu, không nằm trong tổng theo mức.');
  await desk.looked('compare-rounds');
  must((await file('Tải bảng (CSV)')).split('\n').length === 2 + 2 * 3, 'a line for each level of each round');
  must(JSON.parse(await file('Tải số liệu (JSON)')).items.length === 2, 'the same as data');

  // Units beside each other; a small one has no level.
  await desk.link('Các đơn vị trong đợt').click();
  await page.getByRole('row').nth(2).waitFor();
  const tiny = page.getByRole('listitem').filter({ hasText: small.name.slice(0, 20) }).first();
  await tiny.getByText('Quá ít phiếu.').waitFor();
  must(!(await tiny.innerText()).includes('%'), 'no percentage of a small group');
  await desk.looked('compare-units');
  await page.getByLabel('Xếp theo').selectOption('mức thấp nhất nhiều trước');
  await page.getByRole('listitem').first().getByText(large.name).waitFor();
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('pho cao');
  await page.getByRole('listitem').filter({ hasText: large.name }).waitFor({ state: 'detached' });
  await tiny.waitFor();
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('không có');
  await desk.says('Không có đơn vị nào như vậy.');
  await page.getByLabel('Tìm đơn vị (không cần dấu)').fill('');

  // A unit, then an official, in both rounds; another post is said.
  await page.getByRole('link', { name: large.name }).click();
  await page.getByRole('heading', { level: 2, name: large.name }).waitFor();
  await page.getByRole('row').nth(2).waitFor();
  await desk.looked('compare-unit');
  await desk.open(`#/rounds/${office.round}/results/${large.code}`);
  await page.getByRole('heading', { level: 2, name: /Đảng bộ/ }).waitFor();
  await page.getByRole('link', { name: `So với các đợt trước: ${large.officials[0].name}` }).click();
  await page.getByRole('heading', { level: 2, name: large.officials[0].name }).waitFor();
  await desk.says('chức danh khác');
  for (const { count, percent, level } of large.officials[0].levels) {
    const words = figures.levels.find(({ code }) => code === level).vi;
    await own.getByText(`${words}: ${count} (${vi(percent)})`).first().waitFor();
  }
  await desk.says(`tính trên ${large.base} phiếu thu về`);
  await desk.looked('compare-official');
  await page.emulateMedia({ media: 'print' });
  must(!(await desk.button('In (A4, đen trắng)').isVisible()), 'nothing to click on paper');
  if (desk.folder) {
    await page.setViewportSize(A4);
    await page.screenshot({ path: join(desk.folder, 'console-compare-paper.png'), fullPage: true });
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await page.emulateMedia({ media: null });
  await desk.signOut();

  // A unit and an official compare what is their own.
  await desk.open('#/');
  await desk.signIn(office.people.unit.login, office.people.unit.password);
  await desk.open(`#/rounds/${office.round}/compare/units`);
  await page.getByRole('heading', { level: 2, name: large.name }).waitFor();
  must(!(await main()).includes(small.name.slice(0, 20)), 'no other unit');
  await desk.looked('compare-own-unit');
  await desk.signOut();
  await desk.open('#/');
  await desk.signIn(office.people.official.login, office.people.official.password);
  await desk.open(`#/rounds/${office.round}/compare/official/${large.officials[1].code}`);
  await page.getByRole('heading', { level: 2, name: large.officials[0].name }).waitFor();
  must(!(await main()).includes(large.officials[1].name), "nobody else's figures");
  must(alerts === 0, 'no name became code');
});
