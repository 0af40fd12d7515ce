// A team opens for voters, and two voters vote, with nothing but a keyboard: node keyboard.mjs PACKAGES CHROMIUM < hall.json
// Nothing is clicked and nothing is given the focus from outside.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, must } from './browser.mjs';
import { Team } from './team.mjs';

const hall = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'homphieu-browser-'));
const browser = await Browser.start(profile);
const { page } = browser;
const team = new Team(browser, hall);
const keys = page.keyboard;
const hung = new Promise((_, failed) => setTimeout(() => failed(new Error('the page hangs')), 300_000).unref());
const TABS_MAX = 60;

/** What has the focus: its name, its kind, and whether one sees that it has it. */
const focus = () =>
  page.evaluate(() => {
    const own = document.activeElement;
    const name = own.ariaLabel ?? own.labels?.[0]?.textContent ?? own.textContent;
    const marked = own.closest('.choice') ?? own;
    const { outlineStyle, outlineWidth } = getComputedStyle(marked);
    return { tag: own.tagName, type: own.type, name: name.trim(), seen: outlineStyle !== 'none' && parseFloat(outlineWidth) > 2 };
  });

/** Goes on with the Tab key until something has the focus, and sees it there all the way. */
async function tab(to, key = 'Tab') {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await keys.press(key);
    const at = await focus();
    if (at.tag !== 'BODY') must(at.seen, `the focus on ${at.tag} ${at.name} is seen`);
    if (to(at)) return at;
  }
  throw new Error(`no key leads to ${to}`);
}

const to = (name) => tab((at) => at.tag === 'BUTTON' && at.name === name);

async function press(name) {
  await to(name);
  await keys.press('Enter');
}

/** A new view begins at its heading, where a screen reader begins to read. */
async function begins(name) {
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  must((await focus()).name === name, `${name} has the focus`);
}

const radio = () => tab((at) => at.type === 'radio');

async function slip(code, label, title) {
  await begins(title);
  await tab((at) => at.tag === 'INPUT' && at.name === label);
  await keys.type(code);
  await keys.press('Enter');
}

const story = async () => {
  await team.enrol();
  await team.compare();
  await page.reload();
  await begins('Tổ công tác');
  await press('Mở cho người ghi phiếu');

  // One official at a time, with a line left blank and one that is changed at the review.
  await slip(hall.slips[0], 'Mã phiếu', 'Mời đồng chí nhập mã phiếu');
  await begins(hall.officials[0]);
  await keys.press('Tab');
  await press('Người tiếp theo');
  await page.getByText('Hãy chọn một mức độ, hoặc chọn để trống dòng này.').waitFor();
  await tab((at) => at.type === 'radio', 'Shift+Tab');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  for (const [place, name] of hall.officials.entries()) {
    if (place === 0) continue;
    await begins(name);
    await radio();
    await keys.press('Space');
    for (let down = 0; down < hall.levels; down += 1) await keys.press('ArrowDown');
    must((await focus()).name === 'Để trống dòng này', 'the arrows lead to the blank line');
    await keys.press('Enter');
  }
  await begins('Xem lại trước khi bỏ vào hòm');
  await page.getByText(`${hall.officials.length - 1} dòng để trống.`).waitFor();
  await tab((at) => at.name === `Sửa dòng của ${hall.officials[1]}`);
  await keys.press('Enter');
  await begins(hall.officials[1]);
  await radio();
  await keys.press('ArrowUp');
  await keys.press('Enter');
  await begins('Xem lại trước khi bỏ vào hòm');
  await press('Bỏ phiếu vào hòm');
  await begins('Phiếu đã vào hòm');
  await press('Xong');

  // The whole list, in English.
  await begins('Mời đồng chí nhập mã phiếu');
  await press('English');
  await tab((at) => at.tag === 'INPUT' && at.name === 'Ballot permit', 'Shift+Tab');
  await keys.type(hall.slips[1]);
  await keys.press('Enter');
  await begins(hall.officials[0]);
  await press('Show the whole list');
  await begins('Your ballot');
  await press('Review the ballot');
  await page.getByText(`${hall.officials.length} lines are still open.`).waitFor();
  must((await focus()).type === 'radio', 'the first line that is open has the focus');
  for (const _ of hall.officials) {
    await keys.press('Space');
    await keys.press('ArrowDown');
    await keys.press('Tab');
  }
  must((await focus()).name === 'Review the ballot', 'one Tab goes from line to line');
  await keys.press('Enter');
  await begins('Review before it goes into the box');
  await press('Cast the ballot');
  await begins('The ballot is in the box');
  await press('Done');

  // The next voter finds the team's language again. Escape is the calm answer to a question.
  await begins('Mời đồng chí nhập mã phiếu');
  await press('Tổ công tác');
  await page.getByRole('dialog').waitFor();
  await keys.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press('Tổ công tác');
  await page.getByRole('dialog').waitFor();
  await to('Rời màn hình bỏ phiếu');
  await keys.press('Enter');
  await begins('Tổ công tác');
  must((await team.count('Trong hòm')) === 2, 'both ballots are in the box');
  await browser.end();
  return { ballots: 2 };
};

try {
  console.log(JSON.stringify(await Promise.race([story(), hung])));
} catch (error) {
  const shown = await page.locator('body').innerText().catch(() => '');
  const at = await focus().catch(() => undefined);
  console.error(`${error.stack}\n--- the page shows\n${shown}\n--- focus ${JSON.stringify(at)}\n${browser.complaints.join('\n')}`);
  await browser.kill().catch(() => undefined);
  process.exitCode = 1;
} finally {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
