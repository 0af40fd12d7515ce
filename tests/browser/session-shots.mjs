// Every view of a meeting, for people to look at.

/** Walks through a meeting from the team's first page and back to it. */
export async function meeting({ page, t, click, shot }) {
  const titled = (key) => page.getByRole('heading', { level: 1, name: t(key) }).waitFor();
  const field = (key) => page.getByLabel(t(key), { exact: true });
  const step = async (key, title) => {
    await page.getByRole('button', { name: new RegExp(`^${t(`session.menu.${key}`)}`) }).click();
    await titled(title);
  };
  const back = async () => {
    await click('back');
    await titled('session.title');
  };
  const closed = () => page.getByRole('dialog').waitFor({ state: 'hidden' });
  const voter = (key, number) => page.getByRole('button', { name: `${t(`session.register.${key}`)}: ${number}`, exact: true });
  const [chair, head] = ['Vàng Mí Sử', 'Lý A Páo'];

  await click('session.open');
  await titled('session.who');
  await field('session.name').fill(chair);
  await shot('session-who-empty');
  await click('session.join_go');
  await field('session.pin_again').fill('4711');
  await field('session.pin').fill('4711');
  await shot('session-pin-set');
  await click('session.enter');
  await titled('session.title');
  await shot('session-menu-empty');
  await step('register', 'session.register.title');
  await voter('both', 1).click();
  await voter('check_in', 2).click();
  await voter('slip', 2).waitFor();
  await voter('both', 3).click();
  await voter('look', 3).waitFor();
  await shot('session-register');
  await page.getByRole('searchbox').fill('2');
  await page.getByRole('button', { name: `${t('session.register.both')}: 3`, exact: true }).waitFor({ state: 'detached' });
  await shot('session-register-search');
  await page.getByRole('searchbox').fill('');
  await voter('look', 3).click();
  await page.getByRole('dialog').waitFor();
  await shot('session-voter');
  await click('session.close');
  await closed();
  await back();

  // The paper list has 27 slips; a second person will explain why others were noted.
  await step('figures', 'session.figures.title');
  await page.locator('#printed').fill('26');
  await click('session.figures.go');
  await page.getByText(t('session.saved')).waitFor();
  await back();

  // A second person notes other things on the same tablet, as on another one.
  await click('session.lock');
  await titled('session.who');
  await field('session.name').fill(head);
  await click('session.join_go');
  await field('session.pin').fill('4712');
  await field('session.pin_again').fill('4712');
  await click('session.enter');
  await titled('session.title');
  await step('figures', 'session.figures.title');
  await page.locator('#summoned').fill('24');
  await page.locator('#present').fill('2');
  await page.locator('#left_over').fill('nhiều');
  await click('session.figures.go');
  await page.locator('#left_over[aria-invalid]').waitFor();
  await shot('session-figures-wrong');
  await page.locator('#left_over').fill('23');
  await page.locator('#issued').fill('3');
  await page.locator('#present').fill('3');
  await click('session.figures.go');
  await page.getByRole('dialog').waitFor();
  await shot('session-replace');
  await click('session.replace.beside');
  await closed();
  await page.getByText(t('session.saved')).waitFor();
  await shot('session-figures');
  await back();
  await step('committee', 'session.committee.title');
  await field('session.committee.chair').fill(chair);
  await field('session.committee.head').fill(head);
  await click('session.committee.add');
  await page.getByLabel(t('session.committee.member').replace('{{number}}', '1')).fill('Thào Thị Mai');
  await click('session.committee.go');
  await page.getByText(t('session.saved')).waitFor();
  await shot('session-committee');
  await back();
  await step('notes', 'session.notes.title');
  await page.getByRole('textbox').fill(t('session.notes.lead').repeat(5));
  await click('session.notes.go');
  await page.getByRole('button', { name: t('session.notes.mend') }).waitFor();
  await page.getByRole('textbox').fill('x'.repeat(700));
  await shot('session-notes');
  await page.getByRole('textbox').fill('');
  await click('session.notes.mend');
  await page.getByRole('dialog').waitFor();
  await shot('session-notes-mend');
  await page.getByRole('dialog').getByRole('button', { name: t('cancel') }).click();
  await closed();
  await back();
  await shot('session-menu');
  await step('settle', 'session.settle.title');
  await shot('session-settle');
  await page.getByRole('button', { name: new RegExp(`^${t('session.settle.keep')}.*3$`) }).click();
  await page.getByText(t('session.settle.none')).waitFor();
  await back();
  await step('minutes', 'session.minutes.title');
  await shot('session-minutes');
  await page.getByRole('button', { name: new RegExp(`^${t('session.findings.explain')}`) }).first().click();
  await page.getByRole('dialog').waitFor();
  await shot('session-explain');
  await page.getByRole('dialog').getByRole('button', { name: t('cancel') }).click();
  await closed();
  for (const pin of ['4711', '4712']) {
    await page.getByRole('button', { name: new RegExp(`^${t('session.sign.go')}: `) }).first().click();
    await page.getByRole('dialog').waitFor();
    if (pin === '4711') await shot('session-sign');
    await page.getByRole('dialog').getByLabel(t('session.pin'), { exact: true }).fill(pin);
    await page.getByRole('dialog').getByRole('button', { name: t('session.sign.go'), exact: true }).click();
    await closed();
  }
  await page.getByText(t('session.minutes.complete')).waitFor();
  await page.getByText(t('session.correct.title')).click();
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await shot('session-minutes-signed');
  await back();
  await step('hand', 'hand.title');
  await shot('session-hand');
  await back();
  await click('session.leave');
  await titled('home.title');
}
