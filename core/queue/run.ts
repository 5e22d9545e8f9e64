/**
 * Which Redis this is. A restart may bring it back without its last second, a flush or a new disk without anything: under
 * another run nothing that was queued or claimed before is sure. So a run is the server's own id and a mark that goes
 * with the data.
 */
import type { Redis } from 'ioredis';
import { newId } from '../ids.js';
import { redisKey, type RedisSettings } from './connection.js';

export function epochKey(settings: RedisSettings): string {
  return redisKey(settings, 'epoch');
}

/** Lua: `runOf(key, fresh)` answers run and uptime in seconds; with `fresh` it marks a Redis that has no mark. */
export const runScript = `
local function runOf(key, fresh)
  local text = redis.call('INFO', 'server')
  if fresh then redis.call('SET', key, fresh, 'NX') end
  return string.sub(string.match(text, 'run_id:(%w+)'), 1, 16) .. '-' .. (redis.call('GET', key) or ''), string.match(text, 'uptime_in_seconds:(%d+)')
end
`;

const askScript = `${runScript}
return (runOf(KEYS[1], ARGV[1]))`;

export function openRun(redis: Redis, settings: RedisSettings): () => Promise<string> {
  redis.defineCommand('lianfaRun', { lua: askScript, numberOfKeys: 1 });
  const scripted = redis as Redis & { lianfaRun(key: string, fresh: string): Promise<string> };
  return () => scripted.lianfaRun(epochKey(settings), newId('n'));
}
