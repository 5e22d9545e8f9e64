/** The channels' shared memory over Redis: small values with an end, and locks that end by themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SharedMemory } from '../../channels/channel.js';
import { redisKey, type RedisSettings } from './connection.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

// KEYS: counters. ARGV: most and seconds of each. All of them, or none.
const spendScript = `
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[2 * i - 1]) then return i - 1 end
end
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2 * i]) end
end
return -1`;

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openMemory(redis: Redis, settings: RedisSettings, namespace: string): SharedMemory {
  redis.defineCommand('lianfaSpend', { lua: spendScript });
  const scripted = redis as Redis & { lianfaSpend(keys: number, ...rest: (string | number)[]): Promise<number> };
  const keyOf = (key: string) => redisKey(settings, 'memory', namespace, key);

  return {
    async get(key) {
      return (await redis.get(keyOf(key))) ?? undefined;
    },
    async set(key, value, ttl) {
      await redis.set(keyOf(key), value, 'EX', Math.max(1, Math.ceil(ttl)));
    },
    async delete(key) {
      await redis.del(keyOf(key));
    },
    async spend(counters) {
      const full = Number(await scripted.lianfaSpend(counters.length, ...counters.map(({ key }) => keyOf(key)), ...counters.flatMap(({ limit, ttl }) => [limit, ttl])));
      return full < 0 ? undefined : full;
    },
    async lock(key, ttl, work) {
      const lockKey = keyOf(`lock:${key}`);
      const token = randomUUID();
      const end = Date.now() + ttl * 1_000;
      while ((await redis.set(lockKey, token, 'PX', Math.ceil(ttl * 1_000), 'NX')) !== 'OK') {
        if (Date.now() > end) throw new Error(`lock "${key}" was not free within ${ttl} s`);
        await new Promise((wait) => setTimeout(wait, 5 + Math.random() * 20));
      }
      try {
        return await work();
      } finally {
        await redis.eval(unlockScript, 1, lockKey, token);
      }
    },
  };
}
