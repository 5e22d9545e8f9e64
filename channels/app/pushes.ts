/** What is known of each delivery's push, one file a delivery: the reason why no crash can make a phone ring twice. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Call } from '../channel.js';
import { createWhole, readIfThere, writeWhole } from './files.js';
import { journalOf } from './journal.js';

const record = z.discriminatedUnion('state', [
  /** A cid is set aside for this delivery; whether it was used is open. */
  z.object({ state: z.literal('reserved'), cid: z.string(), at: z.string() }),
  z.object({ state: z.literal('sent'), cid: z.string(), msgId: z.string(), at: z.string() }),
  z.object({ state: z.literal('no-target'), at: z.string() }),
  /** Web Push: every subscription had its turn. */
  z.object({ state: z.literal('told'), at: z.string(), sent: z.number(), gone: z.number(), failed: z.number() }),
]);
export type PushRecord = z.output<typeof record>;

type Place = Pick<Call, 'folder'> & { slug: string; id: string };

/** JPush keeps a cid one day. An hour less, for clocks that differ and requests that are slow. */
const cidSeconds = 23 * 3600;

export function cidExpired(entry: Extract<PushRecord, { state: 'reserved' }>, now: Date): boolean {
  return now.getTime() - new Date(entry.at).getTime() > cidSeconds * 1000;
}

function fileOf({ folder, slug, id }: Place): string {
  return join(folder, slug, 'pushes', `${id}.json`);
}

function nameOf({ slug, id }: Place): string {
  return `${slug}/${id}`;
}

/** @returns undefined where nothing was ever tried. Throws if the record is damaged: then the outcome is open. */
export async function readPush(place: Place, now: Date): Promise<PushRecord | undefined> {
  const text = await readIfThere(fileOf(place));
  if (text?.length) return record.parse(JSON.parse(text.toString('utf8')));
  const { earlier } = await journalOf(place.folder, now);
  const left = earlier.get(nameOf(place));
  return left && { state: 'reserved', cid: left.cid, at: left.at };
}

/** Sets a cid aside, so that neither a crash nor a loss of power forgets it; of two processes at it, both get the first one's. */
export async function reservePush(place: Place, cid: string, now: Date): Promise<PushRecord> {
  const own: PushRecord = { state: 'reserved', cid, at: now.toISOString() };
  if (!(await createWhole(fileOf(place), JSON.stringify(own)))) {
    const first = await readPush(place, now);
    if (first) return first;
    // An empty file, left by a loss of power before its cid was ever used.
    await writePush(place, own);
  }
  const journal = await journalOf(place.folder, now);
  await journal.append({ delivery: nameOf(place), cid, at: own.at });
  return own;
}

export async function writePush(place: Place, entry: PushRecord): Promise<void> {
  await writeWhole(fileOf(place), JSON.stringify(entry));
}

/** The platform has said that it did nothing with this cid: a later attempt may take a fresh one. */
export async function forgetPush(place: Place, cid: string, now: Date): Promise<void> {
  const entry = await readPush(place, now);
  if (entry?.state !== 'reserved' || entry.cid !== cid) return;
  await rm(fileOf(place), { force: true });
  const journal = await journalOf(place.folder, now);
  journal.earlier.delete(nameOf(place));
  await journal.append({ delivery: nameOf(place), cid: '', at: now.toISOString() });
}
