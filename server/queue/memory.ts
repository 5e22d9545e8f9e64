/** The channels' shared memory over Redis: small values with an end, and locks that end by themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SharedMemory } from '../../channels/channel.js';
import { redisKey, type RedisSettings } from './connection.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openMemory(redis: Redis, settings: RedisSettings, namespace: string): SharedMemory {
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
