/**
 * Freezes that the ledger could not take yet, as sealed words. Each that is laid here or taken away changes the edition,
 * which the door compares as it does the version: it opens to nobody who has not read what lies here.
 */
import { newId } from '../ids.js';
import type { RedisClient, RedisSettings } from './connection.js';
import { freezesScript } from './freeze-version.js';
import { freezeKeys, shardOf, shardsOf, unwrittenKey } from './keys.js';
import { runScript } from './run.js';

export interface Laid {
  /** Of all shards, in their order; empty where nothing ever lay there. */
  edition: string;
  /** By the freeze's id. */
  words: Map<string, string>;
  /** Those that lie in every shard. */
  everywhere: Set<string>;
}

export interface UnwrittenFreezes {
  read(): Promise<Laid>;
  /** Lays down what is not there, in every shard. False where all was. */
  lay(words: ReadonlyMap<string, string>): Promise<boolean>;
  takeAway(ids: readonly string[]): Promise<void>;
}

/** The edition that decides about a placement, of those of all shards. */
export function editionFor(settings: Pick<RedisSettings, 'url'>, editions: string, placement: string): string {
  return editions.split(',')[shardOf(settings, placement)] ?? '';
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

export function openUnwrittenFreezes(connection: RedisClient, settings: RedisSettings): UnwrittenFreezes {
  connection.defineCommand('lianfaLay', { lua: layScript, numberOfKeys: 3 });
  connection.defineCommand('lianfaTakeAway', { lua: takeScript, numberOfKeys: 3 });
  const redis = connection as RedisClient & {
    lianfaLay(...rest: string[]): Promise<number>;
    lianfaTakeAway(...rest: string[]): Promise<void>;
  };
  const shards = shardsOf(settings).map((shard) => freezeKeys(settings, shard));
  return {
    async read() {
      const all = await Promise.all(shardsOf(settings).map((shard) => redis.hgetall(unwrittenKey(settings, shard))));
      const editions = all.map(({ ['']: edition = '' }) => edition);
      const words = new Map(all.flatMap((laid) => Object.entries(laid)).filter(([id]) => id !== ''));
      const everywhere = new Set([...words.keys()].filter((id) => all.every((laid) => id in laid)));
      return { edition: editions.join(','), words, everywhere };
    },
    async lay(words) {
      const [edition, flat] = [newId('e'), [...words].flat()];
      const added = await Promise.all(shards.map((keys) => redis.lianfaLay(...keys, edition, ...flat)));
      return added.some((count) => count > 0);
    },
    async takeAway(ids) {
      if (ids.length === 0) return;
      const edition = newId('e');
      await Promise.all(shards.map((keys) => redis.lianfaTakeAway(...keys, edition, ...ids)));
    },
  };
}
