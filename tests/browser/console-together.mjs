// Two people of the office at the same thing at once: node console-together.mjs PACKAGES CHROMIUM [FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Desk, happen, office, play } from './desk.mjs';

const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));

await play(async (one) => {
  const two = new Desk(await Browser.start(profile), undefined);
  try {
    const both = [one, two];
    const row = (desk, name) => desk.page.getByRole('row').filter({ hasText: name });
    const part = (desk, name) => desk.page.getByRole('article').filter({ hasText: name }).first();
    const dialog = (desk) => desk.page.getByRole('dialog');
    const enter = async (people, place) => {
      for (const [desk, person] of [[one, people[0]], [two, people[1]]]) {
        await desk.open('#/');
        await desk.signIn(person.login, person.password);
        await desk.open(place);
      }
    };
    const leave = async () => {
      for (const desk of both) await desk.signOut();
    };
    /** A second look, then it is asked for. */
    const sure = async (desk, name) => {
      await desk.button(name).click();
      await dialog(desk).getByRole('button', { name, exact: true }).click();
    };

    // A person: the second one is told, and what the first one wrote stands.
    await enter(office.administrators, '#/people');
    for (const desk of both) {
      await desk.button('Sửa sinh').click();
      await desk.page.getByLabel('Họ tên').waitFor();
    }
    await one.page.getByLabel('Họ tên').fill('Tên người thứ nhất ghi');
    await two.page.getByLabel('Họ tên').fill('Tên người thứ hai ghi');
    await one.button('Lưu').click();
    await row(one, 'Tên người thứ nhất ghi').waitFor();
    await two.button('Lưu').click();
    await two.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
    must((await two.page.getByLabel('Họ tên').inputValue()) === 'Tên người thứ hai ghi', 'what was typed is not lost');
    await two.looked('together-person');
    await two.button('Thôi').click();
    await two.page.reload();
    await row(two, 'Tên người thứ nhất ghi').waitFor();
    must((await row(two, 'Tên người thứ hai ghi').count()) === 0, 'nothing was overwritten');

    // A device: revoked twice is revoked, with the first reason.
    for (const desk of both) {
      await desk.open(`#/rounds/${office.round}/devices`);
      await desk.button('Thu hồi Máy').click();
      await dialog(desk).getByLabel('Lý do').fill(desk === one ? 'rơi xuống suối' : 'mất ở chợ');
    }
    await dialog(one).getByRole('button', { name: 'Thu hồi', exact: true }).click();
    await row(one, 'Máy').getByText('đã thu hồi').waitFor();
    await dialog(two).getByRole('button', { name: 'Thu hồi', exact: true }).click();
    await dialog(two).getByRole('alert').locator('p').or(row(two, 'Máy').getByText('đã thu hồi')).first().waitFor();
    must((await happen('reason')) === 'rơi xuống suối', 'the first reason stands');
    await two.page.keyboard.press('Escape');
    await leave();

    // Who owes a plan: the second one is told, and what the first one said stands.
    await enter(office.organisers, `#/rounds/${office.round}/plans`);
    for (const desk of both) {
      await desk.page.getByText('Đổi quy định', { exact: false }).first().click();
      await desk.page.getByLabel('Số ngày làm việc').waitFor();
    }
    await one.page.getByLabel('Số ngày làm việc').fill('21');
    await two.page.getByLabel('Số ngày làm việc').fill('33');
    await one.button('Ghi quy định').click();
    await one.says('21 ngày làm việc');
    await two.button('Ghi quy định').click();
    await two.says('Người khác vừa thay đổi: hãy tải lại rồi làm lại.');
    await two.looked('together-rule');
    await two.page.reload();
    await two.says('21 ngày làm việc');
    await leave();

    // The round: closed once. Whoever comes second is told, and changed nothing.
    await enter(office.organisers, `#/rounds/${office.round}/steer`);
    for (const desk of both) await desk.button('Đóng đợt').waitFor();
    await sure(one, 'Đóng đợt');
    await one.button('Mở lại').waitFor();
    await sure(two, 'Đóng đợt');
    await two.page.getByRole('alert').locator('p').first().waitFor();
    await two.looked('together-steer');
    await two.page.reload();
    await two.button('Mở lại').waitFor();
    await leave();

    // A decision: two proposals for one thing, of which the one that is agreed on counts and the other is gone.
    await happen('late');
    await enter(office.inspectors, `#/rounds/${office.round}/held`);
    for (const desk of both) await part(desk, 'đến muộn').getByRole('button', { name: 'Đề nghị: tính các phiếu này', exact: true }).click();
    for (const desk of both) await dialog(desk).getByLabel('Lý do').fill(desk === one ? 'ý kiến thứ nhất' : 'ý kiến thứ hai');
    await dialog(one).getByRole('button', { name: 'Gửi đề nghị' }).click();
    await part(one, 'đến muộn').getByText('ý kiến thứ nhất').waitFor();
    await dialog(two).getByRole('button', { name: 'Gửi đề nghị' }).click();
    // Refused, or beside the first one; in either case the first one is in sight and nothing is decided.
    await dialog(two).getByRole('alert').locator('p').or(part(two, 'đến muộn').getByText('ý kiến thứ hai')).first().waitFor();
    must((await happen('decided')) === 0, 'two proposals are no decision of two people');
    await two.page.keyboard.press('Escape');
    await two.page.reload();
    await part(two, 'đến muộn').getByText('ý kiến thứ nhất').waitFor();
    await part(two, 'đến muộn').getByRole('button', { name: 'Tôi đồng ý' }).first().click();
    await dialog(two).getByRole('button', { name: 'Tôi đồng ý' }).click();
    await part(two, 'đến muộn').getByText('hai người đã quyết định').waitFor();
    must((await happen('decided')) === 1, 'what two people agreed on');
    await leave();
    await two.browser.end();
  } catch (error) {
    const shown = await two.page.locator('body').innerText().catch(() => '');
    await two.browser.kill().catch(() => undefined);
    throw new Error(`${error.stack}\n--- the second page shows\n${shown}`);
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
