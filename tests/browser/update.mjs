// A new version of the page arrives while somebody votes: node update.mjs PACKAGES CHROMIUM < hall.json
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
let version = 1;

/** The page as its next version would be: another document, and a service worker that names it. */
const next = {
  '/tablet/index.html': (text) => text.replace('<head>', `<head><meta name="version" content="${version}">`),
  '/tablet/sw.js': (text) => {
    const changed = text.replace(/("\/tablet\/index\.html",\s*revision:\s*")\w+/, `$1${version}`);
    must(changed !== text, 'the service worker names the document');
    return changed;
  },
};

/** Stands between the browser and the centre, so that both keep their address. */
const between = createServer((asked, answer) => {
  const { pathname, host, hostname, port, search } = new URL(asked.url);
  const change = version > 1 ? next[pathname] : undefined;
  const headers = { ...asked.headers, host };
  // What is changed has to come whole.
  if (change) ['accept-encoding', 'if-none-match'].forEach((name) => delete headers[name]);
  const onward = request({ hostname, port, path: pathname + search, method: asked.method, headers }, async (given) => {
    if (!change) return given.pipe(answer.writeHead(given.statusCode, given.headers));
    const text = Buffer.concat(await given.toArray()).toString();
    const { 'content-length': _, etag: __, ...kept } = given.headers;
    answer.writeHead(given.statusCode, kept).end(change(text));
  });
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
}).listen(0, '127.0.0.1');
await new Promise((done) => between.on('listening', done));

const proxy = [`--proxy-server=http://127.0.0.1:${between.address().port}`, '--proxy-bypass-list=<-loopback>'];
let browser = await Browser.start(profile, undefined, proxy);
let team = new Team(browser, hall);
const shown = () => team.page.evaluate(() => document.querySelector('meta[name=version]')?.content ?? '1');
const offer = () => team.page.getByRole('heading', { name: 'Đã có phiên bản mới của trang' });
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

/** The browser looks for a new version, as it does by itself once a day, and has it. */
const arrived = () =>
  team.page.evaluate(async () => {
    const own = await navigator.serviceWorker.getRegistration('/tablet/');
    await own.update();
    while (!own.waiting) await new Promise((done) => setTimeout(done, 20));
  });

const story = async () => {
  await team.enrol();
  await team.compare();
  await team.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await team.page.reload();
  await team.heading('Tổ công tác');
  must((await offer().count()) === 0, 'nothing is offered where nothing is new');
  await team.voting();
  await team.slip(hall.slips[0]);
  await team.heading(hall.officials[0]);
  await team.page.getByRole('radio').first().check();

  // It waits for as long as somebody votes, and for whoever comes next.
  version = 2;
  await arrived();
  must(await team.page.getByRole('radio').first().isChecked(), 'the voter goes on');
  await team.mark(hall.officials.map(() => 0));
  must((await offer().count()) === 0, 'no voter is asked');
  await team.cast();
  must((await offer().count()) === 0, 'no voter is asked');
  must((await shown()) === '1', 'the old version goes on');
  await team.leaveVoting();
  await offer().waitFor();
  await browser.accessible('an update is offered');
  must((await team.count('Trong hòm')) === 1, 'the ballot is there before');
  await team.button('Dùng phiên bản mới').click();
  await team.page.waitForFunction(() => document.querySelector('meta[name=version]')?.content === '2');
  await team.heading('Tổ công tác');
  must((await team.count('Trong hòm')) === 1, 'the ballot is there after');
  must((await offer().count()) === 0, 'it is offered once');
  await browser.context.setOffline(true);
  await team.voting();
  must(await team.isUsed(hall.slips[0]), 'the slip still counts as used');
  await team.slip(hall.slips[1]);
  await team.mark(hall.officials.map(() => 1));
  await team.cast();
  await browser.context.setOffline(false);

  // What nobody takes is taken when the browser starts, where nobody can be voting.
  version = 3;
  await arrived();
  await browser.end();
  browser = await Browser.start(profile, undefined, proxy);
  team = new Team(browser, hall);
  await team.open();
  await team.heading('Tổ công tác');
  must((await shown()) === '3', 'the newest version opens');
  must((await team.count('Trong hòm')) === 2, 'and both ballots are there');
  await team.button('Đồng bộ với trung tâm').click();
  await team.page.getByText('Đồng bộ xong.').waitFor();
  await browser.end();
  return { ballots: 2 };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const text = await team.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${text}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  between.closeAllConnections();
  between.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
