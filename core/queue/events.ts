/** The event streams, one a lane: everything that happens to placements travels here to `record`, the only writer of what stands. */
import type { Redis } from 'ioredis';
import { grouped } from '../grouped.js';
import { partsOf, type Lane, type PlacementEvent } from '../model/placement.js';
import { claimedEvents, type Told } from './claims.js';
import { redisKey, streamKey, type RedisSettings } from './connection.js';

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
  events: Told[];
}

const group = 'record';

// KEYS: stream, then the claims of each release. ARGV: group, entry ids, then accounts of each release with the number of outcomes of each.
// An entry that another recorder has confirmed meanwhile is counted by whoever deletes it.
const confirmScript = `
local gone = 0
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 then return 0 end
for k = 2, #KEYS do
  local counts = cjson.decode(ARGV[k + 1])
  for account, count in pairs(counts) do
    local text = redis.call('HGET', KEYS[k], account)
    if text then
      local head, pending, rest = string.match(text, '^([^|]*|[^|]*|[^|]*)|(%d+)|(.*)$')
      redis.call('HSET', KEYS[k], account, string.format('%s|%d|%s', head, math.max(0, pending - count), rest))
    end
  end
end
return 1`;

/** `redis` must be a connection of its own where `read` blocks. */
export function openEventStream(redis: Redis, settings: RedisSettings, lane: Lane): EventStream {
  const stream = streamKey(settings, lane);
  redis.defineCommand('lianfaConfirm', { lua: confirmScript });
  const scripted = redis as Redis & { lianfaConfirm(keys: number, ...rest: (string | number)[]): Promise<number> };

  async function confirmOne({ id, events }: StreamEntry): Promise<void> {
    const releases = [...grouped(events.filter(countsAsPending), ({ placement }) => partsOf(placement)[0])];
    const keys = releases.map(([release]) => redisKey(settings, 'claims', release));
    const counts = releases.map(([, those]) => JSON.stringify(countsOf(those)));
    await scripted.lianfaConfirm(1 + keys.length, stream, ...keys, group, id, ...counts);
  }

  return {
    async open() {
      try {
        await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
      } catch (error) {
        if (!String(error).includes('BUSYGROUP')) throw error;
      }
    },
    async read(consumer, { count, blockMs, unconfirmed }) {
      const answer = unconfirmed
        ? await redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '0')
        : await redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS', stream, '>');
      const [first] = (answer ?? []) as [string, RawEntry[]][];
      return (first?.[1] ?? []).map(decode);
    },
    async takeOver(consumer, idleMs) {
      const answer = (await redis.xautoclaim(stream, group, consumer, idleMs, '0', 'COUNT', 100)) as [
        string,
        RawEntry[],
      ];
      return answer[1].filter(Boolean).map(decode);
    },
    async confirm(entries) {
      await Promise.all(entries.map(confirmOne));
    },
    async length() {
      return redis.xlen(stream);
    },
  };
}

/** A claim is known from the claim itself; what counts is what came of it. */
function countsAsPending({ event }: Told): boolean {
  return event.is !== 'sending';
}

function countsOf(events: readonly Told[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { placement } of events) {
    const account = partsOf(placement)[1];
    counts[account] = (counts[account] ?? 0) + 1;
  }
  return counts;
}

type RawEntry = [id: string, fields: string[] | null];

interface Carried {
  placement: string;
  event: Omit<PlacementEvent, 'at' | 'dueAt'> & { at: number; dueAt?: number };
}

/** Only the hub writes here, so its own words are not checked again on this path. */
function decode([id, fields]: RawEntry): StreamEntry {
  const [kind, text = '', , release = '', , granted = ''] = fields ?? [];
  if (kind === 'events') return { id, events: (JSON.parse(text) as Carried[]).map(revived) };
  return { id, events: kind === 'claim' ? claimedEvents(text, release, granted.split(' ')) : [] };
}

function revived({ placement, event }: Carried): Told {
  const { at, dueAt } = event;
  const dates = dueAt === undefined ? { at: new Date(at) } : { at: new Date(at), dueAt: new Date(dueAt) };
  return { placement, event: Object.assign(event, dates) as unknown as PlacementEvent };
}
