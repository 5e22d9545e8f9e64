/** The only writer of delivery state: takes the event stream into the ledger, batch by batch, and tells the screens. */
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

const entriesAtOnce = 40;
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
        const { changes, following } = await recordEvents(means.store, entries.flatMap((entry) => entry.events));
        await means.stream.send(following);
        await means.stream.confirm(entries.map((entry) => entry.id));
        await announce(means.redis, means.settings, changes);
      } catch (error) {
        report(error);
        // Whatever failed, the entries taken are still unconfirmed: begin with them (and make the group if Redis was lost).
        unconfirmed = true;
        await new Promise((wait) => setTimeout(wait, 500));
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
