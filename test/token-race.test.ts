/** One token per account: eight processes that all meet an expired one make one renewal, and nobody ever finds none. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { filesInFolder } from '../channels/files.js';
import { createOutbound } from '../channels/outbound.js';
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { credentialsSchema, settingsSchema } from '../channels/wechat/account.js';
import { recordsInProcess } from '../channels/records-in-process.js';
import { channel } from '../channels/wechat/adapter.js';
import { createVault } from '../core/accounts/vault.js';
import { newId } from '../core/ids.js';
import { connectRedis, type RedisClient } from '../core/queue/connection.js';
import { openMemory } from '../core/queue/memory.js';

const secret = Buffer.alloc(32, 3);

jest.setTimeout(60_000);

const settings = { url: process.env['TEST_REDIS_URL'] ?? '', prefix: newId('t') };
let sandbox: RunningSandbox;
let redis: RedisClient;
let racers: ChildProcess[] = [];

beforeAll(async () => {
  sandbox = await startSandbox(channel.sandbox());
  redis = connectRedis(settings, 'worker');
});
afterAll(async () => {
  for (const racer of racers) racer.kill('SIGKILL');
  const keys = await redis.keys(`{${settings.prefix}}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
  await sandbox.close();
});

async function control(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${sandbox.controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

it('is renewed once by eight processes, and the old one stays until the new one is stored', async () => {
  const ready = sandbox.account(0);
  const account = {
    id: 'a',
    name: ready.name,
    organization: '示例市',
    region: '350100',
    settings: settingsSchema.parse(ready.settings),
    credentials: credentialsSchema.parse(ready.credentials),
  };
  const memory = openMemory(redis, settings, 'wechat', createVault(secret));
  const http = createOutbound([sandbox.url]);
  const call = {
    http,
    memory,
    records: recordsInProcess(),
    signal: AbortSignal.timeout(30_000),
    now: () => new Date(),
    files: filesInFolder(''),
    folder: '',
    hubUrl: sandbox.url,
    media: { read: () => Promise.reject(new Error('no pictures here')) },
  };
  expect(await channel.check(account, call)).toMatchObject({ outcome: 'ok' });
  const tokenKey = `token:${account.settings.appId}@${new URL(account.settings.endpoint).host}`;
  const old = await memory.get(tokenKey);
  expect(old).toBeDefined();

  racers = Array.from({ length: 8 }, () =>
    fork(
      join(__dirname, 'fixtures', 'token-racer.cjs'),
      [JSON.stringify({ settings, secret: secret.toString('base64'), origin: sandbox.url, account })],
      {
        execArgv: [],
      },
    ),
  );
  await Promise.all(racers.map((racer) => once(racer, 'message')));
  await control('token/expire', { appid: account.settings.appId });
  // Slow enough that all eight find the renewal under way.
  await control('latency', { call: 'stable_token', ms: 400 });

  const ended = Promise.all(
    racers.map(async (racer) => (await once(racer, 'message'))[0] as { health: string; asked: string[] }),
  );
  for (const racer of racers) racer.send('go');
  const seen = new Set<string | undefined>();
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  while (!over) {
    seen.add(await memory.get(tokenKey));
    await new Promise((wait) => setTimeout(wait, 5));
  }
  const told = await ended;
  const fresh = await memory.get(tokenKey);
  expect(told.map(({ health }) => health)).toEqual(Array.from({ length: 8 }, () => 'ok'));
  expect(told.flatMap(({ asked }) => asked).filter((path) => path === 'stable_token')).toHaveLength(1);
  expect(fresh).not.toBe(old);
  expect([...seen]).toEqual([old, fresh]);
  await http.close();
});
