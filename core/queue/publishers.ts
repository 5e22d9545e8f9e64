/**
 * The publishing processes that there are, by their own word: each says once a second that it lives, which version of the
 * freezes it goes by since when, and what had left before. Times are Redis' own, so that no two clocks are compared.
 */
import type { RedisClient, RedisSettings } from './connection.js';
import { redisKey } from './keys.js';

/** What a publishing process says of itself. */
export interface PublisherWord {
  id: string;
  /** As the operator named it, with its lanes. */
  name: string;
  host: string;
  pid: number;
  /** The version of the freezes that it has loaded, and the ids of all that it holds to. */
  version: number;
  holds: string[];
  /** When it had loaded that, and how many requests had gone through the door by then and not ended. */
  confirmedAt: string;
  inFlight: number;
  /** Those of them that have not ended yet. */
  remaining: number;
}

export interface KnownPublisher extends PublisherWord {
  /** Milliseconds since it was last heard. */
  silentFor: number;
}

export interface Publishers {
  say(word: PublisherWord): Promise<void>;
  known(): Promise<KnownPublisher[]>;
  /** Takes leave, or is taken off by whoever knows that it is no more. */
  forget(ids: readonly string[]): Promise<void>;
}

// KEYS: publishers. ARGV: id, word.
const sayScript = `
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], now[1] * 1000 + math.floor(now[2] / 1000) .. '|' .. ARGV[2])`;

// KEYS: publishers. ARGV: ms after which one is forgotten.
const knownScript = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local answer = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, word = string.match(all[i + 1], '^(%d+)|(.*)$')
  if ms - at > tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], all[i])
  else
    answer[#answer + 1] = tostring(ms - at)
    answer[#answer + 1] = word
  end
end
return answer`;

/** Ms: one that has been silent for an hour is no longer asked after. */
const forgotten = 3_600_000;

export function openPublishers(connection: RedisClient, settings: RedisSettings): Publishers {
  connection.defineCommand('lianfaPublisher', { lua: sayScript, numberOfKeys: 1 });
  connection.defineCommand('lianfaPublishers', { lua: knownScript, numberOfKeys: 1 });
  const redis = connection as RedisClient & {
    lianfaPublisher(key: string, id: string, word: string): Promise<void>;
    lianfaPublishers(key: string, forgotten: number): Promise<string[]>;
  };
  const key = redisKey(settings, 'publishers');
  return {
    say: (word) => redis.lianfaPublisher(key, word.id, JSON.stringify(word)),
    async known() {
      const answer = await redis.lianfaPublishers(key, forgotten);
      // Only the hub writes here, so its own words are not checked again.
      return Array.from({ length: answer.length / 2 }, (_, place) => ({
        ...(JSON.parse(answer[2 * place + 1] ?? '') as PublisherWord),
        silentFor: Number(answer[2 * place]),
      }));
    },
    async forget(ids) {
      if (ids.length > 0) await connection.hdel(key, ...ids);
    },
  };
}
