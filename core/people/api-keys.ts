/** Keys for programs: `lf_<id>_<secret>`. Only a mark is kept; a key acts for the person who made it, within a place and permissions, and never signs. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { newId } from '../ids.js';
import type { ApiKey } from '../model/person.js';
import { personal, type Permission } from '../model/roles.js';
import type { Bound } from './rights.js';
import { leadsTo, type PeopleMeans } from './write.js';

export type KeyScope = Pick<ApiKey, 'permissions' | 'expiresAt' | 'organization'> & { path?: string };

/** Makes a key. The text is shown once and kept nowhere. */
export async function createApiKey(
  means: PeopleMeans,
  name: string,
  by: string,
  scope: KeyScope = {},
  session?: ClientSession,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const row = { path: '', ...scope, _id: newId('k'), name, createdBy: by, createdAt: new Date() };
  await means.store.apiKeys.create([{ ...row, secretHash: markOf(means, row, secret) }], session ? { session } : {});
  return `lf_${row._id}_${secret}`;
}

function markOf({ vault }: PeopleMeans, key: Omit<ApiKey, 'secretHash'>, secret: string): string {
  const { _id, createdBy, permissions, organization, expiresAt } = key;
  const scope = [permissions ?? null, organization ?? null, expiresAt?.getTime() ?? null];
  return vault.mark('key', [_id, createdBy, ...scope, secret]);
}

/** The key as kept; undefined where it is not known, revoked or over. */
export async function apiKeyOf(means: PeopleMeans, key: string, now = new Date()): Promise<ApiKey | undefined> {
  const [, id = '', secret = ''] = /^lf_([0-9a-z]{10,40})_([A-Za-z0-9_-]{20,100})$/.exec(key) ?? [];
  const row = await means.store.apiKeys.findById(id).lean();
  const nobody = { _id: id, name: '', createdBy: '', createdAt: now, path: '' };
  const fits = same(row?.secretHash ?? markOf(means, nobody, ''), markOf(means, row ?? nobody, secret));
  if (!row || !fits || !leadsTo(row) || row.revokedAt || (row.expiresAt && row.expiresAt <= now)) return undefined;
  return row;
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

export function boundOf({ permissions, path }: ApiKey): Bound {
  const allowed = (permission: Permission): boolean =>
    !personal.includes(permission) && (permissions?.includes(permission) ?? true);
  return { allowed, path };
}

/** For good: a key that was revoked is never good again, whatever becomes of its owner. */
export async function revokeKeysOf({ store }: PeopleMeans, person: string, session: ClientSession): Promise<void> {
  const revoked = { $set: { revokedAt: new Date(), secretHash: '' } };
  await store.apiKeys.updateMany({ createdBy: person, revokedAt: { $exists: false } }, revoked, { session });
}
