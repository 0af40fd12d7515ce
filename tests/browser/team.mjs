// What a team and its voters do on the page, by what they read on it and nothing else.
import { must } from './browser.mjs';
import { place } from './place.mjs';

export class Team {
  /** Without a place of its own its tablet is in the browser. */
  constructor(browser, hall, where = place(hall)) {
    this.browser = browser;
    this.hall = hall;
    this.place = where;
    this.views = new Set();
  }

  get page() {
    return this.browser.page;
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async heading(name) {
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
    const view = name.toString();
    if (this.views.has(view)) return;
    this.views.add(view);
    await this.browser.accessible(view);
  }

  async offline(off) {
    await this.place.offline(this.browser.context, off);
  }

  async open() {
    await this.place.open(this.page);
  }

  /** `wrong`: what is no token, and is typed before it. */
  async enrol(wrong = ['', 'HPE1', '<b>x</b>', '\u202eHPE1.ab', 'x'.repeat(10_000)]) {
    await this.open();
    await this.heading('Đăng ký máy này');
    for (const text of wrong) {
      await this.page.getByLabel('Mã đăng ký').fill(text);
      if (await this.button('Đăng ký').isDisabled()) continue;
      await this.button('Đăng ký').click();
      await this.page.getByText('Đây không phải mã đăng ký của Hòm Phiếu').waitFor();
    }
    await this.page.getByLabel('Mã đăng ký').fill(this.hall.token);
    await this.button('Đăng ký').click();
    await this.heading('Tổ công tác');
  }

  async compare() {
    await this.button('So danh sách với giấy').click();
    await this.heading('So danh sách với giấy');
    const blanks = this.page.getByRole('textbox');
    await blanks.first().waitFor();
    must((await blanks.count()) === 2, 'two groups are typed from paper');
    const labels = await blanks.evaluateAll((inputs) => inputs.map((input) => input.labels[0].textContent.trim()));
    for (const [place, label] of labels.entries()) {
      const group = Number(label.match(/\d+/)[0]) - 1;
      await blanks.nth(place).fill(place === 0 ? '00000' : this.hall.digits[group]);
    }
    await this.button('Đã so xong').click();
    await this.page.getByText(/Nhóm \d khác với giấy/).waitFor();
    const first = Number(labels[0].match(/\d+/)[0]) - 1;
    await blanks.first().fill(this.hall.digits[first]);
    await this.button('Đã so xong').click();
    await this.heading('Tổ công tác');
  }

  async voting() {
    await this.button('Mở cho người ghi phiếu').click();
    await this.heading('Mời đồng chí nhập mã phiếu');
  }

  async slip(code) {
    await this.page.getByLabel('Mã phiếu').fill(code);
    await this.button('Tiếp tục').click();
  }

  /** Marks every line: a place among the levels, or the last for a line left blank. Ends at the review. */
  async mark(choices) {
    for (const [line, choice] of choices.entries()) {
      await this.heading(this.hall.officials[line]);
      const radios = this.page.getByRole('radio');
      await radios.nth(choice).check();
      await this.button(line + 1 === choices.length ? 'Xem lại phiếu' : 'Người tiếp theo').click();
    }
    await this.heading('Xem lại trước khi bỏ vào hòm');
  }

  async cast() {
    await this.button('Bỏ phiếu vào hòm').click();
    await this.heading('Phiếu đã vào hòm');
    await this.button('Xong').click();
    await this.heading('Mời đồng chí nhập mã phiếu');
  }

  /** Whether the slip counts as used here; on the screen where it is entered. */
  async isUsed(code) {
    await this.slip(code);
    const used = this.page.getByText('Tờ mã phiếu này đã dùng trên máy này.');
    const fresh = this.page.getByRole('heading', { level: 1, name: this.hall.officials[0] });
    await used.or(fresh).waitFor();
    if (await used.isVisible()) {
      await this.page.getByLabel('Mã phiếu').fill('');
      return true;
    }
    await this.button('Bỏ dở, không bỏ phiếu').click();
    await this.heading('Mời đồng chí nhập mã phiếu');
    return false;
  }

  /** Some voters cast, each with one level for everybody, and the team closes the box. */
  async castAndClose(slips) {
    for (const slip of slips) {
      await this.slip(slip);
      await this.mark(this.hall.officials.map(() => 1));
      await this.cast();
    }
    await this.leaveVoting();
    await this.close();
  }

  async close() {
    await this.button('Đóng hòm').click();
    await this.page.getByLabel('Mọi người có mặt đã bỏ phiếu xong').check();
    await this.button('Đóng hòm').click();
    await this.heading('Tổ công tác');
  }

  async leaveVoting() {
    await this.button('Tổ công tác').click();
    await this.button('Rời màn hình bỏ phiếu').click();
    await this.heading('Tổ công tác');
  }

  async count(state) {
    const shown = this.page.locator('dl div', { has: this.page.getByText(state, { exact: true }) }).locator('dd');
    return Number(await shown.innerText());
  }
}
