import { randomInt } from 'node:crypto';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { hashPassword } from './passwords.js';
import { insertGrant, insertPerson, type PeopleMeans } from './write.js';

/** Without the characters that people mistake for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password to be shown once and changed soon. */
export function newPassword(): string {
  return Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-');
}

/** Makes `admin`, who makes everybody else, where there is nobody yet. The password is given back once, for the start command to print; undefined where there are people. */
export async function createFirstPerson(
  means: PeopleMeans,
  now = new Date(),
): Promise<{ name: string; password: string } | undefined> {
  if (await means.store.people.findOne({}).lean()) return undefined;
  const name = 'admin';
  const password = newPassword();
  const id = newId('u', now.getTime());
  try {
    const passwordHash = await hashPassword(password);
    await insertPerson(means, {
      _id: id,
      name,
      displayName: '管理员',
      path: '',
      passwordHash,
      mustChange: true,
      enabled: true,
      rights: 1,
      createdAt: now,
    });
  } catch (error) {
    // Another server process that started at the same moment was first; it prints the password.
    if (error instanceof LianfaError && error.code === 'name_taken') return undefined;
    throw error;
  }
  await insertGrant(means, { _id: newId('g', now.getTime()), person: id, role: 'admin', path: '', by: id, at: now });
  return { name, password };
}
