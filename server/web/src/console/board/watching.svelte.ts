/** The board of a round as the centre tells it. What came stays in sight while the centre cannot be reached. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { api, Refused, refusal, type BoardView, type UnitView } from '../api/client.js';

/** The centre says something at least every fifteen seconds. Who hears nothing for so long has lost it. */
const SILENCE_MS = 40_000;
/** Pauses before it is asked again, one after the other; the last holds on. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000];

export class Watching {
  units = $state.raw<UnitView[]>([]);
  /** State of the round. */
  state = $state('');
  /** Since when the centre listens, in milliseconds. */
  since = $state(0);
  /** Whether anything came yet. */
  ready = $state(false);
  /** Since when the centre cannot be reached, in milliseconds by this machine's clock; nothing while it can. */
  lostSince = $state<number>();
  /** Why the centre shows no board. */
  problem = $state.raw<Refused>();
  private last: string | undefined;
  private tries = 0;

  constructor(private readonly round: string) {}

  /** Watches until the function that it gives is called. */
  start(): () => void {
    const over = new AbortController();
    void this.go(over.signal);
    return () => over.abort();
  }

  private async go(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        await this.once(over);
      } catch (wrong) {
        if (over.aborted) return;
        // What the centre refuses it refuses again; everything else may be over in a moment.
        if (wrong instanceof Refused && wrong.status < 500 && wrong.status !== 429) {
          this.problem = wrong;
          return;
        }
      }
      if (over.aborted) return;
      this.lostSince ??= Date.now();
      const pause = PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)] ?? 0;
      this.tries += 1;
      await new Promise((done) => setTimeout(done, pause));
    }
  }

  /** One stream of events, to its end. */
  private async once(over: AbortSignal): Promise<void> {
    const silent = new AbortController();
    let clock = setTimeout(() => silent.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(clock);
      clock = setTimeout(() => silent.abort(), SILENCE_MS);
    };
    const stop = () => silent.abort();
    over.addEventListener('abort', stop);
    try {
      const { data, error, response } = await api.GET('/api/v1/rounds/{round}/board', {
        params: { path: { round: this.round }, header: this.last === undefined ? {} : { 'Last-Event-ID': this.last } },
        parseAs: 'stream',
        signal: silent.signal,
      });
      if (!response.ok || !data) throw refusal(error, response);
      [this.lostSince, this.problem, this.tries] = [undefined, undefined, 0];
      const bytes = (data as ReadableStream<Uint8Array>).pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(part, out) {
            heard();
            out.enqueue(part);
          },
        }),
      );
      const text = bytes.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
      const events = text.pipeThrough(new EventSourceParserStream()).getReader();
      for (let next = await events.read(); !next.done; next = await events.read()) {
        if (next.value.event !== 'board') continue;
        this.take(JSON.parse(next.value.data) as BoardView);
        this.last = next.value.id;
      }
    } finally {
      clearTimeout(clock);
      over.removeEventListener('abort', stop);
    }
  }

  private take(view: BoardView): void {
    const units = new Map(view.whole ? [] : this.units.map((unit) => [unit.code, unit]));
    for (const unit of view.units) units.set(unit.code, unit);
    this.units = [...units.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    [this.state, this.since, this.ready] = [view.state, view.since * 1000, true];
  }
}
