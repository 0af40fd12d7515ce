/** The tablet as the page calls it, wherever it is. */
import type { Answered, Asked, Calls, Rescued, Trouble } from './calls.js';
import { BrowserCore } from './browser.js';
import type { Problem, Progress } from './generated/homphieu.js';
import { isKiosk, KioskCore } from './kiosk.js';

export type { Rescued, Trouble };
export type * from './generated/homphieu.js';

/** Why the tablet did not open. */
export type Opening = { ready: true } | { ready: false; trouble: Trouble } | { ready: false; problem: Problem };

export interface Core {
  /** Whether it can open and join sessions in a local network. */
  readonly local: boolean;
  /** Told how far a sync, or an exchange with another tablet, is. */
  progress: (progress: Progress) => void;
  /** Calls the tablet. What is refused is thrown as a `Problem`. */
  call<Name extends keyof Calls>(call: Name, ...given: Asked<Name>): Promise<Answered<Name>>;
}

/** `trouble` is told when nothing can be called any more and the page has to be opened anew. */
export function openCore(opened: (opening: Opening) => void, trouble: (trouble: Trouble) => void): Core {
  return isKiosk() ? new KioskCore(opened, trouble) : new BrowserCore(opened, trouble);
}
