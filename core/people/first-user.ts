import { randomInt } from 'node:crypto';
import { newId } from '../ids.js';
import type { Store } from '../store/store.js';
import { hashPassword } from './passwords.js';

/** Without the characters that people mistake for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Makes `admin` where there is no user yet. The password is given back once, for the start command to print; undefined where there are users. */
export async function createFirstUser(
  store: Store,
  now = new Date(),
): Promise<{ name: string; password: string } | undefined> {
  if (await store.users.findOne({}).lean()) return undefined;
  const name = 'admin';
  const password = Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-');
  try {
    await store.users.create({
      _id: newId('u', now.getTime()),
      name,
      displayName: '管理员',
      passwordHash: await hashPassword(password),
      enabled: true,
      createdAt: now,
    });
  } catch (error) {
    // Another server process that started at the same moment was first; it prints the password.
    if ((error as { code?: unknown }).code === 11000) return undefined;
    throw error;
  }
  return { name, password };
}
