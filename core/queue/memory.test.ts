import { Redis } from 'ioredis';
import { createVault } from '../accounts/vault.js';
import { newId } from '../ids.js';
import { openMemory } from './memory.js';

const settings = { url: process.env['TEST_REDIS_URL'] as string, prefix: newId('t') };
const connections = Array.from({ length: 8 }, () => new Redis(settings.url));
const vault = createVault(Buffer.alloc(32, 7));
const memories = connections.map((redis) => openMemory(redis, settings, 'toy', vault));
const [memory] = memories as [ReturnType<typeof openMemory>];

afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

describe('shared memory', () => {
  it('gives back what was kept, and nothing after it was deleted', async () => {
    await memory.set('token', 'abc', 60);
    expect(await memory.get('token')).toBe('abc');
    await memory.delete('token');
    expect(await memory.get('token')).toBeUndefined();
  });

  it('keeps channels apart', async () => {
    await memory.set('token', "toy's", 60);
    expect(await openMemory(connections[0] as Redis, settings, 'other', vault).get('token')).toBeUndefined();
  });

  it('takes for absent what was sealed under another secret, moved from another key, or put there in clear', async () => {
    const redis = connections[0] as Redis;
    await memory.set('token', 'abc', 60);
    const [key = ''] = await redis.keys('*:memory:toy:token');
    expect(await redis.get(key)).not.toContain('abc');
    expect(await openMemory(redis, settings, 'toy', createVault(Buffer.alloc(32, 8))).get('token')).toBeUndefined();
    await redis.copy(key, key.replace(/token$/, 'copied'));
    expect(await memory.get('copied')).toBeUndefined();
    await redis.set(key, 'in clear');
    expect(await memory.get('token')).toBeUndefined();
  });

  it('lets one of eight renew a token while the others take what it got', async () => {
    let renewals = 0;
    const tokens = await Promise.all(
      memories.map((one) =>
        one.lock('renew', 10, async () => {
          const kept = await one.get('renewed');
          if (kept !== undefined) return kept;
          renewals += 1;
          await one.set('renewed', 'fresh', 60);
          return 'fresh';
        }),
      ),
    );
    expect(renewals).toBe(1);
    expect(tokens).toEqual(Array.from({ length: 8 }, () => 'fresh'));
  });

  it('spends from all counters or from none, however many ask at once', async () => {
    const counters = [
      { key: 'day', limit: 100, ttl: 60 },
      { key: 'hour', limit: 5, ttl: 60 },
    ];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (memories[n % 8] ?? memory).spend(counters)),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(5);
    expect(answers.filter((answer) => answer === 1)).toHaveLength(35);
    expect(await memory.spend([{ key: 'day', limit: 5, ttl: 60 }])).toBe(0);
    expect(await memory.spend([{ key: 'day', limit: 6, ttl: 60 }])).toBeUndefined();
  });

  it('counts each of many under one key for itself, and ends them together', async () => {
    const spend = (of: string) =>
      memory.spend([
        { key: 'accounts', of, limit: 2, ttl: 60 },
        { key: 'everybody', limit: 100, ttl: 60 },
      ]);
    const answers = await Promise.all(['one', 'two', 'one', 'one', 'two'].map(spend));
    expect(answers).toEqual([undefined, undefined, undefined, 0, undefined]);
    const [key = ''] = (await connections[0]?.keys('*:counters:toy:accounts')) ?? [];
    expect(await connections[0]?.hgetall(key)).toEqual({ one: '2', two: '2' });
    expect(await connections[0]?.ttl(key)).toBeGreaterThan(50);
    await connections[0]?.expire(key, 30);
    await memory.spend([{ key: 'accounts', of: 'three', limit: 2, ttl: 60 }]);
    expect(await connections[0]?.ttl(key)).toBeLessThanOrEqual(30);
  });

  it('says so where a lock is not to be had in time', async () => {
    const held = memory.lock('long', 1, () => new Promise((done) => setTimeout(done, 600)));
    await expect(memory.lock('long', 0.1, async () => 'had')).rejects.toThrow('not free');
    await held;
  });

  it('frees the lock when the work fails', async () => {
    await expect(memory.lock('failing', 5, () => Promise.reject(new Error('work failed')))).rejects.toThrow(
      'work failed',
    );
    expect(await memory.lock('failing', 0.2, async () => 'had')).toBe('had');
  });
});
