/** The worker in which keys, shares and bundles lie. It asks nothing of anybody, keeps nothing, and ends when it is done. */
import init, { Checked, Keys, Making } from '../generated/homphieu.js';
import module from '../generated/homphieu_bg.wasm?url';
import { isProblem, problem, type Calls, type FromDesk, type FromOpener, type ToDesk, type ToOpener } from './calls.js';

const say = (message: FromDesk, move: Transferable[] = []) => self.postMessage(message, { transfer: move });

let making: Making | undefined;
let keys: Keys | undefined;
let checked: Checked | undefined;

/** What was not begun cannot be gone on with. */
function begun<T>(value: T | undefined): T {
  if (value === undefined) throw problem('fault');
  return value;
}

function forget(): void {
  for (const held of [making, keys, checked]) held?.free();
  making = keys = checked = undefined;
}

/** One question to an opener, one answer. */
function ask(opener: MessagePort, asked: ToOpener): Promise<FromOpener> {
  const bytes = 'key' in asked ? asked.key : asked.part;
  return new Promise((done) => {
    opener.onmessage = ({ data }: MessageEvent<FromOpener>) => done(data);
    opener.postMessage(asked, [bytes.buffer]);
  });
}

const calls: Calls = {
  beginMaking(round, threshold, trustees) {
    forget();
    making = Making.begin(round, threshold, trustees);
  },
  show: (index) => begun(making).show(index),
  readBack: (index, typed) => begun(making).readBack(index, typed),
  finishMaking() {
    const ceremony = begun(making);
    making = undefined;
    return ceremony.finish();
  },
  openKeys(bytes) {
    forget();
    keys = Keys.open(bytes);
    return keys.about();
  },
  openBundle(bytes) {
    forget();
    checked = Checked.open(bytes);
    return checked.about();
  },
  addShare: (typed) => begun(keys ?? checked).addShare(typed),
  clearShares: () => begun(keys ?? checked).clearShares(),
  attempt: () => begun(keys).attempt(),
  join: () => begun(checked).join(),
  async count(...openers) {
    const bundle = begun(checked);
    const parts = ballots;
    const all = parts.reduce((sum, part) => sum + part, 0);
    let [next, done] = [0, 0];
    say({ kind: 'progress', progress: { done, all } });
    await Promise.all(
      openers.map(async (opener) => {
        const ready = await ask(opener, { key: bundle.boxKey() });
        while ('ready' in ready && ready.ready && next < parts.length) {
          const number = next;
          next += 1;
          const opened = await ask(opener, { part: bundle.part(number) });
          // What an opener could not open, the count opens itself.
          if ('answer' in opened) bundle.take(number, opened.answer);
          done += parts[number] ?? 0;
          say({ kind: 'progress', progress: { done, all } });
        }
        opener.close();
      }),
    );
    return bundle.finish();
  },
};

/** Ballots of each part that is to be opened. */
let ballots: number[] = [];
const loaded = init({ module_or_path: module });

self.onmessage = async ({ data: { id, call, given } }: MessageEvent<ToDesk>) => {
  try {
    await loaded;
    const value = await (calls[call] as (...given: unknown[]) => unknown)(...given);
    if (call === 'join') ballots = (value as ReturnType<Calls['join']>).parts;
    say({ kind: 'done', id, value }, value instanceof Uint8Array ? [value.buffer] : []);
  } catch (wrong) {
    say({ kind: 'failed', id, problem: isProblem(wrong) ? wrong : problem('fault') });
  }
};
