/** One of many who open the ballots of a count; it has the key that opens, and no share. */
import init, { Opener } from '../generated/homphieu.js';
import module from '../generated/homphieu_bg.wasm?url';
import type { FromOpener, ToOpener } from './calls.js';

const loaded = init({ module_or_path: module });
let opener: Opener | undefined;

async function answer(asked: ToOpener): Promise<FromOpener> {
  try {
    await loaded;
    if ('part' in asked && opener) return { answer: opener.open(asked.part) };
    if ('key' in asked) opener = Opener.begin(asked.key);
    return { ready: opener !== undefined };
  } catch {
    return { ready: false };
  }
}

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  data.onmessage = async (asked: MessageEvent<ToOpener>) => {
    const said = await answer(asked.data);
    data.postMessage(said, 'answer' in said ? [said.answer.buffer] : []);
  };
};
