/** Roles in processes of their own end when they are told to, whatever has become of what they stand on. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from '../core/format.js';
import { connectRedis } from '../core/queue/connection.js';
import { takePlace } from '../core/queue/processes.js';
import { startRedisChild, type RedisChild } from '../core/queue/redis-child.js';

jest.setTimeout(90_000);

const program = join(__dirname, '..', 'dist', 'cli', 'main.js');
let folder: string;
let redis: RedisChild;
let roles: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-ending-'));
  redis = await startRedisChild(folder, () => undefined);
  roles = [];
});

async function working(): Promise<void> {
  roles = ['publish', 'record,dispatch'].map((names) =>
    fork(program, ['start', '--role', names], {
      env: { ...process.env, LIANFA_DATA: folder, REDIS_URL: redis.url, LIANFA_LOG: 'silent' },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  await Promise.all(roles.map((role) => once(role, 'message')));
}

afterEach(async () => {
  for (const role of roles) role.kill('SIGKILL');
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Exit status of each role; a signal's name where it had to be killed. */
async function endings(): Promise<unknown[]> {
  return (await Promise.all(roles.map((role) => once(role, 'exit')))).map(
    ([status, signal]: unknown[]) => status ?? signal,
  );
}

it('ends in order when it is told to, and no otherwise when it is told twice', async () => {
  await working();
  const ended = endings();
  // As the terminal does, and then whoever has started it.
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) for (const role of roles) role.kill(signal);
  expect(await ended).toEqual([0, 0]);
});

it('ends although Redis is gone for good', async () => {
  await working();
  await redis.stop();
  const ended = endings();
  for (const role of roles) role.kill('SIGTERM');
  for (const status of await ended) expect([0, 1]).toContain(status);
});

it('ends when its supervisor has vanished together with Redis', async () => {
  await working();
  await redis.stop();
  const ended = endings();
  for (const role of roles) role.disconnect();
  for (const status of await ended) expect([0, 1]).toContain(status);
});

/** A role that cannot start, with what it says. */
function failing(env: NodeJS.ProcessEnv): { role: ChildProcess; said: () => string } {
  const role = fork(program, ['start', '--role', 'server'], {
    env: { ...process.env, LIANFA_DATA: folder, REDIS_URL: redis.url, LIANFA_LOG: 'silent', ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  roles.push(role);
  let text = '';
  role.stderr?.on('data', (piece: Buffer) => (text += piece.toString()));
  return { role, said: () => text };
}

it('ends with one sentence and what to do where its Redis cannot be used', async () => {
  const { role, said } = failing({ REDIS_URL: redis.url.replace(/:\w+@/, '') });
  expect(await once(role, 'exit')).toEqual([1, null]);
  expect(said()).toMatch(/^✗ .*NOAUTH.*\n {2}→ .*USER:PASSWORD@/);
});

it('waits in one line for a Redis that is away, and ends when it is told to', async () => {
  const { role, said } = failing({ REDIS_URL: 'redis://127.0.0.1:1' });
  await once(role.stderr ?? role, 'data');
  role.kill('SIGINT');
  expect(await once(role, 'exit')).toEqual([0, null]);
  expect(said().trim().split('\n')).toEqual([expect.stringMatching(/127.0.0.1:1 does not answer, waiting/)]);
});

it('ends with a word where it cannot start, so that somebody starts it again', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { role, said } = failing({ LIANFA_PORT: String((holder.address() as AddressInfo).port) });
  expect(await once(role, 'exit')).toEqual([1, null]);
  expect(said()).toContain('EADDRINUSE');
  holder.close();
});

it('neither begins nor goes on beside a process of a newer format, and says which one', async () => {
  const hub = { url: redis.url, prefix: 'lianfa' };
  const { role } = failing({});
  await once(role, 'message');
  // As if it had stood still for so long that it was held for ended.
  const connection = connectRedis(hub, 'worker');
  await connection.del('{lianfa}:processes');
  const newer = await takePlace(hub, { name: 'server of tomorrow', say: () => undefined, format: format + 1 });
  expect(await once(role, 'exit')).toEqual([1, null]);
  const another = failing({});
  expect(await once(another.role, 'exit')).toEqual([1, null]);
  expect(another.said()).toMatch(/^✗ .*server of tomorrow @ .*\n {2}→ .*empty Redis/);
  await newer.leave();
  connection.disconnect();
});
