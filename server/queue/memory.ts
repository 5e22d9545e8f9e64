/** The channels' shared memory over Redis: small values with an end, and locks that end by themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SharedMemory } from '../../channels/channel.js';
import { redisKey, type RedisSettings } from './connection.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

// Many purchases. KEYS: their counters. ARGV: how many counters each has, then most and seconds of every counter. All of a purchase's, or none.
const spendScript = `
local purchases = #ARGV - 2 * #KEYS
local answer, last = {}, 0
for p = 1, purchases do
  local first, full = last + 1, -1
  last = last + ARGV[p]
  for i = first, last do
    if full < 0 and tonumber(redis.call('GET', KEYS[i]) or '0') >= tonumber(ARGV[purchases + 2 * i - 1]) then full = i - first end
  end
  if full < 0 then
    for i = first, last do
      if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[purchases + 2 * i]) end
    end
  end
  answer[p] = full
end
return answer`;

interface Purchase {
  counters: Parameters<SharedMemory['spend']>[0];
  done: (full: number | undefined) => void;
  fail: (error: unknown) => void;
}

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openMemory(redis: Redis, settings: RedisSettings, namespace: string): SharedMemory {
  redis.defineCommand('lianfaSpend', { lua: spendScript });
  const scripted = redis as Redis & { lianfaSpend(keys: number, ...rest: (string | number)[]): Promise<number[]> };
  const keyOf = (key: string) => redisKey(settings, 'memory', namespace, key);

  const purchases: Purchase[] = [];
  async function buy(together: readonly Purchase[]): Promise<void> {
    try {
      const counters = together.flatMap((purchase) => purchase.counters);
      const answers = await scripted.lianfaSpend(counters.length, ...counters.map(({ key }) => keyOf(key)), ...together.map((purchase) => purchase.counters.length), ...counters.flatMap(({ limit, ttl }) => [limit, ttl]));
      together.forEach(({ done }, place) => { done((answers[place] ?? -1) < 0 ? undefined : answers[place]); });
    } catch (error) {
      for (const { fail } of together) fail(error);
    }
  }

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
    spend(counters) {
      return new Promise((done, fail) => {
        // Deliveries side by side spend side by side: what is asked within one turn of the loop goes as one command.
        if (purchases.push({ counters, done, fail }) === 1) setImmediate(() => void buy(purchases.splice(0)));
      });
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
