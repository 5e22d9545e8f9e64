/** Drills that were begun, and what each has shown. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { Drill, Finding } from '../model/drill.js';
import { within } from '../model/organization.js';
import type { Store } from '../store/store.js';

/** When each was held: when its exercise first went out. One that never did was not held. */
export async function heldAt(store: Store, drills: readonly Pick<Drill, 'release'>[]): Promise<Map<string, Date>> {
  const releases = await store.releases
    .find({ _id: { $in: drills.map(({ release }) => release) } }, { publishedAt: 1 })
    .lean();
  return new Map(releases.flatMap(({ _id, publishedAt }) => (publishedAt ? [[_id, publishedAt] as const] : [])));
}

/** The newest first. */
export function drillsIn(
  store: Store,
  places: readonly string[],
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Drill[]> {
  const mine = within<Drill>(places);
  return store.drills
    .find(after === undefined ? mine : { $and: [mine, { _id: { $lt: after } }] })
    .sort({ _id: -1 })
    .limit(limit)
    .lean();
}

/** @throws LianfaError not_found */
export async function readDrill(store: Store, id: string): Promise<Drill> {
  const row = await store.drills.findById(id).lean();
  if (!row) throw new LianfaError('not_found', { what: id });
  return row;
}

/** @throws LianfaError not_found; field_invalid for an owner whom the hub does not know */
export async function addFinding(
  store: Store,
  id: string,
  given: Pick<Finding, 'text' | 'owner' | 'due'>,
  by: Actor,
  now = new Date(),
): Promise<Drill> {
  const owner = await store.people.findById(given.owner, { enabled: 1 }).lean();
  if (!owner?.enabled)
    throw new LianfaError('field_invalid', {
      field: 'owner',
      reason: { zh: '没有这个人，或已停用。', en: 'there is no such person, or they are disabled.' },
    });
  const finding: Finding = { id: newId('f', now.getTime()), ...given, by: by.person, at: now };
  return change(store, id, by, 'drill.find', finding, (findings) => [...findings, finding]);
}

/** Done twice it is done once. @throws LianfaError not_found */
export async function settleFinding(
  store: Store,
  id: string,
  finding: string,
  by: Actor,
  now = new Date(),
): Promise<Drill> {
  const { findings } = await readDrill(store, id);
  const found = findings.find((one) => one.id === finding);
  if (!found) throw new LianfaError('not_found', { what: finding });
  const done = { by: by.person, at: now };
  return change(store, id, by, 'drill.settle', found, (all) =>
    all.map((one) => (one.id === finding && !one.done ? { ...one, done } : one)),
  );
}

/** Drills with a finding that the person sees to and has not yet. */
export function toSettle(store: Store, person: string): Promise<Drill[]> {
  return store.drills
    .find({ owners: { $in: [person] } })
    .sort({ _id: 1 })
    .lean();
}

async function change(
  store: Store,
  id: string,
  by: Actor,
  name: string,
  { id: finding, text, owner, due }: Finding,
  next: (findings: Finding[]) => Finding[],
): Promise<Drill> {
  const before = await readDrill(store, id);
  const entry = { act: name, outcome: 'done' as const, who: by, unit: before.organization };
  const on = { drill: id, release: before.release };
  await act(store, { ...entry, on, after: { finding, text, owner, due } }, async (session: ClientSession) => {
    const now = await store.drills.findById(id, null, { session }).lean();
    if (!now) throw new LianfaError('not_found', { what: id });
    const findings = next(now.findings);
    const owners = [...new Set(findings.flatMap((one) => (one.done ? [] : [one.owner])))];
    const set = { findings, owners, version: now.version + 1 };
    const still = { _id: id, version: now.version };
    const { matchedCount } = await store.drills.updateOne(still, { $set: set }, { session });
    if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: now.title });
  });
  return readDrill(store, id);
}
