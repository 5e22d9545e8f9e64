/** One account by itself: renamed, moved to another unit, switched off and on. What a file says of it goes by the import. */
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { AccountRow } from '../model/account.js';
import { placeOf, type Organization } from '../model/organization.js';
import type { Actor } from '../model/actor.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';

/** A new name, or another unit that it belongs to. @throws LianfaError account_taken */
export async function relocateAccount(
  store: Store,
  before: AccountRow,
  { name = before.name, unit }: { name?: string | undefined; unit?: Organization | undefined },
  by: Actor,
): Promise<void> {
  const place = unit ? { organization: unit._id, ...placeOf(unit) } : {};
  const after = { name, ...place };
  const entry = {
    act: 'account.move',
    outcome: 'done' as const,
    who: by,
    unit: before.organization,
    on: { account: before._id },
    before: { name: before.name, organization: before.organization },
    after,
  };
  try {
    await act(store, entry, async (session) => {
      const unplaced = unit && !unit.position ? { $unset: { lat: 1, lon: 1 } } : {};
      await store.accounts.updateOne({ _id: before._id }, { $set: after, ...unplaced }, { session });
    });
  } catch (error) {
    if (isDuplicate(error)) throw new LianfaError('account_taken', { field: 'name', name }, { cause: error });
    throw error;
  }
}

/** Switched off, nothing reaches it; what is public stays so. */
export function switchAccount(
  store: Store,
  { _id, organization }: AccountRow,
  enabled: boolean,
  reason: string | undefined,
  by: Actor,
): Promise<void> {
  const entry = {
    act: enabled ? 'account.enable' : 'account.disable',
    outcome: 'done' as const,
    who: by,
    unit: organization,
    on: { account: _id },
    note: reason,
  };
  return act(store, entry, async (session) => {
    await store.accounts.updateOne({ _id }, { $set: { enabled }, $unset: { closedWith: 1 } }, { session });
  });
}
