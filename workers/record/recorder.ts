/** The only writer of delivery state: takes the event stream into the ledger, batch by batch, and tells the screens. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { announce } from '../../core/queue/changes.js';
import type { RedisSettings } from '../../core/queue/connection.js';
import type { EventStream, StreamEntry } from '../../core/queue/events.js';
import type { Store } from '../../core/store/store.js';
import { recordEvents } from './ledger.js';

export interface RecorderMeans {
  store: Store;
  /** On a connection of its own: reading waits. */
  stream: EventStream;
  redis: Redis;
  settings: RedisSettings;
  /** The same name after a restart, so that what was taken and not confirmed comes first. */
  consumer: string;
  /** Before each write: waits for what goes first. */
  letPass?: (() => Promise<void>) | undefined;
}

const entriesAtOnce = 600;
/** Events in one reading from which on there is much to do. */
const busyFrom = 100;
/** Pause before reading on, ms; under load it ends early where nothing more arrives for a `look`. A commit costs the same for one row and for hundreds. */
const gather = { calm: 20, busy: 250, look: 25 };
const abandonedAfter = 30_000;

export function startRecorder(means: RecorderMeans, report: (error: unknown) => void): { close(): Promise<void> } {
  let open = true;
  let unconfirmed = true;
  let lookedForAbandoned = 0;
  /** Claims of the last reading, kept back while much is going on: most deliveries end before the next one, and are written once. */
  let held: StreamEntry[] = [];

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
    const fresh = await means.stream.read(means.consumer, {
      count: entriesAtOnce,
      blockMs: held.length > 0 ? gather.busy : 500,
      unconfirmed: false,
    });
    const earlier = held;
    held = eventsIn(fresh) < busyFrom ? [] : fresh.filter(isClaim);
    return [...earlier, ...(held.length > 0 ? fresh.filter((entry) => !isClaim(entry)) : fresh)];
  }

  async function write(entries: readonly StreamEntry[]): Promise<void> {
    await means.letPass?.();
    const changes = await recordEvents(
      means.store,
      entries.flatMap((entry) => entry.events),
    );
    await means.stream.confirm(entries);
    await announce(means.redis, means.settings, changes);
  }

  /** Lets more arrive, so that it is written together. */
  async function linger(): Promise<void> {
    const end = Date.now() + gather.busy;
    for (let before = -1; Date.now() < end;) {
      await pause(gather.look);
      const length = await means.stream.length();
      if (length === before) return;
      before = length;
    }
  }

  async function run(): Promise<void> {
    while (open) {
      try {
        const entries = await next();
        if (entries.length > 0) await write(entries);
        if (held.length > 0 || eventsIn(entries) >= busyFrom) await linger();
        else if (entries.length > 0) await pause(gather.calm);
      } catch (error) {
        report(error);
        // Whatever failed, the entries taken are still unconfirmed: begin with them (and make the group if Redis was lost).
        unconfirmed = true;
        held = [];
        await pause(500);
      }
    }
    if (held.length > 0) await write(held).catch(report);
  }

  const running = run();
  return {
    async close() {
      open = false;
      await running;
    },
  };
}

function eventsIn(entries: readonly StreamEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.events.length, 0);
}

function isClaim({ events }: StreamEntry): boolean {
  return events.every((event) => event.event.is === 'sending');
}
