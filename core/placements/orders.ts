/** What people order of placements: publish, withdraw, try again, say what happened. An order is stored before it is answered. */
import type { ClientSession } from 'mongoose';
import type { Verification } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Audience, Order, Reach } from '../model/order.js';
import { wantedOf, type Lane, type Placement, type PlacementEvent } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import type { PlacementState } from '../model/states.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Queues } from '../queue/queues.js';
import type { Store } from '../store/store.js';
import { audienceSize, checkAudience } from './audience.js';
import { eventOfVerification } from './outcomes.js';
import type { ResolveOrder } from './report.js';

export interface Orders {
  /** Orders a signed revision. Throws `not_signed`, `revision_stale` (a newer one is signed), `audience_empty`, `account_unknown`, `already_withdrawn`, `not_found`. */
  publish(order: {
    release: string;
    revision: string;
    audience: Audience;
    lane?: Lane | undefined;
    by: string;
  }): Promise<Order>;
  /** Orders that nothing of the release stands, anywhere or on the accounts of the audience. */
  withdraw(order: { release: string; audience?: Audience | undefined; reason: string; by: string }): Promise<Order>;
  /** Puts a placement that lies still back into the queue; the platform is asked first. Throws `move_forbidden`, `not_found`. */
  retry(placement: string, by: string): Promise<void>;
  /** Records what a person has seen. Throws `move_forbidden`, `not_found`. */
  resolve(placement: string, order: ResolveOrder, by: string): Promise<void>;
  /** What a platform called back with; unknown ids are left to polling. */
  callbackNews(
    channel: string,
    account: string,
    news: readonly { remoteId: string; at: Date; verification: Verification }[],
  ): Promise<void>;
}

export interface OrderMeans {
  store: Store;
  queues: Queues;
  claims: ClaimBook;
  channels: ReadonlyMap<string, unknown>;
}

/** Looks for the placement that a callback means, and ms between them: the platform may be quicker than the ledger. */
const looks = { times: 8, apart: 250 };

const resting: readonly PlacementState[] = ['failed', 'cancelled', 'needs_action'];

export function openOrders({ store, queues, claims, channels }: OrderMeans): Orders {
  /** One commit, `mark` on the release with it: while much is written, each would have to wait for its turn. */
  async function place(
    order: Omit<Order, 'seq' | 'state' | 'placements' | '_id' | 'at' | 'walk'>,
    mark?: (session: ClientSession) => Promise<unknown>,
  ): Promise<Order> {
    const stored = await store.connection.transaction(async (session) => {
      await mark?.(session);
      const made: Order = {
        _id: newId('d'),
        seq: await nextSeq(store, order.release, session),
        at: new Date(),
        state: 'running',
        walk: order.reach.audience ? 'audience' : 'standing',
        placements: 0,
        ...order,
      };
      await store.orders.create([made], { session });
      return made;
    });
    // Where Redis is away the order stands all the same: the clock finds stored orders that nobody works on.
    await queues.addDispatch(stored._id, stored.lane).catch((error: unknown) => {
      if (!(error instanceof LianfaError && error.code === 'queue_unavailable')) throw error;
    });
    return stored;
  }

  async function placementOf(id: string): Promise<Placement> {
    const row = await store.placements.findById(id).lean();
    if (!row) throw new LianfaError('not_found', { what: id });
    return row;
  }

  async function say(row: Placement, event: Distributed<PlacementEvent>): Promise<void> {
    const said = { id: newId('e'), at: new Date(), seq: wantedOf(row).seq, ...event } as PlacementEvent;
    await claims.on(row.lane).tell([{ placement: row._id, event: said }]);
  }

  return {
    async publish({ release: id, revision: revisionId, audience, lane: asked, by }) {
      const { release, revision } = await signedRevision(store, id, revisionId);
      const reach = reachOf(revision);
      if (reach.audience) {
        await checkAudience(store, audience, channels.keys());
        if ((await audienceSize(store, audience)).total === 0)
          throw new LianfaError('audience_empty', { field: 'audience' });
      }
      const first = { _id: id, publishedAt: { $exists: false } };
      return place(
        {
          release: id,
          revision: revisionId,
          action: 'publish',
          audience,
          reach,
          lane: asked ?? (release.kind === 'emergency' ? 'emergency' : 'routine'),
          by,
          ...(revision.change === 'update' && { keeps: true }),
          ...(liftsItsOwn(revision) && { over: true }),
        },
        (session) => store.releases.updateOne(first, { $set: { publishedAt: new Date() } }, { session }),
      );
    },

    async withdraw({ release: id, audience, reason, by }) {
      const release = await store.releases.findById(id).lean();
      if (!release) throw new LianfaError('not_found', { what: id });
      if (audience) await checkAudience(store, audience, channels.keys());
      return place(
        {
          release: id,
          action: 'withdraw',
          audience: audience ?? {},
          reach: { audience: false, standing: true },
          lane: 'emergency',
          by,
          reason,
        },
        async (session) => {
          if (!audience)
            await store.releases.updateOne({ _id: id }, { $set: { withdrawnAt: new Date() } }, { session });
        },
      );
    },

    async retry(id, by) {
      const row = await placementOf(id);
      if (!resting.includes(row.state)) throw new LianfaError('move_forbidden', { from: row.state });
      const cause = {
        zh: '人工要求重试，系统将先向平台核实。',
        en: 'Retry asked by a person; the platform is asked first.',
      };
      await say(row, { is: 'retry', by, cause });
    },

    async resolve(id, order, by) {
      const row = await placementOf(id);
      if (row.state !== 'needs_action') throw new LianfaError('move_forbidden', { from: row.state });
      const { note } = order;
      switch (order.outcome) {
        case 'published':
          return say(row, { is: 'confirmed', by, note, ...(order.url !== undefined && { url: order.url }) });
        case 'not_published':
          return say(row, { is: 'denied', by, note, run: await claims.forget(id) });
        case 'cancelled':
          return say(row, { is: 'given_up', by, note });
      }
    },

    async callbackNews(channel, account, news) {
      for (const { remoteId, at, verification } of news) {
        const row = await placementWith(store, channel, account, remoteId);
        const stands = row?.standing.find(({ remote }) => remote.id === remoteId);
        if (!row || !stands) continue;
        const frame = { id: `c${remoteId}${at.getTime()}`, at, by: 'callback', seq: wantedOf(row).seq };
        const event = eventOfVerification(verification, { ...frame, now: new Date(), remote: stands.remote });
        await claims.on(row.lane).tell([{ placement: row._id, event }]);
      }
    },
  };
}

type Distributed<E> = E extends PlacementEvent ? Omit<E, 'id' | 'at' | 'seq'> : never;

/** The next sequence of a release's orders; of two who order together each gets its own. */
async function nextSeq(store: Store, release: string, session: ClientSession): Promise<number> {
  for (;;) {
    const row = await store.releases.findById(release, { orders: 1 }).session(session).lean();
    const orders = row?.orders;
    const same = orders === undefined ? { orders: { $exists: false } } : { orders };
    const next = (orders ?? 0) + 1;
    const { matchedCount } = await store.releases.updateOne(
      { _id: release, ...same },
      { $set: { orders: next } },
      { session },
    );
    if (matchedCount > 0) return next;
    if (!row) throw new LianfaError('not_found', { what: release });
  }
}

async function signedRevision(
  store: Store,
  id: string,
  revisionId: string,
): Promise<{ release: Release; revision: Revision }> {
  const release = await store.releases.findById(id).lean();
  const revision = await store.revisions.findById(revisionId).lean();
  if (!release || revision?.release !== id) throw new LianfaError('not_found', { what: release ? revisionId : id });
  if (release.withdrawnAt) throw new LianfaError('already_withdrawn');
  if (!revision.signed) throw new LianfaError(release.revision === revisionId ? 'not_signed' : 'revision_stale');
  if (release.signed !== revisionId) throw new LianfaError('revision_stale');
  return { release, revision };
}

/**
 * A correction must not leave the wrong text anywhere, so it goes where the release stands too, whatever the audience.
 * A warning's update does so as well; its cancel goes there alone.
 */
function reachOf(revision: Revision): Reach {
  if (liftsItsOwn(revision)) return { audience: false, standing: true };
  return { audience: true, standing: revision.change === 'correction' || followsItsOwn(revision) };
}

function liftsItsOwn(revision: Revision): boolean {
  return revision.emergency?.msgType === 'Cancel' && followsItsOwn(revision);
}

/** A message that refers to an earlier one of its own release, not only to somebody else's. */
function followsItsOwn({ release, emergency }: Revision): boolean {
  return emergency?.references.some((reference) => reference.release === release) ?? false;
}

/** The placement on which this id of the platform stands. */
async function placementWith(
  store: Store,
  channel: string,
  account: string,
  remoteId: string,
): Promise<Placement | undefined> {
  for (let look = 0; look < looks.times; look += 1) {
    // An account has few releases on their way at a time.
    const open = { $in: ['sending', 'accepted', 'published', 'needs_action'] as PlacementState[] };
    const rows = await store.placements.find({ account, state: open }).lean();
    const found = rows.find(
      (row) => row.channel === channel && row.standing.some(({ remote }) => remote.id === remoteId),
    );
    if (found) return found;
    if (!rows.some((row) => row.state === 'sending')) return undefined;
    await new Promise((wait) => setTimeout(wait, looks.apart));
  }
  return undefined;
}
