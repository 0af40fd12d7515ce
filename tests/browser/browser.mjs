// A browser with a profile of its own, which can be killed as a power cut would.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const [, , packages, program] = process.argv;
const need = createRequire(join(packages, 'package.json'));
const { chromium } = need('playwright-core');
const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');

export class Browser {
  /** `camera`: a film (Y4M) that its camera shows again and again; `more`: options of its command line. */
  static async start(profile, camera, more = []) {
    rmSync(join(profile, 'DevToolsActivePort'), { force: true });
    const args = [
      `--user-data-dir=${profile}`,
      '--headless=new',
      '--remote-debugging-port=0',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      ...more,
      'about:blank',
    ];
    if (camera) {
      args.unshift('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
      args.unshift(`--use-file-for-fake-video-capture=${camera}`);
    }
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    const address = await new Promise((found, failed) => {
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
        const match = said.match(/DevTools listening on (ws:\S+)/);
        if (match) found(match[1]);
      });
      child.on('exit', () => failed(new Error(`the browser ended: ${said}`)));
    });
    const browser = new Browser();
    browser.child = child;
    browser.driver = await chromium.connectOverCDP(address);
    [browser.context] = browser.driver.contexts();
    browser.page = await browser.context.newPage();
    await browser.page.setViewportSize({ width: 1280, height: 800 });
    browser.page.setDefaultTimeout(60_000);
    browser.complaints = [];
    browser.page.on('pageerror', (error) => browser.complaints.push(String(error)));
    browser.page.on('console', (message) => {
      if (message.type() === 'error') browser.complaints.push(message.text());
    });
    return browser;
  }

  /** Nothing is flushed, nobody is asked. */
  async kill() {
    const gone = new Promise((done) => this.child.once('exit', done));
    process.kill(-this.child.pid, 'SIGKILL');
    await gone;
    await this.driver.close().catch(() => undefined);
  }

  async end() {
    const gone = new Promise((done) => this.child.once('exit', done));
    const session = await this.driver.newBrowserCDPSession();
    await session.send('Browser.close').catch(() => undefined);
    await gone;
  }

  /** No view may have a single violation of the rules for accessible pages. */
  async accessible(view, page = this.page) {
    await page.evaluate(axe);
    // What fades from one colour to another is judged when it is there.
    await page.evaluate(() => {
      const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
      return Promise.all(document.getAnimations().filter(ends).map((one) => one.finished.catch(() => undefined))).then(() => undefined);
    });
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    if (found.length > 0) throw new Error(`${view} is not accessible\n${found.join('\n')}`);
  }
}

export function must(holds, what) {
  if (!holds) throw new Error(what);
}
