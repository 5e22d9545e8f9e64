/**
 * Which Redis this is. A restart may bring it back without its last second, a flush or a new disk without anything, and a
 * replica that takes over may never have heard of it: under another run nothing that was queued or claimed before is sure.
 * So a run is the server's own id with the moment in which that was first met over these data. Not the age of its process:
 * a replica may have stood by for months. And a server that was replaced and comes back as master is another run, though
 * its id is the old one. In a cluster each master is a run of its own.
 */
import type { RedisClient, RedisSettings } from './connection.js';
import { epochKey, shardOf, shardsOf } from './keys.js';

/** Lua: `runOf(key)` answers the run, and notes a new one. */
export const runScript = `
local function runOf(key)
  local id = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'), 1, 16)
  local run = redis.call('GET', key)
  if not run or string.sub(run, 1, 17) ~= id .. '-' then
    local time = redis.call('TIME')
    run = string.format('%s-%d%06d', id, time[1], time[2])
    redis.call('SET', key, run)
  end
  return run
end
`;

const askScript = `${runScript}
return runOf(KEYS[1])`;

/** The runs of all shards, in their order. They travel in a job as one word. */
export function openRun(redis: RedisClient, settings: RedisSettings): () => Promise<string> {
  redis.defineCommand('lianfaRun', { lua: askScript, numberOfKeys: 1 });
  const scripted = redis as RedisClient & { lianfaRun(key: string): Promise<string> };
  return async () => {
    const runs = await Promise.all(shardsOf(settings).map((shard) => scripted.lianfaRun(epochKey(settings, shard))));
    return runs.join(',');
  };
}

/** The run that decides about a placement, of those of all shards. */
export function runFor(settings: Pick<RedisSettings, 'url'>, runs: string, placement: string): string {
  return runs.split(',')[shardOf(settings, placement)] ?? '';
}

/** When it was first met: whatever left before left under another Redis. */
export function runSince(run: string): Date {
  return new Date(Math.floor(Number(run.split('-')[1] ?? 0) / 1_000));
}
