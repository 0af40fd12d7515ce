// A slip and marks like no others are cast, and then searched for wherever a browser keeps anything: node secrecy.mjs
// PACKAGES CHROMIUM < hall.json. At the end the same search finds what was planted on purpose, or it would prove nothing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { READABLE, files, markings, spellings, traces } from './profile.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const start = () => Browser.start(profile, undefined, READABLE);
let browser = await start();
let team = new Team(browser, hall);
const [canary, broken] = hall.slips;
// No line is blank, and no other data has so many small numbers in this order.
const marks = hall.officials.map((_, line) => (line * line + 2 * line) % 3);
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

/**
 * Everything that the page itself could get at: its document, its stores, its address and the way back. How many parts
 * there are, and in how many of them one of the needles lies. One byte is one letter here, as in the needles.
 */
const reachable = (needles) =>
  team.page.evaluate(async (needles) => {
    const letters = (bytes) => {
      let text = '';
      for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return text;
    };
    const whole = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
    const inputs = [...document.querySelectorAll('input')].map(({ value, checked }) => `${value} ${checked}`);
    const stored = JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), history.state]);
    const texts = [document.documentElement.outerHTML, ...inputs, document.cookie, location.href, stored, window.name];
    const parts = texts.map((text) => letters(new TextEncoder().encode(text)));
    for (const { name } of await indexedDB.databases()) {
      const db = await whole(indexedDB.open(name));
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([whole(all.getAllKeys()), whole(all.getAll())]);
        parts.push(...keys.map(String));
        for (const value of values.filter((value) => !(value instanceof CryptoKey))) {
          parts.push(letters(value instanceof Uint8Array ? value : new Uint8Array(value.sealed)));
        }
      }
      db.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        parts.push(request.url, letters(new Uint8Array(await (await cache.match(request)).arrayBuffer())));
      }
    }
    const found = parts.filter((part) => needles.some((needle) => part.includes(needle)));
    return { parts: parts.length, found: found.length };
  }, needles.map((needle) => needle.toString('latin1')));

/** What must be nowhere. */
const secret = [...spellings(canary), ...spellings(broken), ...markings(marks)];

const story = async () => {
  await team.enrol();
  await team.compare();
  await team.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await browser.context.setOffline(true);
  await team.voting();

  // The power goes while somebody marks: neither the slip nor a mark was written anywhere.
  const keys = team.page.keyboard;
  await team.page.getByLabel('Mã phiếu').click();
  await keys.type(broken);
  await keys.press('Enter');
  for (const [line, mark] of marks.slice(0, -1).entries()) {
    await team.heading(hall.officials[line]);
    await team.page.getByRole('radio').nth(mark).check();
    await team.button('Người tiếp theo').click();
  }
  await team.heading(hall.officials.at(-1));
  await browser.kill();
  let found = traces(files(profile), [...spellings(broken), ...markings(marks.slice(0, -1))]);
  must(found.length === 0, `a slip or marks lie in ${found}, and nobody cast anything`);

  browser = await start();
  team = new Team(browser, hall);
  await browser.context.setOffline(true);
  await team.open();
  await team.voting();
  const back = await team.page.evaluate(() => history.length);
  for (const [slip, chosen] of [[canary, marks], [broken, marks.toReversed()]]) {
    await team.slip(slip);
    await team.mark(chosen);
    await team.button('Bỏ phiếu vào hòm').click();
    await team.heading('Phiếu đã vào hòm');
    const left = await reachable(secret);
    must(left.parts > 30, 'the search reaches the stores');
    must(left.found === 0, 'the page still has a slip or marks');
    must((await reachable([Buffer.from('HPV1')])).found > 5, 'the search finds what is there');
    const shown = await team.page.locator('body').innerText();
    must(!hall.officials.some((name) => shown.includes(name)), 'nobody sees who was rated');
    await team.button('Xong').click();
    await team.heading('Mời đồng chí nhập mã phiếu');
  }
  must((await team.page.evaluate(() => history.length)) === back, 'voting leaves no step to go back to');
  await team.page.goBack();
  await team.page.goForward();
  await team.heading('Tổ công tác');
  must((await reachable(secret)).found === 0, 'the way back leads to a slip or marks');
  await browser.end();
  found = traces(files(profile), [...secret, ...markings(marks.toReversed())]);
  must(found.length === 0, `a slip or marks lie in ${found}`);
  return plant();
};

/** One canary for each place in which a browser keeps things; the search has to find every single one. */
async function plant() {
  const codes = {
    'Local Storage': 'XANH-0000-LQCA-0001',
    'Session Storage': 'XANH-0000-SESS-0002',
    IndexedDB: 'XANH-0000-NDEX-0003',
    CacheStorage: 'XANH-0000-CACH-0004',
    History: 'XANH-0000-HSTY-0005',
    Sessions: 'XANH-0000-FRMS-0006',
    'Web Data': 'XANH-0000-FTXX-0007',
  };
  const odd = marks.map((mark) => (mark + 1) % 3);
  const site = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end('<form action="/sent"><input id="sent" name="sent"><button>x</button></form><input id="left" name="left">');
  }).listen(0, '127.0.0.1');
  const address = `http://127.0.0.1:${await new Promise((done) => site.on('listening', () => done(site.address().port)))}/`;
  browser = await start();
  const { page } = browser;
  await page.goto(address);
  await page.locator('#sent').click();
  await page.keyboard.type(codes['Web Data']);
  await page.keyboard.press('Enter');
  await page.waitForURL(/sent/);
  await page.goto(address);
  await page.evaluate(
    async ([codes, odd]) => {
      localStorage.setItem('planted', codes['Local Storage']);
      sessionStorage.setItem('planted', codes['Session Storage']);
      const db = await new Promise((done) => {
        const asked = indexedDB.open('planted', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('planted');
        asked.onsuccess = () => done(asked.result);
      });
      const write = db.transaction('planted', 'readwrite', { durability: 'strict' });
      write.objectStore('planted').put(codes.IndexedDB, 'text');
      write.objectStore('planted').put(odd, 'numbers');
      write.objectStore('planted').put(odd.join(), 'digits');
      write.objectStore('planted').put(new Uint8Array(odd), 'bytes');
      await new Promise((done) => (write.oncomplete = done));
      await (await caches.open('planted')).put('/planted', new Response(codes.CacheStorage));
      history.pushState(null, '', `?${codes.History}`);
    },
    [codes, odd],
  );
  await page.locator('#left').click();
  await page.keyboard.type(codes.Sessions);
  await page.goto(`${address}?next`);
  await browser.end();
  site.close();
  const left = files(profile);
  for (const [place, code] of Object.entries(codes)) {
    const found = traces(left, spellings(code));
    must(found.some((path) => path.includes(place)), `what was planted in ${place} is found in ${found || 'no file'}`);
  }
  const [bytes, digits, , numbers] = markings(odd);
  for (const needle of [bytes, digits, numbers]) {
    must(traces(left, [needle]).some((path) => path.includes('IndexedDB')), 'marks that were planted are found');
  }
  return { planted: Object.keys(codes).length };
}

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await team.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
