/** What the console has, who may see it, and where its code is. The centre enforces the same roles on every route. */
import type { Component } from 'svelte';
import type { RoundView } from './api/client.js';
import type { Role } from './session.svelte.js';

type View<Props extends Record<string, unknown>> = {
  roles: readonly Role[];
  load: () => Promise<{ default: Component<Props> }>;
  /** Whether it stands alone, as on a wall. */
  bare?: boolean;
  /** Whether it is reached from another view, for it needs to know of what it is. */
  inner?: boolean;
  /** Whether it is about a round that is not opened yet. */
  early?: boolean;
};

/** Who sees how units stand. */
const WATCHERS: readonly Role[] = ['organiser', 'inspector', 'observer', 'unit'];

const EVERYBODY: readonly Role[] = ['administrator', 'organiser', 'inspector', 'unit', 'official', 'observer', 'trustee'];

/** Views of the whole centre. */
export const VIEWS = {
  rounds: { roles: EVERYBODY, load: () => import('./rounds/Rounds.svelte') },
  setup: { roles: ['organiser'], load: () => import('./setup/New.svelte') },
  years: { roles: ['organiser', 'inspector'], load: () => import('./documents/Years.svelte') },
  periodic: { roles: ['organiser', 'inspector'], load: () => import('./periodic/Periodic.svelte') },
  outbox: { roles: ['organiser', 'inspector'], load: () => import('./outbox/Outbox.svelte') },
  contacts: { roles: ['organiser'], load: () => import('./contacts/Contacts.svelte') },
  own: { roles: ['official'], load: () => import('./own/Own.svelte') },
  backups: { roles: ['administrator', 'organiser', 'inspector'], load: () => import('./backups/Backups.svelte') },
  people: { roles: ['administrator'], load: () => import('./people/People.svelte') },
  account: { roles: EVERYBODY, load: () => import('./account/Account.svelte') },
} satisfies Record<string, View<Record<string, never>>>;

/** Views of one round. */
export const ROUND_VIEWS: Record<string, View<{ round: RoundView; place: string[]; reload: () => Promise<void> }>> = {
  steps: { roles: ['organiser'], load: () => import('./setup/Setup.svelte'), early: true },
  board: { roles: WATCHERS, load: () => import('./board/Board.svelte') },
  screen: { roles: WATCHERS, load: () => import('./board/Screen.svelte'), bare: true },
  held: { roles: ['organiser', 'inspector', 'unit'], load: () => import('./held/Held.svelte') },
  steer: { roles: ['organiser', 'trustee'], load: () => import('./steer/Steer.svelte') },
  devices: { roles: ['administrator', 'organiser', 'inspector'], load: () => import('./devices/Devices.svelte') },
  oversight: { roles: ['organiser', 'inspector'], load: () => import('./oversight/Oversight.svelte') },
  unit: { roles: ['organiser', 'inspector', 'unit'], load: () => import('./unit/Unit.svelte'), inner: true },
  papers: { roles: ['organiser', 'inspector'], load: () => import('./papers/Papers.svelte') },
  correct: { roles: ['organiser'], load: () => import('./correct/Correct.svelte'), inner: true },
  results: { roles: ['organiser', 'inspector', 'unit', 'official'], load: () => import('./results/Results.svelte') },
  compare: { roles: ['organiser', 'inspector', 'unit', 'official'], load: () => import('./compare/Compare.svelte') },
  notices: { roles: ['organiser', 'inspector', 'unit', 'official'], load: () => import('./notices/Notices.svelte') },
  documents: { roles: ['organiser', 'inspector', 'unit', 'official'], load: () => import('./documents/Documents.svelte') },
  plans: { roles: ['organiser', 'inspector', 'unit'], load: () => import('./plans/Plans.svelte') },
};

/** Begins to fetch the code of what an address shows. Whoever shows it says it if that fails. */
export function fetchAhead([name = 'rounds', , inner = '']: string[]): void {
  const views = [Object.entries(VIEWS).find(([known]) => known === name)?.[1], name === 'rounds' ? ROUND_VIEWS[inner] : undefined];
  for (const view of views) view?.load().catch(() => undefined);
}
