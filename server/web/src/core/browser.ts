/** The tablet in this browser: WebAssembly in a worker, over the browser's database. */
import type { Answered, Asked, Calls, Trouble } from './calls.js';
import type { Core, Opening } from './core.js';
import type { Problem, Progress } from './generated/homphieu.js';
import type { FromWorker, ToWorker } from './worker.js';

export class BrowserCore implements Core {
  readonly local = false;
  progress: (progress: Progress) => void = () => undefined;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { done: (value: unknown) => void; failed: (why: unknown) => void }>();
  private last = 0;

  constructor(opened: (opening: Opening) => void, trouble: (trouble: Trouble) => void) {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker.onerror = () => trouble('fault');
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'ready') opened({ ready: true });
      else if (data.kind === 'progress') this.progress(data.progress as Progress);
      else if (data.kind === 'trouble' && data.trouble === 'fault') trouble('fault');
      else if (data.kind === 'trouble') opened({ ready: false, trouble: data.trouble });
      else if (data.kind === 'failed' && data.id === 0) opened({ ready: false, problem: data.problem as Problem });
      else this.settle(data);
    };
  }

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
