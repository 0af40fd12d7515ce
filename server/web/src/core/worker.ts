/** The worker that holds the tablet: takes calls, one message each, and answers them. */
import { alone } from './alone.js';
import { isProblem, type Calls, type Shared, type Trouble } from './calls.js';
import { Desk, KeyLost } from './desk.js';
import { Changed } from './kept.js';

export type ToWorker = { id: number; call: keyof Calls; given: unknown[] };
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'trouble'; trouble: Trouble }
  | { kind: 'progress'; progress: unknown }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; problem: unknown };

const say = (message: FromWorker) => self.postMessage(message);
const trouble = (trouble: Trouble) => say({ kind: 'trouble', trouble });

function why(problem: unknown): Trouble {
  if (problem instanceof KeyLost) return 'key_lost';
  return problem instanceof Changed ? 'store_changed' : 'no_storage';
}

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
  if (call === 'rescue') return desk.rescue(String(given[0]));
  // What only the kiosk does the core does not know, and says so.
  return desk.call(call as keyof Shared, given as Parameters<Shared[keyof Shared]>);
}

alone(
  async () => {
    await desk.open();
    say({ kind: 'ready' });
  },
  () => trouble('busy'),
  (problem) => {
    if (isProblem(problem)) say({ kind: 'failed', id: 0, problem });
    else trouble(why(problem));
  },
);
