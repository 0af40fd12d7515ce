// Every view while it is asked, refused, without the centre, and with nothing in it: node console-states.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';
import { places } from './places.mjs';

const OFFLINE = 'Không tới được trung tâm.';
const REFUSED = 'Vai trò của đồng chí không làm được việc này.';
const BROKEN = 'Trung tâm gặp lỗi.';
const LOADING = 'Đang lấy số liệu…';

await play(async (desk) => {
  const { page } = desk;
  const everywhere = places(office);
  const of = (name) => page.getByRole('navigation', { name }).getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')));

  /** What a view itself asks for; who is signed in and which round it is are known. */
  const known = ['/api/v1/session', ...[office.round, office.draft].map((round) => `/api/v1/rounds/${round}`)];
  let given;
  const own = (url) => {
    const { pathname } = new URL(url);
    return pathname.startsWith('/api/v1/') && !known.includes(pathname) && !given?.test(pathname);
  };
  const problem = (status, code) => (route) =>
    route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'x', status, code, detail: '<b>x</b>' }) });
  const states = {
    offline: { answer: (route) => route.abort(), says: OFFLINE },
    refused: { answer: problem(403, 'role'), says: REFUSED },
    broken: { answer: problem(500, 'internal'), says: BROKEN },
    // Never answered: it is let go when the page is left.
    loading: { answer: () => undefined, says: LOADING },
  };
  /** A step that is not taken says why, changes nothing, and can be tried again. */
  const steer = async (state) => {
    const { answer, says } = states[state];
    await page.route(own, answer);
    await page.goto('about:blank');
    await desk.open(`#/rounds/${office.round}/steer`);
    await desk.button('Đóng đợt').click();
    const sure = page.getByRole('dialog').getByRole('button');
    await sure.filter({ hasText: 'Đóng đợt' }).click();
    if (state === 'loading') {
      // Under way, it is not done a second time.
      await sure.filter({ hasText: 'Đang làm…' }).waitFor();
      must(await sure.filter({ hasText: 'Đang làm…' }).isDisabled(), 'nothing is done twice');
      await desk.browser.accessible('a step under way');
      await page.goto('about:blank');
      await page.unroute(own);
      return;
    }
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const closing = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: '2. Đóng đợt' }) });
    await closing.getByRole('alert').getByText(says).waitFor();
    must(await desk.button('Đóng đợt').isEnabled(), 'it can be tried again');
    await desk.browser.accessible(`a step, ${state}`);
    await page.unroute(own);
  };
  const shown = () => page.getByRole('heading', { level: 1 }).first().waitFor();
  const loaded = () => page.getByText(LOADING).first().waitFor({ state: 'detached' });

  /** Each state of each place. The rules for accessible pages are held against each view once in each of them. */
  const inState = async (list, state) => {
    const { answer, says } = states[state];
    await page.route(own, answer);
    for (const place of list) {
      await page.goto('about:blank');
      given = place.given;
      await desk.open(place.at);
      await shown();
      // Some views ask for nothing before something is done; of others what is asked only adds to what can be done.
      if (place.quiet || place.adds) continue;
      // A board that breaks goes on trying, and says so.
      const words = state === 'broken' && /\/(board|screen)$/.test(place.at) ? page.getByText(OFFLINE).or(page.getByText(BROKEN)).or(page.getByText(LOADING)) : page.getByText(says);
      await words.first().waitFor({ timeout: 20_000 }).catch(() => must(false, `${place.at} does not say that it is ${state}`));
      if (place.first) await desk.browser.accessible(`${place.at}, ${state}`);
    }
    given = undefined;
    await page.unroute(own);
    desk.views += 1;
  };

  /** Nothing in it yet: every view says so and what to do, and none is blank. */
  const empty = async (list) => {
    for (const { at } of list) {
      await desk.open(at);
      await shown();
      await loaded();
      const main = await page.getByRole('main').innerText();
      must(main.trim().split('\n').length > 1, `${at} is blank`);
      must(!/undefined|NaN|\[object/.test(main), `${at} shows what nobody reads: ${main}`);
      await desk.browser.accessible(`${at}, empty`);
      must(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${at} is wider than the page`);
      desk.views += 1;
    }
    // Small screens: nothing stands outside.
    await page.setViewportSize({ width: 390, height: 844 });
    for (const { at } of list) {
      await desk.open(at);
      await shown();
      await loaded();
      must(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${at} is wider than a telephone`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  };

  for (const [who, { login, password }] of Object.entries(office.people)) {
    const list = everywhere[who];
    await desk.open('#/rounds');
    await desk.signIn(login, password);
    // What the page itself leads to is in the list, for each of them.
    const names = ['Các phần của trang', office.title, ...(who === 'staff' ? [office.draft_title] : [])];
    for (const name of names) {
      const linked = await of(name);
      const forgotten = linked.filter((href) => !list.some(({ at }) => at === href));
      must(linked.length > 0 && forgotten.length === 0, `${who} is led to ${forgotten} by "${name}"`);
    }
    for (const state of Object.keys(states)) await inState(list, state);
    if (who === 'staff') for (const state of Object.keys(states)) await steer(state);
    await empty(list);
    await desk.open('#/rounds');
    await desk.heading('Các đợt lấy phiếu');
    await desk.signOut();
  }

  // Whoever has a letter has no account: the page asks for nothing until a code is typed.
  for (const [state, { answer, says }] of Object.entries(states)) {
    await page.route(own, answer);
    await page.goto('about:blank');
    await desk.open('#/letter');
    await page.getByLabel('Mã trong thư').fill('0123 4567 89AB CD');
    await desk.button('Xem kết quả').click();
    // There it waits with a button that nobody can press again.
    if (state === 'loading') await page.locator('button.main:disabled').waitFor();
    else await desk.says(says);
    await desk.browser.accessible(`#/letter, ${state}`);
    await page.unroute(own);
    desk.views += 1;
  }
}, 900_000);
