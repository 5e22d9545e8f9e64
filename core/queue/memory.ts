/**
 * The channels' shared memory over Redis: small values with an end, and locks that end by themselves. What a value holds
 * is the channel's affair (an access token, the address of a picture), so each is sealed: who reads Redis, its
 * append-only file or a backup of it reads no secret.
 */
import { randomUUID } from 'node:crypto';
import type { Counter, SharedMemory } from '../../channels/channel.js';
import type { Vault } from '../accounts/vault.js';
import type { RedisClient, RedisSettings } from './connection.js';
import { channelKey, memoryKey } from './keys.js';

const unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

// Many purchases, each from all of its counters or from none. KEYS: hashes of counters. ARGV, as JSON: seconds of each hash;
// fields of each hash; for each purchase how many counters it has, and of each its hash, its place among the fields of that
// and its most. A batch shares hashes and some counters, so each is read once and written once.
const spendScript = `
local ttl, fields, asked = cjson.decode(ARGV[1]), cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local have, more = {}, {}
for k, key in ipairs(KEYS) do
  have[k], more[k] = redis.call('HMGET', key, unpack(fields[k])), {}
  for n in ipairs(fields[k]) do have[k][n], more[k][n] = tonumber(have[k][n] or 0), 0 end
end
local answer, at = {}, 1
while asked[at] do
  local count, full = asked[at], -1
  for c = 0, count - 1 do
    local k, n, most = asked[at + 3 * c + 1], asked[at + 3 * c + 2], asked[at + 3 * c + 3]
    if full < 0 and have[k][n] + more[k][n] >= most then full = c end
  end
  for c = 0, full < 0 and count - 1 or -1 do
    local k, n = asked[at + 3 * c + 1], asked[at + 3 * c + 2]
    more[k][n] = more[k][n] + 1
  end
  answer[#answer + 1] = full
  at = at + 1 + 3 * count
end
for k, key in ipairs(KEYS) do
  local set = {}
  for n, field in ipairs(fields[k]) do
    if more[k][n] > 0 then
      set[#set + 1] = field
      set[#set + 1] = have[k][n] + more[k][n]
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
export function openMemory(redis: RedisClient, settings: RedisSettings, namespace: string, vault: Vault): SharedMemory {
  redis.defineCommand('lianfaSpend', { lua: spendScript });
  const scripted = redis as RedisClient & {
    lianfaSpend(keys: number, ...rest: (string | number)[]): Promise<number[]>;
  };
  const keyOf = (key: string) => memoryKey(settings, namespace, key);
  const counterOf = (key: string) => channelKey(settings, namespace, 'counters', namespace, key);

  const purchases: Purchase[] = [];
  async function buy(together: readonly Purchase[]): Promise<void> {
    try {
      // Places count from 1, as in Lua.
      const hashes = new Map<string, { place: number; ttl: number; fields: Map<string, number> }>();
      const asked: number[] = [];
      for (const { counters } of together) {
        asked.push(counters.length);
        for (const { key, of = '', limit, ttl } of counters) {
          const hash = hashes.get(key) ?? {
            place: hashes.size + 1,
            ttl: Math.ceil(ttl),
            fields: new Map<string, number>(),
          };
          const field = hash.fields.get(of) ?? hash.fields.size + 1;
          hashes.set(key, hash);
          hash.fields.set(of, field);
          asked.push(hash.place, field, Math.ceil(limit));
        }
      }
      const all = [...hashes.values()];
      const answers = await scripted.lianfaSpend(
        hashes.size,
        ...Array.from(hashes.keys(), counterOf),
        JSON.stringify(all.map(({ ttl }) => ttl)),
        JSON.stringify(all.map(({ fields }) => [...fields.keys()])),
        JSON.stringify(asked),
      );
      together.forEach(({ done }, place) => {
        done((answers[place] ?? -1) < 0 ? undefined : answers[place]);
      });
    } catch (error) {
      for (const { fail } of together) fail(error);
    }
  }

  return {
    async get(key) {
      const sealed = await redis.get(keyOf(key));
      return sealed === null ? undefined : opened(vault, keyOf(key), sealed);
    },
    async set(key, value, ttl) {
      await redis.set(keyOf(key), vault.seal(keyOf(key), value), 'EX', Math.max(1, Math.ceil(ttl)));
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

/** What cannot be opened was put there under another secret, for another key, or by somebody else: it is not there. */
function opened(vault: Vault, key: string, sealed: string): string | undefined {
  try {
    const value = vault.open(key, sealed);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
