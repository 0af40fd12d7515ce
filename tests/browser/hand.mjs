// Two tablets without any network hand over by codes and by files: node hand.mjs PACKAGES CHROMIUM < hall.json
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { codes } from './film.mjs';
import { place } from './place.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const path = (name) => join(home, name);

/** Clicks, and keeps the file that the page gives. */
async function written(team, button, name) {
  const [download] = await Promise.all([team.page.waitForEvent('download'), team.button(button).click()]);
  await download.saveAs(path(name));
}

let giver = new Team(await Browser.start(path('giver')), hall, place(hall, path('giver-tablet')));
let taker;
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());

const story = async () => {
  await giver.enrol();
  // A round for training shows it on every view, also to voters.
  const training = giver.page.getByText('TẬP HUẤN – phiếu không được tính');
  await training.waitFor();
  await giver.compare();
  await giver.offline(true);
  await giver.voting();
  must(await training.isVisible(), 'voters see that it is a training');
  await giver.castAndClose(hall.slips.slice(0, 2));
  await giver.button('Giao và nhận không cần mạng').click();
  await giver.heading('Giao và nhận không cần mạng');
  await written(giver, 'Ghi thành tệp', 'parcel.hpgoi');
  await giver.button('Hiện loạt mã QR').click();
  await giver.page.getByRole('img', { name: 'Mã QR đang đổi' }).waitFor();
  writeFileSync(path('codes.y4m'), await codes(giver.page));
  await giver.button('Dừng').click();

  taker = new Team(
    await Browser.start(path('taker'), path('codes.y4m')),
    { ...hall, token: hall.other },
    place(hall, path('taker-tablet')),
  );
  // Enrolling takes the centre.
  await taker.offline(false);
  await taker.enrol();
  await taker.offline(true);
  await taker.button('Giao và nhận không cần mạng').click();
  await taker.button('Quét loạt mã QR').click();
  await taker.page.getByRole('heading', { name: 'Đã nhận gói' }).waitFor();
  await taker.browser.accessible('what was taken');
  await written(taker, 'Ghi tệp báo đã nhận, để trả lại máy giao', 'word.hpgoi');
  await taker.page.getByLabel('Mở tệp .hpgoi').setInputFiles(path('parcel.hpgoi'));
  await taker.page.getByText('Mới: 0 mục.').waitFor();

  await giver.page.getByLabel('Mở tệp .hpgoi').setInputFiles(path('word.hpgoi'));
  await giver.page.getByText('Máy kia đã ký nhận những gì của máy này.').waitFor();
  await giver.button('Quay lại').click();
  await giver.page.getByText('Chờ trung tâm xác nhận 2 phiếu').waitFor();
  must((await giver.count('Máy khác đã giữ')) === 2, 'the other tablet holds both ballots');
  writeFileSync(path('bad.hpgoi'), '<b>no parcel</b>');
  await giver.button('Giao và nhận không cần mạng').click();
  await giver.page.getByLabel('Mở tệp .hpgoi').setInputFiles(path('bad.hpgoi'));
  await giver.page.getByText('Đây không phải gói của Hòm Phiếu').waitFor();

  // The taker reaches the centre; the giver's ballots are there before the giver is.
  await taker.offline(false);
  await taker.button('Quay lại').click();
  await taker.button('Đồng bộ với trung tâm').click();
  await taker.page.getByText('Đồng bộ xong.').waitFor();
  for (const team of [giver, taker]) {
    await team.browser.end();
    await team.place.kill();
  }
  console.log(JSON.stringify({ ballots: 2 }));
};

try {
  await Promise.race([story(), hung]);
} catch (error) {
  for (const team of [giver, taker]) {
    const shown = await team?.page.locator('body').innerText().catch(() => '');
    console.error(`--- a page shows\n${shown}\n${team?.browser.complaints.join('\n')}`);
    await team?.browser.kill().catch(() => undefined);
    await team?.place.kill();
  }
  console.error(error.stack);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
