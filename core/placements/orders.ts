/** What people order of deliveries: publish, withdraw, try again, settle. An order is stored before it is answered. */
import type { Verification } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { ResolveOrder } from './report.js';
import type { ClaimBook } from '../queue/claims.js';
import type { EventStream } from '../queue/events.js';
import type { Queues } from '../queue/queues.js';
import type { Store } from '../store/store.js';
import { audienceSize, checkAudience } from './audience.js';
import type { Delivery, DeliveryEvent, Lane } from '../model/delivery.js';
import type { Audience, Dispatch } from '../model/dispatch.js';
import { eventOfVerification } from './outcomes.js';
import { mayMove } from '../model/states.js';

export interface Orders {
  /** Signs the revision, if it is not yet, and orders its delivery. Throws `media_not_ready`, `audience_empty`, `account_unknown`, `revision_stale`, `already_withdrawn`, `not_found`. */
  publish(order: {
    release: string;
    revision: string;
    audience: Audience;
    lane?: Lane | undefined;
    by: string;
  }): Promise<Dispatch>;
  /** Orders the withdrawal of every delivery of the release, or of those in the audience. */
  withdraw(order: { release: string; audience?: Audience | undefined; reason: string; by: string }): Promise<Dispatch>;
  /** Puts a failed or doubtful delivery back into the queue; the platform is asked first. Throws `move_forbidden`, `not_found`. */
  retry(delivery: string, by: string): Promise<void>;
  /** Records what a person has seen. Throws `move_forbidden`, `not_found`. */
  resolve(delivery: string, order: ResolveOrder, by: string): Promise<void>;
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
  events: EventStream;
  claims: ClaimBook;
  channels: ReadonlyMap<string, unknown>;
}

export function openOrders({ store, queues, events, claims, channels }: OrderMeans): Orders {
  async function place(dispatch: Dispatch): Promise<Dispatch> {
    await store.dispatches.create(dispatch);
    // Where Redis is away the order stands all the same: the clock finds stored dispatches that nobody works on.
    await queues.addDispatch(dispatch._id).catch((error: unknown) => {
      if (!(error instanceof LianfaError && error.code === 'queue_unavailable')) throw error;
    });
    return dispatch;
  }

  async function delivery(id: string): Promise<Delivery> {
    const row = await store.deliveries.findById(id).lean();
    if (!row) throw new LianfaError('not_found', { what: id });
    return row;
  }

  async function say(row: Delivery, event: Omit<DeliveryEvent, 'id' | 'at'>): Promise<void> {
    if (!mayMove(row.state, event.to) || row.state === event.to)
      throw new LianfaError('move_forbidden', { from: row.state });
    await events.send([{ delivery: row._id, event: { id: newId('e'), at: new Date(), ...event } }]);
  }

  return {
    async publish({ release: id, revision: revisionId, audience, lane: asked, by }) {
      const release = await store.releases.findById(id).lean();
      if (!release) throw new LianfaError('not_found', { what: id });
      if (release.withdrawnAt) throw new LianfaError('already_withdrawn');
      if (release.revision !== revisionId) throw new LianfaError('revision_stale');
      await checkAudience(store, audience, channels.keys());
      if ((await audienceSize(store, audience)).total === 0)
        throw new LianfaError('audience_empty', { field: 'audience' });
      await checkMedia(store, revisionId);
      const now = new Date();
      await store.revisions.updateOne(
        { _id: revisionId, signed: { $exists: false } },
        { $set: { signed: { by, at: now } } },
      );
      await store.releases.updateOne({ _id: id, publishedAt: { $exists: false } }, { $set: { publishedAt: now } });
      const lane = asked ?? (release.kind === 'emergency' ? 'emergency' : 'routine');
      return place({
        _id: newId('d'),
        release: id,
        revision: revisionId,
        action: 'publish',
        audience,
        lane,
        by,
        at: now,
        state: 'running',
        deliveries: 0,
      });
    },

    async withdraw({ release: id, audience, reason, by }) {
      const release = await store.releases.findById(id).lean();
      if (!release) throw new LianfaError('not_found', { what: id });
      if (audience) await checkAudience(store, audience, channels.keys());
      else await store.releases.updateOne({ _id: id }, { $set: { withdrawnAt: new Date() } });
      return place({
        _id: newId('d'),
        release: id,
        revision: release.revision,
        action: 'withdraw',
        audience: audience ?? {},
        lane: 'emergency',
        by,
        reason,
        at: new Date(),
        state: 'running',
        deliveries: 0,
      });
    },

    async retry(id, by) {
      const row = await delivery(id);
      if (row.state !== 'failed' && row.state !== 'needs_action')
        throw new LianfaError('move_forbidden', { from: row.state });
      await say(row, {
        to: 'queued',
        by,
        dueAt: new Date(),
        cause: {
          zh: '人工要求重试，系统将先向平台核实。',
          en: 'Retry asked by a person; the platform is asked first.',
        },
      });
    },

    async resolve(id, order, by) {
      const row = await delivery(id);
      const cause = { zh: order.note, en: order.note };
      if (row.state !== 'needs_action') throw new LianfaError('move_forbidden', { from: row.state });
      switch (order.outcome) {
        case 'published': {
          const remote = order.url ? { id: row.remote?.id ?? '', ...row.remote, url: order.url } : row.remote;
          await say(row, {
            to: row.action === 'withdraw' ? 'withdrawn' : 'verified',
            by,
            cause,
            ...(remote && { remote }),
          });
          return;
        }
        case 'not_published':
          await say(row, { to: 'queued', by, cause, clean: true, dueAt: new Date() });
          return;
        case 'cancelled':
          await say(row, { to: 'cancelled', by, cause });
          return;
        default:
          order satisfies never;
      }
    },

    async callbackNews(channel, account, news) {
      for (const { remoteId, at, verification } of news) {
        const id = await claims.byRemote(`${channel}:${account}:${remoteId}`);
        if (id === undefined) continue;
        await events.send([
          {
            delivery: id,
            event: eventOfVerification(verification, {
              id: `c${remoteId}${at.getTime()}`,
              at,
              by: 'callback',
              now: new Date(),
            }),
          },
        ]);
      }
    },
  };
}

async function checkMedia(store: Store, revisionId: string): Promise<void> {
  const revision = await store.revisions.findById(revisionId).lean();
  if (!revision) throw new LianfaError('not_found', { what: revisionId });
  const hashes = revision.pictures.map((picture) => picture.hash);
  if (hashes.length === 0) return;
  const media = await store.media.find({ _id: { $in: hashes } }).lean();
  if (media.some((medium) => medium.state !== 'ready') || new Set(hashes).size > media.length)
    throw new LianfaError('media_not_ready');
}
