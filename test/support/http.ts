/** The HTTP face inside a test: real store, real Redis under a prefix of its own, real HTTP; what stands behind the orders is a fake that remembers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pino from 'pino';
import type { Call, Channel } from '../../channels/channel.js';
import { recordsInProcess } from '../../channels/records-in-process.js';
import { createVault, readSecret, sessionSecret } from '../../core/accounts/vault.js';
import { readConfig } from '../../core/hub/config.js';
import { LianfaError } from '../../core/errors.js';
import { freePort } from '../../core/free-port.js';
import { createApp } from '../../server/app.js';
import type { Services } from '../../server/services.js';
import type { Change } from '../../core/queue/changes.js';
import { newId } from '../../core/ids.js';
import { mediaFolder } from '../../core/media/files.js';
import { mediaReader } from '../../core/media/reader.js';
import { openStore } from '../../core/store/store.js';
import { closeThreads } from '../../core/threads/pool.js';
import { createApiKey } from '../../core/people/api-keys.js';
import { createFirstUser } from '../../core/people/first-user.js';
import { boardChannel } from './board-channel.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body: JSON where it is JSON, else text. */
  body: unknown;
}

export interface TestServer {
  url: string;
  services: Services;
  user: { name: string; password: string };
  key: string;
  /** Lines of the log. */
  log: string[];
  /** What came to the orders, newest last. */
  ordered: unknown[];
  prepared: string[];
  change(change: Change): void;
  listeners(): number;
  /** As a program with a key. */
  call(
    method: string,
    path: string,
    options?: { json?: unknown; bytes?: Buffer | string; headers?: Record<string, string> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

export async function openTestServer(
  options: { env?: Record<string, string>; dashboard?: string; services?: Partial<Services> } = {},
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-http-'));
  const port = await freePort();
  const config = readConfig({
    LIANFA_DATA: folder,
    LIANFA_REDIS_PREFIX: newId('t'),
    LIANFA_PORT: String(port),
    ...options.env,
  });
  const secret = await readSecret(config);
  const store = await openStore({ uri: process.env['MONGODB_URI'], dataFolder: folder });
  const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
  const channels: ReadonlyMap<string, Channel> = new Map([['board', boardChannel]]);
  const listeners = new Set<(change: Change) => void>();
  const [log, ordered, prepared] = [[] as string[], [] as unknown[], [] as string[]];
  const services: Services = {
    store,
    config,
    redis,
    channels,
    vault: createVault(secret),
    sessionSecret: sessionSecret(secret),
    log: pino(
      { level: 'warn' },
      {
        write: (line: string) => {
          log.push(line);
        },
      },
    ),
    orders: rememberingOrders(ordered),
    queries: plainQueries(),
    changes: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
      announce: (change) => {
        for (const listener of listeners) listener(change);
        return Promise.resolve();
      },
    },
    media: {
      prepare: (hash) => {
        prepared.push(hash);
        return Promise.resolve();
      },
    },
    callFor: (channel, signal) => ({
      signal,
      folder,
      hubUrl: config.url,
      now: () => new Date(),
      media: mediaReader(mediaFolder(folder), channel.name),
      memory: {} as Call['memory'],
      records: recordsInProcess(),
      http: { request: () => Promise.reject(new Error('no network')) },
    }),
    ...options.services,
  };
  const first = await createFirstUser(store);
  const admin = await store.users.findOne({ name: 'admin' }).lean();
  const key = await createApiKey(store, 'test', admin?._id ?? '');
  const server = createServer(createApp(services, options.dashboard ?? join(folder, 'dashboard')));
  await new Promise<void>((done) => {
    server.listen(port, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    services,
    key,
    log,
    ordered,
    prepared,
    user: first ?? { name: '', password: '' },
    change: (change) => {
      for (const listener of listeners) listener(change);
    },
    listeners: () => listeners.size,
    call: (method, path, ask = {}) =>
      request(`${url}${path}`, method, { ...ask, headers: { authorization: `Bearer ${key}`, ...ask.headers } }),
    async close() {
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
      const keys = await redis.keys(`{${config.redisPrefix}}*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
      await closeThreads();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function request(
  url: string,
  method: string,
  { json, bytes, headers = {} }: { json?: unknown; bytes?: Buffer | string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const body = json === undefined ? (bytes ?? null) : JSON.stringify(json);
  const answer = await fetch(url, {
    method,
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    body: Buffer.isBuffer(body) ? new Uint8Array(body) : body,
    redirect: 'manual',
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as unknown) : text,
  };
}

function rememberingOrders(ordered: unknown[]): Services['orders'] {
  const order = {
    _id: 'd1',
    seq: 1,
    audience: {},
    reach: { audience: true, standing: false },
    walk: 'audience',
    lane: 'routine',
    by: 'u1',
    at: new Date(0),
    state: 'running',
    placements: 0,
  } as const;
  return {
    publish: (asked) => {
      ordered.push(asked);
      return Promise.resolve({ ...order, release: asked.release, revision: asked.revision, action: 'publish' });
    },
    withdraw: (asked) => {
      ordered.push(asked);
      return Promise.resolve({ ...order, release: asked.release, action: 'withdraw' });
    },
    retry: (id, by) => {
      ordered.push({ retry: id, by });
      return Promise.resolve();
    },
    resolve: (id, said, by) => {
      ordered.push({ resolve: id, order: said, by });
      return Promise.resolve();
    },
    callbackNews: (channel, account, news) => {
      ordered.push({ channel, account, news });
      return Promise.resolve();
    },
  };
}

function plainQueries(): Services['queries'] {
  return {
    counts: (releases) =>
      Promise.resolve(
        new Map(releases.map((id) => [id, [{ channel: 'board', state: 'verified' as const, count: 2 }]])),
      ),
    status: (release) => Promise.resolve({ release, counts: [], total: 0, finished: false, orders: [] }),
    placements: () => Promise.resolve({ items: [] }),
    placement: (id) => Promise.reject(new LianfaError('not_found', { what: id })),
    audienceSize: () => Promise.resolve({ total: 3, byChannel: { board: 3 } }),
  };
}
