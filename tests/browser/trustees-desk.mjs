// What trustees do on their page, by what they read on it and nothing else.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const SIZES = [[1280, 800], [390, 844], [1920, 1080]];
export const FOLDER = process.argv[4];
if (FOLDER) mkdirSync(FOLDER, { recursive: true });

export class Trustees {
  constructor(browser, address) {
    this.browser = browser;
    this.address = address;
    this.views = 0;
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
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  }

  async says(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** What is said at once, because something is wrong. */
  async refuses(text) {
    await this.page.getByRole('alert').filter({ hasText: text }).waitFor();
  }

  async open() {
    await this.page.goto(`${this.address}/trustees/`);
    await this.heading('Người giữ khóa');
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
    for (const [width, height] of SIZES) {
      await this.page.setViewportSize({ width, height });
      const beyond = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (beyond > 0) throw new Error(`${name}: ${beyond} pixels stand beyond the side at ${width}`);
      if (FOLDER) await this.page.screenshot({ path: join(FOLDER, `trustees-${name}-${width}.png`), fullPage: true });
    }
    await this.page.setViewportSize({ width: 1280, height: 800 });
  }

  /** Goes from control to control until the one of this name has the focus, as somebody without a mouse does. */
  async reach(name) {
    for (let step = 0; step < 60; step += 1) {
      await this.page.keyboard.press('Tab');
      const at = await this.page.evaluate(() => {
        const here = document.activeElement;
        return (here?.labels?.[0]?.textContent ?? here?.textContent ?? '').trim().replace(/\s+/g, ' ');
      });
      if (at === name) return;
    }
    throw new Error(`nobody reaches ${name} by the keyboard`);
  }

  /** The share as it stands on the screen, copied group by group. */
  async copied() {
    const cells = await this.page.getByRole('table', { name: '18 nhóm, mỗi nhóm bốn ký tự' }).getByRole('cell').allInnerTexts();
    return cells.map((cell) => cell.trim()).join('-');
  }

  async typeShare(text, label = 'Mảnh khóa trên giấy', go = 'Nhận mảnh khóa') {
    const field = this.page.getByLabel(label, { exact: true });
    await field.fill('');
    await field.pressSequentially(text);
    await this.button(go).click();
  }

  /** Everything is compared with paper, line by line. */
  async compared(lines) {
    const go = this.button('Tất cả khớp: gõ mảnh khóa');
    const boxes = this.page.getByRole('checkbox');
    if ((await boxes.count()) !== lines) throw new Error(`${lines} lines to compare, ${await boxes.count()} are there`);
    for (let line = 0; line < lines; line += 1) {
      if (await go.isEnabled()) throw new Error('every line must be ticked');
      await boxes.nth(line).check();
    }
    await go.click();
  }

  async saved(name) {
    const [file] = await Promise.all([this.page.waitForEvent('download'), this.button(name).click()]);
    return file;
  }
}
