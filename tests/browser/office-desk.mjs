// The console, as somebody sees and uses it who reads what stands on it and nothing else.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const SIZES = [[1280, 800], [1024, 600], [390, 844], [1920, 1080]];

export class Office {
  constructor(browser, address, folder) {
    this.browser = browser;
    this.address = address;
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
    await this.page.goto(`${this.address}/console/${place}`);
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

