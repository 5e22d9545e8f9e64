/**
 * The freezes in the ledger. Every change is an act, which stands in one line with all others (see core/audit/book.ts),
 * and raises the version of the set in the same commit: what it finds in force stays so until it is done.
 */
import type { ClientSession } from 'mongoose';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { act, type Doer, type Entry } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Freeze, FreezeScope } from '../model/freeze.js';
import type { Actor } from '../model/actor.js';
import { forbidden } from '../people/forbidden.js';
import { rolesOf } from '../people/read.js';
import { rightsOf, type Rights } from '../people/rights.js';
import type { PeopleMeans } from '../people/write.js';
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

/** What is in force, whole at one version. With `known`, nothing where that is still the version. */
export async function readInForce(store: Store, known?: number): Promise<FreezesInForce | undefined> {
  for (;;) {
    const version = await versionOf(store);
    if (version === known) return undefined;
    const freezes: Freeze[] = await store.freezes.find({ inForce: true }).sort({ version: 1 }).lean();
    // Read between two looks at the head that agree, the set is the one of that version.
    if ((await versionOf(store)) === version) return { version, freezes };
  }
}

async function versionOf(store: Store, session?: ClientSession): Promise<number> {
  const head = await store.freezeHeads.findById('head', undefined, { ...(session && { session }) }).lean();
  return head?.version ?? 0;
}

/** Those in force, and of the others the newest; newest first. */
export async function listFreezes(store: Store, limit = 100): Promise<Freeze[]> {
  return store.freezes.find({}).sort({ version: -1 }).limit(limit).lean();
}

/** Whoever may withdraw a release may pause and resume it; every other scope takes a commander. */
function permissionFor({ kind }: FreezeScope): 'freezes.set' | 'releases.withdraw' {
  return kind === 'release' ? 'releases.withdraw' : 'freezes.set';
}

/**
 * Freezes. Where the same person has frozen the same scope just so and it is in force, that freeze is answered: a second
 * press stops nothing more. A unit, an account or a release must lie where they command; anything else holds there and nowhere else. A release is
 * held by name, so its emergency lane is held, too.
 * @throws LianfaError freeze_scope_unknown where the unit or account does not exist, forbidden
 */
export async function freeze(means: PeopleMeans, order: FreezeOrder, by: Actor, id = newId('f')): Promise<Freeze> {
  const { store } = means;
  return change(
    store,
    (made) => setEntry(made, by),
    async (version, session) => {
      const made = await madeBy(means, order, by, { id, version }, session);
      const standing: Freeze[] = await store.freezes.find({ inForce: true }, undefined, { session }).lean();
      const same = sameAmong(standing, made);
      if (same) return same;
      await store.freezes.create([made], { session });
      return made;
    },
  );
}

/**
 * The same freeze where the ledger cannot be written: it can be read, so who may command what is known.
 * @throws LianfaError freeze_scope_unknown, forbidden; anything else where the ledger cannot be read either
 */
export async function unwrittenFreeze(
  means: PeopleMeans,
  order: FreezeOrder,
  by: Actor,
  id: string,
  standing: readonly Freeze[],
): Promise<Freeze> {
  const made = await madeBy(means, order, by, { id, version: 0 });
  return sameAmong(standing, made) ?? { ...made, unwritten: true };
}

export function setEntry(made: Freeze, who: Doer): Entry & { after: object } {
  const { scope, within, emergencyToo, reason } = made;
  return { ...said('freeze.set', made, who), after: { scope, within, emergencyToo, reason } };
}

function sameAmong(standing: readonly Freeze[], made: Freeze): Freeze | undefined {
  return standing.find((one) => one.by === made.by && !one.asked && isSame(one, made));
}

async function madeBy(
  means: PeopleMeans,
  asked: FreezeOrder,
  by: Actor,
  { id, version }: { id: string; version: number },
  session?: ClientSession,
): Promise<Freeze> {
  const order = { ...asked, emergencyToo: asked.emergencyToo || asked.scope.kind === 'release' };
  const { path, name } = await aimOf(means.store, order.scope, session);
  const within = path === undefined ? await placesOf(means, by, session) : [''];
  if (path !== undefined) await requireCommand(means, by, order.scope, [path], session);
  return {
    _id: id,
    ...order,
    within,
    ...(name !== undefined && { name }),
    by: by.person,
    at: new Date(),
    version,
    inForce: true,
  };
}

function isSame(one: Freeze, other: FreezeOrder & { within: string[] }): boolean {
  return (
    one.emergencyToo === other.emergencyToo &&
    isSameScope(one.scope, other.scope) &&
    one.within.join() === other.within.join()
  );
}

/**
 * Asks that it be thawed; it holds until a second person confirms. Who froze may ask; who asks again says why anew.
 * @throws LianfaError not_found, forbidden, already_thawed
 */
export async function askThaw(means: PeopleMeans, id: string, reason: string, by: Actor): Promise<Freeze> {
  const { store } = means;
  const entry = (asked: Freeze): Entry => ({ ...said('freeze.ask-thaw', asked, by), note: reason });
  return change(store, entry, async (_, session) => {
    const before = await commanded(means, id, by, session);
    const asked = { by: by.person, at: new Date(), reason };
    await store.freezes.updateOne({ _id: id, inForce: true }, { $set: { asked } }, { session });
    return { ...before, asked };
  });
}

/**
 * The second person's word: it is thawed. What other freezes hold stays held.
 * @throws LianfaError not_found, forbidden, already_thawed, thaw_not_asked, thaw_needs_second_person
 */
export async function confirmThaw(means: PeopleMeans, id: string, by: Actor): Promise<Freeze> {
  const { store } = means;
  const entry = (thawed: Freeze): Entry => ({ ...said('freeze.thaw', thawed, by), after: { thawed: thawed.thawed } });
  return change(store, entry, async (version, session) => {
    const { inForce: _, asked, ...before } = await commanded(means, id, by, session);
    if (!asked) throw new LianfaError('thaw_not_asked');
    if (asked.by === by.person) throw new LianfaError('thaw_needs_second_person');
    const thawed = { askedBy: asked.by, confirmedBy: by.person, at: new Date(), version };
    const gone = { $set: { thawed }, $unset: { inForce: 1 } } as const;
    await store.freezes.updateOne({ _id: id, inForce: true }, gone, { session });
    return { ...before, asked, thawed };
  });
}

function said(name: string, { _id, scope }: Freeze, who: Doer): Entry {
  const unit = scope.kind === 'organization' ? { unit: scope.organization } : {};
  const release = scope.kind === 'release' ? { release: scope.release } : {};
  return { act: name, outcome: 'done', who, on: { freeze: _id, ...release }, ...unit };
}

/** A freeze that can still be thawed, by somebody who commands all that it holds. */
async function commanded(means: PeopleMeans, id: string, by: Actor, session: ClientSession): Promise<Freeze> {
  const found = await means.store.freezes.findById(id, undefined, { session }).lean();
  if (!found) throw new LianfaError('not_found', { what: id });
  await requireCommand(means, by, found.scope, await reachOf(means.store, found, session), session);
  if (found.thawed) throw new LianfaError('already_thawed', { at: beijingMinute(found.thawed.at) });
  return found;
}

/** The places that a freeze holds, or holds something in. */
export async function reachOf(store: Store, { scope, within }: Freeze, session?: ClientSession): Promise<string[]> {
  // What is gone is nobody's: whoever commands the hub as a whole may thaw it.
  const { path } = await aimOf(store, scope, session).catch(() => ({ path: '' }));
  return path === undefined ? within : [path];
}

/** As the grants stand at this moment, inside the act: who commanded until a moment ago does no more. @throws LianfaError forbidden */
async function requireCommand(
  means: PeopleMeans,
  by: Actor,
  scope: FreezeScope,
  paths: readonly string[],
  session?: ClientSession,
): Promise<void> {
  const rights = await rightsIn(means, by, session);
  const permission = permissionFor(scope);
  if (!paths.every((path) => rights.may(permission, path))) throw forbidden(permission);
}

async function placesOf(means: PeopleMeans, by: Actor, session?: ClientSession): Promise<string[]> {
  const places = (await rightsIn(means, by, session)).places('freezes.set');
  if (places.length === 0) throw forbidden('freezes.set');
  return places;
}

async function rightsIn(means: PeopleMeans, { person, key }: Actor, session?: ClientSession): Promise<Rights> {
  // To freeze and to thaw takes a person.
  return rightsOf(key === undefined ? await rolesOf(means, person, new Date(), session) : []);
}

/** One change, alone in line. `work` gets the version that it makes. */
export async function change(
  store: Store,
  entry: (made: Freeze) => Entry,
  work: (version: number, session: ClientSession) => Promise<Freeze>,
): Promise<Freeze> {
  await insertMissing(store.freezeHeads, [{ _id: 'head', version: 0 }]).catch((cause: unknown) => {
    throw new LianfaError('audit_unavailable', {}, { cause });
  });
  return act(store, entry, async (session) => {
    const version = (await versionOf(store, session)) + 1;
    const made = await work(version, session);
    await store.freezeHeads.updateOne({ _id: 'head' }, { $set: { version } }, { session });
    return made;
  });
}

/** The unit's place and name where a scope names one, or an account's, or a release's. @throws LianfaError freeze_scope_unknown */
async function aimOf(
  store: Store,
  scope: FreezeScope,
  session?: ClientSession,
): Promise<{ path?: string; name?: string }> {
  const options = session ? { session } : {};
  switch (scope.kind) {
    case 'organization': {
      const found = await store.organizations.findById(scope.organization, { name: 1, path: 1 }, options).lean();
      if (!found) throw new LianfaError('freeze_scope_unknown', { scope: scope.organization, field: 'scope' });
      return found;
    }
    case 'account': {
      const found = await store.accounts.findById(scope.account, { name: 1, path: 1 }, options).lean();
      if (!found) throw new LianfaError('freeze_scope_unknown', { scope: scope.account, field: 'scope' });
      return found;
    }
    case 'release': {
      const found = await store.releases.findById(scope.release, { title: 1, path: 1 }, options).lean();
      if (!found) throw new LianfaError('freeze_scope_unknown', { scope: scope.release, field: 'scope' });
      return { path: found.path, name: found.title };
    }
    default:
      return {};
  }
}
