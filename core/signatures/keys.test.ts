import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault } from '../accounts/vault.js';
import { openStore } from '../store/store.js';
import { isSignature, newKeyPair } from './ed25519.js';
import { ensureKey, keysOf, readKey, renewKey, retireKey, signerOf, type KeyMeans } from './keys.js';

const folder = mkdtempSync(join(tmpdir(), 'lianfa-keys-'));
const vault = createVault(Buffer.alloc(32, 7));
let means: KeyMeans;

beforeAll(async () => {
  means = { store: await openStore({ dataFolder: folder, uri: process.env['MONGODB_URI'] }), vault };
});
afterAll(async () => {
  await means.store.connection.close();
  rmSync(folder, { recursive: true });
});

async function signed(person: string, text: string): Promise<{ key: string; signature: string }> {
  const signer = await signerOf(means, person);
  if (!signer) throw new Error(`${person} has no key`);
  return { key: signer.key, signature: signer.sign(text) };
}

it('makes a person one key, however many ask for it at once', async () => {
  expect(await signerOf(means, 'u1')).toBeUndefined();
  await Promise.all(Array.from({ length: 5 }, () => ensureKey(means, 'u1')));
  expect(await keysOf(means, 'u1')).toHaveLength(1);
  const { key, signature } = await signed('u1', '通知');
  const known = await readKey(means, key);
  expect(known?.person).toBe('u1');
  expect(isSignature('通知', signature, known?.publicKey ?? '')).toBe(true);
});

it('keeps what older keys signed readable, and says when each was retired', async () => {
  await ensureKey(means, 'u2');
  const first = await signed('u2', '一');
  const { connection } = means.store;
  const at = new Date('2026-10-01T00:00:00Z');
  await connection.transaction((session) => renewKey(means, 'u2', session, at));
  const second = await signed('u2', '二');
  await connection.transaction((session) => renewKey(means, 'u2', session));
  const third = await signed('u2', '三');
  expect(new Set([first.key, second.key, third.key]).size).toBe(3);
  for (const [text, { key, signature }] of Object.entries({ 一: first, 二: second, 三: third }))
    expect(isSignature(text, signature, (await readKey(means, key))?.publicKey ?? '')).toBe(true);
  expect((await readKey(means, first.key))?.retiredAt).toEqual(at);
  expect((await readKey(means, third.key))?.retiredAt).toBeUndefined();
});

it('lets nobody sign who has left, until a key is made anew', async () => {
  await ensureKey(means, 'u3');
  await means.store.connection.transaction((session) => retireKey(means, 'u3', session));
  expect(await signerOf(means, 'u3')).toBeUndefined();
  await ensureKey(means, 'u3');
  expect((await signerOf(means, 'u3'))?.key).toBe('u3.2');
});

it('knows no key that was written into the database by hand', async () => {
  const { signingKeys } = means.store;
  const { publicKey } = newKeyPair();
  const createdAt = new Date();
  await signingKeys.create({ _id: 'u4.1', person: 'u4', number: 1, publicKey, sealed: 'x', createdAt, seal: 'x' });
  expect(await readKey(means, 'u4.1')).toBeUndefined();
  expect(await signerOf(means, 'u4')).toBeUndefined();

  // Nor one whose row was changed: another's key, another's name, a retirement taken back.
  await ensureKey(means, 'u5');
  await means.store.connection.transaction((session) => renewKey(means, 'u5', session));
  for (const change of [{ publicKey }, { person: 'u4' }, { number: 9 }, { createdAt: new Date(0) }]) {
    const before = await signingKeys.findById('u5.2').lean();
    await signingKeys.updateOne({ _id: 'u5.2' }, { $set: change });
    expect(await readKey(means, 'u5.2')).toBeUndefined();
    if (before) await signingKeys.replaceOne({ _id: 'u5.2' }, before);
  }
  await signingKeys.updateOne({ _id: 'u5.1' }, { $unset: { retiredAt: 1 } });
  expect(await readKey(means, 'u5.1')).toBeUndefined();
  expect(await readKey(means, 'u5.2')).toBeDefined();
});

it('knows no key of another hub', async () => {
  await ensureKey(means, 'u6');
  const other = { ...means, vault: createVault(Buffer.alloc(32, 8)) };
  expect(await readKey(other, 'u6.1')).toBeUndefined();
});
