/** Giving, confirming and taking roles. Whoever is concerned is signed out, so that no session keeps what was taken. */
import type { ClientSession } from 'mongoose';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { invalid } from '../import-given.js';
import { isWithin } from '../model/organization.js';
import type { Grant, Person } from '../model/person.js';
import { mayNotMeet, roleNames, weighty, type Role } from '../model/roles.js';
import type { Actor } from '../model/actor.js';
import { requireAdminLeft, takesTwo } from './admins.js';
import { enabledIn, personIn, placeName, placeOf, requireRight, type Place } from './standing.js';
import { changePerson, confirmGrant, insertGrant, isGrantSealed, type PeopleMeans } from './write.js';

export interface Wish {
  person: string;
  role: Role;
  /** The unit over whose subtree; the hub as a whole where absent. */
  organization?: string | undefined;
  from?: Date | undefined;
  until?: Date | undefined;
}

/**
 * Gives a role. One that weighs (signer, commander, admin) waits for a second admin where there are two over the place.
 * @throws LianfaError own_role, forbidden, roles_apart, role_held, person_disabled, field_invalid, not_found
 */
export function giveRole(means: PeopleMeans, by: Actor, wish: Wish): Promise<Grant> {
  const { store } = means;
  const { role, organization, from, until } = wish;
  const entry = {
    act: 'person.grant',
    who: by,
    unit: organization,
    on: { person: wish.person },
    after: { role, organization, from, until },
  };
  return attempt(store, entry, async (session, tell) => {
    if (wish.person === by.person) throw new LianfaError('own_role');
    const person = await enabledIn(means, wish.person, session);
    const place = await placeOf(store, organization, session);
    tell({
      who: { ...by, role: await requireRight(means, by, 'people.manage', [place.path, person.path], session) },
    });
    const grant = await grantIn(means, { person, role, place, from, until, by: by.person }, session);
    tell({ on: { person: person._id, grant: grant._id }, after: shown(grant) });
    return grant;
  });
}

/** Gives a role inside an act. */
export async function grantIn(
  means: PeopleMeans,
  wish: {
    person: Person;
    role: Role;
    place: Place;
    from?: Date | undefined;
    until?: Date | undefined;
    by: string;
  } & Partial<Pick<Grant, 'deputyOf' | 'provider'>>,
  session: ClientSession,
): Promise<Grant> {
  const { person, role, place, from, until, by, deputyOf, provider } = wish;
  const now = new Date();
  if (until && until <= (from ?? now))
    throw invalid('until', {
      zh: '截止时间要晚于开始时间和现在。',
      en: 'it must be later than the start, and than now.',
    });
  await requireMayMeet(means, person._id, { role, ...place, from, until }, session);
  // A deputy stands in for somebody whose role a second admin has confirmed.
  const asked =
    deputyOf === undefined && weighty.includes(role) && (await takesTwo(means, place.path, session, person._id));
  const grant = await insertGrant(
    means,
    {
      _id: newId('g', now.getTime()),
      person: person._id,
      role,
      ...place,
      ...(from && { from }),
      ...(until && { until }),
      ...(deputyOf !== undefined && { deputyOf }),
      ...(provider && { provider }),
      ...(asked && { asked }),
      by,
      at: now,
    },
    session,
  );
  if (!asked) await changePerson(means, person, {}, session);
  return grant;
}

type Term = Pick<Grant, 'role' | 'path' | 'organization'> & { from?: Date | undefined; until?: Date | undefined };

/** Judged on every role that holds or will: at places that overlap, over times that do. @throws LianfaError roles_apart, role_held */
export async function requireMayMeet(
  means: PeopleMeans,
  person: string,
  wish: Term,
  session: ClientSession,
): Promise<void> {
  const now = new Date();
  const others = (await means.store.grants.find({ person }, null, { session }).lean()).filter(
    (grant) => isGrantSealed(means, grant) && (!grant.until || grant.until > now),
  );
  for (const other of others) {
    if (!meet(wish, other)) continue;
    if (mayNotMeet(wish.role, other.role))
      throw new LianfaError('roles_apart', {
        field: 'role',
        role: roleNames[wish.role],
        place: await placeName(means.store, wish, session),
        other: roleNames[other.role],
        otherPlace: await placeName(means.store, other, session),
      });
    if (other.role === wish.role && other.path === wish.path && other.deputyOf === undefined)
      throw new LianfaError('role_held', {
        field: 'role',
        role: roleNames[wish.role],
        place: await placeName(means.store, wish, session),
      });
  }
}

function meet(one: Term, other: Term): boolean {
  const places = isWithin(one.path, other.path) || isWithin(other.path, one.path);
  const before = (a: Term, b: Term): boolean => a.until !== undefined && b.from !== undefined && a.until <= b.from;
  return places && !before(one, other) && !before(other, one);
}

/** @throws LianfaError own_role, role_not_confirmable, role_confirmed, roles_apart, forbidden, not_found */
export function confirmRole(means: PeopleMeans, by: Actor, id: string): Promise<Grant> {
  const entry = { act: 'person.grant-confirm', who: by, on: { grant: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const grant = await grantOf(means, id, session);
    tell({ on: { grant: id, person: grant.person }, unit: grant.organization, before: shown(grant) });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [grant.path], session) } });
    if (!grant.asked) throw new LianfaError('role_confirmed');
    if (grant.person === by.person) throw new LianfaError('own_role');
    if (grant.by === by.person) throw new LianfaError('role_not_confirmable');
    const person = await enabledIn(means, grant.person, session);
    const after = await confirmGrant(means, grant, by.person, session);
    await changePerson(means, person, {}, session);
    tell({ after: shown(after) });
    return after;
  });
}

/** Takes a role back, waiting or held; the deputies who stand in for it end with it. @throws LianfaError last_admin, forbidden, not_found */
export function takeRole(means: PeopleMeans, by: Actor, id: string): Promise<void> {
  const entry = { act: 'person.grant-take', who: by, on: { grant: id } };
  return attempt(means.store, entry, async (session, tell) => {
    const grant = await grantOf(means, id, session);
    tell({ on: { grant: id, person: grant.person }, unit: grant.organization, before: shown(grant) });
    tell({ who: { ...by, role: await requireRight(means, by, 'people.manage', [grant.path], session) } });
    await endGrant(means, grant, session);
  });
}

/** Inside an act. */
export async function endGrant(means: PeopleMeans, grant: Grant, session: ClientSession): Promise<void> {
  const { store } = means;
  const standins = await store.grants.find({ deputyOf: grant._id }, null, { session }).lean();
  await store.grants.deleteMany({ _id: { $in: [grant._id, ...standins.map(({ _id }) => _id)] } }, { session });
  for (const person of new Set([grant, ...standins].map((one) => one.person)))
    await changePerson(means, await personIn(means, person, session), {}, session);
  if (grant.role === 'admin') await requireAdminLeft(means, session);
}

async function grantOf(means: PeopleMeans, id: string, session: ClientSession): Promise<Grant> {
  const grant = await means.store.grants.findById(id, null, { session }).lean();
  if (!grant) throw new LianfaError('not_found', { what: id });
  if (!isGrantSealed(means, grant)) throw new LianfaError('person_unsealed', { name: id });
  return grant;
}

/** As the book of acts has it. */
export function shown({ role, organization, from, until, asked, deputyOf, confirmedBy }: Grant): object {
  return { role, organization, from, until, asked, deputyOf, confirmedBy };
}
