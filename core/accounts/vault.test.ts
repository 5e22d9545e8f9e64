import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createVault, readSecret, sessionSecret } from './vault.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lianfa-vault-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('gives back what was sealed for the same account', () => {
  const vault = createVault(randomBytes(32));
  expect(vault.open('a1', vault.seal('a1', { appSecret: '密钥' }))).toEqual({ appSecret: '密钥' });
});

it('does not open a credential that was moved to another account', () => {
  const vault = createVault(randomBytes(32));
  const sealed = vault.seal('a1', { appSecret: 'x' });
  expect(() => vault.open('a2', sealed)).toThrow();
});

it('does not open a credential of which one bit was changed, or under another key', () => {
  const vault = createVault(randomBytes(32));
  const sealed = vault.seal('a1', { appSecret: 'x' });
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  expect(() => vault.open('a1', `v1.${bytes.toString('base64url')}`)).toThrow();
  expect(() => createVault(randomBytes(32)).open('a1', sealed)).toThrow();
  expect(() => vault.open('a1', 'v1.AAAA')).toThrow('not a sealed secret');
});

it('never seals the same credential to the same text twice', () => {
  const vault = createVault(randomBytes(32));
  expect(vault.seal('a1', { t: 1 })).not.toBe(vault.seal('a1', { t: 1 }));
});

it('makes one key file, readable by its owner only, when eight processes start together', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 8 }, () => readSecret({ secret: undefined, dataFolder: folder })),
  );
  expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
  expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['secret.key']);
  expect(Buffer.from(await readFile(join(folder, 'secret.key'), 'utf8'), 'base64')).toEqual(secrets[0]);
});

it('refuses a secret of the wrong length by name', async () => {
  await expect(readSecret({ secret: 'c2hvcnQ=', dataFolder: folder })).rejects.toThrow('LIANFA_SECRET');
  await writeFile(join(folder, 'secret.key'), 'broken');
  await expect(readSecret({ secret: undefined, dataFolder: folder })).rejects.toThrow('secret.key');
});

it('derives a session secret that is not the vault key', async () => {
  const secret = randomBytes(32);
  expect(sessionSecret(secret)).not.toBe(secret.toString('base64'));
  expect(sessionSecret(secret)).toBe(sessionSecret(secret));
});
