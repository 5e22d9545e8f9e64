/** Who makes people over a place: counted so that weighty roles take two, and that one is always left. */
import type { ClientSession } from 'mongoose';
import { LianfaError } from '../errors.js';
import { isWithin } from '../model/organization.js';
import type { Grant, Person } from '../model/person.js';
import { isGrantSealed, isSealed, type PeopleMeans } from './write.js';

interface Admin {
  person: Person;
  grant: Grant;
}

async function admins({ store, vault }: PeopleMeans, path: string, session: ClientSession): Promise<Admin[]> {
  const means = { store, vault };
  const now = new Date();
  const grants = (await store.grants.find({ role: 'admin' }, null, { session }).lean()).filter(
    (grant) =>
      isGrantSealed(means, grant) &&
      !grant.asked &&
      (!grant.from || grant.from <= now) &&
      (!grant.until || grant.until > now) &&
      isWithin(path, grant.path),
  );
  const people = await store.people
    .find({ _id: { $in: [...new Set(grants.map(({ person }) => person))] } }, null, { session })
    .lean();
  const byId = new Map(people.map((person) => [person._id, person]));
  return grants.flatMap((grant) => {
    const person = byId.get(grant.person);
    return person?.enabled && isSealed(means, person) ? [{ person, grant }] : [];
  });
}

/** Whether there are two, `besides` the person concerned, of whom one could ask for a weighty grant there and the other confirm it. */
export async function takesTwo(
  means: PeopleMeans,
  path: string,
  session: ClientSession,
  besides?: string,
): Promise<boolean> {
  const there = new Set((await admins(means, path, session)).map(({ person }) => person._id));
  if (besides !== undefined) there.delete(besides);
  return there.size >= 2;
}

/**
 * To be asked last in every act that may take an admin away: somebody who signs in with a password of the hub is left to
 * manage all of it, for good. Acts are one line, so of two admins who demote each other at once the second is refused.
 * @throws LianfaError last_admin
 */
export async function requireAdminLeft(means: PeopleMeans, session: ClientSession): Promise<void> {
  const left = (await admins(means, '', session)).some(
    ({ person, grant }) => person.passwordHash !== undefined && grant.until === undefined && !grant.provider,
  );
  if (!left) throw new LianfaError('last_admin');
}
