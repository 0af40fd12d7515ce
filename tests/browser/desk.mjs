// What people of the office do on the console, by what they read on it and nothing else.
import { createHmac } from 'node:crypto';
import { createInterface } from 'node:readline';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './browser.mjs';

const SIZES = [[1280, 800], [1024, 600], [390, 844], [1920, 1080]];

/** Lines from outside: first what is on paper, then an answer to each question. */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);
export const office = await heard();

/** Has something happen outside of the browser. */
export async function happen(ask) {
  console.log(JSON.stringify({ ask }));
  return heard();
}

/** What an authenticator shows that many steps of thirty seconds from now (RFC 6238). */
export function code(secret, ahead = 0) {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export class Desk {
  constructor(browser, folder) {
    this.browser = browser;
    this.folder = folder;
    this.views = 0;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  get page() {
    return this.browser.page;
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  async heading(name) {
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  async says(text) {
    await this.page.getByText(text).first().waitFor();
  }

  async open(place = '') {
    await this.page.goto(`${office.address}/console/${place}`);
  }

  /** The rules for accessible pages in both languages, and pictures if somebody wants to look. */
  async looked(view) {
    for (const language of ['vi', 'en']) {
      if (language === 'en') await this.button('English').click();
      await this.browser.accessible(`${view} (${language})`);
      await this.pictures(`${view}-${language}`);
      if (language === 'en') await this.button('Tiếng Việt').click();
    }
    this.views += 1;
  }

  async pictures(name) {
    if (!this.folder) return;
    for (const [width, height] of SIZES) {
      await this.page.setViewportSize({ width, height });
      await this.page.screenshot({ path: join(this.folder, `console-${name}-${width}.png`) });
    }
    await this.page.setViewportSize({ width: 1280, height: 800 });
  }

  async type(login, password) {
    await this.page.getByLabel('Tên đăng nhập').fill(login);
    await this.page.getByLabel('Mật khẩu').fill(password);
    await this.button('Đăng nhập').click();
  }

  async signIn(login, password) {
    await this.type(login, password);
    await this.heading('Các đợt lấy phiếu');
  }

  async signOut() {
    await this.button('Đăng xuất').click();
    await this.heading('Đăng nhập');
  }

  /** Chooses a password of one's own where one was given. */
  async choose(old, fresh, label = 'Mật khẩu một lần vừa dùng') {
    await this.page.getByLabel(label).fill(old);
    await this.page.getByLabel('Mật khẩu mới', { exact: true }).fill(fresh);
    await this.page.getByLabel('Gõ lại mật khẩu mới').fill(fresh);
    await this.button('Đặt mật khẩu').click();
  }

  /** Names of the links of a navigation. */
  async links(name) {
    return this.page.getByRole('navigation', { name }).getByRole('link').allInnerTexts();
  }
}

/** Plays a story in a browser of its own. What goes wrong is told with what the page shows. */
export async function play(story) {
  const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
  const browser = await Browser.start(profile);
  const desk = new Desk(browser, process.argv[4]);
  const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 240_000).unref());
  try {
    await Promise.race([story(desk), hung]);
    await browser.end();
    console.log(JSON.stringify({ views: desk.views }));
  } catch (error) {
    const shown = await desk.page.locator('body').innerText().catch(() => '');
    console.error(`--- the page shows\n${shown}\n${browser.complaints.join('\n')}\n${error.stack}`);
    await browser.kill().catch(() => undefined);
    process.exitCode = 1;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.stdin.destroy();
  }
}
