/**
 * A freeze while the store takes nothing more: real processes whose files may not grow, as on a full disk. It is in force at
 * the platform, survives their restarts, is thawed by nobody before it is entered, and is entered with its true time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { freePort } from '../core/free-port.js';
import { readConfig } from '../core/hub/config.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import type { Lane } from '../core/model/placement.js';
import { addPerson } from '../core/people/add.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { streamKey } from '../core/queue/keys.js';
import { startRedisChild, type RedisChild } from '../core/queue/redis-child.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import { cookieOf } from './support/cookie.js';
import { request, type Answer } from './support/http.js';

const program = join(__dirname, '..', 'dist', 'cli', 'main.js');
/** Kilobytes that a file of a process may hold: SQLite's index of its log fits, and of the log a few pages. */
const full = 40;
const accounts = 3;

let folder: string;
let sandbox: RunningSandbox;
let server: RedisChild;
let redis: Redis;
let env: NodeJS.ProcessEnv;
let url: string;
let processes: ChildProcess[] = [];
const cookies = new Map<string, string>();
const password = (name: string): string => `${name} has a long password`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-full-'));
  const { channel } = await import('../channels/website/adapter.js');
  sandbox = await startSandbox(channel.sandbox());
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  // One that keeps what it is given: roles start on no other.
  server = await startRedisChild(folder, () => undefined);
  redis = new Redis(server.url);
  env = {
    ...process.env,
    LIANFA_DATA: folder,
    LIANFA_LOG: 'silent',
    LIANFA_PORT: String(port),
    LIANFA_ALLOW_INNER: sandbox.url,
    LIANFA_SECOND_FACTOR: 'optional',
    LIANFA_REDIS_PREFIX: newId('t'),
    REDIS_URL: server.url,
  };
  delete env['MONGODB_URI'];
});
afterAll(async () => {
  await killAll();
  await redis.quit();
  await server.stop();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A process of these roles. With `limit`, no file that it writes may hold more kilobytes: a write beyond fails, as on a full disk. */
async function start(flags: string, limit?: number): Promise<void> {
  const most = limit === undefined ? '' : `ulimit -f ${limit} && `;
  const child = spawn('bash', ['-c', `${most}exec "$0" "$1" start ${flags}`, process.execPath, program], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  // It says that it is ready.
  if (child.stdout) await once(child.stdout, 'data');
}

async function killAll(): Promise<void> {
  const ended = Promise.all(
    processes
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map((one) => once(one, 'exit')),
  );
  for (const one of processes) one.kill('SIGKILL');
  await ended;
  processes = [];
}

async function inHub<T>(work: (hub: Hub) => Promise<T>): Promise<T> {
  const hub = await openHub(readConfig(env), 'test');
  try {
    return await work(hub);
  } finally {
    await hub.close();
  }
}

async function order(hub: Hub, title: string, lane: Lane): Promise<void> {
  const body = { format: 'text' as const, content: title };
  const input = releaseInput.parse({ title, kind: 'notice', source: '示例省', body });
  const { content } = await composeContent(hub.store, input);
  const { release, revision } = await createRelease(hub.store, content, { by: { person: 'u1' } });
  const orders = openOwnWord(hub.store, openOrders(hub));
  await orders.publish({ release: release._id, revision: revision._id, audience: {}, lane, by: 'u1' });
}

async function connect({ store, vault }: Hub): Promise<void> {
  for (let n = 0; n < accounts; n += 1) {
    const { name, settings, credentials } = sandbox.account(n);
    const _id = newId('a');
    const place = { organization: 'province', path: 'province/', region: '350000' };
    const rest = { tags: [], enabled: true, credential: { state: 'unchecked' as const }, createdAt: new Date() };
    const sealed = vault.seal(_id, credentials);
    await store.accounts.create({ _id, channel: 'website', name, ...place, ...rest, settings, sealed });
  }
}

async function signIn(name: string): Promise<Answer> {
  return request(`${url}/api/v1/session`, 'POST', { json: { name, password: password(name) } });
}

const as = (name: string, method: string, path: string, json?: object): Promise<Answer> =>
  request(`${url}/api/v1${path}`, method, {
    headers: { cookie: cookies.get(name) ?? '', origin: url },
    ...(json && { json }),
  });

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end; await new Promise((wait) => setTimeout(wait, 50)))
    if (await condition()) return;
  throw new Error(`waited in vain for ${what}`);
}

interface Freezes {
  items: { id: string; at: string; unwritten?: true; recordedAt?: string }[];
  processes: { name: string; state: string }[];
}
const freezes = async (): Promise<Freezes> => (await as('second', 'GET', '/freezes')).body as Freezes;

/** A publishing process of this lane goes by the freeze, and has said of every account that nothing left. */
async function heldOn(lane: Lane): Promise<void> {
  await until(`${lane} goes by it`, async () =>
    (await freezes()).processes.some(({ name, state }) => name.endsWith(lane) && state === 'confirmed'),
  );
  const stream = streamKey({ url: env['REDIS_URL'] ?? '', prefix: env['LIANFA_REDIS_PREFIX'] ?? '' }, 0, lane);
  await until(`all of ${lane} is held`, async () => {
    const said = await redis.xrange(stream, '-', '+');
    return (
      said
        .flatMap(([, fields]) => fields)
        .join()
        .split('"frozen":"f').length > accounts
    );
  });
}

it('holds at the platform from its order on, through restarts, until it is entered and two persons thaw it', async () => {
  await inHub(async (hub) => {
    await hub.store.organizations.create({ _id: 'province', name: '示例省', path: 'province/', region: '350000' });
    for (const name of ['commander', 'second'])
      await addPerson(hub, { name, displayName: name, password: password(name), roles: ['commander'] }, name);
    await connect(hub);
    await order(hub, '常规通知', 'routine');
    await order(hub, '应急通知', 'emergency');
  });
  await start('--role server,record,dispatch');
  for (const name of ['commander', 'second']) cookies.set(name, cookieOf(await signIn(name)));
  await until('all is handed out', async () => {
    const { items } = (await as('commander', 'GET', '/freezes')).body as Freezes;
    const rows = await Promise.all(['routine', 'emergency'].map((lane) => waiting(lane as Lane)));
    return items.length === 0 && rows.every((jobs) => jobs > 0);
  });
  await killAll();

  // From now on nothing that any process writes may grow.
  await start('--role server,record,dispatch,clock', full);
  let refused: Answer | undefined;
  await until('the store is full', async () => (refused = await signIn('second')).status !== 200);
  expect(refused?.body).toMatchObject({ error: { code: 'audit_unavailable' } });

  const ordered = new Date().toISOString();
  const answer = await as('commander', 'POST', '/freezes', {
    scope: { kind: 'everything' },
    emergencyToo: true,
    reason: '数据有误，立即停发',
  });
  const told = new Date().toISOString();
  expect(answer).toMatchObject({
    status: 201,
    body: { freeze: { unwritten: true }, acknowledgement: { acknowledged: true } },
  });
  const { id } = (answer.body as { freeze: { id: string } }).freeze;
  expect((await freezes()).items).toMatchObject([{ id, unwritten: true }]);
  // The same press again stops nothing more.
  const again = await as('commander', 'POST', '/freezes', {
    scope: { kind: 'everything' },
    emergencyToo: true,
    reason: '数据有误，立即停发',
  });
  expect(again.body).toMatchObject({ freeze: { id, unwritten: true } });
  const thaw = await as('commander', 'POST', `/freezes/${id}/thaw`, { reason: '想解冻' });
  expect(thaw).toMatchObject({ status: 503, body: { error: { code: 'audit_unavailable' } } });

  await start('--role publish --lane routine', full);
  await heldOn('routine');
  expect(sandbox.accepted()).toEqual([]);

  // Everybody dies, and nobody who has heard of it is left.
  await killAll();
  await start('--role server,record,dispatch,clock', full);
  await start('--role publish --lane emergency', full);
  await heldOn('emergency');
  expect((await freezes()).items).toMatchObject([{ id, unwritten: true }]);
  expect(sandbox.accepted()).toEqual([]);

  // There is room again.
  await killAll();
  await start('--role server,record,dispatch,clock');
  await start('--role publish');
  await until('it is entered', async () => (await freezes()).items.some((one) => !one.unwritten));
  const [entered] = (await freezes()).items;
  expect(entered?.id).toBe(id);
  expect([ordered <= (entered?.at ?? ''), (entered?.at ?? '') <= told, told < (entered?.recordedAt ?? '')]).toEqual([
    true,
    true,
    true,
  ]);
  expect(sandbox.accepted()).toEqual([]);

  expect((await as('commander', 'POST', `/freezes/${id}/thaw`, { reason: '已更正' })).status).toBe(200);
  expect((await as('commander', 'POST', `/freezes/${id}/thaw/confirm`)).status).toBe(403);
  expect((await as('second', 'POST', `/freezes/${id}/thaw/confirm`)).status).toBe(200);
  await until('all is out', () => Promise.resolve(sandbox.accepted().length >= 2 * accounts));
  await killAll();
  await inHub(async ({ store }) => {
    await until('all rows are there', async () => (await store.placements.countDocuments()) === 2 * accounts);
    const set = await store.auditEntries.find({ act: 'freeze.set' }).lean();
    expect(set.map(({ person, body }) => [person, JSON.parse(body)])).toMatchObject([
      ['commander', { on: { freeze: id }, after: { late: true, at: entered?.at } }],
    ]);
  });
  expect(sandbox.accepted()).toHaveLength(2 * accounts);
});

async function waiting(lane: Lane): Promise<number> {
  const keys = await redis.keys(`{${env['LIANFA_REDIS_PREFIX'] ?? ''}}*publish*${lane}*`);
  return keys.length;
}
