/** The meeting of a unit as the pages of its team share it: who works on this tablet, and what is noted so far. */
import type { Core, LiveNumber, Noted, Person, Problem, Total, UnitRecord, Voter } from '../../core/core.js';
import { said, t } from '../../texts/texts.svelte.js';

/** The pages of a meeting. */
export type Step = 'register' | 'figures' | 'committee' | 'notes' | 'settle' | 'minutes' | 'plans' | 'hand' | 'sync';

/** The time by this device's clock, right or wrong, for people alone. */
export const minutes = (): number => Math.max(0, Math.floor(Date.now() / 60_000));

/** A day as a record counts it, days since 1970, and as a field for days has it. */
export const dayOf = (number: number): string => new Date(number * 86_400_000).toISOString().slice(0, 10);
export const numberOf = (day: string): number | null => (day === '' ? null : Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000));

export class Meeting {
  /** Who typed a PIN. Without somebody nothing of the record is on the screen. */
  person = $state.raw<Person>();
  record = $state.raw<UnitRecord>();
  problem = $state.raw<Problem>();
  working = $state(false);

  constructor(
    readonly core: Core,
    readonly unit: string,
  ) {}

  /** Reads the record anew. */
  async look(): Promise<void> {
    this.record = await this.core.call('record', this.unit);
  }

  /** Does one thing after the other and says what went wrong; `false`: it was not done. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    if (this.working) return false;
    [this.working, this.problem] = [true, undefined];
    try {
      await work();
      return true;
    } catch (wrong) {
      this.problem = wrong as Problem;
      // The core was read anew, or somebody locked: whoever wants to go on types the PIN again.
      if (this.problem.code === 'nobody_acts') this.forget();
      return false;
    } finally {
      this.working = false;
    }
  }

  async lock(): Promise<void> {
    this.forget();
    this.problem = undefined;
    await this.core.call('lock');
  }

  private forget(): void {
    this.person = undefined;
    this.record = undefined;
  }
}

/** The beginning of a tablet's id, by which what the core says names it: two tablets may have one name. */
export const short = (device: string): string => device.slice(0, 8);

/** Where something was noted and by whom. Names are isolated where they are shown, so this is for one name at a time. */
export const tabletOf = (noted: { tablet: string | null; device?: string; here?: boolean }): string => {
  if (noted.here) return t('session.here');
  const id = noted.device === undefined ? '' : short(noted.device);
  if (noted.tablet === null) return id || t('session.unknown');
  return id ? `${noted.tablet} (${id})` : noted.tablet;
};

export const personOf = (seen: Pick<Noted, 'person'>): string => seen.person ?? t('session.unknown');

/** One of the ways in which something was noted, and everybody who noted it so. */
export interface Side {
  /** The entry that holds if this one is kept. */
  entry: string;
  value: string;
  by: Pick<LiveNumber, 'entry' | 'person' | 'device' | 'tablet' | 'here'>[];
}

/** Something that was noted in several ways. */
export interface Disagreement {
  id: string;
  label: string;
  sides: Side[];
}

/** Where people disagree: figures, closing totals, the committee. */
export function conflicts(record: UnitRecord): Disagreement[] {
  const of = (id: string, label: string, all: Side[]) => (all.length > 1 ? [{ id, label, sides: all }] : []);
  const numbers = (live: LiveNumber[]) => sides(live.map((one) => ({ ...one, value: String(one.value) })));
  const committees = record.committees.map(({ members, ...one }) => ({
    ...one,
    value: members.map(({ name, label }) => `${name} (${said(label)})`).join('; '),
  }));
  return [
    ...record.figures.flatMap(({ kind, label, live }) => of(kind, said(label), numbers(live))),
    ...record.totals.flatMap((one) => of(one.device, totalOf(one), numbers(one.live))),
    ...of('committee', t('session.committee.title'), sides(committees)),
  ];
}

/** What a closing total is called. */
export const totalOf = (total: Total): string => t('session.figures.total', { tablet: tabletOf(total) });

function sides(live: (Side['by'][number] & { value: string })[]): Side[] {
  const found: Side[] = [];
  for (const { value, ...one } of live) {
    const side = found.find((known) => known.value === value);
    if (side) side.by.push(one);
    else found.push({ entry: one.entry, value, by: [one] });
  }
  return found;
}

/** A voter by number and name; the name is isolated, for in a sentence it may not turn what stands around it. */
export const named = ({ number, name }: Pick<Voter, 'number' | 'name'>): string =>
  name === null ? `${number}` : `${number}, \u2068${name}\u2069`;

/** The beginning of a hash, in groups that people can compare aloud. */
export const groups = (hash: string): string => (hash.slice(0, 16).match(/.{4}/g) ?? []).join(' ');
