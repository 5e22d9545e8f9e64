/** What people do with freezes: the ledger first, then the door, then the word of every publishing process. */
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import type { Freeze } from '../model/freeze.js';
import type { RedisClient, RedisSettings } from '../queue/connection.js';
import { changedChannel } from '../queue/freeze-version.js';
import { openPublishers } from '../queue/publishers.js';
import { acknowledged, stateOf, type Acknowledgement, type FreezeProcess } from './acknowledge.js';
import { askThaw, confirmThaw, freeze, listFreezes, readInForce, type FreezeOrder } from './book.js';
import { frozen } from './frozen.js';
import { openFreezeWatch, openIsGood, type FreezeWatch } from './watch.js';

/** Ms that a freeze waits for the processes at most, and for Redis. */
const patience = 15_000;
const redisPatience = 3_000;

export interface Frozen {
  freeze: Freeze;
  /** Absent where Redis could not be reached: nothing leaves without it, and whoever comes back to it reads the ledger first. */
  acknowledgement?: Acknowledgement;
}

export interface FreezeDesk {
  /** @throws LianfaError freeze_scope_unknown, forbidden */
  freeze(order: FreezeOrder, by: Actor): Promise<Frozen>;
  /** @throws LianfaError not_found, forbidden, already_thawed */
  askThaw(id: string, reason: string, by: Actor): Promise<Freeze>;
  /** @throws LianfaError not_found, forbidden, already_thawed, thaw_not_asked, thaw_needs_second_person */
  confirmThaw(id: string, by: Actor): Promise<Freeze>;
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
  const watch = openFreezeWatch(store, redis, settings);
  const publishers = openPublishers(redis, settings);

  /** Raises the door's mark and tells everybody. The version that holds from now on; nothing where Redis cannot be reached. */
  async function spread(): Promise<number | undefined> {
    return within(redisPatience, async () => {
      await watch.sync();
      await redis.publish(changedChannel(settings), String(watch.version()));
      return watch.version();
    });
  }

  return {
    async freeze(order, by) {
      const began = Date.now();
      const made = await freeze(means, order, by);
      const version = await spread();
      const acknowledgement =
        version === undefined
          ? undefined
          : await acknowledged(publishers, version, began, patience).catch(() => undefined);
      return { freeze: made, ...(acknowledgement && { acknowledgement }) };
    },
    async askThaw(id, reason, by) {
      const asked = await askThaw(means, id, reason, by);
      await spread();
      return asked;
    },
    async confirmThaw(id, by) {
      const thawed = await confirmThaw(means, id, by);
      await spread();
      return thawed;
    },
    list: () => listFreezes(store),
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
      const version = await spreadless();
      const known = await within(redisPatience, () => publishers.known());
      return known?.map((one) => ({ ...one, state: stateOf(one, version) }));
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
    const { freezes = [] } = (await readInForce(store)) ?? {};
    const row = await store.accounts.findById(account, { channel: 1, path: 1, region: 1 }).lean();
    const { channel = '', path = '', region = '' } = row ?? {};
    return frozen(freezes, { account, channel, path, region }, 'routine') ? 'frozen' : 'open';
  }

  async function spreadless(): Promise<number> {
    await within(redisPatience, () => watch.sync());
    return watch.version();
  }
}

/** Nothing where it fails, or takes longer than `ms`. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), ms);
  });
  try {
    return await Promise.race([work().catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
