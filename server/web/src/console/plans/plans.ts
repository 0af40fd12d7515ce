/** Plans as the centre gives them: of an official of a unit, or the own one of an official, which has its own address. */
import { api, ask, type PlanMeasure, type WholePlan } from '../api/client.js';
import { session } from '../session.svelte.js';

/** Whose plan, in which round. */
export interface Of {
  round: string;
  unit: string;
  official: string;
}

/** Whether somebody reaches this plan as their own alone. */
const isOwn = ({ unit, official }: Of): boolean =>
  !session.has('organiser', 'inspector') &&
  !(session.has('unit') && session.me?.unit === unit) &&
  session.has('official') &&
  (session.me?.officials ?? []).includes(official);

/** Whether somebody may write it: the official, or the unit for them. */
export const mayWrite = ({ unit, official }: Of): boolean =>
  (session.has('unit') && session.me?.unit === unit) || (session.has('official') && (session.me?.officials ?? []).includes(official));

/** Whether it is about the person who looks: others confirm it and call it done. */
export const isAbout = ({ official }: Of): boolean => (session.me?.officials ?? []).includes(official);

/** Whether somebody may confirm it, as far as the role goes. */
export const mayConfirm = (of: Of): boolean =>
  !isAbout(of) && (session.has('organiser') || (session.has('unit') && session.me?.unit === of.unit));

const writesAsOwn = (of: Of): boolean => !(session.has('unit') && session.me?.unit === of.unit);

const own = ({ round, official }: Of) => ({ path: { round, official } });
const ofUnit = ({ round, unit, official }: Of) => ({ path: { round, unit, official } });

export const load = (of: Of): Promise<WholePlan> =>
  isOwn(of)
    ? ask(api.GET('/api/v1/rounds/{round}/officials/{official}/plan', { params: own(of) }))
    : ask(api.GET('/api/v1/rounds/{round}/units/{unit}/plans/{official}', { params: ofUnit(of) }));

export async function write(of: Of, revision: string, shortcomings: string[], measures: PlanMeasure[]): Promise<void> {
  const body = { revision, shortcomings, measures };
  await (writesAsOwn(of)
    ? ask(api.PUT('/api/v1/rounds/{round}/officials/{official}/plan', { params: own(of), body }))
    : ask(api.PUT('/api/v1/rounds/{round}/units/{unit}/plans/{official}', { params: ofUnit(of), body })));
}

export async function confirm(of: Of, revision: string): Promise<void> {
  await ask(api.POST('/api/v1/rounds/{round}/units/{unit}/plans/{official}/confirmation', { params: ofUnit(of), body: { revision } }));
}

export async function note(of: Of, revision: string, text: string, done: boolean): Promise<void> {
  const body = { revision, text, done };
  const asOwn = writesAsOwn(of) && !session.has('organiser');
  await (asOwn
    ? ask(api.POST('/api/v1/rounds/{round}/officials/{official}/plan/progress', { params: own(of), body }))
    : ask(api.POST('/api/v1/rounds/{round}/units/{unit}/plans/{official}/progress', { params: ofUnit(of), body })));
}

/** The address of a file, for links. */
export function fileAddress(of: Of, file: string): string {
  const [round, unit, official] = [of.round, of.unit, of.official].map(encodeURIComponent);
  return isOwn(of)
    ? `/api/v1/rounds/${round}/officials/${official}/plan/files/${file}`
    : `/api/v1/rounds/${round}/units/${unit}/plans/${official}/files/${file}`;
}

/** Bytes of every piece of a file but the last, as the centre has it. */
const PIECE = 128 * 1024;

/** Sends a file piece by piece; what came before a network broke off is not sent again. */
export async function sendFile(of: Of, file: File, told: (part: number) => void): Promise<void> {
  const content = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  const id = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const count = Math.max(1, Math.ceil(file.size / PIECE));
  let have: number[] = [];
  for (let piece = 0; piece < count; piece += 1) {
    if (have.includes(piece)) continue;
    const options = {
      // The document calls the content a text; it goes out as it is.
      body: content.slice(piece * PIECE, (piece + 1) * PIECE) as unknown as string,
      bodySerializer: (body: unknown) => body as ArrayBuffer,
      headers: { 'content-type': 'application/octet-stream' },
    };
    const query = { name: file.name, size: file.size, piece };
    const answer = writesAsOwn(of)
      ? await ask(api.PUT('/api/v1/rounds/{round}/officials/{official}/plan/files/{file}', { params: { path: { ...own(of).path, file: id }, query }, ...options }))
      : await ask(api.PUT('/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}', { params: { path: { ...ofUnit(of).path, file: id }, query }, ...options }));
    have = answer.have;
    told((piece + 1) / count);
    if (answer.complete) return;
  }
}

export async function removeFile(of: Of, file: string): Promise<void> {
  await (writesAsOwn(of)
    ? ask(api.DELETE('/api/v1/rounds/{round}/officials/{official}/plan/files/{file}', { params: { path: { ...own(of).path, file } } }))
    : ask(api.DELETE('/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}', { params: { path: { ...ofUnit(of).path, file } } })));
}

/** How a stage is marked: colour and shape say the same. */
export const mark = (stage: string): { tone: string; shape: string } =>
  stage === 'overdue' || stage === 'conflict'
    ? { tone: 'warn', shape: '▲' }
    : stage === 'done'
      ? { tone: 'good', shape: '✔' }
      : stage === 'confirmed' || stage === 'in_progress'
        ? { tone: 'good', shape: '●' }
        : { tone: 'wait', shape: '○' };
