/** Making, changing, moving, disabling and erasing persons. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
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
import { notify } from '../notices/notices.js';
import { rolesOf } from './read.js';
import { rightsOf } from './rights.js';
import { enabledIn, personIn, placeOf, reachOf, requireEnabled, requireRight, type Place } from './standing.js';
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

/** How somebody goes. */
export interface Going {
  /** Who takes over what waits. */
  to?: string | undefined;
  keepers: readonly TaskKeeper[];
  /** Disabled for cause, and why: for the book alone. What the person signed and has not gone out yet asks. */
  cause?: string | undefined;
}

/**
 * A person leaves, or is removed for cause: sessions, keys, links and the deputies they gave end, and what waits for them is
 * handed over or freed. Their unit is told. Who left already can still be removed.
 * @throws LianfaError own_account, last_admin, forbidden, person_disabled, not_found
 */
export function disablePerson(
  means: PeopleMeans,
  by: Actor,
  id: string,
  going: Going,
): Promise<{ handedOver: number }> {
  const { to, cause } = going;
  const entry = {
    act: cause === undefined ? 'person.disable' : 'person.remove',
    who: by,
    on: { person: id },
    note: cause,
  };
  return attempt(means.store, entry, async (session, tell) => {
    const person = await personIn(means, id, session);
    tell({ unit: person.organization });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [person.path], session) } });
    if (cause === undefined || person.removed) requireEnabled(person);
    if (to !== undefined) await enabledIn(means, to, session);
    const handedOver = await endPowers(means, by, person, going, session);
    await changePerson(means, person, { enabled: false, ...(cause !== undefined && { removed: true }) }, session);
    await requireAdminLeft(means, session);
    await tellUnit(means, person, going, session);
    tell({ after: { enabled: false, handedOver, to, ...(cause !== undefined && { removed: true }) } });
    if (id === by.person) throw new LianfaError('own_account');
    return { handedOver };
  });
}

/** One notice a person, gone with their name. */
function noticeKey(id: string): string {
  return `gone ${id}`;
}

/** Whoever works with somebody must know that they act no more. Why stands in the book alone. */
async function tellUnit(
  { store }: PeopleMeans,
  { _id, displayName, path }: Person,
  { cause }: Going,
  session: ClientSession,
): Promise<void> {
  const key = noticeKey(_id);
  await store.notices.deleteMany({ key }, { session });
  const notice =
    cause === undefined
      ? ({ level: 'info', said: leftSaid(displayName) } as const)
      : ({ level: 'warning', said: removedSaid(displayName), todo: removedTodo } as const);
  await notify(store, { ...notice, path, key }, new Date(), session);
}

const leftSaid = (name: string): Said => ({
  zh: `${name}已停用，不再办理任何事项；待办已移交或放开。`,
  en: `${name} has left and acts no more; what waited for them was handed over or freed.`,
});
const removedSaid = (name: string): Said => ({
  zh: `${name}已因故停用，不再有任何权限；其签发而尚未发出的计划会停下等人决定。`,
  en: `${name} was disabled for cause and has no rights any more; what they signed and has not gone out yet waits for a person.`,
});
const removedTodo: Said = {
  zh: '请核对此人近期经手的稿件和计划；不要再按此人的口头或书面要求办理。',
  en: 'Look over the texts and plans that passed through their hands; act on their word no more.',
};

async function endPowers(
  means: PeopleMeans,
  by: Actor,
  { _id }: Person,
  { to, keepers }: Going,
  session: ClientSession,
): Promise<number> {
  const { store } = means;
  await revokeKeysOf(means, _id, session);
  await store.links.deleteMany({ person: _id }, { session });
  const given = await store.grants.find({ by: _id, deputyOf: { $exists: true } }, null, { session }).lean();
  for (const grant of given) await endGrant(means, grant, session);
  const over = rightsOf(await rolesOf(means, by.person, new Date(), session)).places('people.manage');
  let handedOver = 0;
  for (const keeper of keepers) handedOver += await keeper.handOver(store, _id, to, session, { by: by.person, over });
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
    return person.enabled ? person : changePerson(means, person, { enabled: true, removed: undefined }, session);
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
    await store.personalNotices.deleteMany({ person: id }, { session });
    await store.notices.deleteMany({ key: noticeKey(id) }, { session });
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
