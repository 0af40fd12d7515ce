// Whoever gets a message follows its link, signs in and does what it asks: node console-links.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

await play(async (desk) => {
  const { page } = desk;
  const { official, unit, organiser, inspector } = office.people;
  const link = (what) => {
    const place = office.links[what];
    must(typeof place === 'string' && place.startsWith('/console/#/'), `${what}: ${place}`);
    return place.slice('/console/'.length);
  };
  const follow = async (what, { login, password }) => {
    await desk.open(link(what));
    await desk.type(login, password);
  };

  // The official reads the result and says so, then writes the plan: both where the messages lead.
  must(link('notice') === link('plan official') && link('notice') === link('notice official'), 'an official has one page for all of it');
  await follow('notice', official);
  await desk.button('Tôi đã xem kết quả').click();
  await desk.says(/Đã báo ngày \d+\/\d+\/\d+ lúc \d\d:\d\d, tự xem trên trang/);
  await desk.button('Viết kế hoạch').click();
  await page.getByLabel('Hạn chế, khuyết điểm 1').fill('Ít xuống cơ sở');
  await page.getByLabel('Biện pháp 1').fill('Mỗi tháng xuống hai thôn');
  await desk.button('Ghi kế hoạch').click();
  await desk.says('Mỗi tháng xuống hai thôn');
  await desk.looked('links-own');
  await desk.signOut();

  // The unit confirms the plan, notes a signature, and reads what a visit found.
  await follow('plan unit', unit);
  await desk.button('Xác nhận kế hoạch').click();
  await desk.says(/Xác nhận: /);
  await desk.open(link('notice unit'));
  await page.getByRole('button', { name: /^Ghi đã ký: .*cmd/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ghi đã ký' }).click();
  await page.getByRole('row').filter({ hasText: 'cmd' }).getByText('ký trên giấy').waitFor();
  await desk.open(link('follow up unit'));
  await desk.says('thiếu sổ ghi');
  await desk.says('ghi lại sổ');
  await desk.looked('links-follow-up');
  await desk.signOut();

  // The committee is led to the unit, and from there to all that is known of it.
  await follow('follow up inspectors', inspector);
  await desk.says('Vì sao cần đến');
  for (const name of ['Tạm giữ và còn thiếu', 'Thông báo kết quả', 'Kế hoạch khắc phục']) {
    await page.locator('p.links').getByRole('link', { name, exact: true }).click();
    await desk.heading(name);
    await page.goBack();
    await desk.says('Vì sao cần đến');
  }
  await desk.signOut();

  // Organisers are led to the proposal of the next round.
  await follow('next round', organiser);
  await desk.heading('Định kỳ');
  await desk.looked('links-next');
});
