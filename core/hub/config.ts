/** Settings from the environment, parsed once. Everything has a safe default for one machine. */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { RedisSettings } from '../queue/connection.js';
import { redisPlace } from '../queue/place.js';
import { storageAddress, type StoragePlace } from '../storage/place.js';

const origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.url()));

const environment = z.object({
  LIANFA_DATA: z.string().min(1).default('data'),
  /** Loopback unless told otherwise. */
  LIANFA_HOST: z.string().default('127.0.0.1'),
  LIANFA_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** The address the public and the platforms use; derived from host and port where we listen on loopback alone. */
  LIANFA_URL: z.url().optional(),
  /** Addresses or networks of the proxies before us, besides loopback: only what they say of a client is believed. */
  LIANFA_PROXIES: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  /** Origins with inner addresses that may be reached all the same (sandboxes, a CMS inside the network). */
  LIANFA_ALLOW_INNER: origins,
  /** Where watched folders lie (来文文件夹); `inbox` in the data folder unless told. */
  LIANFA_INBOX: z.string().min(1).optional(),
  /** 32 bytes, base64; else a key file in the data folder. Seals credentials and signs sessions. */
  LIANFA_SECRET: z.string().optional(),
  LIANFA_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Further folders of channels, besides our own. */
  LIANFA_CHANNELS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter(Boolean)),
  MONGODB_URI: z.string().optional(),
  /** One Redis, Sentinels with the master's name, or nodes of a cluster: see core/queue/place.ts. */
  REDIS_URL: z
    .string()
    .superRefine((text, context) => {
      for (const { message } of redisPlace.safeParse(text).error?.issues ?? [])
        context.addIssue({ code: 'custom', message });
    })
    .optional(),
  /** The authority that has signed the certificates of `rediss://`, where no public one has; a PEM file. */
  REDIS_CA_FILE: z
    .string()
    .refine((file) => existsSync(file), { error: '文件不存在。 There is no such file.' })
    .optional(),
  /** A bucket of an S3-compatible storage for media and built sites, where several machines share them: see core/storage/place.ts. */
  STORAGE_URL: storageAddress.optional(),
  STORAGE_ACCESS_KEY: z.string().min(1).optional(),
  STORAGE_SECRET_KEY: z.string().min(1).optional(),
  /** The authority that has signed the storage's certificate, where no public one has; a PEM file. */
  STORAGE_CA_FILE: z
    .string()
    .refine((file) => existsSync(file), { error: '文件不存在。 There is no such file.' })
    .optional(),
  /** For the Sentinels themselves, where they ask for it. */
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  /** Whether signers, commanders and admins must have a second step at sign-in. */
  LIANFA_SECOND_FACTOR: z.enum(['required', 'optional']).default('required'),
  /** An OpenID Connect provider (统一身份认证) as a second way in; all three or none. */
  LIANFA_OIDC_ISSUER: z.url().optional(),
  LIANFA_OIDC_CLIENT_ID: z.string().min(1).optional(),
  LIANFA_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** A JSON file that maps the provider's groups to roles. */
  LIANFA_OIDC_GROUPS: z.string().optional(),
  /** A file that a role touches while it lives, for a health check without HTTP. */
  LIANFA_PULSE: z.string().optional(),
  /** Seconds for which a server that is told to end works on, so that a load balancer sees it is not ready any more. */
  LIANFA_DRAIN: z.coerce.number().min(0).max(300).optional(),
  /** Keeps several hubs on one Redis apart. */
  LIANFA_REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('lianfa'),
});

export interface Config {
  dataFolder: string;
  host: string;
  port: number;
  url: string;
  proxies: string[];
  allowInner: string[];
  /** Watched folders lie here, and nowhere else. */
  inbox: string;
  secret: string | undefined;
  log: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  channelFolders: string[];
  mongoUri: string | undefined;
  redisUrl: string | undefined;
  redisPrefix: string;
  redisAccess: Pick<RedisSettings, 'caFile' | 'sentinel'>;
  /** Where media and built sites lie; the data folder where there is none. */
  storage: StoragePlace | undefined;
  secondFactor: 'required' | 'optional';
  /** The identity provider, where there is one. */
  provider: { issuer: string; clientId: string; clientSecret: string; groupsFile: string | undefined } | undefined;
  pulseFile: string | undefined;
  /** See `LIANFA_DRAIN`. */
  drainSeconds: number | undefined;
}

/** Reads and checks the environment and makes the data folder. Throws a ZodError that names the variable at fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment
    .refine(({ LIANFA_URL, LIANFA_HOST }) => LIANFA_URL !== undefined || isLoopback(LIANFA_HOST), {
      path: ['LIANFA_URL'],
      error:
        '不只在本机监听时，请写明公众访问的网址。 Say the public address where others than this machine may come in.',
    })
    .refine(
      (one) => {
        const given = [one.LIANFA_OIDC_ISSUER, one.LIANFA_OIDC_CLIENT_ID, one.LIANFA_OIDC_CLIENT_SECRET];
        return given.every(Boolean) || !given.some(Boolean);
      },
      {
        path: ['LIANFA_OIDC_ISSUER'],
        error:
          '接入统一身份认证要同时写明 LIANFA_OIDC_ISSUER、LIANFA_OIDC_CLIENT_ID 和 LIANFA_OIDC_CLIENT_SECRET。 An identity provider takes all three of them.',
      },
    )
    .refine((one) => one.STORAGE_URL === undefined || (one.STORAGE_ACCESS_KEY && one.STORAGE_SECRET_KEY), {
      path: ['STORAGE_URL'],
      error:
        '对象存储要同时写明 STORAGE_ACCESS_KEY 和 STORAGE_SECRET_KEY。 An object storage takes STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY as well.',
    })
    .refine((one) => one.STORAGE_URL === undefined || one.LIANFA_SECRET !== undefined, {
      path: ['LIANFA_SECRET'],
      error:
        '几台机器共用对象存储时，请写明同一个 LIANFA_SECRET，不要各用各的 secret.key。 Machines that share a storage share one LIANFA_SECRET: a key file would be another on each.',
    })
    .parse(env);
  const dataFolder = resolve(parsed.LIANFA_DATA);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  return {
    dataFolder,
    host: parsed.LIANFA_HOST,
    port: parsed.LIANFA_PORT,
    url: (parsed.LIANFA_URL ?? `http://${parsed.LIANFA_HOST}:${parsed.LIANFA_PORT}`).replace(/\/$/, ''),
    proxies: parsed.LIANFA_PROXIES,
    allowInner: parsed.LIANFA_ALLOW_INNER,
    inbox: resolve(parsed.LIANFA_INBOX ?? join(dataFolder, 'inbox')),
    secret: parsed.LIANFA_SECRET,
    log: parsed.LIANFA_LOG,
    channelFolders: parsed.LIANFA_CHANNELS,
    mongoUri: parsed.MONGODB_URI,
    redisUrl: parsed.REDIS_URL,
    redisPrefix: parsed.LIANFA_REDIS_PREFIX,
    redisAccess: {
      caFile: parsed.REDIS_CA_FILE,
      sentinel: { username: parsed.REDIS_SENTINEL_USERNAME, password: parsed.REDIS_SENTINEL_PASSWORD },
    },
    storage: storageOf(parsed),
    secondFactor: parsed.LIANFA_SECOND_FACTOR,
    provider: providerOf(parsed),
    pulseFile: parsed.LIANFA_PULSE,
    drainSeconds: parsed.LIANFA_DRAIN,
  };
}

/** @throws Error where no Redis is named */
export function redisOf({ redisUrl, redisPrefix, redisAccess }: Config): RedisSettings {
  if (redisUrl === undefined) throw new Error('REDIS_URL is not set and no Redis was started');
  return { url: redisUrl, prefix: redisPrefix, ...redisAccess };
}

function storageOf(parsed: z.output<typeof environment>): StoragePlace | undefined {
  const { STORAGE_URL, STORAGE_ACCESS_KEY, STORAGE_SECRET_KEY, STORAGE_CA_FILE: caFile } = parsed;
  if (!STORAGE_URL || !STORAGE_ACCESS_KEY || !STORAGE_SECRET_KEY) return undefined;
  return { ...STORAGE_URL, accessKey: STORAGE_ACCESS_KEY, secretKey: STORAGE_SECRET_KEY, caFile };
}

function providerOf(parsed: z.output<typeof environment>): Config['provider'] {
  const { LIANFA_OIDC_ISSUER, LIANFA_OIDC_CLIENT_ID, LIANFA_OIDC_CLIENT_SECRET, LIANFA_OIDC_GROUPS } = parsed;
  if (!LIANFA_OIDC_ISSUER || !LIANFA_OIDC_CLIENT_ID || !LIANFA_OIDC_CLIENT_SECRET) return undefined;
  return {
    issuer: LIANFA_OIDC_ISSUER,
    clientId: LIANFA_OIDC_CLIENT_ID,
    clientSecret: LIANFA_OIDC_CLIENT_SECRET,
    groupsFile: LIANFA_OIDC_GROUPS,
  };
}

/** The names that a machine has for itself. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
}
