// Every view for trustees in both languages, and files of every kind that do not belong there: node trustees-views.mjs
// PACKAGES CHROMIUM [FOLDER] < hall.json
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Trustees } from './trustees-desk.mjs';

const office = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const browser = await Browser.start(profile);
const hall = new Trustees(browser, office.address);
const { page } = hall;
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 400_000).unref());

const place = (name, bytes) => {
  const path = join(office.home, name);
  writeFileSync(path, bytes);
  return path;
};

/** Each is said to be what it is; the page goes on after every one. */
async function hostile() {
  const genuine = readFileSync(office.bundle);
  const changed = (at) => {
    const bytes = Buffer.from(genuine);
    bytes[at] ^= 0x40;
    return bytes;
  };
  const frame = Buffer.concat([Buffer.from([0x8a, 0x6f]), Buffer.from('homphieu bundle'), Buffer.from([0x01])]);
  const cases = [
    [place('empty.hpb', ''), 'Tệp trống'],
    [place('\u202e<b>gpj.hpb', '<script>alert(1)</script>'.repeat(1_000)), 'Đây không phải gói số liệu'],
    [place('parcel.hpb', '\u0089HPGOI\r\n'), 'Đây không phải gói số liệu'],
    [place('half.hpb', genuine.subarray(0, genuine.length / 2)), 'Đây không phải gói số liệu'],
    [place('bomb.hpb', Buffer.concat([frame, Buffer.from([0x5a, 0x3f, 0xff, 0xff, 0xff])])), 'Đây không phải gói số liệu'],
    [place('nested.hpb', Buffer.alloc(1_000_000, 0x81)), 'Đây không phải gói số liệu'],
    [place('newer.hpb', Buffer.concat([genuine.subarray(0, 17), Buffer.from([0x18, 0x63]), genuine.subarray(18)])), 'phiên bản mới hơn'],
    ...[60, 400, genuine.length - 70, genuine.length - 2_000].map((at) => [place(`changed-${at}.hpb`, changed(at)), /Trong gói|Lệnh mở phiếu|Đây không phải/]),
  ];
  for (const [path, says] of cases) {
    await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(path);
    await hall.refuses(says);
    await page.getByLabel('Chọn gói số liệu (.hpb)').waitFor();
    must(!/^[12]$/.test(await page.title()) && (await page.locator('b:has-text("gpj")').count()) === 0, 'a name stays text');
  }
  // One that no browser has room for is dropped, not chosen.
  await page.getByRole('group', { name: 'Nơi thả tệp' }).evaluate((area) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(Array.from({ length: 300 }, () => new Uint8Array(1024 * 1024)), 'huge.hpb'));
    for (const kind of ['dragover', 'drop']) area.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  });
  await hall.refuses('Tệp lớn hơn 256 MB');
  return cases.length;
}

const story = async () => {
  await hall.open();
  await hall.says('Trang đã nằm trên máy này');
  await hall.looked('home');

  await hall.link('Tạo khóa của đợt').click();
  await hall.heading('Tạo khóa của đợt');
  await page.getByLabel('Mã của đợt').fill(office.round);
  await hall.looked('keys');
  await hall.button('Bắt đầu').click();
  await hall.heading('Mảnh khóa 1 trong 3');
  await hall.looked('keys-alone');
  await hall.button('Hiện mảnh khóa 1').click();
  await hall.button('In tờ này').waitFor();
  await hall.looked('keys-share');
  await hall.button('Đã có trên giấy: ẩn đi').click();
  await hall.typeShare(office.shares[0], 'Mảnh khóa 1 trên giấy', 'So với mảnh khóa');
  await hall.refuses('Đây không phải mảnh khóa 1');
  await hall.looked('keys-back');
  await hall.button('Bỏ dở').click();
  await page.getByRole('dialog').waitFor();
  await hall.pictures('keys-leave');
  await browser.accessible('giving up');
  await page.getByRole('dialog').getByRole('button', { name: 'Bỏ dở' }).click();
  await hall.heading('Người giữ khóa');

  await hall.link('Mở phiếu và kiểm phiếu').click();
  await hall.looked('count');
  const refused = await hostile();
  await hall.looked('count-refused');
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(office.bundle);
  await hall.says('Đúng nguồn');
  await hall.looked('count-bundle');
  await hall.button('Tiếp: so với giấy').click();
  await hall.heading('So lệnh mở phiếu số 1 với giấy');
  await hall.looked('count-compare');
  await hall.compared(3);
  await hall.typeShare(office.shares[1]);
  await hall.typeShare(office.shares[1]);
  await hall.refuses('Mảnh khóa 2 đã gõ rồi');
  await hall.looked('count-shares');
  await hall.typeShare(office.shares[0]);
  await hall.says('Đã đủ mảnh khóa.');
  await hall.looked('count-ready');
  await hall.button('Mở và kiểm phiếu').click();
  await hall.heading('Đã kiểm phiếu');
  await hall.looked('count-done');
  await hall.link('Về trang đầu').last().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ở lại' }).click();
  await hall.saved('Lưu kết quả đã ký (.hpr)');
  const steer = await hall.link('Nộp kết quả trên bảng điều khiển').getAttribute('href');
  must(steer === `/console/#/rounds/${office.round}/steer`, steer);
  await hall.link('Về trang đầu').last().click();

  await hall.link('Kiểm tra lại').click();
  await hall.looked('verify');
  await page.getByLabel('Chọn gói số liệu (.hpb)').setInputFiles(office.bundle);
  await hall.says('Đúng nguồn');
  await hall.looked('verify-report');
  await hall.button('Kiểm phiếu lại bằng mảnh khóa').click();
  await hall.typeShare(office.shares[2]);
  await hall.typeShare(office.shares[0]);
  await hall.button('Kiểm phiếu lại').click();
  await hall.heading('Đã kiểm phiếu lại');
  await hall.looked('verify-counted');
  await hall.link('Về trang đầu').last().click();
  await hall.link('Thử mảnh khóa').click();
  await hall.looked('check');
  await page.getByLabel('Chọn tệp khóa (.hpk)').setInputFiles(office.bundle);
  await hall.refuses('Đây là gói số liệu (.hpb)');
  const fault = browser.complaints.filter((text) => /Content.Security.Policy|TypeError|unreachable|panicked/i.test(text));
  must(fault.length === 0, fault.join('\n'));
  return { views: hall.views, refused };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
  await browser.end();
} catch (error) {
  const shown = await page.locator('body').innerText().catch(() => '');
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- complaints\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
