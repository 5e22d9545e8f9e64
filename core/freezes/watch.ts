/**
 * The freezes as one process that makes things public knows them. What is in memory is only ever used under its version: the door opens
 * to nobody who knows another than Redis holds (see core/queue/claims.ts), and then the ledger is read again.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Freeze } from '../model/freeze.js';
import type { Lane } from '../model/placement.js';
import type { PeopleMeans } from '../people/write.js';
import type { RedisClient, RedisSettings } from '../queue/connection.js';
import { announceFreezes } from '../queue/changes.js';
import { changedChannel, openFreezeVersion } from '../queue/freeze-version.js';
import { openPublishers, type KnownPublisher } from '../queue/publishers.js';
import { openUnwrittenFreezes } from '../queue/unwritten-freezes.js';
import { readInForce, type FreezesInForce } from './book.js';
import { frozen, type FreezeTarget } from './frozen.js';
import { openWord, wordOf, writtenAmong, type Forged, type UnwrittenFreeze } from './unwritten.js';

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
  /** Of the unwritten ones, as `version`. */
  edition(): string;
  stopping(target: FreezeTarget, lane: Lane): Freeze | undefined;
  /** Freezes by their version, as last read; behind them those that no ledger has yet. */
  inForce(): readonly Freeze[];
  /** Those that no ledger has yet, with what is needed to write them down. */
  unwritten(): readonly (UnwrittenFreeze | Forged)[];
  /** In force from now on, without the ledger. Throws where Redis cannot be written either. */
  lay(unwritten: UnwrittenFreeze): Promise<void>;
  /** The ledger has them. */
  takeAway(ids: readonly string[]): Promise<void>;
  /** Reads the ledger again, and sees to it that the door goes by what it says. Those who ask together share one look, which begins after each has asked. Throws where the ledger cannot be read. */
  sync(): Promise<void>;
  /** The same, and tells everybody that they have changed. */
  tell(): Promise<void>;
  /** Counts a look at the door; `step` has left once it opens. */
  look<A extends string>(step: object, ask: () => Promise<A>): Promise<A>;
  /** The step has ended, whatever came of it. */
  ended(step: object): void;
  /** From now on it says once a second that it lives, and at once where freezes change. `listener`: a connection of its own. */
  beat(name: string, listener: RedisClient, report: (error: unknown) => void): { close(): Promise<void> };
}

interface Known {
  ledger: FreezesInForce;
  /** Of what lies beside the ledger. */
  edition: string;
  /** Of both. */
  all: readonly Freeze[];
}

interface Beside {
  word: string;
  is: UnwrittenFreeze | Forged;
}

export function openFreezeWatch(
  { store, vault }: PeopleMeans,
  redis: RedisClient,
  settings: RedisSettings,
): FreezeWatch {
  const door = openFreezeVersion(redis, settings);
  const unwritten = openUnwrittenFreezes(redis, settings);
  const publishers = openPublishers(redis, settings);
  /** Changed as a whole: whoever asks at the door asks by one look. */
  let known: Known = { ledger: { version: -1, freezes: [] }, edition: '', all: [] };
  /** What lies beside the ledger, by id. */
  let beside: ReadonlyMap<string, Beside> = new Map();
  /** Looks at the door without an answer yet, and steps to which it was opened. */
  const looking = new Set<Promise<unknown>>();
  const out = new Set<object>();
  let confirmed:
    { version: number; edition: string; holds: string[]; at: Date; before: Set<object>; inFlight: number } | undefined;
  let syncing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  /** What had left before the last change has ended: whoever waits for that is to hear of it at once. */
  let quiet = (): void => undefined;

  async function syncOnce(): Promise<void> {
    for (let raised = false; !raised;) {
      // Redis first: see `raise`. What lies there before the ledger: who looks the other way round misses what is written down in between.
      const run = await door.run();
      const laid = await unwritten.read();
      const read = await readInForce(store, known.ledger.version);
      const ledger = read && read.version > known.ledger.version ? read : known.ledger;
      beside = await heard(laid.words);
      known = {
        ledger,
        edition: laid.edition,
        all: [...ledger.freezes, ...Array.from(beside.values(), ({ is }) => is.freeze)],
      };
      const lost = Array.from(beside, ([id, { word }]) => [id, word] as const).filter(
        ([id]) => !laid.everywhere.has(id),
      );
      const again = lost.length > 0 && (await unwritten.lay(new Map(lost)));
      raised = !again && (await door.raise(ledger.version, run));
    }
  }

  /** What this process has heard it holds to, whatever has become of Redis, until the ledger has it; but not what nobody can have said. */
  async function heard(words: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Beside>> {
    const written = await writtenAmong(store, [...words.keys(), ...beside.keys()]);
    const next = new Map<string, Beside>();
    for (const [id, word] of words) next.set(id, { word, is: openWord(vault, id, word) });
    // As it is now: something may have been laid down meanwhile.
    for (const [id, before] of beside) if (before.is.by && !next.get(id)?.is.by) next.set(id, before);
    for (const id of written) next.delete(id);
    return next;
  }

  /** What this process goes by, once nothing is under way that asked by an older version. */
  async function confirm(): Promise<void> {
    const { ledger, edition, all } = known;
    const by = { version: ledger.version, edition, holds: all.map(({ _id }) => _id) };
    if (confirmed?.version === by.version && confirmed.edition === by.edition) return;
    await Promise.allSettled(looking);
    const before = new Set(out);
    confirmed = { ...by, at: new Date(), before, inFlight: before.size };
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
    version: () => known.ledger.version,
    edition: () => known.edition,
    stopping: (target, lane) => frozen(known.all, target, lane),
    inForce: () => known.all,
    unwritten: () => Array.from(beside.values(), ({ is }) => is),
    async lay(is) {
      const word = wordOf(vault, is);
      await unwritten.lay(new Map([[is.freeze._id, word]]));
      // Redis may lose it before the next look.
      beside = new Map([...beside, [is.freeze._id, { word, is }]]);
    },
    takeAway: (ids) => unwritten.takeAway(ids),
    sync,
    async tell() {
      await sync();
      await redis.publish(changedChannel(settings), String(known.ledger.version));
      await announceFreezes(redis, settings);
    },
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
        const { version, holds, at, before, inFlight } = confirmed;
        const confirmedAt = at.toISOString();
        await publishers.say({ id, name, host, pid, version, holds, confirmedAt, inFlight, remaining: before.size });
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
