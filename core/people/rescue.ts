/** The way back for whoever has hands on the machine, when nobody can sign in any more. It stands in the book like any act. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Person } from '../model/person.js';
import { mayNotMeet, roleNames } from '../model/roles.js';
import { revokeKeysOf } from './api-keys.js';
import { newPassword } from './first-person.js';
import { hashPassword } from './passwords.js';
import { changePerson, insertGrant, insertPerson, isGrantSealed, type PeopleMeans } from './write.js';

/**
 * Lets `name` be an admin over the hub as a whole, with a new password that is changed at the next sign-in; makes the person
 * where there is none. A second step that was on is off, keys are dead, open sessions end.
 * @throws LianfaError roles_apart where the person has another role: take another name
 */
export async function rescue(means: PeopleMeans, name: string): Promise<{ name: string; password: string }> {
  const password = newPassword();
  const passwordHash = await hashPassword(password);
  await act(
    means.store,
    (person: string) => ({ act: 'person.rescue', outcome: 'done', who: 'rescue', on: { person } }),
    async (session) => {
      const known = await means.store.people.findOne({ name }, null, { session }).lean();
      const person = known ?? (await made(means, name, session));
      await giveAll(means, person, session);
      await revokeKeysOf(means, person._id, session);
      await means.store.recoveryCodes.deleteMany({ person: person._id }, { session });
      await changePerson(means, person, { passwordHash, mustChange: true, enabled: true, factor: undefined }, session);
      return person._id;
    },
  );
  return { name, password };
}

function made(means: PeopleMeans, name: string, session: ClientSession): Promise<Person> {
  const now = new Date();
  const person = { _id: newId('u'), name, displayName: name, path: '', enabled: true, rights: 1, createdAt: now };
  return insertPerson(means, person, session);
}

async function giveAll(means: PeopleMeans, { _id: person }: Person, session: ClientSession): Promise<void> {
  const now = new Date();
  const grants = (await means.store.grants.find({ person }, null, { session }).lean()).filter(
    (grant) => isGrantSealed(means, grant) && (!grant.until || grant.until > now),
  );
  const other = grants.find(({ role }) => mayNotMeet('admin', role));
  if (other)
    throw new LianfaError('roles_apart', {
      role: roleNames.admin,
      place: { zh: '全部单位', en: 'the whole hub' },
      other: roleNames[other.role],
      otherPlace: other.organization ?? { zh: '全部单位', en: 'the whole hub' },
    });
  const holds = grants.some((grant) => grant.role === 'admin' && grant.path === '' && !grant.asked && !grant.until);
  if (!holds)
    await insertGrant(means, { _id: newId('g'), person, role: 'admin', path: '', by: 'rescue', at: now }, session);
}
