/**
 * Which processes are at work, by their own word once a second, and which format they speak. Those of one format work side
 * by side. One of a newer format waits until all older ones have ended, and none of an older one begins beside it or after
 * it: so nothing is written that somebody at work cannot read. Times are Redis' own, so that no two clocks are compared.
 */
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { LianfaError } from '../errors.js';
import { format as own } from '../format.js';
import { newId } from '../ids.js';
import { connectRedis, type RedisClient, type RedisSettings } from './connection.js';
import { redisKey } from './keys.js';

/** Ms between words, and without one until a process counts as ended. */
const wordEvery = 1_000;
const ended = 15_000;

// KEYS: processes, the newest format that was at work. ARGV: id, format, name, ms until ended, whether it is at work already.
// A process that stood still may come back when a newer one has begun: it is answered as one that begins.
const wordScript = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local mine, newer, older = tonumber(ARGV[2]), {}, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, format, name = string.match(all[i + 1], '^(%d+)|(%d+)|(.*)$')
  if ms - at > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], all[i])
  elseif tonumber(format) > mine then newer[#newer + 1] = name
  elseif tonumber(format) < mine then older[#older + 1] = name end
end
local newest = tonumber(redis.call('GET', KEYS[2]) or 0)
if #newer > 0 or newest > mine then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return { 'newer', unpack(newer) }
end
if #older > 0 and ARGV[5] == '0' then return { 'older', unpack(older) } end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d|%d|%s', ms, mine, ARGV[3]))
if newest ~= mine then redis.call('SET', KEYS[2], mine) end
return { 'in' }`;

/** A process that is at work. */
export interface Place {
  /** Comes true where a newer format has begun meanwhile: then this process has to end. */
  overtaken: Promise<LianfaError>;
  leave(): Promise<void>;
}

interface Given {
  /** Its roles. */
  name: string;
  /** One line for the operator. */
  say: (line: string) => void;
  format?: number;
}

/**
 * Resolves when this process may begin; says once whom it waits for. Redis may be away.
 * @throws LianfaError newer_version
 */
export async function takePlace(settings: RedisSettings, { name, say, format = own }: Given): Promise<Place> {
  const redis = scripted(connectRedis(settings, 'worker'));
  const keys = [redisKey(settings, 'processes'), redisKey(settings, 'format')] as const;
  const id = newId('p');
  const told = `${name} @ ${hostname()} (${process.pid})`;
  const word = (atWork: boolean): Promise<[string, ...string[]]> =>
    redis.lianfaProcess(...keys, id, format, told, ended, atWork ? 1 : 0);

  let waits = false;
  for (;;) {
    const [answer, ...who] = await word(false);
    if (answer === 'newer') {
      redis.disconnect();
      throw newerVersion(format, who);
    }
    if (answer === 'in') break;
    if (!waits) say(waiting(format, who));
    waits = true;
    await pause(wordEvery);
  }
  let timer: NodeJS.Timeout | undefined;
  const overtaken = new Promise<LianfaError>((done) => {
    let asking = false;
    timer = setInterval(() => {
      if (asking) return;
      asking = true;
      word(true)
        .then(([answer, ...who]) => {
          if (answer === 'newer') done(newerVersion(format, who));
        })
        // Of a connection that is lost the others tell.
        .catch(() => undefined)
        .finally(() => (asking = false));
    }, wordEvery);
  });
  return {
    overtaken,
    async leave() {
      clearInterval(timer);
      // Where Redis is gone, it is held for ended soon enough.
      await Promise.race([redis.hdel(keys[0], id), pause(1_000)]).catch(() => undefined);
      redis.disconnect();
    },
  };
}

function newerVersion(format: number, who: readonly string[]): LianfaError {
  const names = who.length > 0 ? who.join(', ') : 'Redis';
  return new LianfaError('newer_version', { format: String(format), who: names });
}

function waiting(format: number, who: readonly string[]): string {
  const names = who.join(', ');
  return `本版的数据格式（${format}）与旧版不同，等旧版进程全部结束后才开始：${names} This version’s format (${format}) is another; it begins when all older processes have ended: ${names}`;
}

function scripted(redis: RedisClient) {
  redis.defineCommand('lianfaProcess', { lua: wordScript, numberOfKeys: 2 });
  return redis as RedisClient & {
    lianfaProcess(...rest: (string | number)[]): Promise<[string, ...string[]]>;
  };
}
