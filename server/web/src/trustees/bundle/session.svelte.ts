/** A bundle under work: opened, compared, its shares given, counted. Its workers end with it. */
import { Desk } from '../core/desk.js';
import { isProblem, problem, type About, type Counted, type Problem, type Progress } from '../core/calls.js';
import { guard } from '../guard.svelte.js';

export class BundleSession {
  about = $state.raw<About>();
  counted = $state.raw<Counted>();
  progress = $state.raw<Progress>();
  problem = $state.raw<Problem>();
  reading = $state(false);
  desk = new Desk();

  async open(bytes: Uint8Array): Promise<void> {
    this.reading = true;
    this.problem = undefined;
    try {
      this.about = await this.desk.call('openBundle', bytes);
    } catch (wrong) {
      this.problem = isProblem(wrong) ? wrong : problem('fault');
      // What a hostile file may have left of the worker is not gone on with.
      if (this.problem.code === 'fault') this.anew();
    } finally {
      this.reading = false;
    }
  }

  /** Gives up what is being read. */
  stop(): void {
    this.anew();
  }

  private anew(): void {
    this.desk.end();
    this.desk = new Desk();
  }

  /** Counts with the shares that were given. What stands against the shares is thrown; they stay and others may come. */
  async count(): Promise<void> {
    this.problem = undefined;
    this.desk.progress = (progress) => (this.progress = progress);
    try {
      this.counted = await this.desk.count();
    } catch (wrong) {
      const why = isProblem(wrong) ? wrong : problem('fault');
      // Once opening has begun nothing can be typed again: the shares are wiped.
      if (this.progress === undefined) throw why;
      this.problem = why;
    }
    this.progress = undefined;
    this.end();
  }

  end(): void {
    this.desk.end();
    guard.end();
  }
}
