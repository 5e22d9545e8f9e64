/**
 * The freezes as one process that makes things public knows them. What is in memory is only ever used under its version: the door opens
 * to nobody who knows another than Redis holds (see core/queue/claims.ts), and then the ledger is read again.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Freeze } from '../model/freeze.js';
import type { Lane } from '../model/placement.js';
import type { RedisClient, RedisSettings } from '../queue/connection.js';
import { changedChannel, openFreezeVersion } from '../queue/freeze-version.js';
import { openPublishers, type KnownPublisher } from '../queue/publishers.js';
import type { Store } from '../store/store.js';
import { readInForce, type FreezesInForce } from './book.js';
import { frozen, type FreezeTarget } from './frozen.js';

/** How often a process says that it lives, and looks for itself whether the freezes have changed, ms. */
const beatEvery = 1_000;

/**
 * How old an open door may be when the asker hears of it, ms. Whoever stood still in between asks again: a freeze waits
 * longer than this for a process that says nothing (see acknowledge.ts).
 */
export const openIsGood = 3_000;

export interface FreezeWatch {
  /** The version that `stopping` goes by; -1 before the ledger was read. */
  version(): number;
  stopping(target: FreezeTarget, lane: Lane): Freeze | undefined;
  /** Freezes by their version, as last read. */
  inForce(): readonly Freeze[];
  /** Reads the ledger again, and sees to it that the door goes by what it says. Those who ask together share one look, which begins after each has asked. Throws where the ledger cannot be read. */
  sync(): Promise<void>;
  /** Counts a look at the door; `step` has left once it opens. */
  look<A extends string>(step: object, ask: () => Promise<A>): Promise<A>;
  /** The step has ended, whatever came of it. */
  ended(step: object): void;
  /** From now on it says once a second that it lives, and at once where freezes change. `listener`: a connection of its own. */
  beat(name: string, listener: RedisClient, report: (error: unknown) => void): { close(): Promise<void> };
}

export function openFreezeWatch(store: Store, redis: RedisClient, settings: RedisSettings): FreezeWatch {
  const door = openFreezeVersion(redis, settings);
  const publishers = openPublishers(redis, settings);
  let known: FreezesInForce = { version: -1, freezes: [] };
  /** Looks at the door without an answer yet, and steps to which it was opened. */
  const looking = new Set<Promise<unknown>>();
  const out = new Set<object>();
  let confirmed: { version: number; at: Date; before: Set<object>; inFlight: number } | undefined;
  let syncing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  /** What had left before the last change has ended: whoever waits for that is to hear of it at once. */
  let quiet = (): void => undefined;

  async function syncOnce(): Promise<void> {
    for (let raised = false; !raised;) {
      // Redis first: see `raise`.
      const run = await door.run();
      const read = await readInForce(store, known.version);
      if (read && read.version > known.version) known = read;
      raised = await door.raise(known.version, run);
    }
  }

  /** What this process goes by, once nothing is under way that asked by an older version. */
  async function confirm(): Promise<void> {
    const { version } = known;
    if (confirmed?.version === version) return;
    await Promise.allSettled(looking);
    const before = new Set(out);
    confirmed = { version, at: new Date(), before, inFlight: before.size };
  }

  /** A look that is under way may have read before what the asker has just written: whoever asks meanwhile shares the next one. */
  function sync(): Promise<void> {
    if (!syncing) return begin();
    next ??= syncing
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  }

  function begin(): Promise<void> {
    const mine = syncOnce().finally(() => {
      if (syncing === mine) syncing = undefined;
    });
    syncing = mine;
    return mine;
  }

  return {
    version: () => known.version,
    stopping: (target, lane) => frozen(known.freezes, target, lane),
    inForce: () => known.freezes,
    sync,
    async look(step, ask) {
      const answer = ask().then((said) => {
        if (said === 'open') out.add(step);
        return said;
      });
      looking.add(answer);
      try {
        return await answer;
      } finally {
        looking.delete(answer);
      }
    },
    ended(step) {
      out.delete(step);
      if (confirmed?.before.delete(step) && confirmed.before.size === 0) quiet();
    },
    beat(name, listener, report) {
      const [id, host, { pid }] = [randomUUID(), hostname(), process];
      let closed = false;

      async function once(): Promise<void> {
        // Who cannot read the ledger lives all the same, and says by which version it goes.
        await sync().catch(report);
        await confirm();
        if (!confirmed || closed) return;
        const { version, at, before, inFlight } = confirmed;
        const confirmedAt = at.toISOString();
        await publishers.say({ id, name, host, pid, version, confirmedAt, inFlight, remaining: before.size });
      }
      let beating = publishers
        .known()
        .then((known) => publishers.forget(goneFrom(host, known)))
        .catch(report);
      const again = (): void => {
        beating = beating.then(once).catch(report);
      };
      quiet = again;
      listener.on('message', again);
      listener.subscribe(changedChannel(settings)).catch(report);
      again();
      const timer = setInterval(again, beatEvery);
      return {
        async close() {
          closed = true;
          clearInterval(timer);
          listener.disconnect();
          await publishers.forget([id]);
        },
      };
    },
  };
}

/** Those of this machine whose process is no more: whoever takes their place says so. */
function goneFrom(host: string, known: readonly KnownPublisher[]): string[] {
  return known.filter((one) => one.host === host && !isThere(one.pid)).map(({ id }) => id);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
