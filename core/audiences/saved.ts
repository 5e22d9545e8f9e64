/**
 * Saved audiences (常用范围): a unit gives a selector a name, for itself and all below. Whoever uses one takes over what it
 * says at that moment; what is signed and stored is the selector.
 */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { invalid } from '../import-given.js';
import type { Actor } from '../model/actor.js';
import type { Audience } from '../model/order.js';
import { pathsAbove, within } from '../model/organization.js';
import type { SavedAudience } from '../model/saved-audience.js';
import { checkAudience } from '../placements/audience.js';
import { selectionOf } from '../placements/selection.js';
import { plainAudience } from '../signatures/statement.js';
import type { Store } from '../store/store.js';

export interface SavingMeans {
  store: Store;
  channels: ReadonlyMap<string, unknown>;
}

export interface Named {
  name: string;
  audience: Audience;
}

/** @throws LianfaError field_invalid, account_unknown, channel_unknown */
export async function saveAudience(
  means: SavingMeans,
  { name, audience }: Named,
  unit: { organization?: string; path: string },
  by: Actor,
  now = new Date(),
): Promise<SavedAudience> {
  await check(means, audience);
  const row: SavedAudience = {
    _id: newId('v', now.getTime()),
    name,
    ...unit,
    audience: plainAudience(audience),
    version: 1,
    by: by.person,
    at: now,
  };
  const entry = { act: 'saved-audience.save', outcome: 'done' as const, who: by, unit: unit.organization };
  await act(
    means.store,
    { ...entry, on: { audience: row._id }, after: { name, audience: row.audience } },
    async (session) => {
      await refuseTaken(means.store, row, session);
      await means.store.savedAudiences.create([row], { session });
    },
  );
  return row;
}

/** `version`: the one that whoever changes it saw. @throws LianfaError not_found, changed_meanwhile, field_invalid, account_unknown, channel_unknown */
export async function changeAudience(
  means: SavingMeans,
  id: string,
  { name, audience, version }: Named & { version: number },
  by: Actor,
  now = new Date(),
): Promise<SavedAudience> {
  await check(means, audience);
  const before = await openOne(means.store, id);
  const after = { name, audience: plainAudience(audience) };
  const entry = { act: 'saved-audience.change', outcome: 'done' as const, who: by, unit: before.organization };
  await act(
    means.store,
    { ...entry, on: { audience: id }, before: { name: before.name, audience: before.audience }, after },
    async (session) => {
      await refuseTaken(means.store, { ...before, name }, session);
      await write(means.store, before, { ...after, version: version + 1, by: by.person, at: now }, version, session);
    },
  );
  return openOne(means.store, id);
}

/** Nobody is offered it any more; what was signed with it stays as it is. @throws LianfaError not_found, changed_meanwhile */
export async function closeAudience(store: Store, id: string, by: Actor, now = new Date()): Promise<SavedAudience> {
  const before = await store.savedAudiences.findById(id).lean();
  if (!before) throw new LianfaError('not_found', { what: id });
  if (before.closedAt) return before;
  const entry = { act: 'saved-audience.close', outcome: 'done' as const, who: by, unit: before.organization };
  await act(store, { ...entry, on: { audience: id }, before: { name: before.name } }, (session) =>
    write(store, before, { closedAt: now }, before.version, session),
  );
  return { ...before, closedAt: now };
}

/** Those of the places, and of units above them, that are open; in order of id. */
export function savedAudiences(
  store: Store,
  places: readonly string[],
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<SavedAudience[]> {
  const above = [...new Set(places.flatMap(pathsAbove))];
  const those =
    above.length > 0
      ? { $or: [within<SavedAudience>(places), { path: { $in: above } }] }
      : within<SavedAudience>(places);
  return store.savedAudiences
    .find({ $and: [those, { closedAt: { $exists: false }, _id: { $gt: after } }] })
    .sort({ _id: 1 })
    .limit(limit)
    .lean();
}

async function openOne(store: Store, id: string): Promise<SavedAudience> {
  const row = await store.savedAudiences.findById(id).lean();
  if (!row || row.closedAt) throw new LianfaError('not_found', { what: id });
  return row;
}

async function write(
  store: Store,
  { _id, name }: SavedAudience,
  change: Partial<SavedAudience>,
  version: number,
  session: ClientSession,
): Promise<void> {
  const still = { _id, version, closedAt: { $exists: false } };
  const { matchedCount } = await store.savedAudiences.updateOne(still, { $set: change }, { session });
  if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: name });
}

/** All that names anything in it exists. */
async function check({ store, channels }: SavingMeans, audience: Audience): Promise<void> {
  await checkAudience(store, audience, channels.keys());
  await selectionOf(store, audience);
}

async function refuseTaken(store: Store, { _id, name, path }: SavedAudience, session: ClientSession): Promise<void> {
  const same = await store.savedAudiences
    .find({ path, name, closedAt: { $exists: false } }, { _id: 1 }, { session })
    .lean();
  if (same.some((row) => row._id !== _id))
    throw invalid('name', {
      zh: '本单位已有同名的常用范围。',
      en: 'the unit has a saved audience of this name already.',
    });
}
