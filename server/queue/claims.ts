/**
 * One hand-out at a time, and never a second first one. A claim is a key per delivery that says which attempt is at it
 * or has been; it outlives the worker that took it, so a dead worker's delivery is known to be doubtful.
 */
import type { Redis } from 'ioredis';
import type { DeliveryEvent } from '../deliveries/delivery.js';
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

// KEYS: the stream, then one claim key a delivery. ARGV: token, lease in ms, keep in s, the attempts, the event of all that
// are granted, the length of a key before the delivery's id. Few long arguments: each costs more than its bytes.
const claimScript = `
local info = redis.call('INFO', 'server')
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local answer = { string.match(info, 'run_id:(%w+)'), string.match(info, 'uptime_in_seconds:(%d+)'), tostring(ms) }
local granted, i = {}, 1
for text in string.gmatch(ARGV[4], '%d+') do
  i = i + 1
  local claim = text .. '|' .. ARGV[1] .. '|' .. string.format('%d', ms + ARGV[2]) .. '|busy'
  local verdict = 'clean'
  -- Nearly every delivery is claimed once and by nobody before.
  if not redis.call('SET', KEYS[i], claim, 'EX', ARGV[3], 'NX') then
    local heldAttempt, token, untilMs, state = string.match(redis.call('GET', KEYS[i]), '^(%d+)|([^|]*)|(%d+)|(%a+)$')
    if state == 'done' then
      if tonumber(heldAttempt) >= tonumber(text) then verdict = 'done' end
    elseif tonumber(untilMs) > ms and token ~= ARGV[1] then verdict = 'busy'
    else verdict = 'orphan' end
    if verdict == 'clean' or verdict == 'orphan' then redis.call('SET', KEYS[i], claim, 'EX', ARGV[3]) end
  end
  if verdict == 'clean' or verdict == 'orphan' then granted[#granted + 1] = text .. ' ' .. string.sub(KEYS[i], ARGV[6] + 1) end
  answer[#answer + 1] = verdict
end
if ARGV[5] ~= '' and #granted > 0 then redis.call('XADD', KEYS[1], '*', 'claim', ARGV[5], 'of', table.concat(granted, ' ')) end
return answer`;

// KEYS: claim keys. ARGV: token, lease in ms, keep in s.
const renewScript = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
for i = 1, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if held then
    local attempt, token, _, state = string.match(held, '^(%d+)|([^|]*)|(%d+)|(%a+)$')
    if token == ARGV[1] and state == 'busy' then
      redis.call('SET', KEYS[i], string.format('%s|%s|%d|busy', attempt, token, ms + ARGV[2]), 'EX', ARGV[3])
    end
  end
end`;

// KEYS: the stream, a claim key for each outcome, then the keys of platform ids. ARGV: keep in s, the attempts, the events, then the delivery of each platform id.
const finishScript = `
local i = 1
for attempt in string.gmatch(ARGV[2], '%d+') do
  i = i + 1
  redis.call('SET', KEYS[i], attempt .. '||0|done', 'EX', ARGV[1])
end
for named = i + 1, #KEYS do redis.call('SET', KEYS[named], ARGV[3 + named - i], 'EX', ARGV[1]) end
redis.call('XADD', KEYS[1], '*', 'events', ARGV[3])`;

export interface ClaimBook {
  /** Asks for many deliveries at once; `lease` in seconds. In the same step `event` is written to the stream for those granted, with the attempt of each. */
  claim(token: string, requests: readonly ClaimRequest[], lease: number, event?: DeliveryEvent): Promise<Claims>;
  renew(token: string, deliveries: readonly string[], lease: number): Promise<void>;
  /** Writes outcomes to the stream and marks their claims done, in one step. */
  finish(outcomes: readonly Outcome[]): Promise<void>;
  /** Gives an unused claim back. */
  release(deliveries: readonly string[]): Promise<void>;
  /** The delivery that a platform's id belongs to, if remembered. */
  byRemote(remoteKey: string): Promise<string | undefined>;
}

export function openClaims(redis: Redis, settings: RedisSettings): ClaimBook {
  const stream = redisKey(settings, 'events');
  const claimKey = (delivery: string) => redisKey(settings, 'claim', delivery);
  const remote = (key: string) => redisKey(settings, 'remote', key);
  redis.defineCommand('lianfaClaim', { lua: claimScript });
  redis.defineCommand('lianfaRenew', { lua: renewScript });
  redis.defineCommand('lianfaFinish', { lua: finishScript });
  const scripted = redis as Redis & {
    lianfaClaim(keys: number, ...rest: (string | number)[]): Promise<string[]>;
    lianfaRenew(keys: number, ...rest: (string | number)[]): Promise<void>;
    lianfaFinish(keys: number, ...rest: (string | number)[]): Promise<void>;
  };

  return {
    async claim(token, requests, lease, event) {
      const keys = [stream, ...requests.map((request) => claimKey(request.delivery))];
      const attempts = requests.map((request) => request.attempt).join(' ');
      const [run = '', uptime = '0', now = '0', ...claims] = await scripted.lianfaClaim(keys.length, ...keys, token, lease * 1_000, keep, attempts, event ? JSON.stringify(plainOf(event)) : '', claimKey('').length);
      return { claims: claims as Claim[], run, startedAt: new Date(Number(now) - Number(uptime) * 1_000) };
    },
    async renew(token, deliveries, lease) {
      if (deliveries.length > 0) await scripted.lianfaRenew(deliveries.length, ...deliveries.map(claimKey), token, lease * 1_000, keep);
    },
    async finish(outcomes) {
      if (outcomes.length === 0) return;
      const named = outcomes.flatMap(({ delivery, remoteKey }) => remoteKey === undefined ? [] : [{ key: remote(remoteKey), delivery }]);
      const keys = [stream, ...outcomes.map(({ delivery }) => claimKey(delivery)), ...named.map(({ key }) => key)];
      const attempts = outcomes.map(({ attempt }) => attempt).join(' ');
      await scripted.lianfaFinish(keys.length, ...keys, keep, attempts, encodeEvents(outcomes), ...named.map(({ delivery }) => delivery));
    },
    async release(deliveries) {
      if (deliveries.length > 0) await redis.del(...deliveries.map(claimKey));
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
