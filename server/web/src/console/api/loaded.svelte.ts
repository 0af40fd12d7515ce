/** Something that is asked of the centre, and every state a view of it has. */
import { Refused } from './client.js';

export class Loaded<T> {
  value = $state.raw<T>();
  problem = $state.raw<Refused>();
  loading = $state(true);
  private turn = 0;

  constructor(private readonly load: () => Promise<T>) {
    void this.again();
  }

  /** Asks once more. What is shown stays until the answer is there; of two answers the later question's holds. */
  again = async (): Promise<void> => {
    this.turn += 1;
    const { turn } = this;
    this.loading = true;
    try {
      const value = await this.load();
      if (turn === this.turn) [this.value, this.problem] = [value, undefined];
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      if (turn === this.turn) this.problem = wrong;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  };
}

/** Something that is done at the centre: whether it is under way, and why it was refused. */
export class Deed {
  working = $state(false);
  problem = $state.raw<Refused>();

  /** Does it, unless it is under way already. Whether it was done. */
  attempt = async (work: () => Promise<void>): Promise<boolean> => {
    if (this.working) return false;
    [this.working, this.problem] = [true, undefined];
    try {
      await work();
      return true;
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      this.problem = wrong;
      return false;
    } finally {
      this.working = false;
    }
  };
}
