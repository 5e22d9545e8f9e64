/** Adds a person with a password and roles, without asking anybody: for what sets up a hub of its own. */
import { newId } from '../ids.js';
import type { Person } from '../model/person.js';
import { hashPassword } from './passwords.js';
import type { Role } from '../model/roles.js';
import { insertGrant, insertPerson, type PeopleMeans } from './write.js';

export interface Newcomer {
  name: string;
  displayName: string;
  password: string;
  roles: readonly Role[];
  /** The unit they belong to and hold their roles over; the hub as a whole where absent. */
  unit?: { organization: string; path: string };
}

/** @throws LianfaError name_taken */
export async function addPerson(
  means: PeopleMeans,
  { name, displayName, password, roles, unit }: Newcomer,
  id = newId('u'),
): Promise<Person> {
  const at = new Date();
  const place = unit ?? { path: '' };
  const person = await insertPerson(means, {
    _id: id,
    name,
    displayName,
    ...place,
    passwordHash: await hashPassword(password),
    enabled: true,
    rights: 1,
    createdAt: at,
  });
  for (const role of roles) await insertGrant(means, { _id: newId('g'), person: id, role, ...place, by: id, at });
  return person;
}
