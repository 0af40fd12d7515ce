/**
 * The tablet with its store. Every call is one turn: the core changes, one transaction makes that durable, and only
 * then somebody hears of it. If the transaction fails, the core in memory is thrown away and read again.
 */
import { isProblem, type OwnCalls, type Rescued, type Shared, type StoreCalls } from './calls.js';
import init, { Tablet, rescue, type Problem, type Progress, type SyncReport } from './generated/homphieu.js';
import module from './generated/homphieu_bg.wasm?url';
import { Kept } from './kept.js';

/** The key under which names and secrets lie is gone. */
export class KeyLost extends Error {}

export class Desk implements OwnCalls, StoreCalls {
  private kept: Kept | undefined;
  private tablet: Tablet | undefined;
  /** Rises each time the core is read anew: what was under way before is over. */
  private life = 0;
  private turns: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly tell: (progress: Progress) => void,
    private readonly broken: () => void,
  ) {}

  async open(): Promise<void> {
    await init({ module_or_path: module });
    this.kept = await Kept.open(this.broken);
    if (!this.kept.whole) throw new KeyLost();
    await this.turn(() => undefined);
  }

  /** What can be saved of a tablet that cannot be opened any more, as a parcel for the office. Changes nothing. */
  async rescue(story: string): Promise<Rescued> {
    const { parcel, envelopes, ballots, lost } = rescue((await this.kept?.all()) ?? [], story);
    return { parcel, envelopes, ballots, lost };
  }

  /** A call that the core does alone. */
  call<Name extends keyof Shared>(call: Name, given: Parameters<Shared[Name]>): Promise<ReturnType<Shared[Name]>> {
    return this.turn((tablet) => tablet.call(call, given) as ReturnType<Shared[Name]>);
  }

  async enrol(token: string): Promise<void> {
    // The keys are durable before the centre hears of them.
    const request = await this.turn((tablet) => tablet.enrolRequest(token));
    const answer = await post(request.path, request.body);
    if ('broke' in answer) throw unreachable;
    const { status, kind, after, body } = answer;
    await this.turn((tablet) => tablet.finishEnrolment(token, status, kind, after, body));
    await this.guidance();
  }

  /**
   * Fetches guidance after what the page asked for. It decides nothing, so that has gone well whatever becomes of it, and
   * the next sync tries again.
   */
  private async guidance(): Promise<void> {
    try {
      const request = await this.turn((tablet) => tablet.guidanceRequest());
      if (!request) return;
      const answer = await post(request.path, request.body);
      if ('broke' in answer) return;
      const { status, kind, after, body } = answer;
      await this.turn((tablet) => tablet.takeGuidance(status, kind, after, body));
    } catch (problem) {
      if (!isProblem(problem)) throw problem;
    }
  }

  /** Request by request; between them others have their turn, so that nobody waits to vote for a slow network. */
  async sync(): Promise<SyncReport> {
    await this.turn((tablet) => tablet.beginSync());
    const life = this.life;
    const same = <T>(work: (tablet: Tablet) => T): Promise<T> =>
      this.turn((tablet) => {
        if (this.life !== life) throw unreachable;
        return work(tablet);
      });
    for (;;) {
      const request = await same((tablet) => tablet.nextRequest());
      if (!request) break;
      const answer = await post(request.path, request.body);
      const steps = await same((tablet) => {
        if ('broke' in answer) {
          tablet.notAnswered(answer.broke, answer.why);
          return [];
        }
        return tablet.answered(answer.status, answer.kind, answer.after, answer.body);
      });
      steps.forEach(this.tell);
    }
    await this.guidance();
    const minutes = Math.max(0, Math.floor(Date.now() / 60_000));
    return same((tablet) => tablet.endSync(minutes));
  }

  /** One after the other: what the core did is durable before the next begins and before anybody hears of it. */
  private turn<T>(work: (tablet: Tablet) => T): Promise<T> {
    const done = this.turns.then(() => this.work(work));
    this.turns = done.catch(() => undefined);
    return done;
  }

  private async work<T>(work: (tablet: Tablet) => T): Promise<T> {
    const tablet = this.tablet ?? (await this.read());
    let outcome: { value: T } | { problem: unknown };
    try {
      outcome = { value: work(tablet) };
    } catch (problem) {
      // A fault of the program leaves memory that nothing may be built on, and certainly nothing written.
      if (!isProblem(problem)) return this.giveUp(problem);
      outcome = { problem };
    }
    await this.commit(tablet);
    if ('problem' in outcome) throw outcome.problem;
    return outcome.value;
  }

  private async read(): Promise<Tablet> {
    if (!this.kept) throw new Error('not open');
    const kept = await this.kept.all();
    const tablet = Tablet.open(kept);
    await this.commit(tablet);
    this.tablet = tablet;
    return tablet;
  }

  private async commit(tablet: Tablet): Promise<void> {
    const changes = tablet.pending();
    if (changes.length === 0) return;
    try {
      await this.kept?.commit(changes);
    } catch (error) {
      this.tablet = undefined;
      this.life += 1;
      tablet.free();
      throw notStored(error);
    }
    tablet.committed();
  }

  private giveUp(problem: unknown): never {
    this.broken();
    throw problem;
  }
}

type Answer =
  | { status: number; kind: string | undefined; after: string | undefined; body: Uint8Array }
  | { broke: boolean; why: string };

/** Longest that is waited for an answer, in milliseconds; as the native tablet does. */
const PATIENCE = 180_000;

async function post(path: string, body: Uint8Array): Promise<Answer> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/cbor' },
      body: new Uint8Array(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE),
    });
    const header = (name: string) => answer.headers.get(name) ?? undefined;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, kind: header('content-type'), after: header('retry-after'), body: bytes };
  } catch (error) {
    // A browser does not say whether anything was reached; only that it says it is offline is sure.
    return { broke: navigator.onLine, why: error instanceof Error ? error.name : 'network' };
  }
}

const unreachable: Problem = {
  case: 'retry',
  code: 'unreachable',
  text: {
    vi: 'Hiện không tới được trung tâm; mọi thứ vẫn ở trên máy này, hãy thử lại sau.',
    en: 'the centre cannot be reached now; everything stays on this tablet, try again later',
  },
};

function notStored(error: unknown): Problem {
  const full = error instanceof DOMException && error.name === 'QuotaExceededError';
  return full
    ? {
        case: 'store_full',
        code: 'store_full',
        text: {
          vi: 'Bộ nhớ của máy đã đầy: hãy dọn bớt; những gì đã xác nhận vẫn an toàn.',
          en: "the tablet's memory is full: free some space; what was confirmed is safe",
        },
      }
    : {
        case: 'damaged',
        code: 'store_fails',
        text: {
          vi: 'Máy chưa ghi được vào bộ nhớ: việc vừa làm chưa được xác nhận, hãy làm lại.',
          en: 'the tablet could not write to its memory: what was just done is not confirmed, do it again',
        },
      };
}
