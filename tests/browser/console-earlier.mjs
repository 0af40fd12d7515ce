// What earlier rounds say of an official, by the code of a letter and on the own page: node console-earlier.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const earlier = page.getByRole('region', { name: 'Kết quả ở các đợt trước' });
  const open = async (letter) => {
    await page.goto(`${office.address}/n`);
    await page.getByLabel('Mã trong thư').fill(letter);
    await desk.button('Xem kết quả').click();
    await earlier.waitFor();
    return earlier.innerText();
  };
  const tells = (text, { title, shares, base }) => {
    must(text.includes(title), `${title} in ${text}`);
    for (const { percent } of shares) must(text.includes(`${percent.replace('.', ',')} %`), `${percent} in ${text}`);
    must(new RegExp(`(^|\\D)${base}(\\D|$)`).test(text), `the base ${base} in ${text}`);
  };

  tells(await open(office.letters.A2), office.earlier.A2);
  await desk.looked('letter-earlier');
  await desk.button('Thoát').click();
  const few = await open(office.letters.S1);
  must(few.includes('Quá ít phiếu.') && !few.includes('%'), `a small group is not shown: ${few}`);
  await desk.button('Thoát').click();

  const { login, password } = office.people.official;
  await desk.open('#/');
  await desk.signIn(login, password);
  await desk.open('#/own');
  await earlier.first().waitFor();
  tells(await earlier.first().innerText(), office.earlier.A1);
  await desk.looked('own-earlier');
});
