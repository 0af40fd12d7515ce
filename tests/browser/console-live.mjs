// A district votes while its boards are watched and the centre is killed in between: node console-live.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { happen, office, play } from './desk.mjs';

/** Part of the height of a screen that a letter's line takes at least, so that it is read from the back of a room. */
const READABLE = 0.03;

/** Notes whatever a board ever shows: of no unit less than before, and never another number of units. */
const watch = (units) => {
  globalThis.wrong = [];
  const before = new Map();
  const look = () => {
    const rows = [...document.querySelectorAll('tbody tr')];
    if (rows.length !== units) globalThis.wrong.push(`${rows.length} units`);
    for (const row of rows) {
      const name = row.querySelector('th').innerText;
      const ballots = Number(row.querySelector('td.number').innerText.match(/^\d+/)?.[0]);
      if (!(ballots >= (before.get(name) ?? 0))) globalThis.wrong.push(`${name}: ${ballots} after ${before.get(name)}`);
      before.set(name, ballots);
    }
  };
  look();
  new MutationObserver(look).observe(document.querySelector('main'), { childList: true, subtree: true, characterData: true });
};

await play(async (desk) => {
  const { page } = desk;
  const lost = page.getByText('Mất liên lạc với trung tâm từ');
  /** Every unit shows what the centre has confirmed of it. */
  const shows = (truth) =>
    page.waitForFunction((truth) => {
      const shown = new Map([...document.querySelectorAll('tbody tr')].map((row) => [row.querySelector('th').innerText, row.querySelector('td.number').innerText]));
      return Object.entries(truth).every(([name, ballots]) => [...shown].some(([words, text]) => words.includes(name) && text.startsWith(`${ballots} /`)));
    }, truth);

  await desk.open();
  await desk.signIn(office.people.observer.login, office.people.observer.password);
  await desk.link('Bảng theo dõi').click();
  await page.getByRole('row').nth(office.units).waitFor();
  await page.evaluate(watch, office.units);
  const wall = await page.context().newPage();
  await wall.setViewportSize({ width: 1920, height: 1080 });
  await wall.goto(`${office.address}/console/#/rounds/${office.round}/screen`);
  await wall.getByRole('listitem').first().waitFor();

  let truth;
  for (let wave = 0; wave < office.waves; wave += 1) {
    truth = await happen({ wave });
    await shows(truth);
    await happen('kill');
    await lost.first().waitFor();
    await wall.getByText('Mất liên lạc với trung tâm từ').waitFor();
    await shows(truth);
    truth = await happen('start');
    await lost.waitFor({ state: 'detached' });
    await wall.getByText('Mất liên lạc với trung tâm từ').waitFor({ state: 'detached' });
    await shows(truth);
  }
  const wrong = await page.evaluate(() => globalThis.wrong);
  must(wrong.length === 0, `a wrong state was shown: ${wrong}`);
  await desk.looked('live');
  await page.getByLabel('Chỉ xem').selectOption('chưa có máy');
  await page.getByText(`${office.units - Object.values(truth).filter((ballots) => ballots > 0).length} đơn vị`, { exact: true }).waitFor();

  // A machine that never has a moment to itself shows what fills the screen, and prints every unit all the same.
  const printed = await page.context().newPage();
  await printed.addInitScript(() => (globalThis.requestIdleCallback = () => 0));
  await printed.goto(`${office.address}/console/#/rounds/${office.round}/board`);
  await printed.getByRole('row').nth(1).waitFor();
  const rows = () => printed.locator('tbody tr').count();
  const onScreen = await rows();
  must(onScreen > 0 && onScreen < office.units, `${onScreen} of ${office.units} units come first`);
  await printed.pdf();
  must((await rows()) === office.units, `${await rows()} of ${office.units} units are on paper`);
  await printed.close();

  // The wall, from the back of a room: everything is large, nothing is cut off, pages turn by hand too.
  const all = Object.values(truth).reduce((sum, ballots) => sum + ballots, 0);
  await wall.getByText(new Intl.NumberFormat('vi').format(all)).first().waitFor();
  for (const [width, height] of [[1920, 1080], [1280, 800], [1024, 768]]) {
    await wall.setViewportSize({ width, height });
    const small = await wall.evaluate((part) => {
      const sizes = [...document.querySelectorAll('.wall li, .wall dt, .wall dd')].map((node) => [node.innerText, parseFloat(getComputedStyle(node).fontSize)]);
      return sizes.filter(([, size]) => size < part * Math.min(innerHeight, innerWidth)).map(([text]) => text);
    }, READABLE);
    must(small.length === 0, `too small at ${width}: ${small}`);
    must(await wall.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing stands outside at ${width}`);
  }
  const first = await wall.getByRole('listitem').first().innerText();
  await wall.getByRole('button', { name: 'Dừng lật' }).click();
  await wall.getByRole('button', { name: 'Trang sau' }).click();
  await wall.waitForFunction((before) => document.querySelector('li').innerText !== before, first);
  const seen = `${await page.getByRole('main').innerText()} ${await wall.locator('body').innerText()}`;
  for (const level of office.levels) must(!seen.includes(level), 'nobody who watches sees a level');
});
