// Where a page has its tablet: in its browser, or in the kiosk of the machine. What a script does is the same in both.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './browser.mjs';

/** `hall.kiosk`: the program, and the file by which the way to the centre is closed. Without it pages are the centre's. */
export function place(hall, folder) {
  return hall.kiosk ? new InKiosk(hall, folder) : new InBrowser(hall);
}

class InBrowser {
  inBrowser = true;

  constructor(hall) {
    this.hall = hall;
  }

  /** The page as somebody opens it for the first time. */
  async open(page) {
    await page.goto(`${this.hall.address}/tablet/`);
  }

  /** Another page of the same browser. */
  async openAgain(page) {
    await this.open(page);
  }

  /** From now on the page comes without any network. */
  async settled(page) {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }

  async offline(context, off) {
    await context.setOffline(off);
  }

  /** Complaints of the browser that come of what the script does. */
  isExpected(complaint) {
    return complaint.includes('ERR_INTERNET_DISCONNECTED');
  }

  async start() {}
  async kill() {}
  leftBehind() {
    return [];
  }
}

class InKiosk {
  inBrowser = false;

  constructor(hall, folder) {
    this.hall = hall;
    this.folder = folder;
    this.said = '';
  }

  async start() {
    const args = ['tablet', 'kiosk', '--new', '--folder', this.folder, '--listen', '127.0.0.1:0'];
    // Whatever it can say it says; no slip may be among it.
    const env = { ...process.env, RUST_LOG: 'trace' };
    this.child = spawn(this.hall.kiosk.program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.links = [];
    this.opened = 0;
    let line = '';
    this.child.stdout.on('data', (text) => {
      this.said += text;
      const lines = (line + text).split('\n');
      line = lines.pop();
      this.links.push(...lines);
      this.news?.();
    });
    this.child.stderr.on('data', (text) => (this.said += text));
    this.child.on('exit', () => this.news?.());
  }

  /** Each link opens one page, and the next one is said when it did. */
  async link() {
    while (this.links.length <= this.opened) {
      if (this.isOver()) throw new Error(`the kiosk ended: ${this.said}`);
      await new Promise((news) => (this.news = news));
    }
    return this.links[this.opened++];
  }

  async open(page) {
    if (!this.child) await this.start();
    await page.goto(await this.link());
    this.page = page.url();
  }

  async openAgain(page) {
    await page.goto(this.page);
  }

  /** The program itself is there: nothing of the tablet is in the browser, and nothing comes from a cache. */
  async settled(page) {
    const [loaded, workers, databases] = await page.evaluate(async () => [
      performance.getEntriesByType('resource').map(({ name }) => name),
      (await navigator.serviceWorker.getRegistrations()).length,
      (await indexedDB.databases()).length,
    ]);
    const foreign = loaded.filter((name) => name.endsWith('.wasm') || !name.startsWith(new URL(this.page).origin));
    must(loaded.length > 0 && foreign.length === 0, `the page of a kiosk loads ${foreign.join(', ') || 'nothing'}`);
    must(workers === 0 && databases === 0, 'the page of a kiosk keeps something in the browser');
  }

  async offline(_, off) {
    if (off) writeFileSync(this.hall.kiosk.closed, '');
    else rmSync(this.hall.kiosk.closed, { force: true });
  }

  /** What the tablet refuses has a status of its own, which browsers write down. */
  isExpected(complaint) {
    return /the server responded with a status of (4\d\d|503)/.test(complaint);
  }

  isOver() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async kill() {
    if (!this.child || this.isOver()) return;
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Everything that the kiosk wrote, by name. */
  leftBehind() {
    const files = existsSync(this.folder) ? readdirSync(this.folder) : [];
    const stored = files.map((name) => [name, readFileSync(join(this.folder, name))]);
    return [...stored, ['what the kiosk says', Buffer.from(this.said)]];
  }
}
