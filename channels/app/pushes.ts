/**
 * What is known of each step's push: the reason why no crash can make a phone ring twice. `push:<feed>:<step>:<attempt>`
 * sets a cid aside, `…:done` says what came of it, each written once by whoever is first; the first attempt's cid is set
 * aside together with the item (log.ts).
 */
import { z } from 'zod';
import type { Records } from '../channel.js';
import type { Shown } from './log.js';

const at = z.iso.datetime();
const record = z.discriminatedUnion('state', [
  /** A cid is set aside for this step; whether it was used is open. */
  z.object({ state: z.literal('reserved'), cid: z.string(), at }),
  z.object({ state: z.literal('sent'), cid: z.string(), msgId: z.string(), at }),
  z.object({ state: z.literal('no-target'), at }),
  /** Web Push: every subscription had its turn. */
  z.object({ state: z.literal('told'), at, sent: z.number(), gone: z.number(), failed: z.number() }),
  /** The platform did nothing with the cid: a later attempt takes a fresh one. */
  z.object({ state: z.literal('returned'), at }),
]);
type Kept = z.output<typeof record>;
export type PushRecord = Exclude<Kept, { state: 'returned' }>;
type Reserved = Extract<Kept, { state: 'reserved' }>;

export interface PushPlace {
  records: Records;
  slug: string;
  /** The step's id (feed.ts). */
  step: string;
}

export interface PushState {
  /** Absent where nothing is set aside. */
  record?: PushRecord;
  /** The number of that attempt, or of the next. */
  attempt: number;
}

/** JPush keeps a cid one day. An hour less, for clocks that differ and requests that are slow. */
const cidSeconds = 23 * 3600;
/** More than a step is ever tried. */
const mostAttempts = 500;

export function cidExpired(entry: Reserved, now: Date): boolean {
  return now.getTime() - new Date(entry.at).getTime() > cidSeconds * 1000;
}

/** What the item itself says of the push of the step that it shows. */
export function firstPush({ cid, putAt }: Pick<Shown, 'cid' | 'putAt'>): PushState {
  return cid === undefined ? { attempt: 0 } : { record: { state: 'reserved', cid, at: putAt }, attempt: 0 };
}

export async function readPush({ records, slug, step }: PushPlace, shown: Shown): Promise<PushState> {
  let state = firstPush(shown);
  for (const { value } of await records.list(`push:${slug}:${step}:`, { limit: mostAttempts })) {
    const kept = record.parse(JSON.parse(value));
    state = kept.state === 'returned' ? { attempt: state.attempt + 1 } : { ...state, record: kept };
  }
  return state;
}

/** Sets a cid aside; of two processes at it, both get the first one's. */
export async function reservePush(place: PushPlace, attempt: number, own: Reserved): Promise<PushRecord> {
  const kept = await keep(place, String(attempt).padStart(3, '0'), own);
  return kept.state === 'returned' ? own : kept;
}

/** Says what came of an attempt. */
export async function endPush(place: PushPlace, attempt: number, outcome: Kept): Promise<void> {
  await keep(place, `${String(attempt).padStart(3, '0')}:done`, outcome);
}

async function keep({ records, slug, step }: PushPlace, under: string, value: Kept): Promise<Kept> {
  return record.parse(JSON.parse(await records.first(`push:${slug}:${step}:${under}`, JSON.stringify(value))));
}
