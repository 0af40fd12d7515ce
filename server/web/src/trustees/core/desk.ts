/** The page's side of the worker in which keys, shares and bundles lie. */
import { problem, type Calls, type Counted, type FromDesk, type Problem, type Progress, type ToDesk } from './calls.js';

/** More openers than this bring nothing: each takes memory for a core of its own. */
const OPENERS_MAX = 16;

type Answer<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

export class Desk {
  progress: (progress: Progress) => void = () => undefined;
  private readonly worker = new Worker(new URL('./desk.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, { done: (value: unknown) => void; failed: (why: Problem) => void }>();
  private openers: Worker[] = [];
  private last = 0;

  constructor() {
    this.worker.onerror = () => this.end('fault');
    this.worker.onmessage = ({ data }: MessageEvent<FromDesk>) => {
      if (data.kind === 'progress') return this.progress(data.progress);
      const waiting = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.kind === 'done') waiting?.done(data.value);
      else waiting?.failed(data.problem);
    };
  }

  /** Bytes and ports among what is given are moved, not copied. */
  call<Name extends keyof Calls>(call: Name, ...given: Parameters<Calls[Name]>): Promise<Answer<Name>> {
    this.last += 1;
    const id = this.last;
    const move = (given as unknown[]).flatMap((one): Transferable[] => {
      if (one instanceof Uint8Array) return [one.buffer as ArrayBuffer];
      return one instanceof MessagePort ? [one] : [];
    });
    return new Promise((done, failed) => {
      this.waiting.set(id, { done: done as (value: unknown) => void, failed });
      this.worker.postMessage({ id, call, given } satisfies ToDesk, move);
    });
  }

  /** Joins the shares and counts on every core there is. The key goes to the openers by ways of their own. */
  async count(): Promise<Counted> {
    const { parts } = await this.call('join');
    const openers = Math.max(1, Math.min(navigator.hardwareConcurrency || 1, OPENERS_MAX, parts.length));
    const ports = Array.from({ length: openers }, () => {
      const opener = new Worker(new URL('./opener.worker.ts', import.meta.url), { type: 'module' });
      opener.onerror = () => this.end('fault');
      this.openers.push(opener);
      const { port1, port2 } = new MessageChannel();
      opener.postMessage(port1, [port1]);
      return port2;
    });
    try {
      return await this.call('count', ...ports);
    } finally {
      for (const opener of this.openers.splice(0)) opener.terminate();
    }
  }

  /** Ends the workers, and with them all that lay in their memory. */
  end(code = 'ended'): void {
    for (const worker of [this.worker, ...this.openers.splice(0)]) worker.terminate();
    for (const { failed } of this.waiting.values()) failed(problem(code));
    this.waiting.clear();
  }
}

/** What was typed, as bytes that the worker takes away with it. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
