/** The one place that opens secrets. AES-256-GCM, bound to whose they are (an account's id, a key in Redis), under a key that leaves this machine in no backup of the database. */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Vault {
  /** `owner`: the id of the account whose credentials they are, or the key under which the value lies in Redis. */
  seal(owner: string, secret: unknown): string;
  /** @throws Error where the text was changed, was sealed for another owner or under another key. */
  open(owner: string, sealed: string): unknown;
  /** By which the hub knows again what it wrote itself: HMAC-SHA-256 over the values, for this use alone. */
  mark(use: string, values: readonly unknown[]): string;
}

/**
 * The 32 bytes that everything secret derives from: `secret` (base64), else `<dataFolder>/secret.key`, made on first use.
 * Processes that start together agree on one key: the file appears whole, and only once.
 */
export async function readSecret(options: SecretPlace): Promise<Buffer> {
  const file = join(options.dataFolder, 'secret.key');
  if (options.secret === undefined && !existsSync(file)) {
    await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
    await createOnce(file, randomBytes(32).toString('base64'));
  }
  return presentSecret(options);
}

/** The same, where there must be one already. @throws Error where there is none */
export async function presentSecret({ secret, dataFolder }: SecretPlace): Promise<Buffer> {
  if (secret !== undefined) return checked(secret, 'LIANFA_SECRET');
  const file = join(dataFolder, 'secret.key');
  return checked(await readFile(file, 'utf8'), file);
}

interface SecretPlace {
  secret: string | undefined;
  dataFolder: string;
}

async function createOnce(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function checked(text: string, where: string): Buffer {
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length !== 32) throw new Error(`${where} must hold 32 bytes in base64`);
  return secret;
}

/** A key of its own for each purpose, so that one that leaks opens nothing else. */
function derive(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `lianfa ${purpose}`, 32));
}

export function sessionSecret(secret: Buffer): string {
  return derive(secret, 'sessions').toString('base64');
}

export function createVault(secret: Buffer): Vault {
  const key = createSecretKey(derive(secret, 'credentials'));
  const marking = createSecretKey(derive(secret, 'marks'));
  return {
    mark: (use, values) =>
      createHmac('sha256', marking)
        .update(JSON.stringify([use, ...values]))
        .digest('base64url'),
    seal(owner, secretValue) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
      const hidden = Buffer.concat([cipher.update(JSON.stringify(secretValue), 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url')}`;
    },
    open(owner, sealed) {
      const [version, content = ''] = sealed.split('.');
      const bytes = Buffer.from(content, 'base64url');
      if (version !== 'v1' || bytes.length < 28) throw new Error('not a sealed secret');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(12, 28));
      const text = decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
      return JSON.parse(text) as unknown;
    },
  };
}
