/** The HTTP face inside a test: real store, real Redis under a prefix of its own, real HTTP; what stands behind the orders is a fake that remembers. */
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pino from 'pino';
import type { Call, Channel } from '../../channels/channel.js';
import { filesInFolder, type Files } from '../../channels/files.js';
import { recordsInProcess } from '../../channels/records-in-process.js';
import { createVault, readSecret, sessionSecret } from '../../core/accounts/vault.js';
import { anchorFolder } from '../../core/audit/anchors.js';
import { readConfig } from '../../core/hub/config.js';
import { LianfaError } from '../../core/errors.js';
import { openFreezeDesk } from '../../core/freezes/desk.js';
import { freePort } from '../../core/free-port.js';
import { createApp } from '../../server/app.js';
import { openLeaving } from '../../server/leaving.js';
import type { Services } from '../../server/services.js';
import { announce, openChangeFeed, type Change } from '../../core/queue/changes.js';
import { newId } from '../../core/ids.js';
import { requireMedia, signRevision } from '../../core/placements/signing.js';
import { refuseUnready } from '../../core/releases/from-alert.js';
import { refuseEnded } from '../../core/releases/emergency.js';
import { addPerson } from '../../core/people/add.js';
import { reviewTasks } from '../../core/reviews/hand-over.js';
import { mediaReader } from '../../core/media/reader.js';
import { filesOfChannel, libraryIn } from '../../core/storage/storage.js';
import { openStore } from '../../core/store/store.js';
import { closeThreads } from '../../core/threads/pool.js';
import { createApiKey } from '../../core/people/api-keys.js';
import { createFirstPerson } from '../../core/people/first-person.js';
import { changePerson, insertGrant } from '../../core/people/write.js';
import { roles } from '../../core/model/roles.js';
import { cookieOf } from './cookie.js';
import { ownDatabase } from './own-database.js';
import { boardChannel } from './board-channel.js';
import { dataFolder } from './data-folder.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body: JSON where it is JSON, else text. */
  body: unknown;
}

export interface TestServer {
  url: string;
  services: Services;
  /** Who may do everything, everywhere. */
  user: { name: string; password: string };
  /** The same, for a program. */
  key: string;
  /** Lines of the log. */
  log: string[];
  /** What came to the orders, newest last. */
  ordered: unknown[];
  prepared: string[];
  change(change: Change): Promise<void>;
  listeners(): number;
  /** As `user`, in a session. */
  call(
    method: string,
    path: string,
    options?: { json?: unknown; bytes?: Buffer | string; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** As another person, who may do everything too. */
  callAsOther(
    method: string,
    path: string,
    options?: { json?: unknown; bytes?: Buffer | string; headers?: Record<string, string> },
  ): Promise<Answer>;
  other: { name: string; password: string };
  /** Submitted by `user`, signed by the other: the answer that refuses, else that to signing. */
  send(release: string, revision: string, more?: object): Promise<Answer>;
  close(): Promise<void>;
}

export async function openTestServer(
  options: { env?: Record<string, string>; dashboard?: string; services?: Partial<Services>; files?: Files } = {},
): Promise<TestServer> {
  const folder = dataFolder('http');
  const port = await freePort();
  const config = readConfig({
    LIANFA_DATA: folder,
    LIANFA_REDIS_PREFIX: newId('t'),
    LIANFA_PORT: String(port),
    LIANFA_SECOND_FACTOR: 'optional',
    ...options.env,
  });
  const secret = await readSecret(config);
  const store = await openStore({ uri: ownDatabase(), dataFolder: folder });
  const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
  const channels: ReadonlyMap<string, Channel> = new Map([['board', boardChannel]]);
  const settings = { url: process.env['TEST_REDIS_URL'] ?? '', prefix: config.redisPrefix };
  const changes = await openChangeFeed(redis.duplicate(), redis, settings, () => undefined);
  let listeners = 0;
  const [log, ordered, prepared] = [[] as string[], [] as unknown[], [] as string[]];
  const vault = createVault(secret);
  const files = options.files ?? filesInFolder(folder);
  const library = libraryIn(files);
  const services: Services = {
    leaving: openLeaving(),
    store,
    config,
    redis,
    channels,
    vault,
    library,
    anchors: { folder: anchorFolder(folder), vault },
    sessionSecret: sessionSecret(secret),
    log: pino(
      { level: 'warn' },
      {
        write: (line: string) => {
          log.push(line);
        },
      },
    ),
    orders: rememberingOrders(store, ordered),
    freezes: openFreezeDesk({ store, vault }, redis, settings),
    queries: plainQueries(),
    changes: {
      ...changes,
      follow(follower) {
        const stop = changes.follow(follower);
        listeners += 1;
        return () => {
          listeners -= 1;
          stop();
        };
      },
      announce: (change) => announce(redis, settings, [change]),
    },
    queueAges: () => Promise.resolve(new Map([['publish-routine-board', 12]])),
    smsAdapters: new Map(),
    receipts: { settle: () => Promise.resolve() },
    taskKeepers: [reviewTasks({ store, vault })],
    media: {
      prepare: (hash) => {
        prepared.push(hash);
        return Promise.resolve();
      },
    },
    callFor: (channel, signal) => ({
      signal,
      files: filesOfChannel(files, channel.name),
      folder,
      hubUrl: config.url,
      now: () => new Date(),
      media: mediaReader(library, channel.name),
      memory: {} as Call['memory'],
      records: recordsInProcess(),
      http: { request: () => Promise.reject(new Error('no network')) },
    }),
    ...options.services,
  };
  const first = await createFirstPerson(services);
  const person = await store.people.findOne({ name: 'admin' }).lean();
  const admin = person?._id ?? '';
  // Who has changed the first password already.
  if (person)
    await store.connection.transaction((session) => changePerson(services, person, { mustChange: undefined }, session));
  for (const role of roles)
    await insertGrant(services, { _id: newId('g'), person: admin, role, path: '', by: admin, at: new Date() });
  const key = await createApiKey(services, 'test', admin);
  const server = createServer(createApp(services, options.dashboard ?? join(folder, 'dashboard')));
  await new Promise<void>((done) => {
    server.listen(port, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${port}`;
  const own = { origin: config.url, ...(config.url.startsWith('https:') && { 'x-forwarded-proto': 'https' }) };
  const other = { name: 'other', password: 'other-of-the-test' };
  await addPerson(services, { ...other, displayName: '另一位', roles });
  const sessions = new Map<object, Promise<Record<string, string>>>();
  const signedIn = (who: object = first ?? {}): Promise<Record<string, string>> => {
    const known = sessions.get(who);
    if (known) return known;
    const opened = request(`${url}/api/v1/session`, 'POST', { json: who, headers: own }).then((answer) => ({
      cookie: cookieOf(answer),
      ...own,
    }));
    sessions.set(who, opened);
    return opened;
  };
  const callAs =
    (who?: object): TestServer['call'] =>
    async (method, path, ask = {}) =>
      request(`${url}${path}`, method, { ...ask, headers: { ...(await signedIn(who)), ...ask.headers } });
  return {
    callAsOther: callAs(other),
    other,
    async send(release, revision, more = {}) {
      const json = { revision, audience: {}, ...more };
      const submitted = await callAs()('POST', `/api/v1/releases/${release}/submit`, { json });
      if (submitted.status !== 201) return submitted;
      const { id } = submitted.body as { id: string };
      return callAs(other)('POST', `/api/v1/reviews/${id}/sign`, { json: { password: other.password } });
    },
    url,
    services,
    key,
    log,
    ordered,
    prepared,
    user: first ?? { name: '', password: '' },
    change: (change) => announce(redis, settings, [change]),
    listeners: () => listeners,
    call: callAs(),
    async close() {
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
      await changes.close();
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

/** Signs what it is asked to, and remembers it in place of an order. */
function rememberingOrders(store: Services['store'], ordered: unknown[]): Services['orders'] {
  const order = {
    _id: 'd1',
    seq: 1,
    audience: {},
    place: '',
    reach: { audience: true, standing: false },
    walk: 'audience',
    lane: 'routine',
    by: 'u1',
    at: new Date(0),
    state: 'running',
    placements: 0,
  } as const;
  const start = (): Promise<void> => Promise.resolve();
  const nothing = {
    survey: { reached: 0, renditions: {}, units: new Set<string>(), real: undefined },
    dated: new Date(0),
    draft: () => Promise.reject(new Error('no broadcast here')),
  };
  return {
    async publication(asked) {
      const text = await store.revisions.findById(asked.revision).lean();
      if (text) await refuseUnready(store, (await store.releases.findById(text.release).lean()) ?? {}, text);
      refuseEnded(text?.emergency);
      if (text) await requireMedia(store, text);
      return {
        accounts: 3,
        start,
        ...nothing,
        async place(_, session) {
          const { release, revision, by } = asked;
          if (!text?.signed) await signRevision(store, { release, revision, signed: { by, at: new Date() } }, session);
          ordered.push(asked);
          const { notBefore } = asked;
          const planned = notBefore && { notBefore, state: 'planned' as const };
          return { ...order, release, revision, action: 'publish', ...planned };
        },
      };
    },
    async check(asked) {
      const text = await store.revisions.findById(asked.revision).lean();
      if (text) await refuseUnready(store, (await store.releases.findById(text.release).lean()) ?? {}, text);
      refuseEnded(text?.emergency);
      return { broadcast: false };
    },
    second: () => Promise.reject(new Error('no broadcast here')),
    withdrawal: (asked) =>
      Promise.resolve({
        accounts: undefined,
        start,
        ...nothing,
        place: () => {
          ordered.push(asked);
          return Promise.resolve({ ...order, release: asked.release, action: 'withdraw' });
        },
      }),
    narrowing: (asked) =>
      Promise.resolve({
        accounts: 1,
        start,
        ...nothing,
        place: () => {
          ordered.push(asked);
          return Promise.resolve({ ...order, release: asked.release, action: 'narrow' });
        },
      }),
    unschedule: (id, by) => {
      ordered.push({ unschedule: id, by });
      return Promise.resolve({ ...order, _id: id, release: 'r1', action: 'publish', state: 'unscheduled' });
    },
    send: (id, by) => {
      ordered.push({ send: id, by });
      return Promise.resolve({ ...order, _id: id, release: 'r1', action: 'publish' });
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
    status: (release) =>
      Promise.resolve({
        release,
        at: new Date(0).toISOString(),
        title: '',
        counts: [],
        total: 0,
        toCome: 0,
        finished: false,
        orders: [],
      }),
    placements: () => Promise.resolve({ items: [] }),
    named: () => Promise.resolve([]),
    placement: (id) => Promise.reject(new LianfaError('not_found', { what: id })),
    audienceSize: () => Promise.resolve({ total: 3, byChannel: { board: 3 } }),
  };
}
