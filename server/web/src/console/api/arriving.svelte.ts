/** A list of the centre that is read to its end; what has come is shown meanwhile. */
import { ask, Refused } from './client.js';

type Answer<T> = { data?: T; error?: unknown; response: Response };
type Page<T> = { items: T[]; next?: string | null };

/** Items until something can be shown, and of every page after that: the most that the centre gives at once. */
const [FIRST, THEN] = [50, 200];

export class Arriving<T> {
  items = $state.raw<T[]>([]);
  /** Whether there is something to show, and whether that is all. */
  ready = $state(false);
  complete = $state(false);
  loading = $state(true);
  problem = $state.raw<Refused>();
  private turn = 0;

  constructor(private readonly page: (query: { limit: number; after?: string }) => Promise<Answer<Page<T>>>) {
    void this.again();
  }

  /** Reads it once more. What was there stays until the new list is there, all of it. */
  again = async (): Promise<void> => {
    this.turn += 1;
    const { turn, complete: replaced } = this;
    this.loading = true;
    try {
      const all: T[] = [];
      let after: string | undefined;
      do {
        const { items, next } = await ask(this.page(after === undefined ? { limit: FIRST } : { limit: THEN, after }));
        if (turn !== this.turn) return;
        all.push(...items);
        after = next ?? undefined;
        if (!replaced) [this.items, this.ready] = [[...all], true];
      } while (after !== undefined);
      [this.items, this.ready, this.complete, this.problem] = [all, true, true, undefined];
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      if (turn === this.turn) this.problem = wrong;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  };
}
