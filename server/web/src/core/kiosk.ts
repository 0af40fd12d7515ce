/** The tablet of the machine: the kiosk that served this page has it, and takes the same calls by HTTP. */
import { alone } from './alone.js';
import { isProblem, type Answered, type Asked, type Calls, type Trouble } from './calls.js';
import type { Core, Opening } from './core.js';
import type { Problem, Progress } from './generated/homphieu.js';

/** Where the kiosk serves the page, and no centre does. */
const PLACE = '/kiosk/';
/** How often it is asked how far something is. */
const LOOK_MS = 300;
/** Calls that take long and move something. */
const LONG: (keyof Calls)[] = ['sync', 'joinSession'];

export const isKiosk = (): boolean => location.pathname === PLACE;

export class KioskCore implements Core {
  readonly local = true;
  progress: (progress: Progress) => void = () => undefined;

  constructor(
    opened: (opening: Opening) => void,
    private readonly trouble: (trouble: Trouble) => void,
  ) {
    alone(
      async () => opened({ ready: true }),
      () => opened({ ready: false, trouble: 'busy' }),
      () => trouble('fault'),
    );
  }

  async call<Name extends keyof Calls>(call: Name, ...given: Asked<Name>): Promise<Answered<Name>> {
    const over = LONG.includes(call) ? this.watch() : undefined;
    try {
      return (await this.post(call, given)) as Answered<Name>;
    } finally {
      over?.();
    }
  }

  /** Tells how far it is until that is over. */
  private watch(): () => void {
    let over = false;
    const look = async () => {
      const progress = (await this.post('moving', []).catch(() => null)) as Progress | null;
      if (over) return;
      if (progress) this.progress(progress);
      setTimeout(() => void look(), LOOK_MS);
    };
    setTimeout(() => void look(), LOOK_MS);
    return () => (over = true);
  }

  private async post(call: string, given: unknown[]): Promise<unknown> {
    let answer: Response;
    let said: unknown;
    try {
      answer = await fetch(`${PLACE}call/${call}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(given, (_, value) => (value instanceof Uint8Array ? toBase64(value) : (value as unknown))),
        cache: 'no-store',
        credentials: 'same-origin',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
      said = JSON.parse(await answer.text(), (_, value) => fromBase64(value) ?? (value as unknown));
    } catch {
      return this.giveUp('kiosk_gone');
    }
    if (answer.ok) return said;
    if (!isProblem(said)) return this.giveUp('fault');
    if (said.code === 'not_opened') return this.giveUp('not_opened');
    throw said;
  }

  private giveUp(trouble: Trouble): never {
    this.trouble(trouble);
    throw gone;
  }
}

/** What a call is told that had no answer; the page itself says more. */
const gone: Problem = {
  case: 'restart',
  code: 'kiosk_gone',
  text: {
    vi: 'Chương trình của máy không trả lời: việc vừa làm chưa được xác nhận.',
    en: "the tablet's program does not answer: what was just done is not confirmed",
  },
};

/** `btoa` takes a text of bytes; a call of a function does not take millions of arguments. */
function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(''));
}

/** Bytes as the kiosk writes them: `{"base64": "…"}` and nothing else. */
function fromBase64(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return undefined;
  const text = atob(String(value.base64));
  return Uint8Array.from(text, (byte) => byte.charCodeAt(0));
}
