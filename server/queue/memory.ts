/** The channels' shared memory over Redis: small values with an end, and locks that end by themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SharedMemory } from '../../channels/channel.js';
import { redisKey, type RedisSettings } from './connection.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

// Many purchases, each from all of its counters or from none. KEYS: the counters, each once. ARGV: seconds of each counter;
// for each purchase how many counters it has, and of each its place in KEYS and its most. A batch shares some counters, so
// each is read once and written once; the numbers come as two texts, for an argument costs more than its bytes.
const spendScript = `
local have, more, ttl, asked = redis.call('MGET', unpack(KEYS)), {}, {}, {}
for i = 1, #KEYS do have[i], more[i] = tonumber(have[i] or '0'), 0 end
for number in string.gmatch(ARGV[1], '%d+') do ttl[#ttl + 1] = number end
for number in string.gmatch(ARGV[2], '%d+') do asked[#asked + 1] = tonumber(number) end
local answer, at = {}, 1
while asked[at] do
  local count, full = asked[at], -1
  for n = 1, count do
    local i = asked[at + 2 * n - 1]
    if full < 0 and have[i] + more[i] >= asked[at + 2 * n] then full = n - 1 end
  end
  for n = 1, full < 0 and count or 0 do
    local i = asked[at + 2 * n - 1]
    more[i] = more[i] + 1
  end
  answer[#answer + 1] = full
  at = at + 1 + 2 * count
end
for i, key in ipairs(KEYS) do
  if more[i] > 0 and have[i] > 0 then redis.call('INCRBY', key, more[i])
  elseif more[i] > 0 then redis.call('SET', key, more[i], 'EX', ttl[i]) end
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
      const places = new Map<string, number>();
      const seconds: number[] = [];
      const asked: number[] = [];
      for (const { counters } of together) {
        asked.push(counters.length);
        for (const { key, limit, ttl } of counters) {
          const place = places.get(key) ?? seconds.push(Math.ceil(ttl));
          places.set(key, place);
          asked.push(place, Math.ceil(limit));
        }
      }
      const answers = await scripted.lianfaSpend(seconds.length, ...Array.from(places.keys(), keyOf), seconds.join(' '), asked.join(' '));
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
