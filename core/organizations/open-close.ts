/** Closing a unit and opening it again, with all below it. */
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { subtree, type Organization } from '../model/organization.js';
import type { Actor } from '../model/actor.js';
import type { Store } from '../store/store.js';

/** From now on nothing is written for it and nothing reaches its accounts. What is public stays so. @throws LianfaError not_found */
export function closeUnit(store: Store, id: string, reason: string, by: Actor): Promise<void> {
  const entry = { act: 'unit.close', outcome: 'done' as const, who: by, unit: id, on: { unit: id }, note: reason };
  return act(store, entry, async (session) => {
    const unit = await unitOf(store, id);
    if (unit.closedAt) return;
    await store.organizations.updateOne({ _id: id }, { $set: { closedAt: new Date() } }, { session });
    const open = { path: subtree(unit.path), enabled: true };
    await store.accounts.updateMany(open, { $set: { enabled: false, closedWith: id } }, { session });
  });
}

/** Accounts that its closing switched off are on again; others stay as they are. @throws LianfaError not_found */
export function reopenUnit(store: Store, id: string, by: Actor): Promise<void> {
  const entry = { act: 'unit.reopen', outcome: 'done' as const, who: by, unit: id, on: { unit: id } };
  return act(store, entry, async (session) => {
    await unitOf(store, id);
    await store.organizations.updateOne({ _id: id }, { $unset: { closedAt: 1 } }, { session });
    const those = { closedWith: id };
    await store.accounts.updateMany(those, { $set: { enabled: true }, $unset: { closedWith: 1 } }, { session });
  });
}

/** Whether a unit or one above it is closed. */
export async function isClosed(store: Store, path: string): Promise<boolean> {
  const ids = path.split('/').filter(Boolean);
  const rows = await store.organizations.find({ _id: { $in: ids } }, { closedAt: 1 }).lean();
  return rows.some(({ closedAt }) => closedAt !== undefined);
}

async function unitOf(store: Store, id: string): Promise<Organization> {
  const unit = await store.organizations.findById(id).lean();
  if (!unit) throw new LianfaError('not_found', { what: id });
  return unit;
}
