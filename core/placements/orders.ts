/** What people order of placements: publish, withdraw, try again, say what happened. An order is stored before it is answered. */
import type { Verification } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Audience, Order, Reach } from '../model/order.js';
import { wantedOf, type Lane, type Placement, type PlacementEvent } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import type { PlacementState } from '../model/states.js';
import type { Actor } from '../model/actor.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Queues } from '../queue/queues.js';
import { openSeals } from '../signatures/seals.js';
import type { Store } from '../store/store.js';
import { audienceFilter, checkAudience } from './audience.js';
import { refuseEnded } from '../releases/emergency.js';
import { refuseRepeated } from './lately.js';
import { sendHeld, unschedule } from './plan-orders.js';
import { timed, type Timing } from './timing.js';
import { eventOfVerification } from './outcomes.js';
import { placeSealed, type Authority, type Placed, type PlaceMeans } from './place.js';
import type { ResolveOrder } from './report.js';

export interface Orders {
  /** Orders a signed revision. Throws `not_signed`, `revision_stale` (a newer one is signed), `audience_empty`, `account_unknown`, `already_withdrawn`, `not_found`, `warning_expired`, `already_published_lately` (unless `again`), `plan_in_past`, `field_invalid`. */
  publish(
    order: {
      release: string;
      revision: string;
      audience: Audience;
      lane?: Lane | undefined;
      /** The same words may have gone out lately: the person knows. */
      again?: boolean | undefined;
      /** Who signs: the order bears their signature. */
      by: string;
      /** The reviews behind it; where there was none, it is their word alone. */
      authority?: Authority | undefined;
    } & Timing,
  ): Promise<Order>;
  /** Orders that nothing of the release stands, anywhere or on the accounts of the audience. */
  withdraw(order: {
    release: string;
    audience?: Audience | undefined;
    reason: string;
    by: string;
    authority?: Authority | undefined;
  }): Promise<Order>;
  /** Takes a planned or held order back: it never leaves, and what stands is not touched. Throws `not_found`, `plan_settled`. */
  unschedule(order: string, by: Actor): Promise<Order>;
  /** A person sends a held order all the same. Throws `not_found`, `plan_settled`, `plan_hopeless`. */
  send(order: string, by: Actor): Promise<Order>;
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

export interface OrderMeans extends Omit<PlaceMeans, 'seals'> {
  queues: Queues;
  claims: ClaimBook;
}

/** Looks for the placement that a callback means, and ms between them: the platform may be quicker than the ledger. */
const looks = { times: 8, apart: 250 };

const resting: readonly PlacementState[] = ['failed', 'cancelled', 'needs_action'];

export function openOrders(means: OrderMeans): Orders {
  const { store, queues, claims, channels } = means;
  const sealing = { ...means, seals: openSeals(means) };

  async function place(
    order: Placed,
    revision: Revision | undefined,
    authority: Authority | undefined,
    marks: Partial<Release>,
  ): Promise<Order> {
    const by = authority ?? ownWord(order.by, revision);
    const stored = await placeSealed(sealing, order, revision, by, marks);
    if (stored.state !== 'running') return stored;
    // Whatever has become of Redis (away, full, its disk full), the order stands and is answered so: the clock finds stored
    // orders that nobody works on.
    await queues.addDispatch(stored._id, stored.lane).catch(() => undefined);
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
    async publish({ release: id, revision: revisionId, audience, lane: asked, again, by, authority, ...timing }) {
      const { release, revision } = await signedRevision(store, id, revisionId);
      refuseEnded(revision.emergency, timing.notBefore);
      const lane = asked ?? (release.kind === 'emergency' ? 'emergency' : 'routine');
      const when = timed(timing, lane, new Date());
      const reach = reachOf(revision);
      if (reach.audience) {
        await checkAudience(store, audience, channels.keys());
        if (!(await store.accounts.exists(await audienceFilter(store, audience, release.path))))
          throw new LianfaError('audience_empty', { field: 'audience' });
      }
      if (!again) await refuseRepeated(store, revision, audience, release.path);
      const order: Placed = {
        release: id,
        revision: revisionId,
        action: 'publish',
        audience,
        place: release.path,
        reach,
        lane,
        by,
        ...when,
        ...(revision.words !== undefined && { words: revision.words }),
        ...(revision.change === 'update' && { keeps: true }),
        ...(liftsItsOwn(revision) && { over: true }),
      };
      return place(order, revision, authority, when.notBefore ? {} : { publishedAt: new Date() });
    },

    async withdraw({ release: id, audience, reason, by, authority }) {
      const release = await store.releases.findById(id).lean();
      if (!release) throw new LianfaError('not_found', { what: id });
      if (audience) await checkAudience(store, audience, channels.keys());
      const order: Placed = {
        release: id,
        action: 'withdraw',
        audience: audience ?? {},
        place: release.path,
        reach: { audience: false, standing: true },
        lane: 'emergency',
        by,
        reason,
      };
      return place(order, undefined, authority, audience ? {} : { withdrawnAt: new Date() });
    },

    unschedule: (id, by) => unschedule(store, id, by),

    async send(id, by) {
      const order = await sendHeld({ store, channels }, id, by);
      if (order.state === 'running') await queues.addDispatch(order._id, order.lane).catch(() => undefined);
      return order;
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

/** One person signs, with no review before. */
function ownWord(by: string, revision: Revision | undefined): Authority {
  const alone = revision?.createdBy === by;
  const chain = { id: 'signature', version: 1, steps: [{ id: 'sign', role: 'signer' }] };
  return { chain, decisions: [], ...(alone && { solo: true }) };
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
