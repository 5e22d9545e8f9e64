/** The event streams, one a lane: everything that happens to placements travels here to `record`, the only writer of what stands. */
import { LianfaError } from '../errors.js';
import { format, formatOf } from '../format.js';
import { grouped } from '../grouped.js';
import { partsOf, type Lane, type PlacementEvent } from '../model/placement.js';
import { claimedEvents, type Told } from './claims.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisClient, RedisSettings } from './connection.js';
import { shardKey, shardsOf, streamKey } from './keys.js';

export interface EventStream {
  /** Makes the consumer group where it is missing. */
  open(): Promise<void>;
  /** New entries for this consumer, or what it took before and never confirmed. Waits at most `blockMs`. */
  read(consumer: string, options: { count: number; blockMs: number; unconfirmed: boolean }): Promise<StreamEntry[]>;
  /** Takes over entries that another consumer has left lying for `idleMs`. */
  takeOver(consumer: string, idleMs: number): Promise<StreamEntry[]>;
  /** Written to the ledger: the entries go, and their placements' claims say that they are pending no more. */
  confirm(entries: readonly StreamEntry[]): Promise<void>;
  /** Entries not yet confirmed. */
  length(): Promise<number>;
}

export interface StreamEntry {
  id: string;
  /** Each has a stream of its own. */
  shard: number;
  events: Told[];
}

const group = 'record';

// KEYS: stream, then the claims of each release. ARGV: group, entries. An entry is its id, then for each of its releases the
// place of its key, accounts, and the number of outcomes of each account. One that another recorder has confirmed meanwhile
// is counted by whoever deletes it.
const confirmScript = `
for _, entry in ipairs(cjson.decode(ARGV[2])) do
  redis.call('XACK', KEYS[1], ARGV[1], entry[1])
  local mine = redis.call('XDEL', KEYS[1], entry[1]) == 1
  for at = 2, mine and #entry or 0, 3 do
    local key, accounts, counts, set = KEYS[entry[at]], entry[at + 1], entry[at + 2], {}
    for n, text in ipairs(redis.call('HMGET', key, unpack(accounts))) do
      if text then
        local head, pending, rest = string.match(text, '^([^|]*|[^|]*|[^|]*)|(%d+)|(.*)$')
        set[#set + 1] = accounts[n]
        set[#set + 1] = string.format('%s|%d|%s', head, math.max(0, pending - counts[n]), rest)
      end
    end
    if #set > 0 then redis.call('HSET', key, unpack(set)) end
  end
end`;

/** So many go in one script: few enough that nobody else waits long for Redis. */
const confirmedAtOnce = 10;

/** Milliseconds before a look at several streams, ever more where nothing comes. */
const firstLook = 10;
const longestLook = 80;

/** `redis` must be a connection of its own where `read` blocks. */
export function openEventStream(redis: RedisClient, settings: RedisSettings, lane: Lane): EventStream {
  const shards = shardsOf(settings);
  const streams = shards.map((shard) => streamKey(settings, shard, lane));
  redis.defineCommand('lianfaConfirm', { lua: confirmScript });
  const scripted = redis as RedisClient & {
    lianfaConfirm(keys: number, ...rest: (string | number)[]): Promise<unknown>;
  };

  async function confirmSome(shard: number, entries: readonly StreamEntry[]): Promise<void> {
    // Places of keys count from 1, as in Lua; the first is the stream.
    const places = new Map<string, number>();
    const told = entries.map(({ id, events }) => {
      const entry: unknown[] = [id];
      for (const [release, those] of grouped(
        events.filter(countsAsPending),
        ({ placement }) => partsOf(placement)[0],
      )) {
        const place = places.get(release) ?? places.size + 2;
        places.set(release, place);
        const counts = countsOf(those);
        entry.push(place, [...counts.keys()], [...counts.values()]);
      }
      return entry;
    });
    const keys = Array.from(places.keys(), (release) => shardKey(settings, shard, 'claims', release));
    await scripted.lianfaConfirm(
      1 + keys.length,
      streamKey(settings, shard, lane),
      ...keys,
      group,
      JSON.stringify(told),
    );
  }

  /** The new entries of a shard. */
  async function fresh(shard: number, consumer: string, count: number): Promise<StreamEntry[]> {
    const stream = streamKey(settings, shard, lane);
    return entriesOf(await redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>'), shard);
  }

  /** The new entries of the only shard, as soon as there are some. */
  async function waited(consumer: string, count: number, blockMs: number): Promise<StreamEntry[]> {
    const of = ['STREAMS', streamKey(settings, 0, lane), '>'] as const;
    return entriesOf(await redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, ...of), 0);
  }

  async function left(shard: number, consumer: string, count: number): Promise<StreamEntry[]> {
    const stream = streamKey(settings, shard, lane);
    return entriesOf(await redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '0'), shard);
  }

  return {
    async open() {
      await Promise.all(
        streams.map(async (stream) => {
          try {
            await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
          } catch (error) {
            if (!String(error).includes('BUSYGROUP')) throw error;
          }
        }),
      );
    },
    async read(consumer, { count, blockMs, unconfirmed }) {
      if (unconfirmed) return all(shards, (shard) => left(shard, consumer, count));
      if (shards.length === 1) return waited(consumer, count, blockMs);
      // Nothing can wait on several masters at once, so they are asked by turns; what comes in between goes together.
      const end = Date.now() + blockMs;
      for (let look = firstLook; ; look = Math.min(2 * look, longestLook)) {
        await pause(Math.min(look, Math.max(1, end - Date.now())));
        const entries = await all(shards, (shard) => fresh(shard, consumer, count));
        if (entries.length > 0 || Date.now() >= end) return entries;
      }
    },
    takeOver: (consumer, idleMs) =>
      all(shards, async (shard) => {
        const stream = streamKey(settings, shard, lane);
        const answer = (await redis.xautoclaim(stream, group, consumer, idleMs, '0', 'COUNT', 100)) as [
          string,
          RawEntry[],
        ];
        return answer[1].filter(Boolean).map((entry) => decode(entry, shard));
      }),
    async confirm(entries) {
      const batches: [number, StreamEntry[]][] = [];
      for (const [shard, those] of grouped(entries, (entry) => String(entry.shard)))
        for (let at = 0; at < those.length; at += confirmedAtOnce)
          batches.push([Number(shard), those.slice(at, at + confirmedAtOnce)]);
      await Promise.all(batches.map(([shard, those]) => confirmSome(shard, those)));
    },
    async length() {
      const lengths = await Promise.all(streams.map((stream) => redis.xlen(stream)));
      return lengths.reduce((sum, length) => sum + length, 0);
    },
  };
}

async function all<T>(shards: readonly number[], work: (shard: number) => Promise<T[]>): Promise<T[]> {
  return (await Promise.all(shards.map(work))).flat();
}

function entriesOf(answer: unknown, shard: number): StreamEntry[] {
  const [first] = (answer ?? []) as [string, RawEntry[]][];
  return (first?.[1] ?? []).map((entry) => decode(entry, shard));
}

/** A claim is known from the claim itself; what counts is what came of it. */
function countsAsPending({ event }: Told): boolean {
  return event.is !== 'sending';
}

function countsOf(events: readonly Told[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { placement } of events) {
    const account = partsOf(placement)[1];
    counts.set(account, (counts.get(account) ?? 0) + 1);
  }
  return counts;
}

type RawEntry = [id: string, fields: string[] | null];

interface Carried {
  placement: string;
  event: Omit<PlacementEvent, 'at' | 'dueAt'> & { at: number; dueAt?: number };
}

/**
 * Only the hub writes here, so its own words are not checked again on this path. An entry of a newer format is left to a
 * recorder of that version, with all that was read beside it: see processes.ts.
 */
function decode([id, fields]: RawEntry, shard: number): StreamEntry {
  const [kind, text = '', , release = '', , granted = ''] = fields ?? [];
  const at = fields?.lastIndexOf('format') ?? -1;
  const told = formatOf(at < 0 ? undefined : fields?.[at + 1]);
  if (told > format) throw new LianfaError('newer_version', { format: String(format), who: `events (${told})` });
  if (kind === 'events') return { id, shard, events: (JSON.parse(text) as Carried[]).map(revived) };
  return { id, shard, events: kind === 'claim' ? claimedEvents(text, release, granted.split(' ')) : [] };
}

function revived({ placement, event }: Carried): Told {
  const { at, dueAt } = event;
  const dates = dueAt === undefined ? { at: new Date(at) } : { at: new Date(at), dueAt: new Date(dueAt) };
  return { placement, event: Object.assign(event, dates) as unknown as PlacementEvent };
}
