// Names that would turn round, cover or push aside what stands beside them, in every view: node console-names.mjs PACKAGES CHROMIUM [FOLDER]
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

const LOADING = 'Đang lấy số liệu…';
/** What people may type where no roster forbids it: turns direction, ends others' isolation, hides, is a formula. */
const FREE = '\u2069\u202etxet\u2066 א\u200b\u200f =HYPERLINK("http://x.vn","x") <img src=x onerror=alert(1)>';

await play(async (desk) => {
  const { page } = desk;
  let alerts = 0;
  page.on('dialog', (box) => {
    alerts += 1;
    void box.dismiss();
  });
  const round = `#/rounds/${office.round}`;
  const { person } = office;

  /** Texts that could change the order of what stands beside them: each must stand in an element of its own. */
  const mixed = () =>
    page.evaluate(() => {
      const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]/;
      const FROM_RIGHT = /[\u0590-\u08ff]/;
      const apart = (text) => text.replace(/\u2068[^\u2068\u2069]*\u2069/g, '');
      const found = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const text = walk.currentNode.textContent;
        let element = walk.currentNode.parentElement;
        if (element.closest('script, style, textarea, option')) continue;
        if (TURNS.test(text) || /\u2069/.test(apart(text))) found.push(`turns: ${element.outerHTML}`);
        if (!FROM_RIGHT.test(apart(text))) continue;
        const isolates = (one) => {
          const { display, unicodeBidi } = getComputedStyle(one);
          return !/^(inline|contents)$/.test(display) || /isolate|plaintext/.test(unicodeBidi);
        };
        while (!isolates(element)) element = element.parentElement;
        // What stands alone in its line changes nobody's order.
        if (element.textContent.trim() !== text.trim()) found.push(`mixed: ${element.outerHTML.slice(0, 600)}`);
      }
      return found;
    });
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  /** What is wrong anywhere: all of it is told at once. */
  const wrong = [];
  const looked = async (place) => {
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.getByText(LOADING).first().waitFor({ state: 'detached' });
    const beside = await mixed();
    wrong.push(...beside.map((found) => `${place}: ${found}`));
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      if (await wide()) wrong.push(`${place} is wider than ${width}`);
    }
    must((await page.locator('main img, main a[href*="x.vn"]').count()) === 0, `${place}: a name became a picture or a link`);
    must(alerts === 0, `${place}: a name became code`);
  };

  await desk.open();
  await desk.signIn(person.login, person.password);
  // Free text comes from people and tablets: a note in a unit's record stands here for all of them.
  await desk.open(`${round}/unit/A`);
  await page.getByLabel('Ghi thêm').fill(FREE);
  await desk.button('Ghi vào hồ sơ').click();
  // The minutes are signed: whoever writes on says that they will have to be signed again.
  await page.getByLabel('Vẫn ghi').check();
  await desk.button('Ghi vào hồ sơ').click();
  await page.getByRole('listitem').filter({ hasText: 'txet' }).first().waitFor();

  const of = (name) => page.getByRole('navigation', { name }).getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const places = [
    ...(await of('Các phần của trang')),
    ...(await of(office.title)),
    ...['unit/A', 'unit/S', 'results/A', 'compare/units', 'compare/unit/A', 'compare/official/A1', 'oversight/A', 'plans/A/A1', 'correct/A'].map((place) => `${round}/${place}`),
  ];
  must(places.length >= 24, `views are found: ${places}`);
  for (const place of places) {
    await desk.open(place);
    await looked(place);
    desk.views += 1;
  }

  // The code of a unit stands after its name, also after one that is read from the right.
  await page.setViewportSize({ width: 1280, height: 844 });
  await desk.open(`${round}/results/A`);
  const head = page.getByRole('heading', { level: 2 }).filter({ has: page.locator('bdi') }).first();
  const name = await head.locator('bdi').boundingBox();
  const code = await head.locator('.note').boundingBox();
  must(code.y >= name.y + name.height - 2 || code.x >= name.x + name.width - 2, `the code stands before the name: ${JSON.stringify([name, code])}`);

  // Whoever sets a round up with such a file is told where, and sees the page as it was; what may stand there is taken.
  const folder = join(tmpdir(), `homphieu-names-${process.pid}`);
  const files = ['units', 'officials'].map((list) => ({ list, path: `${folder}-${list}.csv` }));
  const give = async (wrong) => {
    for (const { list, path } of files) writeFileSync(path, wrong ? office[list].replace('Bí thư', `Bí thư${FREE.slice(0, 12)}`).replace('שלום', '\u202eשלום') : office[list]);
    await page.getByLabel('Chọn tệp').setInputFiles(files.map(({ path }) => path));
  };
  await desk.open('#/setup');
  await give(true);
  await desk.says('có ký tự ẩn hoặc bị hỏng');
  await looked('setup, wrong');
  await give(false);
  await desk.says('Không có chỗ sai');
  await looked('setup, right');
  await page.getByLabel('Tên đợt').fill(office.title);
  await page.getByLabel('CHÍNH THỨC').check();
  await desk.button('Lập đợt này').click();
  await desk.heading('Các bước lập đợt');
  const steps = await of('Các bước lập đợt');
  for (const place of steps) {
    await desk.open(place);
    await looked(place);
    desk.views += 1;
  }
  must(wrong.length === 0, wrong.join('\n'));
}, 600_000);
