/**
 * Freezes that the ledger could not take yet, as sealed words. Each that is laid here or taken away changes the edition,
 * which the door compares as it does the version: it opens to nobody who has not read what lies here.
 */
import type { Redis } from 'ioredis';
import { newId } from '../ids.js';
import type { RedisSettings } from './connection.js';
import { freezeKey, freezesScript, unwrittenKey } from './freeze-version.js';
import { epochKey, runScript } from './run.js';

export interface Laid {
  /** Empty where nothing ever lay here. */
  edition: string;
  /** By the freeze's id. */
  words: Map<string, string>;
}

export interface UnwrittenFreezes {
  read(): Promise<Laid>;
  /** Lays down what is not there. False where all was. */
  lay(words: ReadonlyMap<string, string>): Promise<boolean>;
  takeAway(ids: readonly string[]): Promise<void>;
}

const changed = `${runScript}${freezesScript}
local function change(edition)
  redis.call('HSET', KEYS[3], '', edition)
  local run = runOf(KEYS[2])
  local version = freezesOf(KEYS[1], run)
  -- Where there is no mark, the door opens to nobody until somebody has read all.
  if version then markFreezes(KEYS[1], version, run, edition) end
end
`;

// KEYS: freezes, epoch, unwritten. ARGV: the new edition; id and word by turns.
const layScript = `${changed}
local added = 0
for i = 2, #ARGV, 2 do added = added + redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) end
if added > 0 then change(ARGV[1]) end
return added`;

// KEYS: freezes, epoch, unwritten. ARGV: the new edition, ids.
const takeScript = `${changed}
if redis.call('HDEL', KEYS[3], unpack(ARGV, 2)) > 0 then change(ARGV[1]) end`;

export function openUnwrittenFreezes(connection: Redis, settings: RedisSettings): UnwrittenFreezes {
  connection.defineCommand('lianfaLay', { lua: layScript, numberOfKeys: 3 });
  connection.defineCommand('lianfaTakeAway', { lua: takeScript, numberOfKeys: 3 });
  const redis = connection as Redis & {
    lianfaLay(...rest: string[]): Promise<number>;
    lianfaTakeAway(...rest: string[]): Promise<void>;
  };
  const keys = [freezeKey(settings), epochKey(settings), unwrittenKey(settings)];
  return {
    async read() {
      const { ['']: edition = '', ...words } = await connection.hgetall(unwrittenKey(settings));
      return { edition, words: new Map(Object.entries(words)) };
    },
    lay: async (words) => (await redis.lianfaLay(...keys, newId('e'), ...[...words].flat())) > 0,
    async takeAway(ids) {
      if (ids.length > 0) await redis.lianfaTakeAway(...keys, newId('e'), ...ids);
    },
  };
}
