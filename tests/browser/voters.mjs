// What becomes of voters who look at the whole list, who go away, and who vote without slips: node voters.mjs PACKAGES
// CHROMIUM < hall.json
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());
let team;

const said = (text) => team.page.getByText(text).first().waitFor();
const sync = async () => {
  await team.button('Đồng bộ với trung tâm').click();
  await said('Đồng bộ xong.');
};

async function closeAndSync() {
  await team.close();
  await sync();
}

async function withSlips() {
  team = new Team(await Browser.start(join(home, 'slips')), hall);
  const { page } = team;
  // The page's clock is the test's: nobody waits here for two minutes.
  await page.clock.install();
  await team.enrol();
  await team.compare();
  await team.voting();

  // The whole list: marks stay when the voter goes back and forth, and nothing is left open by mistake.
  await team.slip(hall.slips[0]);
  await team.heading(hall.officials[0]);
  await page.getByRole('radio').nth(1).check();
  await team.button('Xem cả danh sách').click();
  await team.heading('Phiếu của đồng chí');
  const line = (name) => page.getByRole('group', { name });
  must(await line(hall.officials[0]).getByRole('radio').nth(1).isChecked(), 'the mark is in the list');
  await team.button('Xem lại phiếu').click();
  await said(`Còn ${hall.officials.length - 1} dòng chưa chọn.`);
  await team.browser.accessible('a list with open lines');
  await line(hall.officials[1]).getByRole('radio').last().check();
  await team.button('Xem từng người').click();
  await team.heading(hall.officials[0]);
  must(await page.getByRole('radio').nth(1).isChecked(), 'and it is there again');
  await team.button('Xem cả danh sách').click();
  await team.button('Xem lại phiếu').click();
  await team.heading('Xem lại trước khi bỏ vào hòm');
  await said('1 dòng để trống.');
  await team.button('Bỏ phiếu vào hòm').click();

  // The calm word goes by itself.
  await team.heading('Phiếu đã vào hòm');
  await page.clock.fastForward(12_500);
  await team.heading('Mời đồng chí nhập mã phiếu');

  // Whoever goes away is asked, and then leaves nothing behind; at the review, too.
  for (const reviewed of [false, true]) {
    await team.slip(hall.slips[1]);
    await team.heading(hall.officials[0]);
    if (reviewed) await team.mark(hall.officials.map(() => 0));
    const quiet = async (seconds) => {
      for (let second = 0; second < seconds; second += 1) await page.clock.runFor(1_000);
    };
    await quiet(121);
    const question = page.getByRole('dialog', { name: 'Đồng chí còn ở đây không?' });
    await question.waitFor();
    await team.browser.accessible('the question to an idle voter');
    await team.button('Tôi còn ở đây').click();
    await question.waitFor({ state: 'detached' });
    await quiet(125);
    await question.waitFor();
    await quiet(30);
    await team.heading('Mời đồng chí nhập mã phiếu');
    must((await page.getByLabel('Mã phiếu').inputValue()) === '', 'no slip is left on the screen');
    must((await page.getByRole('radio').count()) === 0, 'no mark is left on the screen');
  }
  must(!(await team.isUsed(hall.slips[1])), 'nothing was cast for whoever went away');
  await team.leaveVoting();
  must((await team.count('Trong hòm')) === 1, 'one ballot is in the box');
  await closeAndSync();
  await team.browser.end();
}

async function attended() {
  team = new Team(await Browser.start(join(home, 'attended')), {
    ...hall,
    token: hall.attended,
    digits: hall.attended_digits,
    officials: hall.attended_officials,
  });
  const { page } = team;
  await team.enrol();
  await team.compare();
  await team.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await team.browser.context.setOffline(true);
  await team.button('Mở cho người ghi phiếu').click();
  for (const mark of [0, 2]) {
    await team.heading('Bỏ phiếu có người mở máy');
    must((await page.getByRole('textbox').count()) === 0, 'no slip is asked for');
    must((await page.getByRole('radio').count()) === 0, 'nobody votes before the team unlocks');
    await team.button('Mở cho một lá phiếu').click();
    await team.mark(team.hall.officials.map(() => mark));
    await team.button('Bỏ phiếu vào hòm').click();
    await team.heading('Phiếu đã vào hòm');
    await team.button('Xong').click();
  }
  // What was unlocked and given up is no ballot, and the next one has to be unlocked again.
  await team.heading('Bỏ phiếu có người mở máy');
  await team.button('Mở cho một lá phiếu').click();
  await team.heading(team.hall.officials[0]);
  await team.button('Bỏ dở, không bỏ phiếu').click();
  await team.heading('Bỏ phiếu có người mở máy');
  await team.leaveVoting();
  must((await team.count('Trong hòm')) === 2, 'two ballots were unlocked and cast');
  await team.browser.context.setOffline(false);
  await closeAndSync();
  await team.browser.end();
}

try {
  await Promise.race([withSlips().then(attended), hung]);
  console.log(JSON.stringify({ ballots: 3 }));
} catch (error) {
  const shown = await team.page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${team.browser.complaints.join('\n')}`);
  await team.browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
