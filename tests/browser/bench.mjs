// How long the page takes on a slow tablet: node bench.mjs PACKAGES CHROMIUM RUNS < hall.json
// A browser slows down the page's own thread alone when it is asked to. What the core's thread used of the CPU is read from
// the kernel (Linux) and added as often as is missing, as if none of it went on beside the page: rather too much than too little.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const runs = Number(process.argv[4]);
const RATES = [1, 6];
const READY = 'Tổ công tác';
const CAST = 'Phiếu đã vào hòm';
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const slips = [...hall.slips];
let browser;
must(slips.length >= runs * RATES.length, 'a slip for each run');

/** CPU time that the core's thread has used so far, in milliseconds. */
function core() {
  const threads = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((process) => {
    try {
      // State, parent, group.
      const group = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ').at(-1).split(' ')[2];
      return Number(group) === browser.child.pid ? readdirSync(`/proc/${process}/task`).map((task) => `/proc/${process}/task/${task}`) : [];
    } catch {
      return []; // It ended meanwhile.
    }
  });
  const own = threads.filter((thread) => {
    try {
      return readFileSync(`${thread}/comm`, 'utf8').startsWith('DedicatedWorker');
    } catch {
      return false;
    }
  });
  must(own.length > 0, 'the core has a thread');
  return own.reduce((sum, thread) => sum + Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0);
}

/** Bytes that JavaScript holds in the page and in its worker, what WebAssembly has included. */
async function memory(devtools) {
  const worker = new Promise((done) => devtools.once('Target.attachedToTarget', ({ sessionId }) => done(sessionId)));
  await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await worker;
  const said = new Promise((done) =>
    devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message);
      if (id === 1) done(result);
    }),
  );
  const message = JSON.stringify({ id: 1, method: 'Runtime.getHeapUsage' });
  await devtools.send('Target.sendMessageToTarget', { sessionId, message });
  const heaps = [await said, await devtools.send('Runtime.getHeapUsage')];
  return heaps.reduce((sum, { usedSize, backingStorageSize }) => sum + usedSize + (backingStorageSize ?? 0), 0);
}

/** Notes in the page when a view's heading is there, in its own time. */
function watch() {
  globalThis.seen = {};
  new MutationObserver(() => {
    const title = document.querySelector('h1')?.textContent;
    if (title) globalThis.seen[title] ??= performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

/** A browser that was just switched on, without any network, up to a ballot in the box. */
async function run(rate) {
  browser = await Browser.start(profile);
  const { page } = browser;
  const team = new Team(browser, hall);
  // Only the page itself is measured here.
  browser.accessible = async () => undefined;
  await browser.context.setOffline(true);
  await page.addInitScript(watch);
  const devtools = await browser.context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate });
  const seen = (title) => page.waitForFunction((title) => globalThis.seen?.[title], title).then((time) => time.jsonValue());
  await team.open();
  const start = (await seen(READY)) + (rate - 1) * core();
  const bytes = await memory(devtools);

  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await team.voting();
  await team.slip(slips.shift());
  await team.mark(hall.officials.map(() => 0));
  await devtools.send('Emulation.setCPUThrottlingRate', { rate });
  const before = core();
  const pressed = await team.button('Bỏ phiếu vào hòm').evaluate((button) => {
    const now = performance.now();
    button.click();
    return now;
  });
  const cast = (await seen(CAST)) - pressed + (rate - 1) * (core() - before);
  await browser.end();
  return { start, cast, bytes };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  browser = await Browser.start(profile);
  const team = new Team(browser, hall);
  await team.enrol();
  await team.compare();
  await team.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await browser.end();
  const figures = [];
  for (const rate of RATES) {
    const all = [];
    for (let done = 0; done < runs; done += 1) all.push(await run(rate));
    const of = (name) => median(all.map((one) => one[name]));
    figures.push({ rate, start_ms: of('start'), cast_ms: of('cast'), bytes: of('bytes') });
  }
  console.log(JSON.stringify({ officials: hall.officials.length, figures }));
} catch (error) {
  const shown = await browser.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
