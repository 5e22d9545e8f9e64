/**
 * The freezes in the ledger. Every change reads and raises the head in its own transaction, so that all changes are one
 * line, whoever presses together: what a change finds in force stays so until it has committed.
 */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Freeze, FreezeScope } from '../model/freeze.js';
import { insertMissing } from '../store/insert-missing.js';
import type { Store } from '../store/store.js';
import { isSameScope } from './frozen.js';

export interface FreezesInForce {
  /** Of the set: another set has another version, and a higher one. */
  version: number;
  /** Oldest first. */
  freezes: Freeze[];
}

export interface FreezeOrder {
  scope: FreezeScope;
  emergencyToo: boolean;
  reason: string;
}

type Books = Pick<Store, 'connection' | 'freezes' | 'freezeHeads' | 'organizations' | 'accounts'>;

/** What is in force, whole at one version. With `known`, nothing where that is still the version. */
export async function readInForce(store: Books, known?: number): Promise<FreezesInForce | undefined> {
  for (;;) {
    const version = await versionOf(store);
    if (version === known) return undefined;
    const freezes: Freeze[] = await store.freezes.find({ inForce: true }).sort({ version: 1 }).lean();
    // Read between two looks at the head that agree, the set is the one of that version.
    if ((await versionOf(store)) === version) return { version, freezes };
  }
}

async function versionOf(store: Books, session?: ClientSession): Promise<number> {
  const head = await store.freezeHeads.findById('head', undefined, { ...(session && { session }) }).lean();
  return head?.version ?? 0;
}

/** Newest first: in force, then thawed; `limit` of all. */
export async function listFreezes(store: Books, limit = 100): Promise<Freeze[]> {
  return store.freezes.find({}).sort({ version: -1 }).limit(limit).lean();
}

/**
 * Freezes. Where the same person has frozen the same scope just so and it is in force, that freeze is answered: a second
 * press stops nothing more.
 * @throws LianfaError freeze_scope_unknown where the unit or account does not exist
 */
export async function freeze(store: Books, order: FreezeOrder, by: string): Promise<Freeze> {
  const name = await nameOf(store, order.scope);
  return change(store, async (version, session) => {
    const standing: Freeze[] = await store.freezes.find({ inForce: true }, undefined, { session }).lean();
    const same = standing.find(
      (one) =>
        one.by === by && !one.asked && one.emergencyToo === order.emergencyToo && isSameScope(one.scope, order.scope),
    );
    if (same) return same;
    const made: Freeze = {
      _id: newId('f'),
      ...order,
      ...(name !== undefined && { name }),
      by,
      at: new Date(),
      version,
      inForce: true,
    };
    await store.freezes.create([made], { session });
    return made;
  });
}

/**
 * Asks that it be thawed; it holds until a second person confirms. Who froze may ask; who asks again says why anew.
 * @throws LianfaError not_found, already_thawed
 */
export async function askThaw(store: Books, id: string, reason: string, by: string): Promise<Freeze> {
  return change(store, async (_, session) => {
    const before = await inForce(store, id, session);
    const asked = { by, at: new Date(), reason };
    await store.freezes.updateOne({ _id: id, inForce: true }, { $set: { asked } }, { session });
    return { ...before, asked };
  });
}

/**
 * The second person's word: it is thawed. What other freezes hold stays held.
 * @throws LianfaError not_found, already_thawed, thaw_not_asked, thaw_needs_second_person
 */
export async function confirmThaw(store: Books, id: string, by: string): Promise<Freeze> {
  return change(store, async (version, session) => {
    const { inForce: _, asked, ...before } = await inForce(store, id, session);
    if (!asked) throw new LianfaError('thaw_not_asked');
    if (asked.by === by) throw new LianfaError('thaw_needs_second_person');
    const thawed = { askedBy: asked.by, confirmedBy: by, at: new Date(), version };
    await store.freezes.updateOne(
      { _id: id, inForce: true },
      { $set: { thawed }, $unset: { inForce: 1 } },
      { session },
    );
    return { ...before, asked, thawed };
  });
}

/** A freeze that can still be thawed. */
async function inForce(store: Books, id: string, session: ClientSession): Promise<Freeze> {
  const found = await store.freezes.findById(id, undefined, { session }).lean();
  if (!found) throw new LianfaError('not_found', { what: id });
  if (found.thawed) throw new LianfaError('already_thawed', { by: found.thawed.confirmedBy });
  return found;
}

/** One change, alone in line. `work` gets the version that it makes. */
async function change<T>(store: Books, work: (version: number, session: ClientSession) => Promise<T>): Promise<T> {
  await insertMissing(store.freezeHeads, [{ _id: 'head', version: 0 }]);
  return store.connection.transaction(async (session) => {
    const version = (await versionOf(store, session)) + 1;
    // First, so that whoever else is at it waits or begins anew.
    const { matchedCount } = await store.freezeHeads.updateOne(
      { _id: 'head', version: version - 1 },
      { $set: { version } },
      { session },
    );
    if (matchedCount === 0) throw new Error('the head of the freezes moved inside its own transaction');
    return work(version, session);
  });
}

async function nameOf(store: Books, scope: FreezeScope): Promise<string | undefined> {
  const found =
    scope.kind === 'organization'
      ? await store.organizations.findById(scope.organization, { name: 1 }).lean()
      : scope.kind === 'account'
        ? await store.accounts.findById(scope.account, { name: 1 }).lean()
        : undefined;
  if (found === null) throw new LianfaError('freeze_scope_unknown', { scope: idOf(scope) });
  return found?.name;
}

function idOf(scope: FreezeScope): string {
  return scope.kind === 'organization' ? scope.organization : scope.kind === 'account' ? scope.account : scope.kind;
}
