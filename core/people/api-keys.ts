/** Keys for programs: `lf_<id>_<secret>`. Only a hash is kept; a key acts as the user who made it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId } from '../ids.js';
import type { Store } from '../store/store.js';
import type { User } from '../model/user.js';

/** Makes a key. The text is shown once and kept nowhere. */
export async function createApiKey(store: Store, name: string, by: string): Promise<string> {
  const id = newId('k');
  const secret = randomBytes(32).toString('base64url');
  await store.apiKeys.create({ _id: id, name, secretHash: hashOf(secret), createdBy: by, createdAt: new Date() });
  return `lf_${id}_${secret}`;
}

/** The user for whom the key acts; undefined where the key is not known, revoked, or its user is disabled. */
export async function userOfApiKey(store: Store, key: string): Promise<User | undefined> {
  const [, id = '', secret = ''] = /^lf_([0-9a-z]{10,40})_([A-Za-z0-9_-]{20,100})$/.exec(key) ?? [];
  const row = await store.apiKeys.findById(id).lean();
  const fits = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(row?.secretHash ?? hashOf('')));
  if (!row || !fits || row.revokedAt) return undefined;
  const user = await store.users.findById(row.createdBy).lean();
  return user?.enabled ? user : undefined;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
