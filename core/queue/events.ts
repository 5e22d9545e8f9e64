/** The event stream: everything that happens to deliveries travels here to `record`, the only writer of their state. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { DeliveryEvent } from '../model/delivery.js';
import { states } from '../model/states.js';
import { encodeEvents } from './claims.js';
import { redisKey, type RedisSettings } from './connection.js';

const said = z.object({ zh: z.string(), en: z.string() });
const happened = z.object({
  id: z.string(),
  to: z.enum(states),
  at: z.coerce.date(),
  attempt: z.number().optional(),
  by: z.string(),
  cause: said.optional(),
  todo: said.optional(),
  platform: z.object({ code: z.string(), words: z.string(), requestId: z.string().optional() }).optional(),
  remote: z
    .object({ id: z.string(), url: z.string().optional(), extra: z.record(z.string(), z.string()).optional() })
    .optional(),
  dueAt: z.coerce.date().optional(),
  clean: z.boolean().optional(),
  parked: z.boolean().optional(),
  looked: z.boolean().optional(),
});
const carried = z.array(z.object({ delivery: z.string(), event: happened }));

export interface CarriedEvent {
  delivery: string;
  event: DeliveryEvent;
}

export interface EventStream {
  send(events: readonly CarriedEvent[]): Promise<void>;
  /** Makes the consumer group where it is missing. */
  open(): Promise<void>;
  /** New entries for this consumer, or what it took before and never confirmed. Waits at most `blockMs`. */
  read(consumer: string, options: { count: number; blockMs: number; unconfirmed: boolean }): Promise<StreamEntry[]>;
  /** Takes over entries that another consumer has left lying for `idleMs`. */
  takeOver(consumer: string, idleMs: number): Promise<StreamEntry[]>;
  confirm(ids: readonly string[]): Promise<void>;
  /** Entries not yet confirmed. */
  length(): Promise<number>;
}

export interface StreamEntry {
  id: string;
  events: CarriedEvent[];
}

const group = 'record';

/** `redis` must be a connection of its own where `read` blocks. */
export function openEventStream(redis: Redis, settings: RedisSettings): EventStream {
  const stream = redisKey(settings, 'events');

  return {
    async send(events) {
      if (events.length === 0) return;
      await redis.xadd(stream, '*', 'events', encodeEvents(events));
    },
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
    async confirm(ids) {
      if (ids.length === 0) return;
      await redis
        .multi()
        .xack(stream, group, ...ids)
        .xdel(stream, ...ids)
        .exec();
    },
    async length() {
      return redis.xlen(stream);
    },
  };
}

type RawEntry = [id: string, fields: string[] | null];

function decode([id, fields]: RawEntry): StreamEntry {
  const [kind, text = '', , granted = ''] = fields ?? [];
  if (kind === 'events') return { id, events: carried.parse(JSON.parse(text)) as CarriedEvent[] };
  return {
    id,
    events: kind === 'claim' ? claimed(happened.parse(JSON.parse(text)) as DeliveryEvent, granted.split(' ')) : [],
  };
}

/** One event for all that were granted together; `granted` holds attempt and delivery by turns. */
function claimed(event: DeliveryEvent, granted: readonly string[]): CarriedEvent[] {
  return Array.from({ length: granted.length / 2 }, (_, place) => ({
    delivery: granted[2 * place + 1] ?? '',
    event: { attempt: Number(granted[2 * place]), ...event },
  }));
}
