/** Persons who come by an identity provider: bound by issuer and subject, letter by letter, through an invitation or by an admin's word; never by name or address. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ClientSession } from 'mongoose';
import { attempt } from '../audit/attempt.js';
import { LianfaError } from '../errors.js';
import { id } from '../ids.js';
import type { Person } from '../model/person.js';
import { roles, type Role } from '../model/roles.js';
import type { Identity } from '../model/sign-in.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Actor } from '../model/actor.js';
import { endGrant, grantIn } from './grants.js';
import { personOfLink } from './links.js';
import { activePerson } from './read.js';
import { enabledIn, placeOf } from './standing.js';
import { changePerson, isGrantSealed, type PeopleMeans } from './write.js';

/** What the provider says of somebody. */
export interface Claimed {
  issuer: string;
  subject: string;
  /** Undefined where it sent none, which is not the same as none. */
  groups: readonly string[] | undefined;
}

const groupMap = z.array(
  z.strictObject({ group: z.string().min(1), role: z.enum(roles), organization: id.optional() }),
);
export type GroupMap = z.output<typeof groupMap>;

/** Reads which group is which role over what: a JSON list of `{ group, role, organization? }`. @throws Error naming the file */
export async function readGroupMap(file: string | undefined): Promise<GroupMap> {
  if (file === undefined) return [];
  try {
    return groupMap.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`LIANFA_OIDC_GROUPS: ${file} 不是有效的对应表 is no list of groups`, { cause: error });
  }
}

/** Which identity it is, to the hub: nobody else can work it out. */
export function identityId({ vault }: PeopleMeans, { issuer, subject }: Pick<Claimed, 'issuer' | 'subject'>): string {
  return vault.mark('identity', [issuer, subject]);
}

function markOf({ vault }: PeopleMeans, { _id, person, issuer }: Omit<Identity, 'mark' | 'at'>): string {
  return vault.mark('identity of', [_id, person, issuer]);
}

/** Undefined where the identity is nobody's here, or the person is disabled. */
export async function personOfIdentity(means: PeopleMeans, claimed: Claimed): Promise<Person | undefined> {
  const row = await means.store.identities.findById(identityId(means, claimed)).lean();
  return row && row.mark === markOf(means, row) ? activePerson(means, row.person) : undefined;
}

/** Inside an act. @throws where the identity is somebody's already */
export async function insertIdentity(
  means: PeopleMeans,
  identity: Omit<Identity, 'mark' | 'at'>,
  session: ClientSession,
): Promise<void> {
  const row = { ...identity, at: new Date(), mark: markOf(means, identity) };
  await means.store.identities.create([row], { session });
}

/** Binds the identity to whom the invitation is for; the invitation is used up. @throws LianfaError link_over; provider_refused where it is somebody's already */
export function bindIdentity(means: PeopleMeans, link: string, claimed: Claimed, from: Actor['from']): Promise<Person> {
  const entry = { act: 'identity.bind', from, on: {}, after: { issuer: claimed.issuer } };
  return attempt(means.store, entry, async (session, tell) => {
    const { link: row, person } = await personOfLink(means, link, session);
    tell({ on: { person: person._id }, unit: person.organization, who: { person: person._id, from } });
    // A reset is for who has a password; it makes nobody else of them.
    if (row.use !== 'invitation') throw new LianfaError('link_over');
    const identity = { _id: identityId(means, claimed), person: person._id, issuer: claimed.issuer };
    await insertIdentity(means, identity, session).catch((error: unknown) => {
      throw isDuplicate(error) ? new LianfaError('provider_refused') : error;
    });
    // It may have waited for an admin meanwhile.
    await means.store.identitiesAsked.deleteOne({ _id: identity._id }, { session });
    await means.store.links.deleteMany({ person: person._id }, { session });
    return changePerson(means, person, {}, session);
  });
}

/**
 * Lets the roles that come by groups be those of the present groups; roles given by hand are not touched. Without a word
 * about groups nothing changes. A role that may not meet another of the person is left out, and said.
 * @returns the person as they are now
 */
export function followGroups(means: PeopleMeans, person: Person, { groups }: Claimed, map: GroupMap): Promise<Person> {
  const entry = { act: 'person.groups', who: 'provider', on: { person: person._id }, unit: person.organization };
  return attempt(means.store, entry, async (session, tell) => {
    if (groups === undefined) {
      tell({ note: 'the provider sent no groups: roles stay as they were' });
      return person;
    }
    const wanted = map.filter(({ group }) => groups.includes(group));
    const given = (
      await means.store.grants.find({ person: person._id, provider: true }, null, { session }).lean()
    ).filter((grant) => isGrantSealed(means, grant));
    const taken = given.filter((grant) => !wanted.some((wish) => sameRole(wish, grant)));
    for (const grant of taken) await endGrant(means, grant, session);
    const missing = wanted.filter((wish) => !given.some((grant) => sameRole(wish, grant)));
    const { added, leftOut } = await addAll(means, person._id, missing, session);
    tell({ after: { groups, taken: taken.map(nameOf), added, leftOut } });
    return enabledIn(means, person._id, session);
  });
}

type Wished = GroupMap[number];

async function addAll(
  means: PeopleMeans,
  id: string,
  wishes: readonly Wished[],
  session: ClientSession,
): Promise<{ added: string[]; leftOut: { role: string; reason: string }[] }> {
  const added: string[] = [];
  const leftOut: { role: string; reason: string }[] = [];
  for (const wish of wishes)
    try {
      const place = await placeOf(means.store, wish.organization, session);
      const person = await enabledIn(means, id, session);
      await grantIn(means, { person, role: wish.role, place, by: 'provider', provider: true }, session);
      added.push(nameOf(wish));
    } catch (error) {
      // Each of these is said before anything is written.
      if (!(error instanceof LianfaError) || !['roles_apart', 'role_held', 'field_invalid'].includes(error.code))
        throw error;
      leftOut.push({ role: nameOf(wish), reason: error.code });
    }
  return { added, leftOut };
}

function sameRole(wish: Pick<Wished, 'role' | 'organization'>, grant: { role: Role; organization?: string }): boolean {
  return wish.role === grant.role && wish.organization === grant.organization;
}

function nameOf({ role, organization }: { role: Role; organization?: string | undefined }): string {
  return organization === undefined ? role : `${role} ${organization}`;
}
