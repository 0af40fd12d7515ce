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
  // The bar of the round has its numbers as a table too, and as a file of its own.
  const { totals } = figures;
  const together = page.getByRole('region', { name: 'Các đơn vị đã công bố, cộng lại' }).getByRole('table');
  for (const { level, count, percent } of totals.levels) {
    const row = together.getByRole('row').filter({ hasText: figures.levels.find(({ code }) => code === level).vi });
    must((await row.innerText()).replace(/\s+/g, ' ').endsWith(`${count} ${vi(percent)}`), `${level} as a row`);
  }
  const sums = (await file('Tải các số cộng (CSV)')).trim().split(/\r?\n/);
  must(sums.length === (figures.small_units ? 3 : 2) && sums[1].startsWith('published_units,'), `sums apart from officials: ${sums}`);
  must(totals.levels.every(({ count, percent }) => sums[1].includes(`,${count},${percent}`)), 'the same numbers');
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
  // The whole set is one file or nothing: here a unit is not published, which is said and named.
  let make;
  const making = new Promise((go) => (make = go));
  await page.route('**/documents/set*', async (route) => {
    await making;
    await route.continue();
  });
  await desk.button('Tải trọn bộ văn bản (ZIP)').click();
  await page.getByRole('status').filter({ hasText: 'Trung tâm đang làm: Tải trọn bộ văn bản (ZIP)' }).waitFor();
  must(await desk.button('Tải trọn bộ văn bản (ZIP)').isDisabled(), 'nobody asks twice');
  make();
  await desk.says('Còn đơn vị chưa công bố');
  must((await page.getByRole('alert').getByText(/first of all T/).count()) === 1, 'the missing one is named');
  await page.unroute('**/documents/set*');
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
  await desk.signOut();

  // Whatever the centre gives as a file is a link in some view for everybody who may have it, and opens.
  const api = await (await page.request.get(`${office.address}/api/v1/openapi.json`)).json();
  const data = ([kind]) => !/^application\/(json|openmetrics)|event-stream/.test(kind);
  const files = Object.entries(api.paths).flatMap(([path, { get }]) =>
    get && Object.entries(get.responses[200]?.content ?? {}).some(data) ? [{ path, roles: get['x-access'] }] : [],
  );
  must(files.length >= 16, `files are found: ${files.map(({ path }) => path)}`);
  /** For the command line, or there only once somebody added it. */
  const ELSEWHERE = ['/api/v1/audit/head', '/metrics', ...['officials', 'units/{unit}/plans'].map((whose) => `/api/v1/rounds/{round}/${whose}/{official}${whose === 'officials' ? '/plan' : ''}/files/{file}`)];
  /** Office and inspectors have what concerns one official with the whole unit. */
  const WITH_THE_UNIT = ['/documents/{document}', '/csv'].map((end) => `/api/v1/rounds/{round}/${end === '/csv' ? 'results/' : ''}officials/{official}${end}`);
  const round = `#/rounds/${office.round}`;
  const views = ['documents', 'results', 'results/A', 'compare', 'compare/units', 'compare/unit/A', 'compare/official/A1', 'oversight', 'unit/A', 'steer'].map((view) => `${round}/${view}`);
  for (const role of ['organiser', 'inspector', 'unit', 'official', 'trustee']) {
    await desk.open('#/');
    await desk.signIn(office.people[role].login, office.people[role].password);
    const [found, pressed] = [new Set(), new Set()];
    for (const view of [...views, '#/years', '#/own']) {
      await desk.open(view);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.getByText('Đang lấy số liệu…').first().waitFor({ state: 'detached' });
      const links = await page.locator('main a[href^="/api/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      for (const link of links) found.add(link);
      // The whole set takes a while to be made: a button, which was pressed above.
      if ((await desk.button('Tải trọn bộ văn bản (ZIP)').count()) > 0) pressed.add(`/api/v1/rounds/${office.round}/documents/set`);
    }
    const reached = (path) => {
      const form = new RegExp(`^${path.replaceAll('.', '\\.').replace(/{\w+}/g, '[^/?]+')}(\\?.*)?$`);
      return [...found, ...pressed].some((link) => form.test(link));
    };
    const officeReads = role === 'organiser' || role === 'inspector';
    const wanted = files.filter(({ path, roles }) => roles.includes(role) && !ELSEWHERE.includes(path) && !(officeReads && WITH_THE_UNIT.includes(path)));
    must(wanted.length > 0, `${role} may have files`);
    for (const { path } of wanted) must(reached(path), `${role} finds no link to ${path} among ${[...found].join(' ')}`);
    for (const link of found) {
      const answer = await page.request.get(`${office.address}${link}`);
      must(answer.ok(), `${role} follows ${link}: ${answer.status()}`);
    }
    await desk.signOut();
  }
  must(alerts === 0, 'no name became code');
}, 480_000);
