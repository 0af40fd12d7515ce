/** The tablet as the page calls it. */
import type { Problem, Progress } from './generated/homphieu.js';
import type { Answered, Asked, Calls, Trouble } from './calls.js';
import type { FromWorker, ToWorker } from './worker.js';

export type { Trouble };
export type * from './generated/homphieu.js';

/** Why the tablet did not open. */
export type Opening = { ready: true } | { ready: false; trouble: Trouble } | { ready: false; problem: Problem };

export class Core {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { done: (value: unknown) => void; failed: (why: unknown) => void }>();
  private last = 0;
  /** Told how far a sync is. */
  progress: (progress: Progress) => void = () => undefined;

  /** `fault` is told when the program met a fault and has to start anew. */
  constructor(
    opened: (opening: Opening) => void,
    private readonly fault: () => void,
  ) {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker.onerror = () => this.fault();
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'ready') opened({ ready: true });
      else if (data.kind === 'progress') this.progress(data.progress as Progress);
      else if (data.kind === 'trouble' && data.trouble === 'fault') this.fault();
      else if (data.kind === 'trouble') opened({ ready: false, trouble: data.trouble });
      else if (data.kind === 'failed' && data.id === 0) opened({ ready: false, problem: data.problem as Problem });
      else this.settle(data);
    };
  }

  /** Calls the tablet. What is refused is thrown as a `Problem`. */
  call<Name extends keyof Calls>(call: Name, ...given: Asked<Name>): Promise<Answered<Name>> {
    this.last += 1;
    const id = this.last;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done: done as (value: unknown) => void, failed });
      this.worker.postMessage({ id, call, given } satisfies ToWorker);
    });
  }

  private settle(data: Extract<FromWorker, { id: number }>): void {
    const waiting = this.waiting.get(data.id);
    this.waiting.delete(data.id);
    if (data.kind === 'done') waiting?.done(data.value);
    else waiting?.failed(data.problem);
  }
}
