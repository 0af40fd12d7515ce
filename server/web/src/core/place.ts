/**
 * The place where the browser keeps what the page needs: whether it promised to, how much room there is, and a mark by
 * which the page sees that everything is gone.
 *
 * A browser that runs out of room throws away everything of an address that counts against its quota at once: database,
 * caches and service worker. Chromium leaves local storage alone then, Firefox leaves cookies alone, so the mark lies in
 * both. It is written when the team does something and never when a ballot is cast: browsers note when such a value was
 * written.
 */
import type { Overview } from './core.js';

/** Which tablet this browser was when the team last did something. */
export interface Mark {
  device: string;
  label: string;
  units: string[];
  /** Whether it was opened for voters, and not everything was confirmed since. */
  voting: boolean;
}

export interface Place {
  /** Whether the browser promised to keep the data; nothing where it does not say. */
  kept: boolean | undefined;
  /** Bytes that are left for this page; nothing where it does not say. */
  room: number | undefined;
}

/** Less room than this is told in capitals: a package, its record and the ballots of a day fit in many times over. */
export const ROOM_MIN = 50_000_000;
const NAME = 'homphieu-mark';
/** As long as Chromium keeps a cookie. */
const COOKIE_S = 400 * 24 * 3600;
const COOKIE_MAX = 3_500;
const TEXT_MAX = 200;
const UNITS_MAX = 100;

let asked = false;

/** Asks the browser once to keep the data, since some browsers ask the person, and looks at the room. */
export async function look(): Promise<Place> {
  if (!asked) return askToKeep();
  const kept = await navigator.storage?.persisted?.().catch(() => undefined);
  const found = await navigator.storage?.estimate?.().catch(() => undefined);
  const known = found?.quota !== undefined && found.usage !== undefined;
  return { kept, room: known ? Math.max(0, found.quota! - found.usage!) : undefined };
}

/** Asks it, again. */
export async function askToKeep(): Promise<Place> {
  asked = true;
  await navigator.storage?.persist?.().catch(() => undefined);
  return look();
}

/** Notes which tablet this is. `opening`: voters come next. */
export function note(overview: Overview, opening: boolean): void {
  if (!overview.round || !overview.device) return;
  const mark: Mark = {
    device: overview.device,
    label: (overview.label ?? '').slice(0, TEXT_MAX),
    units: overview.units.map(({ unit }) => unit).slice(0, UNITS_MAX),
    voting: opening || !safe(overview),
  };
  const text = JSON.stringify(mark);
  if (stored() !== text) store(text);
  if (cookie() !== text && encodeURIComponent(text).length <= COOKIE_MAX) bake(text, COOKIE_S);
}

/** What was noted last, if anything was. */
export function noted(): Mark | undefined {
  return read(stored()) ?? read(cookie());
}

/** The office knows of the loss: from now on this is a new tablet. */
export function forget(): void {
  try {
    localStorage.removeItem(NAME);
  } catch {
    // What cannot be read was not noted there.
  }
  bake('', 0);
}

function safe({ units, next }: Overview): boolean {
  return !next.only_here && units.every(({ counts }) => counts.in_box + counts.sealed + counts.handed_over === 0);
}

function read(text: string | undefined): Mark | undefined {
  try {
    const mark: unknown = JSON.parse(text ?? '');
    return isMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isMark(value: unknown): value is Mark {
  const { device, label, units, voting } = (value ?? {}) as Record<string, unknown>;
  const texts = [device, label, ...(Array.isArray(units) ? units : [undefined])];
  return texts.every((text) => typeof text === 'string' && text.length <= TEXT_MAX) && typeof voting === 'boolean';
}

function stored(): string | undefined {
  try {
    return localStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}

function store(text: string): void {
  try {
    localStorage.setItem(NAME, text);
  } catch {
    // The cookie has it.
  }
}

function cookie(): string | undefined {
  const own = document.cookie.split('; ').find((one) => one.startsWith(`${NAME}=`));
  try {
    return own && decodeURIComponent(own.slice(NAME.length + 1));
  } catch {
    return undefined;
  }
}

function bake(text: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${NAME}=${encodeURIComponent(text)}; Path=/tablet/; Max-Age=${seconds}; SameSite=Strict${secure}`;
}
