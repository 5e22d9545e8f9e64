/** Keys for programs: `lf_<id>_<secret>`. Only a hash is kept; a key acts for the person who made it, and never signs. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId } from '../ids.js';
import type { ApiKey } from '../model/person.js';
import type { Store } from '../store/store.js';
import { personal, type Permission } from '../model/roles.js';

/** Makes a key. The text is shown once and kept nowhere. */
export async function createApiKey(
  store: Store,
  name: string,
  by: string,
  scope: Pick<ApiKey, 'permissions' | 'expiresAt'> = {},
): Promise<string> {
  const id = newId('k');
  const secret = randomBytes(32).toString('base64url');
  await store.apiKeys.create({
    _id: id,
    name,
    secretHash: hashOf(secret),
    createdBy: by,
    createdAt: new Date(),
    ...scope,
  });
  return `lf_${id}_${secret}`;
}

/** The key as kept; undefined where it is not known, revoked or over. */
export async function apiKeyOf(store: Store, key: string, now = new Date()): Promise<ApiKey | undefined> {
  const [, id = '', secret = ''] = /^lf_([0-9a-z]{10,40})_([A-Za-z0-9_-]{20,100})$/.exec(key) ?? [];
  const row = await store.apiKeys.findById(id).lean();
  const fits = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(row?.secretHash ?? hashOf('')));
  if (!row || !fits || row.revokedAt || (row.expiresAt && row.expiresAt <= now)) return undefined;
  return row;
}

/** What a key may of its owner's rights. */
export function allowedTo({ permissions }: ApiKey): (permission: Permission) => boolean {
  return (permission) => !personal.includes(permission) && (permissions?.includes(permission) ?? true);
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
