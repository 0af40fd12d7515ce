// Every view in both languages, for people who see, read, reach and type otherwise: node views.mjs PACKAGES CHROMIUM < hall.json
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const SIZES = [[1280, 800], [1024, 600], [390, 844]];
/** Smallest side of whatever is pressed, in pixels. */
const TARGET = 48;
/** What people paste and others plant. Each field either bounds it or says what is wrong, and shows it as text alone. */
const HOSTILE = [
  '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  '\u202e\u2067txt.exe\u2069\u200f\u200b',
  '{{constructor}}${1}%00%0d%0a\u0000\ufeff',
  'ế'.repeat(10_000),
];
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 400_000).unref());
let browser;
let looked = 0;

/** What is too small to press, or wider than the screen. */
const narrow = () =>
  browser.page.evaluate((target) => {
    const wrong = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) wrong.push(`${scrollWidth - clientWidth} pixels stand beyond the side`);
    const small = (element) => {
      // A mark beside a text is pressed by its text.
      const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
      return width > 0 && (width < target || height < target);
    };
    const pressed = [...document.querySelectorAll('button, a[href], input, select, summary')].filter(small);
    return [...wrong, ...pressed.map((element) => `too small: ${element.outerHTML}`)];
  }, TARGET);

async function look(view) {
  const { page } = browser;
  await browser.accessible(view);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    for (const size of ['100%', '200%']) {
      await page.evaluate((size) => (document.documentElement.style.fontSize = size), size);
      const wrong = await narrow();
      must(wrong.length === 0, `${view} at ${width} and ${size}: ${wrong.join('\n')}`);
    }
    await page.evaluate(() => (document.documentElement.style.fontSize = ''));
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  looked += 1;
}

async function walk(language, place) {
  const file = new URL(`../../server/web/src/texts/${language}.json`, import.meta.url);
  const texts = JSON.parse(readFileSync(file, 'utf8'));
  const t = (key) => key.split('.').reduce((part, name) => part[name], texts);
  const { page } = browser;
  const button = (key) => page.getByRole('button', { name: t(key), exact: true });
  const click = (key) => button(key).click();
  const titled = (key) => page.getByRole('heading', { name: t(key) }).waitFor();
  const view = async (key) => {
    await titled(key);
    await look(`${language} ${key}`);
  };
  /** Everything hostile into a field; `go` is what is pressed then, and something is said or the field did not take it. */
  const hostile = async (field, go) => {
    for (const text of HOSTILE) {
      await field.fill(text);
      if (go && (await button(go).isEnabled())) {
        await click(go);
        await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
      }
      must((await page.locator('img[src=x]').count()) === 0, 'markup stays text');
      must(!/^[12]$/.test(await page.title()), 'no script of a field runs');
      must((await narrow()).length === 0, `a hostile text breaks the view: ${await narrow()}`);
    }
    await field.fill('');
  };

  await page.goto(`${hall.address}/tablet/`);
  if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
  await view('enrol.title');
  await hostile(page.getByRole('textbox'), 'enrol.go');
  await click('enrol.scan');
  await page.getByText(t('scan.dark')).waitFor();
  await look(`${language} no camera`);
  await click('hand.stop');
  await page.getByRole('textbox').fill(hall.tokens[place]);
  await click('enrol.go');
  await view('home.title');
  await click('home.compare');
  const blanks = page.getByRole('textbox');
  await blanks.first().waitFor();
  await view('compare.title');
  await blanks.nth(1).fill('1');
  await hostile(blanks.first(), 'compare.go');
  for (let blank = 0; blank < 2; blank += 1) {
    const label = await blanks.nth(blank).evaluate((input) => input.labels[0].textContent);
    await blanks.nth(blank).fill(hall.digits[Number(label.match(/\d+/)[0]) - 1]);
  }
  await click('compare.go');
  await titled('home.title');
  await click('home.vote');
  await view('slip.title');
  await hostile(page.getByRole('textbox'), 'slip.go');
  await page.getByRole('textbox').fill(hall.slips[place]);
  await click('slip.go');
  await page.getByRole('heading', { name: hall.officials[0] }).waitFor();
  await look(`${language} mark`);
  await click('list.all');
  await view('list.title');
  await click('mark.review');
  await look(`${language} list with open lines`);
  for (const name of hall.officials) await page.getByRole('group', { name }).getByRole('radio').last().check();
  await click('mark.review');
  await view('review.title');
  await click('review.cast');
  await titled('done.title');
  // It goes by itself, so there is no time for every size.
  await browser.accessible(`${language} done`);
  must((await narrow()).length === 0, 'the last word of a vote stands beyond the side');
  await click('done.go');
  await titled('slip.title');
  await click('slip.leave');
  await page.getByRole('dialog').waitFor();
  await look(`${language} leave`);
  await click('slip.leave_go');
  await view('home.title');
  await click('home.close');
  await page.getByRole('checkbox').waitFor();
  await look(`${language} close`);
  await page.getByRole('checkbox').check();
  await click('close.go');
  await view('home.title');
  await click('home.hand');
  await view('hand.title');
  const torn = join(profile, '\u202e<b>gpj.hpgoi');
  writeFileSync(torn, Buffer.alloc(10_000, '<b>'));
  await page.getByLabel(t('hand.read')).setInputFiles(torn);
  await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
  await look(`${language} a file that is no parcel`);
  await click('hand.show');
  await page.getByRole('img', { name: t('hand.code') }).waitFor();
  await look(`${language} codes`);
  await click('hand.stop');
  await click('back');
  await titled('home.title');
  await click('home.sync');
  await page.getByText(t('sync.done')).waitFor();
  await view('sync.title');
  await click('back');
  await view('home.title');

  // The page in trouble: open twice, with its stores gone, and with its key gone.
  const second = await browser.context.newPage();
  await second.goto(`${hall.address}/tablet/`);
  await second.getByRole('alert').waitFor();
  await browser.accessible(`${language} open twice`, second);
  await second.close();
  await empty('platform', language);
  await page.getByRole('alert').first().waitFor();
  await hostile(page.getByRole('textbox'), undefined);
  await look(`${language} the key is lost`);
  await empty('values', language);
  await page.getByRole('checkbox').waitFor();
  await look(`${language} everything is lost`);
}

/** Takes a part of the database away and loads the page again, which begins in Vietnamese. */
async function empty(store, language) {
  const { page } = browser;
  await page.evaluate(async (store) => {
    const db = await new Promise((done) => (indexedDB.open('homphieu').onsuccess = (event) => done(event.target.result)));
    const write = db.transaction(store, 'readwrite');
    write.objectStore(store).clear();
    await new Promise((done) => (write.oncomplete = done));
    db.close();
  }, store);
  await page.reload();
  const other = page.getByRole('button', { name: 'English' });
  await other.waitFor();
  if (language === 'en') await other.click();
}

let profile;
try {
  for (const [place, language] of ['vi', 'en'].entries()) {
    profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
    browser = await Browser.start(profile);
    await Promise.race([walk(language, place), hung]);
    must(browser.complaints.every((text) => !/Content.Security.Policy|TypeError/i.test(text)), browser.complaints.join('\n'));
    await browser.end();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log(JSON.stringify({ looked }));
} catch (error) {
  const shown = await browser.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown.slice(0, 2_000)}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
