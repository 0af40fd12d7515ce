/** Guidance for each step, asked for once while the page is open and again after somebody wrote some. */
import { api, ask, Refused, type GuidanceView } from '../api/client.js';

let known = $state.raw<GuidanceView[]>([]);
let asked = false;

async function look(): Promise<void> {
  try {
    known = await ask(api.GET('/api/v1/guidance'));
  } catch (wrong) {
    // Work goes on without guidance; what is wrong is said by the view itself.
    if (!(wrong instanceof Refused)) throw wrong;
    asked = false;
  }
}

export const guidance = {
  of(step: string): GuidanceView | undefined {
    return known.find((one) => one.step === step);
  },
  /** Asks unless that was done. */
  need(): void {
    if (asked) return;
    asked = true;
    void look();
  },
  again: look,
};
