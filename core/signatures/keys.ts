/** A person's signing keys: made on first use, renewed, retired, read. What an older key signed stays valid; a key that the hub did not write is none. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import type { SigningKey } from '../model/signing-key.js';
import { isDuplicate } from '../store/duplicates.js';
import type { Store } from '../store/store.js';
import { isPublicKey, newKeyPair, signText } from './ed25519.js';

export interface KeyMeans {
  store: Pick<Store, 'signingKeys' | 'connection'>;
  vault: Vault;
}

/** What everybody may know of a key. */
export type KnownKey = Pick<SigningKey, '_id' | 'person' | 'publicKey' | 'createdAt' | 'retiredAt'>;

/** A person's key, for the time of one act. */
export interface Signer {
  person: string;
  key: string;
  /** In base64. */
  sign(text: string): string;
}

/** Makes sure that the person has a key that signs; of two who do so at once, both find the same. */
export async function ensureKey(means: KeyMeans, person: string, now = new Date()): Promise<void> {
  const newest = await newestKey(means, person);
  if (newest && !newest.retiredAt) return;
  try {
    await means.store.signingKeys.create([newKey(means, person, (newest?.number ?? 0) + 1, now)]);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}

/** The person's key; undefined where there is none that signs. Read inside a transaction, it holds until the commit. */
export async function signerOf(means: KeyMeans, person: string, session?: ClientSession): Promise<Signer | undefined> {
  const row = await newestKey(means, person, session);
  if (!row || row.retiredAt) return undefined;
  return {
    person,
    key: row._id,
    sign: (text) => signText(text, String(means.vault.open(ownerOf(row._id), row.sealed))),
  };
}

/** Retires the person's key and makes the next, both or neither. Answers its id. */
export async function renewKey(
  means: KeyMeans,
  person: string,
  session: ClientSession,
  now = new Date(),
): Promise<string> {
  const newest = await retireKey(means, person, session, now);
  const next = newKey(means, person, (newest?.number ?? 0) + 1, now);
  await means.store.signingKeys.create([next], { session });
  return next._id;
}

/** From now on the person has no key that signs (left, or renewed). Answers the newest, retired now or before. */
export async function retireKey(
  means: KeyMeans,
  person: string,
  session: ClientSession,
  now = new Date(),
): Promise<SigningKey | undefined> {
  const newest = await newestKey(means, person, session);
  if (!newest || newest.retiredAt) return newest;
  const retired = { ...newest, retiredAt: now };
  const row = { ...retired, seal: markOf(means, retired) };
  await means.store.signingKeys.replaceOne({ _id: newest._id }, row, { session });
  return row;
}

/** Undefined where there is none, or the row is not as the hub wrote it. */
export async function readKey(means: KeyMeans, id: string): Promise<KnownKey | undefined> {
  const row = await means.store.signingKeys.findById(id).lean();
  return row && isOurs(means, row) ? row : undefined;
}

/** All of a person's keys, the oldest first. */
export async function keysOf(means: KeyMeans, person: string): Promise<KnownKey[]> {
  const rows = await means.store.signingKeys.find({ person }).sort({ number: 1 }).lean();
  return rows.filter((row) => isOurs(means, row));
}

async function newestKey(means: KeyMeans, person: string, session?: ClientSession): Promise<SigningKey | undefined> {
  const options = session ? { session } : {};
  const rows = await means.store.signingKeys.find({ person }, null, options).sort({ number: -1 }).lean();
  return rows.find((row) => isOurs(means, row));
}

function newKey(means: KeyMeans, person: string, number: number, createdAt: Date): SigningKey {
  const { publicKey, privateKey } = newKeyPair();
  const id = `${person}.${number}`;
  const sealed = means.vault.seal(ownerOf(id), privateKey);
  const row = { _id: id, person, number, publicKey, sealed, createdAt };
  return { ...row, seal: markOf(means, row) };
}

/** As whose the vault keeps the private key: no other key's, and no account's. */
function ownerOf(key: string): string {
  return `signing key ${key}`;
}

function isOurs(means: KeyMeans, row: SigningKey): boolean {
  return row.seal === markOf(means, row) && isPublicKey(row.publicKey);
}

function markOf({ vault }: KeyMeans, row: Omit<SigningKey, 'seal'>): string {
  const { _id, person, number, publicKey, createdAt, retiredAt } = row;
  return vault.mark('signing key', [_id, person, number, publicKey, createdAt.getTime(), retiredAt?.getTime() ?? null]);
}
