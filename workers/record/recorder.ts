/** The only writer of delivery state: takes the event stream into the ledger, batch by batch, and tells the screens. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { announce } from '../../server/queue/changes.js';
import type { RedisSettings } from '../../server/queue/connection.js';
import type { EventStream, StreamEntry } from '../../server/queue/events.js';
import type { Store } from '../../server/store/store.js';
import { recordEvents } from './ledger.js';

export interface RecorderMeans {
  store: Store;
  /** On a connection of its own: reading waits. */
  stream: EventStream;
  redis: Redis;
  settings: RedisSettings;
  /** The same name after a restart, so that what was taken and not confirmed comes first. */
  consumer: string;
}

const entriesAtOnce = 600;
/** Pause before reading on, ms. Under load, what begins and ends within it is one write; a commit costs the same for one row and for hundreds. */
const gather = { calm: 20, busy: 250, busyFrom: 100 };
const abandonedAfter = 30_000;

export function startRecorder(means: RecorderMeans, report: (error: unknown) => void): { close(): Promise<void> } {
  let open = true;
  let unconfirmed = true;
  let lookedForAbandoned = 0;

  async function next(): Promise<StreamEntry[]> {
    if (unconfirmed) {
      await means.stream.open();
      const left = await means.stream.read(means.consumer, { count: entriesAtOnce, blockMs: 0, unconfirmed: true });
      unconfirmed = left.length > 0;
      if (unconfirmed) return left;
    }
    if (Date.now() - lookedForAbandoned > abandonedAfter) {
      lookedForAbandoned = Date.now();
      const abandoned = await means.stream.takeOver(means.consumer, abandonedAfter);
      if (abandoned.length > 0) return abandoned;
    }
    return means.stream.read(means.consumer, { count: entriesAtOnce, blockMs: 500, unconfirmed: false });
  }

  async function run(): Promise<void> {
    while (open) {
      try {
        const entries = await next();
        if (entries.length === 0) continue;
        const events = entries.flatMap((entry) => entry.events);
        const { changes, following } = await recordEvents(means.store, events);
        await means.stream.send(following);
        await means.stream.confirm(entries.map((entry) => entry.id));
        await announce(means.redis, means.settings, changes);
        await pause(events.length < gather.busyFrom ? gather.calm : gather.busy);
      } catch (error) {
        report(error);
        // Whatever failed, the entries taken are still unconfirmed: begin with them (and make the group if Redis was lost).
        unconfirmed = true;
        await pause(500);
      }
    }
  }

  const running = run();
  return {
    async close() {
      open = false;
      await running;
    },
  };
}
