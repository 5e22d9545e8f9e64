/** What every channel folder (and the toy channel of a fixture) owes to its accounts: whose they are, and where their secrets go. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Account, Channel, SharedMemory, StepCall } from '../../channels/channel.js';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import { createVault } from '../../core/accounts/vault.js';
import { newId } from '../../core/ids.js';
import { openMemory } from '../../core/queue/memory.js';
import { openGround, specimenRelease, type TestGround } from '../support/call.js';

const folders = [join(__dirname, '..', '..', 'channels'), join(__dirname, '..', 'fixtures', 'channels')];
const found = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ name: entry.name, folder })),
);

type Values = Record<string, unknown>;

/** Every text in it, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The platform's sandbox behind an address of its own, which remembers all that came. */
interface Tap {
  url: string;
  heard: string[];
  close(): Promise<void>;
}

async function openTap(target: string): Promise<Tap> {
  const heard: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await bodyOf(incoming);
      const { authorization = '', host: _, ...others } = incoming.headers;
      const basic = /^Basic (.*)$/.exec(authorization)?.[1];
      const opened = basic === undefined ? '' : Buffer.from(basic, 'base64').toString();
      heard.push(
        [
          decodeURIComponent(incoming.url ?? ''),
          authorization,
          opened,
          decodeURIComponent(body.toString('latin1').replace(/%(?![0-9a-f]{2})/gi, '%25')),
        ].join('\n'),
      );
      const answer = await fetch(new URL(incoming.url ?? '/', target), {
        method: incoming.method ?? 'GET',
        headers: Object.entries({ ...others, ...(authorization && { authorization }) })
          .filter(([name]) => !/^(connection|content-length|transfer-encoding)$/.test(name))
          .map(([name, value]): [string, string] => [name, String(value)]),
        ...(body.length > 0 && { body: new Uint8Array(body) }),
        redirect: 'manual',
      });
      outgoing.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
        ...(answer.headers.get('location') && { location: answer.headers.get('location') ?? '' }),
      });
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    })().catch((error: unknown) => outgoing.writeHead(502).end(String(error)));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe.each(found)('channel $name', ({ name, folder }) => {
  let channel: Channel;
  let sandbox: RunningSandbox;
  let tap: Tap;
  let ground: TestGround;

  beforeAll(async () => {
    channel = (await loadChannels([folder])).get(name) as Channel;
    sandbox = await startSandbox(channel.sandbox());
    tap = await openTap(sandbox.url);
    ground = await openGround(channel, [sandbox.url, tap.url]);
  });
  afterAll(async () => {
    await ground.close();
    await tap.close();
    await sandbox.close();
  });

  function accountOf(n: number, change: Values = {}): Account<unknown, unknown> {
    const ready = sandbox.account(n);
    return {
      id: `a${name}${n}`,
      name: ready.name,
      organization: '示例市人民政府办公室',
      region: '350100',
      settings: channel.accountSchema.settings.parse({ ...ready.settings, ...change }),
      credentials: channel.accountSchema.credentials.parse(ready.credentials),
    };
  }

  /** Everything that an account's credentials are used for; what fails on the way is no matter here. */
  async function useAll(account: Account<unknown, unknown>, words: string, memory?: SharedMemory): Promise<void> {
    const release = specimenRelease(words);
    const call: StepCall = {
      ...ground.callFor(`${release.release}-${account.id}`, release),
      ...(memory && { memory }),
    };
    const rendition = channel.render(release, account);
    const tried = async <T>(work: () => Promise<T> | undefined): Promise<T | undefined> => {
      try {
        return await work();
      } catch {
        return undefined;
      }
    };
    await tried(() => channel.prepare?.(account, call));
    await tried(() => channel.check(account, call));
    const acceptance = await tried(() => channel.publish(account, rendition, call));
    await tried(() => channel.find(account, rendition, call));
    const { remote } = acceptance ?? {};
    if (remote) {
      await tried(() => channel.verify(account, remote, rendition, call));
      await tried(() => channel.withdraw(account, remote, call));
    }
    await tried(() => channel.refresh?.(account, call));
    const redirect = 'https://hub.example/callbacks/authorisation';
    await tried(() => channel.authorise?.redeem(account, { code: 'c', redirect }, call));
  }

  it('gives each of its accounts an identity of its own, whatever else they are set to', () => {
    const identities = Array.from({ length: 50 }, (_, n) => channel.identity(accountOf(n).settings));
    expect(new Set(identities).size).toBe(50);
    expect(identities.every((identity) => identity.length > 0 && identity.length <= 400)).toBe(true);
    // The address by which the platform is reached makes no second account of one.
    const settings = accountOf(0).settings as Values;
    const detour = channel.credentialsGoBy.filter((field) => settings[field] === sandbox.url);
    for (const field of detour)
      expect(channel.identity(accountOf(0, { [field]: tap.url }).settings)).toBe(identities[0]);
  });

  it('names the settings that decide where its credentials go, and no other brings them anywhere', async () => {
    const settings = accountOf(30).settings as Values;
    const addresses = Object.entries(settings).filter(
      ([, value]) => typeof value === 'string' && /^https?:/.test(value),
    );
    let n = 30;
    for (const [field, value] of addresses) {
      tap.heard.length = 0;
      n += 1;
      const own = String((accountOf(n).settings as Values)[field] ?? value);
      const account = accountOf(n, { [field]: own.replace(/^https?:\/\/[^/]+/, tap.url) });
      await useAll(account, `${field}的去向`);
      const secrets = textsOf(account.credentials).filter((secret) => secret.length > 3);
      const leaked = tap.heard.some((request) => secrets.some((secret) => request.includes(secret)));
      if (leaked) expect(channel.credentialsGoBy).toContain(field);
      if (channel.credentialsGoBy.includes(field)) expect({ field, leaked }).toEqual({ field, leaked: true });
    }
    for (const field of channel.credentialsGoBy)
      expect(JSON.stringify(z.toJSONSchema(channel.accountSchema.settings, { io: 'input' }))).toContain(`"${field}"`);
  });

  it('refuses keys that it does not know, at every depth, by their name', () => {
    const ready = sandbox.account(0);
    for (const [schema, values] of [
      [channel.accountSchema.settings, ready.settings],
      [channel.accountSchema.credentials, ready.credentials],
    ] as const) {
      const { success, error } = schema.safeParse({ ...values, appSecretMisplaced: 'x' });
      expect(success).toBe(false);
      expect(JSON.stringify(error?.issues)).toContain('appSecretMisplaced');
      expect(looseObjects(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))).toEqual([]);
    }
  });

  it('leaves no secret in Redis that anybody could read: no credential, no token, nothing of what it remembers', async () => {
    const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
    const prefix = newId('t');
    const memory = openMemory(redis, { url: '', prefix }, name, createVault(Buffer.alloc(32, 1)));
    const remembered: string[] = [];
    const heeding: SharedMemory = {
      ...memory,
      set(key, value, ttl) {
        remembered.push(value, ...textsOf(parsed(value)));
        return memory.set(key, value, ttl);
      },
    };
    const account = accountOf(60);
    await useAll(account, '令牌的去处', heeding);
    const raw = await allOf(redis, prefix);
    const secrets = [...textsOf(account.credentials), ...remembered].filter((secret) => secret.length > 7);
    expect(secrets.filter((secret) => raw.includes(secret))).toEqual([]);
    const keys = await redis.keys(`{${prefix}}*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  it('drops what it remembers by credentials that are replaced', async () => {
    const kept = new Map<string, string>();
    const { memory } = ground.callFor('k', specimenRelease('记忆'));
    const heeding: SharedMemory = {
      ...memory,
      async get(key) {
        return kept.get(key);
      },
      async set(key, value) {
        kept.set(key, value);
      },
      async delete(key) {
        kept.delete(key);
      },
    };
    const account = accountOf(61);
    tap.heard.length = 0;
    await useAll(account, '换了凭据', heeding);
    const tokens = (): string[] => [...kept.keys()].filter((key) => key.startsWith('token'));
    if (channel.forget) expect(tokens()).not.toEqual([]);
    await channel.forget?.(account, heeding);
    expect(tokens()).toEqual([]);
  });
});

/** Paths of objects whose properties are told but which take others too. */
function looseObjects(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { properties, additionalProperties } = node as { properties?: unknown; additionalProperties?: unknown };
  const here = properties !== undefined && additionalProperties !== false ? [path || '.'] : [];
  return [...here, ...Object.entries(node).flatMap(([key, inner]) => looseObjects(inner, `${path}/${key}`))];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** All that lies under the prefix, keys and values, as a reader of Redis sees it. */
async function allOf(redis: Redis, prefix: string): Promise<string> {
  const keys = await redis.keys(`{${prefix}}*`);
  const values = await Promise.all(
    keys.map(async (key) =>
      (await redis.type(key)) === 'hash' ? JSON.stringify(await redis.hgetall(key)) : await redis.get(key),
    ),
  );
  return [...keys, ...values].join('\n');
}
