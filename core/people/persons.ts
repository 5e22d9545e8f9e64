/** Making, changing, moving, disabling and erasing persons. */
import type { ClientSession } from 'mongoose';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Person } from '../model/person.js';
import { weighty, type Role } from '../model/roles.js';
import type { Actor } from '../model/actor.js';
import { addressOf } from './addresses.js';
import { requireAdminLeft, takesTwo } from './admins.js';
import { revokeKeysOf } from './api-keys.js';
import { endGrant, grantIn } from './grants.js';
import { linkIn, type LinkMeans, type NewLink } from './links.js';
import { enabledIn, personIn, placeOf, reachOf, requireRight, type Place } from './standing.js';
import type { TaskKeeper } from './waiting.js';
import { askAnew, changePerson, insertPerson, isGrantSealed, type PeopleMeans } from './write.js';

export interface Newcomer {
  displayName: string;
  address: string;
  organization?: string | undefined;
  /** Over the unit they belong to. */
  roles: readonly Role[];
}

/** Makes a person by invitation: they sign in by their address once they have chosen a password. @throws LianfaError address_taken, name_taken, forbidden, roles_apart, field_invalid */
export function invitePerson(
  means: LinkMeans,
  by: Actor,
  { displayName, address: written, organization, roles }: Newcomer,
): Promise<{ person: Person; link: NewLink }> {
  const address = addressOf(written);
  const entry = {
    act: 'person.invite',
    who: by,
    unit: organization,
    on: {},
    after: { organization, roles },
  };
  return attempt(means.store, entry, async (session, tell) => {
    const place = await placeOf(means.store, organization, session);
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [place.path], session) } });
    const person = await insertPerson(
      means,
      {
        _id: newId('u'),
        name: address,
        displayName,
        address,
        ...place,
        enabled: true,
        rights: 1,
        createdAt: new Date(),
      },
      session,
    );
    tell({ on: { person: person._id } });
    await giveAll(means, person, roles, place, by.person, session);
    return { person, link: await linkIn(means, person, by.person, session) };
  });
}

async function giveAll(
  means: PeopleMeans,
  person: Person,
  roles: readonly Role[],
  place: Place,
  by: string,
  session: ClientSession,
): Promise<void> {
  for (const role of new Set(roles))
    await grantIn(means, { person: await personIn(means, person._id, session), role, place, by }, session);
}

/** An address tells who may have a password reset: changing it takes as much as setting one. @throws LianfaError address_taken, forbidden, not_found */
export function editPerson(
  means: PeopleMeans,
  by: Actor,
  id: string,
  change: { displayName?: string | undefined; address?: string | undefined },
): Promise<Person> {
  const address = change.address === undefined ? undefined : addressOf(change.address);
  const entry = { act: 'person.edit', who: by, on: { person: id }, after: { fields: Object.keys(change) } };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await personIn(means, id, session);
    tell({ unit: person.organization });
    const over = address === undefined ? [person.path] : await reachOf(means, person, session);
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', over, session) } });
    return changePerson(
      means,
      person,
      {
        ...(change.displayName !== undefined && { displayName: change.displayName }),
        ...(address !== undefined && { address }),
        // Who signs in by their address goes on doing so.
        ...(address !== undefined && person.name === person.address && { name: address }),
      },
      session,
    );
  });
}

/** To another unit. Roles are over places, not of a person's unit: they stay, unless `endRoles` takes those over the old one and below. @throws LianfaError forbidden, field_invalid, not_found, last_admin */
export function movePerson(
  means: PeopleMeans,
  by: Actor,
  id: string,
  { organization, endRoles }: { organization: string | undefined; endRoles: boolean },
): Promise<Person> {
  const entry = {
    act: 'person.move',
    who: by,
    unit: organization,
    on: { person: id },
    after: { organization, endRoles },
  };
  return attempt(means.store, entry, async (session, tell) => {
    const before = await personIn(means, id, session);
    const place = await placeOf(means.store, organization, session);
    tell({ before: { organization: before.organization } });
    tell({
      who: { ...by, role: await requireRight(means, by, 'people.manage', [before.path, place.path], session) },
    });
    if (endRoles)
      for (const grant of await means.store.grants.find({ person: id }, null, { session }).lean())
        if (isGrantSealed(means, grant) && grant.path.startsWith(before.path) && grant.path !== '')
          await endGrant(means, grant, session);
    const person = await personIn(means, id, session);
    return changePerson(means, person, { organization: undefined, ...place }, session);
  });
}

/**
 * A person leaves: sessions, keys, links and the deputies they gave end, and what waits for them is handed over or freed.
 * @throws LianfaError own_account, last_admin, forbidden, person_disabled, not_found
 */
export function disablePerson(
  means: PeopleMeans,
  by: Actor,
  id: string,
  { to, keepers }: { to?: string | undefined; keepers: readonly TaskKeeper[] },
): Promise<{ handedOver: number }> {
  const entry = { act: 'person.disable', who: by, on: { person: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await enabledIn(means, id, session);
    tell({ unit: person.organization });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [person.path], session) } });
    if (to !== undefined) await enabledIn(means, to, session);
    const handedOver = await endPowers(means, person, { to, keepers }, session);
    await changePerson(means, person, { enabled: false }, session);
    await requireAdminLeft(means, session);
    tell({ after: { enabled: false, handedOver, to } });
    if (id === by.person) throw new LianfaError('own_account');
    return { handedOver };
  });
}

async function endPowers(
  means: PeopleMeans,
  { _id }: Person,
  { to, keepers }: { to?: string | undefined; keepers: readonly TaskKeeper[] },
  session: ClientSession,
): Promise<number> {
  const { store } = means;
  await revokeKeysOf(means, _id, session);
  await store.links.deleteMany({ person: _id }, { session });
  const given = await store.grants.find({ by: _id, deputyOf: { $exists: true } }, null, { session }).lean();
  for (const grant of given) await endGrant(means, grant, session);
  let handedOver = 0;
  for (const keeper of keepers) handedOver += await keeper.handOver(store, _id, to, session);
  return handedOver;
}

/** Lets a person in again, by their password. Their keys stay dead: new ones are made. @throws LianfaError forbidden, not_found */
export function enablePerson(means: PeopleMeans, by: Actor, id: string): Promise<Person> {
  const entry = { act: 'person.enable', who: by, on: { person: id }, after: { enabled: true } };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await personIn(means, id, session);
    tell({ unit: person.organization });
    const reach = await reachOf(means, person, session);
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', reach, session) } });
    return person.enabled ? person : changePerson(means, person, { enabled: true }, session);
  });
}

/**
 * Takes the second step off for somebody who has lost phone and recovery codes. Their weighty roles wait for a second admin
 * again where there are two: nobody becomes a signer by resetting one.
 * @throws LianfaError factor_off, own_account, forbidden, not_found
 */
export function takeFactorOff(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'person.factor-off', who: by, on: { person: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await enabledIn(means, id, session);
    tell({ unit: person.organization });
    const reach = await reachOf(means, person, session);
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', reach, session) } });
    if (id === by.person) throw new LianfaError('own_account');
    if (person.factor === undefined) throw new LianfaError('factor_off');
    await means.store.recoveryCodes.deleteMany({ person: id }, { session });
    const grants = await means.store.grants.find({ person: id }, null, { session }).lean();
    const waiting: string[] = [];
    for (const grant of grants)
      if (isGrantSealed(means, grant) && weighty.includes(grant.role) && grant.deputyOf === undefined)
        if (await takesTwo(means, grant.path, session)) {
          await askAnew(means, grant, by.person, session);
          waiting.push(grant._id);
        }
    await changePerson(means, person, { factor: undefined }, session);
    await requireAdminLeft(means, session);
    tell({ after: { waiting } });
  });
}

/** Name, address and everything to sign in with go; what the person decided and the book of acts keep the id. Only somebody who is disabled. @throws LianfaError person_enabled, forbidden, not_found */
export function erasePerson(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'person.erase', who: by, on: { person: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await personIn(means, id, session);
    tell({ unit: person.organization });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [person.path], session) } });
    if (person.enabled) throw new LianfaError('person_enabled', { name: person.displayName });
    const { store } = means;
    for (const grant of await store.grants.find({ person: id }, null, { session }).lean())
      if (isGrantSealed(means, grant)) await endGrant(means, grant, session);
    await store.grants.deleteMany({ person: id }, { session });
    await store.recoveryCodes.deleteMany({ person: id }, { session });
    await store.spentSteps.deleteMany({ _id: id }, { session });
    await store.identities.deleteMany({ person: id }, { session });
    await changePerson(
      means,
      await personIn(means, id, session),
      {
        name: `erased-${id}`,
        displayName: `已注销 ${id.slice(-6)}`,
        address: undefined,
        passwordHash: undefined,
        mustChange: undefined,
        factor: undefined,
        erased: true,
      },
      session,
    );
  });
}
