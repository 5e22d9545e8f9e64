/** What people do with freezes: the ledger first, then the door, then the word of every publishing process. */
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import type { Freeze } from '../model/freeze.js';
import type { RedisClient, RedisSettings } from '../queue/connection.js';
import { openPublishers } from '../queue/publishers.js';
import { acknowledged, stateOf, type Acknowledgement, type FreezeProcess } from './acknowledge.js';
import { askThaw, confirmThaw, freeze, listFreezes, readInForce, unwrittenFreeze, type FreezeOrder } from './book.js';
import { frozen } from './frozen.js';
import { recordUnwritten } from './record-late.js';
import { openFreezeWatch, openIsGood, type FreezeWatch } from './watch.js';

/** Ms that a freeze waits for the processes at most, and for Redis. */
const patience = 15_000;
const redisPatience = 3_000;
/** Ms that a freeze waits for the ledger at most, before it takes effect without. */
const ledgerPatience = 5_000;

export interface Frozen {
  /** `unwritten`: it is in force, and the ledger could not be written; it is entered as soon as that can be. */
  freeze: Freeze;
  /** Absent where Redis could not be reached: nothing leaves without it, and whoever comes back to it reads the ledger first. */
  acknowledgement?: Acknowledgement;
}

export interface FreezeDesk {
  /** @throws LianfaError freeze_scope_unknown, forbidden; freeze_kept_nowhere where neither the ledger nor Redis can be written */
  freeze(order: FreezeOrder, by: Actor): Promise<Frozen>;
  /** @throws LianfaError not_found, forbidden, already_thawed */
  askThaw(id: string, reason: string, by: Actor): Promise<Freeze>;
  /** @throws LianfaError not_found, forbidden, already_thawed, thaw_not_asked, thaw_needs_second_person */
  confirmThaw(id: string, by: Actor): Promise<Freeze>;
  /** Those in force, and of the others the newest; newest first. */
  list(): Promise<Freeze[]>;
  /**
   * For what others post: `held` says by the ledger itself whether an account is frozen now, and an account that is not
   * there is held by whatever holds everything. Where it says no, `work` counts as in flight until it has ended.
   */
  pass<T>(work: (held: (account: string) => Promise<boolean>) => Promise<T>): Promise<T>;
  /** From now on this process says that it lives, and which freezes `pass` goes by: see `FreezeWatch`. */
  beat: FreezeWatch['beat'];
  /** The processes that make things public, by the freezes as they are now; nothing where Redis does not answer. */
  processes(): Promise<FreezeProcess[] | undefined>;
}

/** `redis`: one that fails a command where Redis is away, so that a person gets an answer. */
export function openFreezeDesk(means: PeopleMeans, redis: RedisClient, settings: RedisSettings): FreezeDesk {
  const { store } = means;
  const watch = openFreezeWatch(means, redis, settings);
  const publishers = openPublishers(redis, settings);

  /** Raises the door's mark and tells everybody. The version that holds from now on; nothing where Redis cannot be reached. */
  const spread = (): Promise<number | undefined> =>
    within(redisPatience, async () => {
      await watch.tell();
      return watch.version();
    });

  /** Into the ledger; where that refuses, or takes too long, into force without it. */
  async function set(order: FreezeOrder, by: Actor): Promise<Freeze> {
    const id = newId('f');
    try {
      return await inTime(freeze(means, order, by, id), ledgerPatience);
    } catch (error) {
      if (error instanceof LianfaError && error.status < 500) throw error;
      await within(redisPatience, () => watch.sync());
      const made = await unwrittenFreeze(means, order, by, id, watch.inForce());
      await watch.lay({ freeze: made, by }).catch((cause: unknown) => {
        throw new LianfaError('freeze_kept_nowhere', {}, { cause });
      });
      return made;
    }
  }

  /** What is in force without the ledger is thawed by nobody: first it is written down. */
  async function thawing(id: string): Promise<void> {
    await within(redisPatience, () => watch.sync());
    if (watch.unwritten().some(({ freeze: { _id } }) => _id === id)) await recordUnwritten(means, watch);
  }

  return {
    async freeze(order, by) {
      const began = Date.now();
      const made = await set(order, by);
      const version = await spread();
      const unwritten = made.unwritten ? [made._id] : [];
      const acknowledgement =
        version === undefined
          ? undefined
          : await acknowledged(publishers, { version, unwritten }, began, patience).catch(() => undefined);
      return { freeze: made, ...(acknowledgement && { acknowledgement }) };
    },
    async askThaw(id, reason, by) {
      await thawing(id);
      const asked = await askThaw(means, id, reason, by);
      await spread();
      return asked;
    },
    async confirmThaw(id, by) {
      await thawing(id);
      const thawed = await confirmThaw(means, id, by);
      await spread();
      return thawed;
    },
    async list() {
      await within(redisPatience, () => watch.sync());
      const beside = watch.unwritten().map((one) => one.freeze);
      return [...beside.reverse(), ...(await listFreezes(store))];
    },
    async pass(work) {
      const step = {};
      try {
        return await work((account) => held(step, account));
      } finally {
        watch.ended(step);
      }
    },
    beat: (...by) => watch.beat(...by),
    async processes() {
      await within(redisPatience, () => watch.sync());
      const asked = { version: watch.version(), unwritten: watch.unwritten().map(({ freeze: { _id } }) => _id) };
      const known = await within(redisPatience, () => publishers.known());
      return known?.map((one) => ({ ...one, state: stateOf(one, asked) }));
    },
  };

  async function held(step: object, account: string): Promise<boolean> {
    for (;;) {
      const asked = performance.now();
      const said = await watch.look(step, () => look(account));
      // Whoever stood still in between is not waited for by then.
      if (said === 'frozen' || performance.now() - asked < openIsGood) return said === 'frozen';
    }
  }

  async function look(account: string): Promise<'frozen' | 'open'> {
    // Where Redis is away, what this process has heard holds; before the ledger, as everywhere.
    await within(redisPatience, () => watch.sync());
    const beside = watch.unwritten().map((one) => one.freeze);
    const { freezes = [] } = (await readInForce(store)) ?? {};
    const row = await store.accounts.findById(account, { channel: 1, path: 1, region: 1 }).lean();
    const { channel = '', path = '', region = '' } = row ?? {};
    return frozen([...freezes, ...beside], { account, channel, path, region }, 'routine') ? 'frozen' : 'open';
  }
}

/** Nothing where it fails, or takes longer than `ms`. */
function within<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
  return inTime(work(), ms).catch(() => undefined);
}

/** Throws what it throws, or that it took longer than `ms`; it goes on all the same. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
