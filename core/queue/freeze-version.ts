/**
 * The version of the freezes, as Redis holds it for the door. It counts only under the Redis run in which it was written:
 * a Redis that comes back empty, or older than the last freeze, has none, and then everybody reads the ledger first.
 * Beside the version stands the edition of what lies beside the ledger (see unwritten-freezes.ts).
 */
import type { RedisClient, RedisSettings } from './connection.js';
import { freezeKeys, redisKey, shardsOf } from './keys.js';
import { openRun, runScript } from './run.js';

/** Where it is said that the freezes have changed. A word that is lost costs a second, no more: publishers look for themselves. */
export function changedChannel(settings: Pick<RedisSettings, 'prefix'>): string {
  return redisKey(settings, 'freezes', 'changed');
}

/** Lua: `freezesOf(key, run)` answers version and edition under that run, or nothing; `markFreezes` writes them. */
export const freezesScript = `
local function freezesOf(key, run)
  local version, of, edition = string.match(redis.call('GET', key) or '', '^(%d+)|([^|]*)|(.*)$')
  if of == run then return tonumber(version), edition end
  return nil
end
local function markFreezes(key, version, run, edition)
  redis.call('SET', key, string.format('%d|%s|%s', version, run, edition))
end
`;

// KEYS: freezes, epoch, unwritten. ARGV: version, the run seen before it was read.
const raiseScript = `${runScript}${freezesScript}
local run = runOf(KEYS[2])
if run ~= ARGV[2] then return 0 end
local now, marked = freezesOf(KEYS[1], run)
local version, edition = math.max(now or 0, tonumber(ARGV[1])), redis.call('HGET', KEYS[3], '') or ''
if now ~= version or marked ~= edition then markFreezes(KEYS[1], version, run, edition) end
return 1`;

export interface FreezeVersion {
  /** To be asked before the ledger is read: what is raised then counts under this run alone. */
  run(): Promise<string>;
  /**
   * From now on no door opens to whoever knows less than this version. It only grows. False where Redis is another run
   * than `run` by now: then what was read may be older than what that one was told, and is to be read again.
   */
  raise(version: number, run: string): Promise<boolean>;
}

export function openFreezeVersion(connection: RedisClient, settings: RedisSettings): FreezeVersion {
  connection.defineCommand('lianfaRaise', { lua: raiseScript, numberOfKeys: 3 });
  const redis = connection as RedisClient & {
    lianfaRaise(key: string, epoch: string, unwritten: string, version: number, run: string): Promise<number>;
  };
  return {
    run: openRun(connection, settings),
    async raise(version, runs) {
      const each = runs.split(',');
      const raised = await Promise.all(
        shardsOf(settings).map((shard) =>
          redis.lianfaRaise(...freezeKeys(settings, shard), version, each[shard] ?? ''),
        ),
      );
      return raised.every((one) => one === 1);
    },
  };
}
