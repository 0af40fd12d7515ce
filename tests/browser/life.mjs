// The whole life of a round by people who each may do a part of it: node life.mjs PACKAGES CHROMIUM [FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from './browser.mjs';
import { office, play } from './desk.mjs';
import { life } from './life-story.mjs';

const home = mkdtempSync(join(tmpdir(), 'homphieu-life-'));
let acting;

await play(async (desk) => {
  /** Somebody else sits down, at the round that was being looked at. */
  const as = async (role) => {
    if (acting === role) return;
    const place = acting ? new URL(desk.page.url()).hash : '';
    if (acting) await desk.signOut();
    await desk.open();
    await desk.signIn(office.people[role].login, office.people[role].password);
    acting = role;
    if (/^#\/rounds\/[0-9a-f-]{36}/.test(place)) {
      await desk.open(`${place.split('/').slice(0, 3).join('/')}/devices`);
      await desk.heading('Thiết bị');
    }
  };
  try {
    const said = await life({ desk, home, as, ...office.story, address: office.address });
    must(said.valid === office.story.voters && said.collected === said.valid, JSON.stringify(said));
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}, 600_000);
