/** The worker that holds the tablet: takes calls, one message each, and answers them. */
import type { Calls, Shared, Trouble } from './calls.js';
import { Desk, isProblem } from './desk.js';

export type ToWorker = { id: number; call: keyof Calls; given: unknown[] };
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'trouble'; trouble: Trouble }
  | { kind: 'progress'; progress: unknown }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; problem: unknown };

const say = (message: FromWorker) => self.postMessage(message);
const trouble = (trouble: Trouble) => say({ kind: 'trouble', trouble });

const desk = new Desk(
  (progress) => say({ kind: 'progress', progress }),
  () => trouble('fault'),
);

self.onmessage = async ({ data: { id, call, given } }: MessageEvent<ToWorker>) => {
  try {
    say({ kind: 'done', id, value: await answer(call, given) });
  } catch (problem) {
    if (isProblem(problem)) say({ kind: 'failed', id, problem });
    else trouble('fault');
  }
};

function answer(call: keyof Calls, given: unknown[]): Promise<unknown> {
  if (call === 'sync') return desk.sync();
  if (call === 'enrol') return desk.enrol(String(given[0]));
  return desk.call(call, given as Parameters<Shared[typeof call]>);
}

/** How long another worker may take to let go, in milliseconds: a page that is loaded again ends after the new one began. */
const PATIENCE = 5_000;

// Two pages may not write one store. The lock is the worker's as long as it lives.
navigator.locks
  .request('homphieu-tablet', { signal: AbortSignal.timeout(PATIENCE) }, async () => {
    try {
      await desk.open();
    } catch (problem) {
      if (isProblem(problem)) return say({ kind: 'failed', id: 0, problem });
      return trouble('no_storage');
    }
    say({ kind: 'ready' });
    return new Promise<never>(() => undefined);
  })
  .catch((error: unknown) => {
    const waited = error instanceof DOMException && error.name === 'TimeoutError';
    trouble(waited ? 'busy' : 'no_storage');
  });

