/** The calls of the page, by name: what the core alone does, and what takes a way to the centre as well. */
import type { Answers, Given, SyncReport } from './generated/homphieu.js';

/** What stands in the way of any call. */
export type Trouble = 'busy' | 'no_storage' | 'fault';

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

/** All of them. */
export type Calls = Shared & OwnCalls;

export type Asked<Name extends keyof Calls> = Parameters<Calls[Name]>;
export type Answered<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;
