// What the team of a unit does in its meeting, by what it reads on the page and nothing else.
import { must } from './browser.mjs';
import { Team } from './team.mjs';

/** Nobody meant this to be more than text. */
export const HOSTILE = ['<img src=x onerror="document.title=1"><b>x</b>', 'x'.repeat(10_000), '\u202e\u2067abc', "'\"--{{7}}"];

export class Meeting extends Team {
  /** `secrets`: texts of the ballot that nobody may read in a meeting. */
  constructor(browser, hall, place, secrets) {
    super(browser, hall, place);
    this.secrets = secrets;
  }

  said(text) {
    return this.page.getByText(text).first().waitFor();
  }

  async shows(text) {
    return (await this.page.getByText(text).count()) > 0;
  }

  /** The view has no violation in either language, and shows nothing of the ballot. */
  async heading(name) {
    await super.heading(name);
    const view = `${name} in both`;
    if (this.views.has(view)) return;
    this.views.add(view);
    const english = this.page.getByRole('button', { name: 'English', exact: true });
    if (!(await english.isVisible().catch(() => false))) return;
    const shown = await this.page.locator('main').innerText();
    if (this.acting) for (const secret of this.secrets) must(!shown.includes(secret), `${name} shows ${secret}`);
    await english.click();
    await this.browser.accessible(`${name} in English`);
    await this.page.getByRole('button', { name: 'Tiếng Việt', exact: true }).click();
  }

  /** A question before everything else has no violation either. */
  async dialog(title) {
    const dialog = this.page.getByRole('dialog', { name: title });
    await dialog.waitFor();
    if (!this.views.has(`${title}`)) {
      this.views.add(`${title}`);
      await this.browser.accessible(`${title}`);
    }
    return dialog;
  }

  async open() {
    await super.open();
    this.acting = false;
  }

  async begin() {
    await this.button('Phiên họp: điểm danh, biên bản').click();
    await this.heading('Ai đang làm việc trên máy này?');
  }

  async join(name) {
    await this.page.getByLabel('Họ và tên').fill(name);
    await this.button('Ghi tên vào tổ').click();
  }

  /** Whoever the office's list already names only touches the name. */
  async pick(name) {
    await this.page.getByRole('button', { name }).click();
  }

  /** Types a PIN for the first time, twice. */
  async setPin(pin) {
    await this.page.getByLabel('PIN', { exact: true }).fill(pin);
    await this.page.getByLabel('Gõ lại PIN').fill(pin);
    await this.button('Vào làm việc').click();
    await this.entered();
  }

  async choose(name, pin) {
    await this.page.getByRole('button', { name }).click();
    await this.page.getByLabel('PIN', { exact: true }).fill(pin);
    await this.button('Vào làm việc').click();
  }

  async entered() {
    this.acting = true;
    await this.heading('Phiên họp');
  }

  async go(step, title = step) {
    await this.page.getByRole('button', { name: new RegExp(`^${step}`) }).click();
    await this.heading(title);
  }

  async back() {
    await this.button('Quay lại').click();
    await this.heading('Phiên họp');
  }

  async lock() {
    await this.button('Khóa lại').click();
    this.acting = false;
    await this.heading('Ai đang làm việc trên máy này?');
  }

  async leave() {
    await this.button('Rời phiên họp').click();
    this.acting = false;
    await this.heading('Tổ công tác');
  }

  /** On the register: finds the voter by number, and notes. */
  async voter(number, action) {
    await this.page.getByLabel(/^Tìm số thứ tự/).fill(String(number));
    await this.page.getByRole('button', { name: new RegExp(`^${action}: ${number}(,|$)`) }).click();
  }

  async checkIn(number) {
    await this.voter(number, 'Điểm danh, phát mã');
    // With the name where the office's list has one.
    await this.said(new RegExp(`^Đã điểm danh và phát mã cho người số ${number}(, .+)?\\.$`));
  }

  async figures(numbers) {
    for (const [label, number] of Object.entries(numbers)) await this.page.getByLabel(label, { exact: true }).fill(String(number));
    await this.button('Ghi số liệu').click();
  }

  async sync() {
    await this.go('Đồng bộ với trung tâm');
    await this.said('Đồng bộ xong.');
    await this.back();
  }

  /** The code of the minutes as the page shows it. */
  async code() {
    const text = await this.page.getByText('Mã biên bản, giống nhau trên mọi máy:').innerText();
    return text.match(/[0-9a-f]{4}( [0-9a-f]{4}){3}/)[0];
  }

  async sign(post, pin, first = false) {
    await this.button(`Ký: ${post}`).click();
    const dialog = await this.dialog(`Ký: ${post}`);
    await dialog.getByLabel('PIN', { exact: true }).fill(pin);
    if (first) await dialog.getByLabel('Gõ lại PIN').fill(pin);
    await dialog.getByRole('button', { name: 'Ký', exact: true }).click();
  }

  /** Nothing that somebody typed became part of the page. */
  async harmless() {
    const found = await this.page.evaluate(() => [document.querySelectorAll('main img, main b b, main i, main script').length, document.title]);
    must(found[0] === 0 && found[1] === 'Hòm Phiếu', `what was typed became part of the page: ${found}`);
    // A name from right to left turns nothing around it.
    const loose = await this.page.evaluate(() => {
      const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
      const out = [];
      while (walk.nextNode()) {
        const { data, parentElement } = walk.currentNode;
        if (/[\u202a-\u202e\u2066\u2067]/.test(data) && !parentElement.closest('bdi')) out.push(data.slice(0, 60));
      }
      return out;
    });
    must(loose.length === 0, `not isolated: ${loose}`);
  }
}
