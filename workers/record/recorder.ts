/** The only writer of delivery state: takes the event stream into the ledger, batch by batch, and tells the screens. */
import { setTimeout as pause } from 'node:timers/promises';
import { announce } from '../../core/queue/changes.js';
import type { RedisClient, RedisSettings } from '../../core/queue/connection.js';
import type { EventStream, StreamEntry } from '../../core/queue/events.js';
import type { Store } from '../../core/store/store.js';
import { keptRows } from '../kept-rows.js';
import { HeldClaims, type Batch } from './held-claims.js';
import { recordEvents } from './ledger.js';

export interface RecorderMeans {
  store: Store;
  /** On a connection of its own: reading waits. */
  stream: EventStream;
  redis: RedisClient;
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
/** Longest wait for something to arrive, ms. */
const longestWait = 500;
const abandonedAfter = 30_000;

export function startRecorder(means: RecorderMeans, report: (error: unknown) => void): { close(): Promise<void> } {
  const { store, stream, redis, settings, consumer, letPass } = means;
  let open = true;
  let unconfirmed = true;
  let lookedForAbandoned = 0;
  const held = new HeldClaims();
  const kept = keptRows(store);
  kept.open();

  async function next(): Promise<Batch> {
    if (unconfirmed) {
      await stream.open();
      const left = await stream.read(consumer, { count: entriesAtOnce, blockMs: 0, unconfirmed: true });
      unconfirmed = left.length > 0;
      if (unconfirmed) return batchOf(left);
    }
    if (Date.now() - lookedForAbandoned > abandonedAfter) {
      lookedForAbandoned = Date.now();
      const abandoned = await stream.takeOver(consumer, abandonedAfter);
      if (abandoned.length > 0) return batchOf(abandoned);
    }
    const blockMs = held.wait(Date.now(), longestWait);
    return held.take(await stream.read(consumer, { count: entriesAtOnce, blockMs, unconfirmed: false }), Date.now());
  }

  async function write({ events, entries }: Batch): Promise<void> {
    await letPass?.();
    const changes = await recordEvents(store, events);
    await stream.confirm(entries);
    await announce(redis, settings, changes);
  }

  /** Lets more arrive, so that it is written together. */
  async function linger(): Promise<void> {
    const end = Date.now() + gather.busy;
    for (let before = -1; Date.now() < end;) {
      await pause(gather.look);
      const length = await stream.length();
      if (length === before) return;
      before = length;
    }
  }

  async function run(): Promise<void> {
    while (open) {
      try {
        const batch = await next();
        if (batch.events.length > 0) await write(batch);
        if (batch.events.length >= busyFrom) await linger();
        else if (batch.events.length > 0) await pause(gather.calm);
      } catch (error) {
        report(error);
        // Whatever failed, the entries taken are still unconfirmed: begin with them (and make the group if Redis was lost).
        // Where Redis lost them, the claims held here are all that is left to say that somebody was at a placement.
        unconfirmed = true;
        await recordEvents(store, held.drain().events).catch(report);
        await pause(500);
      }
    }
    await write(held.drain()).catch(report);
  }

  const running = run();
  return {
    async close() {
      open = false;
      await running;
      kept.close();
    },
  };
}

function batchOf(entries: StreamEntry[]): Batch {
  return { entries, events: entries.flatMap((entry) => entry.events) };
}
