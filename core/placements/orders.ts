/** What people order of placements: publish, withdraw, try again, say what happened. An order is stored before it is answered. */
import type { ClientSession } from 'mongoose';
import type { Verification } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import { endsEverywhere, type Audience, type Order, type Reach } from '../model/order.js';
import { wantedOf, type Lane, type Placement, type PlacementEvent } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import type { PlacementState } from '../model/states.js';
import type { Actor } from '../model/actor.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Queues } from '../queue/queues.js';
import { isBroadcast } from './broadcast.js';
import { refuseUnmarkedIn } from '../releases/stand-ins.js';
import { reachesOthers, refuseRealInDrill } from './reaching.js';
import type { FirstSignature } from '../model/review.js';
import { ensureKey } from '../signatures/keys.js';
import { openSeals } from '../signatures/seals.js';
import { readStatement } from '../signatures/statement.js';
import type { Store } from '../store/store.js';
import { audienceSize, checkAudience, requireNamed, requireSome } from './audience.js';
import { refuseUnready } from '../releases/from-alert.js';
import { holdsAny, selectionOf } from './selection.js';
import { isLifting, refuseEnded } from '../releases/emergency.js';
import { refuseRepeated } from './lately.js';
import { sendHeld, unschedule } from './plan-orders.js';
import { timed, type Timing } from './timing.js';
import { eventOfVerification } from './outcomes.js';
import { countOrder, placeSecond, type Authority, type Counted, type Placed, type PlaceMeans } from './place.js';
import type { ResolveOrder } from './report.js';
import { requireMedia, requireNewestSigned, signRevision } from './signing.js';

/** What somebody wants to go out. */
export interface Publication extends Timing {
  release: string;
  revision: string;
  audience: Audience;
  lane?: Lane | undefined;
  /** The same words may have gone out lately: the person knows. */
  again?: boolean | undefined;
  /** A drill may go to real accounts. */
  live?: boolean | undefined;
  /** Who signs: the order bears their signature. */
  by: string;
}

/** What somebody wants to be gone, everywhere or on the accounts of the audience. */
export interface Withdrawal {
  release: string;
  audience?: Audience | undefined;
  reason: string;
  by: string;
}

/** Which accounts somebody wants taken out of what is being sent, and why. */
export type Narrowing = Withdrawal & { audience: Audience };

/** An order that was checked, counted and rendered. Nothing of it is stored yet. */
export interface Prepared {
  /** How many accounts its audience holds; absent where it goes wherever the release stands. */
  accounts: number | undefined;
  /** What it reaches, and what will be shown there. */
  survey: Counted['survey'];
  /** When the public will read that it was signed. */
  dated: Date;
  /**
   * Signs its text as the first of two.
   * @throws LianfaError no_signing_key
   */
  draft(authority: Authority, session: ClientSession): Promise<FirstSignature>;
  /**
   * Signs the revision and the order in the caller's transaction.
   * @throws LianfaError revision_stale, already_signed, already_withdrawn, no_signing_key
   */
  place(authority: Authority, session: ClientSession): Promise<Order>;
  /** Has it worked off, once it is committed. Whatever has become of Redis, it stands: the clock finds orders that nobody works on. */
  start(order: Order): Promise<void>;
}

/** What a first person signed, ready for the second. */
export interface Second {
  /** Signs the revision and the order in the caller's transaction; its countdown runs from `at`. */
  place(at: Date, session: ClientSession): Promise<Order>;
}

export interface Orders {
  /** Makes an order of the newest revision, or of the newest that is signed. Throws `revision_stale`, `audience_empty`, `audience_unnamed` (of an emergency), `account_unknown`, `already_withdrawn`, `not_found`, `warning_expired`, `warning_incomplete`, `alert_not_public`, `media_not_ready`, `already_published_lately` (unless `again`), `plan_in_past`, `field_invalid`. */
  publication(asked: Publication): Promise<Prepared>;
  /** The same by a second person, over what a first one signed. Throws what `publication` does, and `broadcast_changed`. */
  second(asked: Publication, first: FirstSignature): Promise<Second>;
  /** What `publication` would refuse, told before anybody reads it for review; pictures may still be prepared. Throws the same. */
  check(asked: Omit<Publication, 'by'>): Promise<{ broadcast: boolean }>;
  /** Makes an order that nothing of the release stands. Throws `not_found`, `account_unknown`. */
  withdrawal(asked: Withdrawal): Promise<Prepared>;
  /** Makes an order that takes accounts out: nothing more of the release leaves there, and what is public stays. Throws `not_found`, `account_unknown`, `audience_unnamed`, `narrow_empty`. */
  narrowing(asked: Narrowing): Promise<Prepared>;
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

  const start = async (order: Order): Promise<void> => {
    if (order.state !== 'running') return;
    if (endsEverywhere(order)) await claims.callOff(order.release, order.seq).catch(() => undefined);
    await queues.addDispatch(order._id, order.lane).catch(() => undefined);
  };

  /** What would be ordered, where nothing speaks against it. */
  async function checked(asked: Omit<Publication, 'by'>) {
    const { release: id, revision: revisionId, audience, again, live, lane: wanted, ...timing } = asked;
    const { release, revision } = await newestRevision(store, id, revisionId);
    await refuseUnready(store, release, revision);
    refuseEnded(revision.emergency, timing.notBefore);
    const lane = wanted ?? (release.kind === 'emergency' ? 'emergency' : 'routine');
    const when = timed(timing, lane, new Date());
    const reach = reachOf(revision);
    if (reach.audience) {
      await checkAudience(store, audience, channels.keys());
      if (release.kind === 'emergency') requireNamed(audience);
      if (!(await holdsAny(store, await selectionOf(store, audience, release.path))))
        throw new LianfaError('audience_empty', { field: 'audience' });
    }
    const of = { release, audience, reach };
    await refuseRealInDrill(store, of, revision.emergency, live);
    await refuseUnmarkedIn(store, revision);
    if (!again) await refuseRepeated(store, revision, audience, release.path);
    const order: Placed = {
      release: id,
      revision: revisionId,
      action: 'publish',
      audience,
      place: release.path,
      reach,
      lane,
      by: '',
      ...when,
      ...(revision.words !== undefined && { words: revision.words }),
      ...(revision.change === 'update' && { keeps: true }),
      ...(liftsItsOwn(revision) && { over: true }),
    };
    return { of, revision, order, when, kind: release.kind };
  }

  /** Signs the revision, where it is not signed yet, in the commit of its order. */
  async function signText(
    { _id: revision, release, signed: before }: Revision,
    signed: { by: string; at: Date },
    session: ClientSession,
  ): Promise<void> {
    if (!before) await signRevision(store, { release, revision, signed }, session);
    else await requireNewestSigned(store, release, revision, session);
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
    async publication({ by, ...asked }) {
      const { revision, order, when } = await checked(asked);
      await requireMedia(store, revision);
      const signed = revision.signed ?? { by, at: new Date() };
      const { place, ...counted } = await countOrder(sealing, { ...order, by }, { ...revision, signed });
      return {
        ...counted,
        start,
        dated: new Date(signed.at),
        async place(authority, session) {
          await signText(revision, signed, session);
          const waits = when.notBefore !== undefined || authority.broadcast !== undefined;
          return place(authority, waits ? {} : { publishedAt: new Date() }, session);
        },
      };
    },

    async second({ by, ...asked }, first) {
      const { revision, order } = await checked(asked);
      const { accounts, revision: stated } = readStatement(first.statement);
      if (accounts) {
        const now = (await audienceSize(store, order.audience, [order.place])).total;
        if (now !== accounts.number)
          throw new LianfaError('audience_changed', { seen: String(accounts.number), now: String(now) });
      }
      await ensureKey(means, by);
      const signed = { by: first.person, at: new Date(stated?.dated ?? first.at) };
      return {
        async place(at, session) {
          await signText(revision, signed, session);
          const marked = { ...revision, signed: revision.signed ?? signed };
          return placeSecond(sealing, { ...order, by }, { first, revision: marked, marks: {}, at }, session);
        },
      };
    },

    async check(asked) {
      const { of, order, kind } = await checked(asked);
      return {
        broadcast: isBroadcast({ kind, lane: order.lane, wide: await reachesOthers(store, of), live: asked.live }),
      };
    },

    async withdrawal({ release: id, audience, reason, by }) {
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
      const { place, ...counted } = await countOrder(sealing, order, undefined);
      const marks = audience ? {} : { withdrawnAt: new Date() };
      return { ...counted, start, dated: new Date(), place: (authority, session) => place(authority, marks, session) };
    },

    async narrowing({ release: id, audience, reason, by }) {
      const release = await store.releases.findById(id).lean();
      if (!release) throw new LianfaError('not_found', { what: id });
      if (release.withdrawnAt) throw new LianfaError('already_withdrawn');
      requireSome(audience);
      await checkAudience(store, audience, channels.keys());
      const order: Placed = {
        release: id,
        action: 'narrow',
        audience,
        place: release.path,
        reach: { audience: false, standing: true },
        lane: 'emergency',
        by,
        reason,
      };
      const { place, ...counted } = await countOrder(sealing, order, undefined);
      if (counted.survey.reached === 0) throw new LianfaError('narrow_empty', { field: 'audience' });
      return { ...counted, start, dated: new Date(), place: (authority, session) => place(authority, {}, session) };
    },

    unschedule: (id, by) => unschedule(store, id, by),

    async send(id, by) {
      const order = await sendHeld(means, id, by);
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

/** The newest revision, or one that is signed and has no newer signed one. */
async function newestRevision(
  store: Store,
  id: string,
  revisionId: string,
): Promise<{ release: Release; revision: Revision }> {
  const release = await store.releases.findById(id).lean();
  const revision = await store.revisions.findById(revisionId).lean();
  if (!release || revision?.release !== id) throw new LianfaError('not_found', { what: release ? revisionId : id });
  if (release.withdrawnAt) throw new LianfaError('already_withdrawn');
  const newest = revision.signed ? release.signed : release.revision;
  if (newest !== revisionId) throw new LianfaError('revision_stale');
  return { release, revision };
}

/**
 * A correction must not leave the wrong text anywhere, so it goes where the release stands too, whatever the audience.
 * A warning's update does so as well; its cancel goes there alone.
 */
export function reachOf(revision: Revision): Reach {
  if (liftsItsOwn(revision)) return { audience: false, standing: true };
  return { audience: true, standing: revision.change === 'correction' || followsItsOwn(revision) };
}

function liftsItsOwn(revision: Revision): boolean {
  return isLifting(revision.emergency) && followsItsOwn(revision);
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
