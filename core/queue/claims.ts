/**
 * One hand-out at a time, and never a second first one. A claim says which attempt is at a delivery or has been; it
 * outlives the worker that took it, so a dead worker's delivery is known to be doubtful. All claims of a revision are
 * one hash: a key for each would cost Redis twice as much.
 */
import type { Redis } from 'ioredis';
import { revisionOf, type DeliveryEvent } from '../model/delivery.js';
import { grouped } from '../grouped.js';
import { redisKey, type RedisSettings } from './connection.js';

/**
 * `clean`: nobody has tried this attempt. `orphan`: somebody began and never said how it ended. `busy`: somebody is at
 * it now. `done`: its outcome is written already.
 */
export type Claim = 'clean' | 'orphan' | 'busy' | 'done';

export interface ClaimRequest {
  delivery: string;
  attempt: number;
}

export interface Claims {
  claims: Claim[];
  /** Run id and start of the Redis server that granted them. */
  run: string;
  startedAt: Date;
}

export interface Outcome {
  delivery: string;
  attempt: number;
  event: DeliveryEvent;
  /** Remembered so that a callback can name the delivery by the platform's id. */
  remoteKey?: string | undefined;
}

const keep = 3 * 24 * 3600;

// What a script is given for each delivery comes as one JSON text: to Redis an argument costs more than its bytes, and to Lua
// a pattern more than a list.

// KEYS: the stream, the claims of one revision. ARGV: token, lease in ms, keep in s, the deliveries, the attempt of each, the
// event of all that are granted.
const claimScript = `
local info = redis.call('INFO', 'server')
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local answer = { string.match(info, 'run_id:(%w+)'), string.match(info, 'uptime_in_seconds:(%d+)'), tostring(ms) }
local deliveries, attempts = cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
local held = redis.call('HMGET', KEYS[2], unpack(deliveries))
local tail = '|' .. ARGV[1] .. '|' .. string.format('%d', ms + ARGV[2]) .. '|busy'
local mine, taken, granted = {}, {}, {}
for i, delivery in ipairs(deliveries) do
  local attempt, verdict = attempts[i], 'clean'
  if mine[delivery] then verdict = 'busy'
  elseif held[i] then
    local heldAttempt, token, untilMs, state = string.match(held[i], '^(%d+)|([^|]*)|(%d+)|(%a+)$')
    if state == 'done' then
      if tonumber(heldAttempt) >= attempt then verdict = 'done' end
    elseif tonumber(untilMs) > ms and token ~= ARGV[1] then verdict = 'busy'
    else verdict = 'orphan' end
  end
  if verdict == 'clean' or verdict == 'orphan' then
    mine[delivery] = true
    taken[#taken + 1] = delivery
    taken[#taken + 1] = attempt .. tail
    granted[#granted + 1] = attempt
    granted[#granted + 1] = delivery
  end
  answer[i + 3] = verdict
end
if #taken > 0 then
  redis.call('HSET', KEYS[2], unpack(taken))
  redis.call('EXPIRE', KEYS[2], ARGV[3])
  if ARGV[6] ~= '' then redis.call('XADD', KEYS[1], '*', 'claim', ARGV[6], 'of', table.concat(granted, ' ')) end
end
return answer`;

// KEYS: the claims of one revision. ARGV: token, lease in ms, keep in s, the deliveries.
const renewScript = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
for _, delivery in ipairs(cjson.decode(ARGV[4])) do
  local held = redis.call('HGET', KEYS[1], delivery)
  if held then
    local attempt, token, _, state = string.match(held, '^(%d+)|([^|]*)|(%d+)|(%a+)$')
    if token == ARGV[1] and state == 'busy' then
      redis.call('HSET', KEYS[1], delivery, string.format('%s|%s|%d|busy', attempt, token, ms + ARGV[2]))
    end
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[3])`;

// KEYS: the stream, the claims of one revision, then the keys of platform ids. ARGV: keep in s, the deliveries with what their claims become, the events, then the delivery of each platform id.
const finishScript = `
redis.call('HSET', KEYS[2], unpack(cjson.decode(ARGV[2])))
redis.call('EXPIRE', KEYS[2], ARGV[1])
for named = 3, #KEYS do redis.call('SET', KEYS[named], ARGV[named + 1], 'EX', ARGV[1]) end
redis.call('XADD', KEYS[1], '*', 'events', ARGV[3])`;

export interface ClaimBook {
  /** Asks for many deliveries at once; `lease` in seconds. In the same step `event` is written to the stream for those granted, with the attempt of each. */
  claim(token: string, requests: readonly ClaimRequest[], lease: number, event?: DeliveryEvent): Promise<Claims>;
  renew(token: string, deliveries: readonly string[], lease: number): Promise<void>;
  /** Writes outcomes to the stream and marks their claims done, in one step. */
  finish(outcomes: readonly Outcome[]): Promise<void>;
  /** The delivery that a platform's id belongs to, if remembered. */
  byRemote(remoteKey: string): Promise<string | undefined>;
}

export function openClaims(redis: Redis, settings: RedisSettings): ClaimBook {
  const stream = redisKey(settings, 'events');
  const claimsOf = (revision: string) => redisKey(settings, 'claims', revision);
  const remote = (key: string) => redisKey(settings, 'remote', key);
  redis.defineCommand('lianfaClaim', { lua: claimScript, numberOfKeys: 2 });
  redis.defineCommand('lianfaRenew', { lua: renewScript, numberOfKeys: 1 });
  redis.defineCommand('lianfaFinish', { lua: finishScript });
  const scripted = redis as Redis & {
    lianfaClaim(...rest: (string | number)[]): Promise<string[]>;
    lianfaRenew(...rest: (string | number)[]): Promise<void>;
    lianfaFinish(keys: number, ...rest: (string | number)[]): Promise<void>;
  };

  async function finishOne(revision: string, outcomes: readonly Outcome[]): Promise<void> {
    const named = outcomes.flatMap(({ delivery, remoteKey }) =>
      remoteKey === undefined ? [] : [{ key: remote(remoteKey), delivery }],
    );
    const done = JSON.stringify(outcomes.flatMap(({ delivery, attempt }) => [delivery, `${attempt}||0|done`]));
    await scripted.lianfaFinish(
      2 + named.length,
      stream,
      claimsOf(revision),
      ...named.map(({ key }) => key),
      keep,
      done,
      encodeEvents(outcomes),
      ...named.map(({ delivery }) => delivery),
    );
  }

  return {
    async claim(token, requests, lease, event) {
      const verdicts = new Map<ClaimRequest, Claim>();
      let [run, startedAt] = ['', new Date(0)];
      // One after the other: were Redis to start anew in between, the last answer tells of it.
      for (const [revision, asked] of grouped(requests, ({ delivery }) => revisionOf(delivery))) {
        const deliveries = JSON.stringify(asked.map(({ delivery }) => delivery));
        const attempts = JSON.stringify(asked.map(({ attempt }) => attempt));
        const [id = '', uptime = '0', now = '0', ...claims] = await scripted.lianfaClaim(
          stream,
          claimsOf(revision),
          token,
          lease * 1_000,
          keep,
          deliveries,
          attempts,
          event ? JSON.stringify(plainOf(event)) : '',
        );
        [run, startedAt] = [id, new Date(Number(now) - Number(uptime) * 1_000)];
        asked.forEach((request, place) => verdicts.set(request, claims[place] as Claim));
      }
      return { claims: requests.map((request) => verdicts.get(request) as Claim), run, startedAt };
    },
    async renew(token, deliveries, lease) {
      await Promise.all(
        Array.from(grouped(deliveries, revisionOf), ([revision, held]) =>
          scripted.lianfaRenew(claimsOf(revision), token, lease * 1_000, keep, JSON.stringify(held)),
        ),
      );
    },
    async finish(outcomes) {
      await Promise.all(
        Array.from(
          grouped(outcomes, ({ delivery }) => revisionOf(delivery)),
          ([revision, ended]) => finishOne(revision, ended),
        ),
      );
    },
    async byRemote(key) {
      return (await redis.get(remote(key))) ?? undefined;
    },
  };
}

/** Events as the stream carries them. */
export function encodeEvents(events: readonly { delivery: string; event: DeliveryEvent }[]): string {
  return JSON.stringify(events.map(({ delivery, event }) => ({ delivery, event: plainOf(event) })));
}

/** Times in milliseconds: shorter than as text, and quicker to write and to read. */
function plainOf(event: DeliveryEvent): unknown {
  return { ...event, at: event.at.getTime(), ...(event.dueAt && { dueAt: event.dueAt.getTime() }) };
}
