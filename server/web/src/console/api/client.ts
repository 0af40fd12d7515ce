/** The centre as the console asks it: every path and type is that of its committed document. */
import createClient from 'openapi-fetch';
import type { paths, Problem } from '../generated/api.js';

export type * from '../generated/api.js';

export const api = createClient<paths>({ credentials: 'same-origin' });

/** Why the centre did not do it, or that it was not reached. */
export class Refused extends Error {
  constructor(
    /** What programs switch on; `offline` if no answer came, `unexpected` if it was none of the centre's. */
    readonly code: string,
    /** In English, naming what is concerned. */
    readonly detail: string,
    readonly status: number,
    /** When it is worth asking again, in seconds. */
    readonly seconds: number | undefined,
  ) {
    super(detail);
  }
}

/** Told when the centre does not know anybody any more: signed out elsewhere, or idle for too long. */
export const lost: { session: () => void } = { session: () => undefined };

type Answer<T> = { data?: T; error?: unknown; response: Response };

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && typeof (error as Problem).code === 'string';

/** What an answer without success means. */
export function refusal(error: unknown, response: Response): Refused {
  const later = Number(response.headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(later) ? later : undefined;
  if (!isProblem(error)) return new Refused('unexpected', `HTTP ${response.status}`, response.status, seconds);
  const refused = new Refused(error.code, error.detail, response.status, seconds);
  if (refused.code === 'sign_in') lost.session();
  return refused;
}

/** The answer itself. Everything else is thrown as `Refused`. */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch {
    throw new Refused('offline', '', 0, undefined);
  }
  if (!answer.response.ok) throw refusal(answer.error, answer.response);
  return answer.data as T;
}

/** A file of the centre, as its bytes. */
export async function bytesOf(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin' });
    // It may break off on the way: then there is nothing of it.
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Refused('offline', '', 0, undefined);
  }
  throw refusal(await response.json().catch(() => undefined), response);
}

/** Largest page of a list that the centre gives. */
const PAGE = 200;

/** Every item of a list, page after page. */
export async function whole<T>(
  page: (query: { limit: number; after?: string }) => Promise<Answer<{ items: T[]; next?: string | null }>>,
): Promise<T[]> {
  const all: T[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await ask(page(after === undefined ? { limit: PAGE } : { limit: PAGE, after }));
    all.push(...items);
    after = next ?? undefined;
  } while (after !== undefined);
  return all;
}
