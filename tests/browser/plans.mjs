// A unit writes a plan on its tablet without a network, and the centre has it afterwards: node plans.mjs PACKAGES CHROMIUM [FOLDER] < hall.json
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Meeting } from './meeting.mjs';
import { place } from './place.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const folder = process.argv[4];
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 400_000).unref());
const WHAT = 'Ít xuống <b>cơ sở</b>';
const MEASURE = 'Mỗi tháng xuống hai thôn';
const PLANS = 'Kế hoạch khắc phục';

/** Somebody who may look at pictures of a view wants them in both languages and three sizes. */
async function pictures(team, name) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const [width, height] of [[1280, 800], [390, 844], [1920, 1080]]) {
    await team.page.setViewportSize({ width, height });
    await team.page.screenshot({ path: join(folder, `tablet-${name}-${width}.png`) });
  }
  await team.page.setViewportSize({ width: 1280, height: 800 });
}

const team = new Meeting(await Browser.start(join(home, 'profile')), hall, place(hall, join(home, 'tablet')), []);

const story = async () => {
  await team.enrol();
  await team.compare();
  // What the organisation board wrote came with the enrolment.
  await team.page.getByText('Hướng dẫn của ban tổ chức: ghi phiếu').click();
  await team.said('Không ai đứng sau lưng.');
  await pictures(team, 'guided-home');
  await team.begin();
  await team.join('Lý Thị Ghi');
  await team.setPin('4711');
  await team.offline(true);
  await team.go(PLANS);
  await team.page.getByText('Hướng dẫn của ban tổ chức: kế hoạch khắc phục').click();
  await team.said('Viết rõ <b>ngày</b>.');
  await pictures(team, 'plans');
  await team.page.getByRole('button', { name: new RegExp(hall.officials[0]) }).click();
  await team.heading(hall.officials[0]);
  await team.button('Viết kế hoạch').click();
  must(await team.button('Ghi kế hoạch').isDisabled(), 'an empty plan is not written');
  await team.page.getByLabel('Hạn chế, khuyết điểm 1').fill(WHAT);
  await team.page.getByLabel('Biện pháp 1').fill(MEASURE);
  await team.page.getByLabel(/^Xong trước hết ngày/).fill('2099-03-31');
  await team.browser.accessible('writing a plan');
  await pictures(team, 'plan-form');
  await team.button('Ghi kế hoạch').click();
  await team.said(`${MEASURE} (xong trước hết ngày 31/03/2099)`);
  await team.said(WHAT);
  await team.button('Xác nhận kế hoạch').click();
  await team.said('Phải là người khác xác nhận');
  await pictures(team, 'plan');

  // Another one of the team confirms, and notes what was done.
  await team.lock();
  await team.join('Vàng Văn Chép');
  await team.setPin('4712');
  await team.go(PLANS);
  await team.page.getByRole('button', { name: new RegExp(hall.officials[0]) }).click();
  await team.button('Xác nhận kế hoạch').click();
  await team.said('Người xác nhận:');
  await team.page.getByLabel('Đã làm được gì?').fill('Đã xuống Sủng Là');
  await team.button('Ghi kết quả').click();
  await team.said('Đã xuống Sủng Là');
  await team.said('đang thực hiện');
  await team.button('Quay lại').click();
  await team.heading(PLANS);
  await team.back();

  await team.offline(false);
  await team.sync();
  const complaints = team.browser.complaints.filter((text) => !team.place.isExpected(text));
  must(complaints.length === 0, `the browser complains: ${complaints.join('\n')}`);
  await team.browser.end();
  await team.place.kill();
  console.log(JSON.stringify({ what: WHAT, measure: MEASURE }));
};

try {
  await Promise.race([story(), hung]);
} catch (error) {
  const shown = await team.page.locator('body').innerText().catch(() => '');
  console.error(`--- the page shows\n${shown}\n${team.browser.complaints.join('\n')}\n${error.stack}`);
  await team.browser.kill().catch(() => undefined);
  await team.place.kill();
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
