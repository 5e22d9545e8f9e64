/** The channels' shared memory over Redis: small values with an end, and locks that end by themselves. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Counter, SharedMemory } from '../../channels/channel.js';
import { redisKey, type RedisSettings } from './connection.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

// Many purchases, each from all of its counters or from none. KEYS: hashes of counters. ARGV: seconds of each hash; for each
// counter its hash and its field; for each purchase how many counters it has, and of each its place and its most. A batch
// shares hashes and some counters, so each is read once and written once; all comes as three texts, for an argument costs
// more than its bytes.
const spendScript = `
local have, more, hash, fields, ttl, asked = {}, {}, {}, {}, {}, {}
for number in string.gmatch(ARGV[1], '%d+') do ttl[#ttl + 1] = number end
for number, field in string.gmatch(ARGV[2], '(%d+):(%S*)') do
  hash[#hash + 1] = tonumber(number)
  fields[#fields + 1] = field
end
for number in string.gmatch(ARGV[3], '%d+') do asked[#asked + 1] = tonumber(number) end
local of = {}
for k = 1, #KEYS do of[k] = {} end
for i = 1, #hash do table.insert(of[hash[i]], i) end
for k, key in ipairs(KEYS) do
  local names = {}
  for n, i in ipairs(of[k]) do names[n] = fields[i] end
  local held = redis.call('HMGET', key, unpack(names))
  for n, i in ipairs(of[k]) do have[i], more[i] = tonumber(held[n] or '0'), 0 end
end
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
for k, key in ipairs(KEYS) do
  local set = {}
  for _, i in ipairs(of[k]) do
    if more[i] > 0 then
      set[#set + 1] = fields[i]
      set[#set + 1] = have[i] + more[i]
    end
  end
  if #set > 0 then
    redis.call('HSET', key, unpack(set))
    if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, ttl[k]) end
  end
end
return answer`;

interface Purchase {
  counters: readonly Counter[];
  done: (full: number | undefined) => void;
  fail: (error: unknown) => void;
}

/** `namespace` is the channel's name, so that channels cannot read each other. */
export function openMemory(redis: Redis, settings: RedisSettings, namespace: string): SharedMemory {
  redis.defineCommand('lianfaSpend', { lua: spendScript });
  const scripted = redis as Redis & { lianfaSpend(keys: number, ...rest: (string | number)[]): Promise<number[]> };
  const keyOf = (key: string) => redisKey(settings, 'memory', namespace, key);
  const counterOf = (key: string) => redisKey(settings, 'counters', namespace, key);

  const purchases: Purchase[] = [];
  async function buy(together: readonly Purchase[]): Promise<void> {
    try {
      const hashes = new Map<string, { place: number; ttl: number }>();
      const places = new Map<string, number>();
      const asked: number[] = [];
      for (const { counters } of together) {
        asked.push(counters.length);
        for (const { key, of = '', limit, ttl } of counters) {
          const hash = hashes.get(key) ?? { place: hashes.size + 1, ttl: Math.ceil(ttl) };
          hashes.set(key, hash);
          const counter = `${hash.place}:${of}`;
          const place = places.get(counter) ?? places.size + 1;
          places.set(counter, place);
          asked.push(place, Math.ceil(limit));
        }
      }
      const seconds = Array.from(hashes.values(), ({ ttl }) => ttl);
      const answers = await scripted.lianfaSpend(hashes.size, ...Array.from(hashes.keys(), counterOf), seconds.join(' '), [...places.keys()].join(' '), asked.join(' '));
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
