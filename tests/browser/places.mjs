// Every address of the console by the view that it leads to, and who looks at it. A view that is in neither list fails the tests.
import { readFileSync } from 'node:fs';
import { must } from './browser.mjs';

const source = (name) => readFileSync(new URL(`../../server/web/src/console/${name}`, import.meta.url), 'utf8');
/** What stands between two texts. */
const between = (text, begin, end) => text.slice(text.indexOf(begin), text.indexOf(end, text.indexOf(begin)));
const names = (block) => [...block.matchAll(/^ {2}(\w+): \{ roles:/gm)].map(([, name]) => name);

/** Views as the console itself names them, and the steps of setting a round up. */
const VIEWS = names(between(source('views.ts'), 'export const VIEWS', '} satisfies'));
const ROUND_VIEWS = names(between(source('views.ts'), 'export const ROUND_VIEWS', '\n};'));
const STEPS = [...between(source('setup/rules.ts'), 'export const STEPS', ']').matchAll(/'(\w+)'/g)].map(([, step]) => step);

/**
 * Addresses by who looks at them. Of a place: `at`, the address; `quiet` if nothing is asked there before something is done;
 * `adds` if what is asked only adds to what can be done without it; `given`, what is answered as always, so that the states of
 * what stands inside of the view are seen.
 */
export function places({ round, draft }) {
  const whole = (...place) => ({ at: ['#', ...place].join('/') });
  const of = (...place) => whole('rounds', round, ...place);
  const draftRoster = /\/draft$/;
  const staff = {
    rounds: [whole('rounds')],
    setup: [{ ...whole('setup'), quiet: true }, whole('setup', 'from', draft)],
    years: [whole('years')],
    periodic: [whole('periodic')],
    outbox: [whole('outbox')],
    contacts: [whole('contacts')],
    backups: [whole('backups')],
    people: [whole('people')],
    account: [whole('account')],
    steps: [
      whole('rounds', draft, 'steps'),
      ...STEPS.map((step) => whole('rounds', draft, 'steps', step)),
      ...['roster', 'slips'].map((step) => ({ ...whole('rounds', draft, 'steps', step), given: draftRoster })),
    ],
    board: [of('board')],
    screen: [of('screen')],
    held: [of('held')],
    steer: [{ ...of('steer'), adds: true }],
    devices: [of('devices')],
    oversight: [of('oversight'), of('oversight', 'A')],
    unit: [of('unit', 'A')],
    papers: [of('papers')],
    correct: [of('correct', 'A')],
    results: [of('results'), of('results', 'A')],
    compare: [of('compare'), of('compare', 'units'), of('compare', 'unit', 'A'), of('compare', 'official', 'A1')],
    notices: [of('notices')],
    documents: [of('documents')],
    plans: [of('plans'), of('plans', 'A', 'A1')],
  };
  // One unit's team and one of its officials: what is their own.
  const own = {
    rounds: [whole('rounds')],
    own: [whole('own')],
    account: [whole('account')],
    board: [of('board')],
    screen: [of('screen')],
    held: [of('held')],
    unit: [of('unit', 'A')],
    results: [of('results')],
    compare: [of('compare')],
    notices: [of('notices')],
    documents: [of('documents')],
    plans: [of('plans'), of('plans', 'A', 'A1')],
  };
  const observer = { rounds: [whole('rounds')], account: [whole('account')], board: [of('board')], screen: [of('screen')] };

  const listed = new Set([staff, own, observer].flatMap(Object.keys));
  const known = new Set([...VIEWS, ...ROUND_VIEWS]);
  must(VIEWS.length > 5 && ROUND_VIEWS.length > 10 && STEPS.length > 4, 'views are read from the console');
  const missing = [...known].filter((name) => !listed.has(name));
  must(missing.length === 0, `views that no test looks at: ${missing}`);
  const gone = [...listed].filter((name) => !known.has(name));
  must(gone.length === 0, `views that are not there any more: ${gone}`);
  const flat = (views) => Object.entries(views).flatMap(([view, all]) => all.map((place, number) => ({ ...place, view, first: number === 0 })));
  return { staff: flat(staff), own: flat(own), observer: flat(observer) };
}
