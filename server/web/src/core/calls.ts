/** The calls of the page, by name: what the core alone does, and what takes a way to the centre as well. */
import type { Answers, Given, Passed, Problem, Session, SyncReport } from './generated/homphieu.js';

/** What stands in the way of any call. */
export type Trouble = 'busy' | 'no_storage' | 'fault' | 'key_lost' | 'store_changed' | 'not_opened' | 'kiosk_gone';

/** Calls that the core does alone; their types are written from `client-ffi/page/src/calls.rs`. */
export type Shared = {
  [Name in keyof Given & keyof Answers]: (
    ...given: Given[Name] extends unknown[] ? Given[Name] : []
  ) => Answers[Name];
};

/** Calls that need a way to the centre, which a browser and the kiosk have each its own. */
export interface OwnCalls {
  enrol(token: string): Promise<void>;
  sync(): Promise<SyncReport>;
}

/** Calls that need sockets, which no browser has: the kiosk alone does them (`Core.local`). */
export interface LocalCalls {
  /** Opens a session for other tablets in a local network, or gives the one that is open. */
  openSession(): Promise<Session>;
  /** The session that is open, or the last one. */
  session(): Promise<Session | null>;
  endSession(): Promise<void>;
  /** Joins another tablet's session, exchanges everything both ways, and leaves. */
  joinSession(invitation: string): Promise<Passed>;
  stopJoining(): Promise<void>;
}

/** What was saved of a tablet that cannot be opened any more. */
export interface Rescued {
  parcel: Uint8Array;
  envelopes: number;
  ballots: number;
  lost: string[];
}

/** Calls about a browser's database, which may lose a part of itself; a kiosk's folder is saved by `tablet save`. */
export interface StoreCalls {
  rescue(story: string): Promise<Rescued>;
}

/** All of them. */
export type Calls = Shared & OwnCalls & StoreCalls & LocalCalls;

export type Asked<Name extends keyof Calls> = Parameters<Calls[Name]>;
export type Answered<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'case' in value && 'code' in value && 'text' in value;
}
