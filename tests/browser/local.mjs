// Two kiosks in one local network, without the centre: node local.mjs PACKAGES CHROMIUM [FOLDER] < hall.json
// With a folder, pictures of the views that only a kiosk has are put there, in both languages.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { film, picture } from './film.mjs';
import { place } from './place.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const folder = process.argv[4];
if (folder) mkdirSync(folder, { recursive: true });
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const path = (name) => join(home, name);
const SIZES = [[1280, 800], [1024, 600], [390, 844]];
let taken = 0;

let host;
let guest;
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());
const make = async (name, token, camera) =>
  new Team(await Browser.start(path(name), camera), { ...hall, token }, place(hall, path(`${name}-tablet`)));

/** No rule is broken by the view in either language; and it is looked at. */
async function look(team, view) {
  const { page } = team;
  for (const [language, other] of [['vi', 'English'], ['en', 'Tiếng Việt']]) {
    await team.browser.accessible(`${view} in ${language}`);
    for (const [width, height] of folder ? SIZES : []) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(folder, `${view}-${language}-${width}.png`), fullPage: true });
      taken += 1;
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await team.button(other).click();
  }
}

const story = async () => {
  host = await make('host', hall.token);
  await host.enrol();
  await host.compare();
  await host.offline(true);

  await host.voting();
  await host.castAndClose(hall.slips.slice(0, 2));

  await host.button('Giao và nhận không cần mạng').click();
  await host.heading('Giao và nhận không cần mạng');
  await host.page.getByRole('heading', { name: 'Qua mạng nội bộ' }).waitFor();
  await look(host, 'local');
  await host.button('Mở phiên cho máy khác vào').click();
  await host.page.getByRole('img', { name: 'Mã QR của lời mời' }).waitFor();
  await host.page.getByText('Chưa có máy nào vào.').waitFor();
  const invitation = await host.page.getByText('HPL1.').innerText();
  await look(host, 'local-open');

  // Loaded again or left, the session is still there.
  await host.page.reload();
  await host.heading('Tổ công tác');
  await host.button('Giao và nhận không cần mạng').click();
  await host.page.getByText(invitation).waitFor();

  // The guest's camera sees the host's screen. Enrolling takes the centre.
  const [, code] = await picture(host.page);
  writeFileSync(path('code.y4m'), film([code]));
  guest = await make('guest', hall.other, path('code.y4m'));
  await guest.offline(false);
  await guest.enrol();
  await guest.offline(true);
  await guest.button('Giao và nhận không cần mạng').click();
  await guest.button('Vào phiên của máy khác').click();
  const typed = guest.page.getByLabel('Lời mời');
  for (const wrong of ['HPL1', '<b>x</b>', `HPL1.${'0'.repeat(64)}.127.0.0.1`]) {
    await typed.fill(wrong);
    await guest.button('Vào phiên').click();
    await guest.page.getByText('Đây không phải lời mời của một máy').waitFor();
  }
  await look(guest, 'local-join-wrong');
  // Somebody else's key at the right address.
  await typed.fill(invitation.replace(/\.[0-9a-f]{64}\./, `.${'0'.repeat(64)}.`));
  await guest.button('Vào phiên').click();
  await guest.page.getByText('Nơi trả lời không phải máy đã mời').waitFor();
  await host.page.getByText('Có bên không được vào').waitFor();
  await guest.button('Quét lời mời').click();
  await guest.page.getByText('Đã trao đổi xong với máy').waitFor();
  await guest.page.getByText(/Nhận về: \d+ mục mới, trong đó 1 bao phiếu/).waitFor();
  await look(guest, 'local-joined');
  await host.page.getByText(/Giao đi: \d+ mục, trong đó 1 bao phiếu/).waitFor();

  // Typed it is as good as scanned, and what is here already does not come again.
  await guest.button('Xong với mạng nội bộ').click();
  await guest.button('Vào phiên của máy khác').click();
  await typed.fill(` ${invitation} `);
  await guest.button('Vào phiên').click();
  await guest.page.getByText('Hai máy đã có như nhau').waitFor();

  await host.page.getByText('đã trao đổi xong').waitFor();
  await host.page.getByText('Chờ trung tâm xác nhận 2 phiếu').waitFor();
  await look(host, 'local-came');
  await host.button('Kết thúc phiên').click();
  await host.page.getByText('Phiên đã kết thúc.').waitFor();
  await look(host, 'local-over');
  await host.button('Xong với mạng nội bộ').click();
  await host.button('Quay lại').click();
  must((await host.count('Máy khác đã giữ')) === 2, 'the other tablet holds both ballots');

  // The invitation of a session that is over leads nowhere.
  await guest.button('Xong với mạng nội bộ').click();
  await guest.button('Vào phiên của máy khác').click();
  await typed.fill(invitation);
  await guest.button('Vào phiên').click();
  await guest.page.getByText('Không tới được máy kia').waitFor();
  await look(guest, 'local-unreachable');

  // The guest reaches the centre; the host's ballots are there before the host is.
  await guest.offline(false);
  await guest.button('Quay lại').click();
  await guest.button('Đồng bộ với trung tâm').click();
  await guest.page.getByText('Đồng bộ xong.').waitFor();
  for (const team of [host, guest]) {
    const complaints = team.browser.complaints.filter((text) => !team.place.isExpected(text));
    must(complaints.length === 0, `the browser complains: ${complaints.join('\n')}`);
    await team.browser.end();
    await team.place.kill();
  }
  console.log(JSON.stringify({ ballots: 2, taken }));
};

try {
  await Promise.race([story(), hung]);
} catch (error) {
  for (const team of [host, guest]) {
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
