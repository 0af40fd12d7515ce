/** A list of the centre that is read page by page, as far as somebody wants. */
import { ask, Refused } from './client.js';

type Answer<T> = { data?: T; error?: unknown; response: Response };
type Page<T> = { items: T[]; next?: string | null };

/** Items of a page, if nothing else is said: as many as are read before somebody scrolls further. */
const PAGE = 50;

export class Listed<T> {
  items = $state.raw<T[]>([]);
  /** Whether an answer came since the beginning was last asked for. */
  ready = $state(false);
  loading = $state(true);
  problem = $state.raw<Refused>();
  private next = $state<string>();
  private turn = 0;

  constructor(
    private readonly page: (query: { limit: number; after?: string }) => Promise<Answer<Page<T>>>,
    private readonly limit = PAGE,
  ) {
    void this.again();
  }

  get more(): boolean {
    return this.next !== undefined;
  }

  /** From the beginning, as after another question. Of two answers the later question's holds. */
  again = (): Promise<void> => this.take(undefined);

  /** The next page, below what is there. */
  further = async (): Promise<void> => {
    if (this.next !== undefined && !this.loading) await this.take(this.next);
  };

  private async take(after: string | undefined): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    this.loading = true;
    try {
      const { limit } = this;
      const { items, next } = await ask(this.page(after === undefined ? { limit } : { limit, after }));
      if (turn !== this.turn) return;
      this.items = after === undefined ? items : [...this.items, ...items];
      [this.next, this.problem, this.ready] = [next ?? undefined, undefined, true];
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      if (turn === this.turn) this.problem = wrong;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }
}
