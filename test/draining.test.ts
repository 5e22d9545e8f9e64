/** Whoever is told to end takes no more, ends what is under way, hands the rest to others at once, and goes. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../core/free-port.js';
import { readConfig } from '../core/hub/config.js';
import { openHub } from '../core/hub/hub.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { lanes } from '../core/model/placement.js';
import { startRedisChild, type RedisChild } from '../core/queue/redis-child.js';
import { startDispatcher } from '../workers/dispatch/dispatcher.js';
import { startPublisher } from '../workers/publish/publisher.js';
import { workerRoles } from '../workers/roles.js';
import { openTestHub, type TestHub } from './support/hub.js';

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

describe('processes', () => {
  const program = join(__dirname, '..', 'dist', 'cli', 'main.js');
  let folder: string;
  let redis: RedisChild;
  let env: NodeJS.ProcessEnv;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lianfa-draining-'));
    redis = await startRedisChild(folder, () => undefined);
    env = {
      LIANFA_DATA: folder,
      LIANFA_LOG: 'silent',
      LIANFA_SECOND_FACTOR: 'optional',
      REDIS_URL: redis.url,
      LIANFA_PORT: String(await freePort()),
    };
  });
  afterAll(async () => {
    for (const role of started) role.kill('SIGKILL');
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(role: string, more: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    const child = fork(program, ['start', '--role', role], {
      env: { ...process.env, ...env, ...more },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    started.push(child);
    await once(child, 'message');
    return child;
  }

  it('of every role end by themselves', async () => {
    const all = await Promise.all(['server', ...workerRoles].map((role) => start(role)));
    const endings = Promise.all(all.map((role) => once(role, 'exit')));
    for (const role of all) role.kill('SIGTERM');
    expect(await endings).toEqual(all.map(() => [0, null]));
  });

  it('that serve are first seen not to be ready, answer meanwhile, then send away who listens', async () => {
    const port = String(await freePort());
    const server = await start('server', { LIANFA_PORT: port, LIANFA_DRAIN: '1' });
    const url = `http://127.0.0.1:${port}`;
    const hub = await openHub(readConfig({ ...env, LIANFA_PORT: port }), 'test');
    const person = await addPerson(hub, {
      name: 'viewer',
      displayName: '甲',
      password: 'of-the-viewer',
      roles: ['writer'],
    });
    const key = await createApiKey(hub, 'viewer', person._id);
    await hub.close();
    const headers = { authorization: `Bearer ${key}` };
    const stream = await fetch(`${url}/api/v1/events`, { headers });
    const ready = await fetch(`${url}/readyz`);
    // Balancers keep a connection for a minute at most, and must be the ones who give it up.
    expect([ready.status, ready.headers.get('keep-alive')]).toEqual([200, 'timeout=75']);
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    for (let status = 200; status !== 503; { status } = await fetch(`${url}/readyz`));
    const meanwhile = await fetch(`${url}/api/v1/session`, { headers });
    expect([meanwhile.status, meanwhile.headers.get('connection')]).toEqual([200, 'close']);
    expect(await stream.text()).toMatch(/\nretry: ?\d+\n\n$/);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(await ended).toEqual([0, null]);
  });

  it('end at once when somebody will not wait and says it again', async () => {
    const server = await start('server', { LIANFA_PORT: String(await freePort()), LIANFA_DRAIN: '300' });
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await pause(1_100);
    server.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
  });
});

describe('work', () => {
  let test: TestHub;
  beforeEach(async () => {
    test = await openTestHub();
  });
  afterEach(() => test.close());

  it('that a publisher had in hand and not begun is done by another, once, and needs no clock for it', async () => {
    await test.connect(0, 300);
    await test.control('/latency', { ms: 300 });
    const queue = { connection: test.hub.redis, settings: test.hub.settings };
    const leaving = startPublisher({ ...test.hub, settle: 1 }, queue, lanes, () => undefined);
    test.start('dispatch', 'record');
    const release = await test.publish('换班');
    await test.until('the first', () => Promise.resolve(test.sandbox.accepted().length > 0));
    await leaving.close();
    expect(test.sandbox.accepted().length).toBeLessThan(300);
    await test.control('/latency', { ms: 0 });
    test.start('publish');
    await test.until('the others', () => Promise.resolve(test.sandbox.accepted().length === 300));
    await test.until('the last outcome', async () =>
      (await test.rows(release)).every(({ state }) => state === 'published'),
    );
    expect(new Set(test.sandbox.accepted().map(({ subject }) => subject)).size).toBe(300);
  });

  it('of dispatching goes on at another where it stopped between two pages', async () => {
    await test.connect(0, 250);
    const { hub } = test;
    let closing: Promise<void> | undefined;
    const means = {
      ...hub,
      letPass: () => {
        closing ??= leaving.close();
        return Promise.resolve();
      },
    };
    const leaving = startDispatcher(means, hub.redis, ['routine'], () => undefined);
    const release = await test.publish('换班');
    await test.until('it leaves', () => Promise.resolve(closing !== undefined));
    await closing;
    expect(await test.rows(release)).toHaveLength(200);
    test.start('dispatch');
    await test.until('the rest', async () => (await test.rows(release)).length === 250);
  });
});
