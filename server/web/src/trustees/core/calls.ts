/** What the page asks of the worker in which keys, shares and bundles lie, and what openers are asked. */
import type { About, Counted, Given, KeyFile, KeyLook, Problem, ToOpen } from '../generated/homphieu.js';

export type { About, Counted, Finding, Given, KeyFile, KeyLook, OrderLook, Problem, ToOpen } from '../generated/homphieu.js';

/** Shares go as bytes, for bytes can be moved and wiped. */
export interface Calls {
  beginMaking(round: string, threshold: number, trustees: number): void;
  show(index: number): Uint8Array;
  readBack(index: number, typed: Uint8Array): void;
  finishMaking(): KeyFile;
  openKeys(bytes: Uint8Array): KeyLook;
  openBundle(bytes: Uint8Array): About;
  addShare(typed: Uint8Array): Given;
  clearShares(): void;
  /** Opens a trial ballot: indexes of shares that are wrong although their checksums fit. */
  attempt(): Uint8Array;
  join(): ToOpen;
  /** Counts with the openers at the other ends of these ports; tells how far it is. */
  count(...openers: MessagePort[]): Promise<Counted>;
}

export type Progress = { done: number; all: number };

export type ToDesk = { id: number; call: keyof Calls; given: unknown[] };
export type FromDesk =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; problem: Problem };

export type ToOpener = { key: Uint8Array } | { part: Uint8Array };
/** Nothing, where it could not. */
export type FromOpener = { answer: Uint8Array } | { ready: boolean };

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'given' in value;
}

export function problem(code: string, ...given: [string, string][]): Problem {
  return { code, given, detail: null };
}
