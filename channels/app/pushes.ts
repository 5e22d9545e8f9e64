/** What is known of each step's push, in its feed's log: the reason why no crash can make a phone ring twice. */
import type { Call } from '../channel.js';
import { feedLog, type PushRecord } from './feed-log.js';

export type { PushRecord } from './feed-log.js';

/** `step` is the step's id (feed.ts). */
export type PushPlace = Pick<Call, 'folder'> & { slug: string; step: string };

/** JPush keeps a cid one day. An hour less, for clocks that differ and requests that are slow. */
const cidSeconds = 23 * 3600;

export function cidExpired(entry: Extract<PushRecord, { state: 'reserved' }>, now: Date): boolean {
  return now.getTime() - new Date(entry.at).getTime() > cidSeconds * 1000;
}

/** @returns undefined where nothing was ever tried. */
export async function readPush({ folder, slug, step }: PushPlace): Promise<PushRecord | undefined> {
  return (await feedLog(folder, slug).read()).pushes.get(step);
}

/** Sets a cid aside, so that neither a crash nor a loss of power forgets it; of two processes at it, both get the first one's. */
export async function reservePush({ folder, slug, step }: PushPlace, cid: string, now: Date): Promise<PushRecord> {
  const own: PushRecord = { state: 'reserved', cid, at: now.toISOString() };
  const state = await feedLog(folder, slug).promise([{ is: 'push', id: step, push: own }]);
  return state.pushes.get(step) ?? own;
}

export async function writePush({ folder, slug, step }: PushPlace, push: PushRecord): Promise<void> {
  await feedLog(folder, slug).append([{ is: 'push', id: step, push }]);
}

/** The platform has said that it did nothing with this cid: a later attempt may take a fresh one. */
export async function forgetPush({ folder, slug, step }: PushPlace, cid: string, now: Date): Promise<void> {
  await feedLog(folder, slug).promise([{ is: 'returned', id: step, cid, at: now.toISOString() }]);
}
