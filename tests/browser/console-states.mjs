// Every view while it is asked, refused, without the centre, and with nothing in it: node console-states.mjs PACKAGES CHROMIUM [FOLDER]
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';

const OFFLINE = 'Không tới được trung tâm.';
const REFUSED = 'Vai trò của đồng chí không làm được việc này.';
const BROKEN = 'Trung tâm gặp lỗi.';
const LOADING = 'Đang lấy số liệu…';

await play(async (desk) => {
  const { page } = desk;
  const round = `#/rounds/${office.round}`;
  const { person } = office;
  await desk.open();
  await desk.signIn(person.login, person.password);
  // What this person may open is what the page itself shows, so that no view is forgotten.
  const of = (name) => page.getByRole('navigation', { name }).getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const places = [...(await of('Các phần của trang')), ...(await of(office.title)), `${round}/unit/A`, `${round}/compare/units`, `${round}/compare/official/A1`];
  must(places.length >= 12, `views are found: ${places}`);

  /** What a view itself asks for; who is signed in and which round it is are known. */
  const own = (url) => {
    const { pathname } = new URL(url);
    return pathname.startsWith('/api/v1/') && pathname !== '/api/v1/session' && pathname !== `/api/v1/rounds/${office.round}`;
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
  for (const [state, { answer, says }] of Object.entries(states)) {
    await page.route(own, answer);
    for (const place of places) {
      await page.goto('about:blank');
      let asked = false;
      const look = (request) => (asked ||= own(request.url()));
      page.on('request', look);
      await desk.open(place);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      // Some views ask for nothing before something is done.
      // What is asked there only adds to what can be done without it.
      const adds = place.endsWith('/steer');
      if (!adds && (asked || (await page.getByText(says).count()) > 0)) {
        // A board that breaks goes on trying, and says so.
        const words = state === 'broken' && /\/(board|screen)$/.test(place) ? page.getByText(OFFLINE).or(page.getByText(BROKEN)).or(page.getByText(LOADING)) : page.getByText(says);
        await words.first().waitFor();
        await desk.browser.accessible(`${place}, ${state}`);
      }
      page.off('request', look);
    }
    await page.unroute(own);
    desk.views += 1;
  }

  // Nothing in it yet: every view says so and what to do, and none is blank.
  for (const place of places) {
    await desk.open(place);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.getByText(LOADING).first().waitFor({ state: 'detached' });
    const main = await page.getByRole('main').innerText();
    must(main.trim().split('\n').length > 1, `${place} is blank`);
    must(!/undefined|NaN|\[object/.test(main), `${place} shows what nobody reads: ${main}`);
    await desk.browser.accessible(`${place}, empty`);
    must(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${place} is wider than the page`);
    desk.views += 1;
  }
  // Small screens: nothing stands outside.
  await page.setViewportSize({ width: 390, height: 844 });
  for (const place of places) {
    await desk.open(place);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.getByText(LOADING).first().waitFor({ state: 'detached' });
    must(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${place} is wider than a telephone`);
  }
}, 600_000);
