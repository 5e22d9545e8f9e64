/** Signing: the last step of a chain. The signature, the order, the review's end and the entry in the book are one commit. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Order } from '../model/order.js';
import type { Review } from '../model/review.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import { requireMedia } from '../placements/signing.js';
import { isBroadcast } from '../placements/broadcast.js';
import type { Narrowing, Prepared } from '../placements/orders.js';
import { contentHash } from '../signatures/renditions.js';
import { chainFor, type Chain } from './chains.js';
import { signedDecisions } from './decisions.js';
import type { Proven } from './proof.js';
import { orRefused } from './refusals.js';
import { signBroadcast } from './broadcast.js';
import { askedIn, authorityOf, decisionsOf, whoWasFirst, type Signing, type SignMeans } from './signing.js';
import { end, entryOf, openReview, readReview } from './reviews.js';
import { boundTo, requireTaker, type Taker } from './takers.js';

/**
 * Signs a review at its last step, and orders what it says. Of two who press together one signs, the other reads who and when.
 * @throws LianfaError not_found, forbidden, own_text, decided_before, step_of_others, review_decided, revision_stale, not_yet_signing, audience_changed, solo_emergency, text_changed, and what `Orders.publication` throws
 */
export async function sign(
  means: SignMeans,
  { review: id, accounts, consents = [], glass }: Signing,
  by: Actor,
  proven: Proven,
  now = new Date(),
): Promise<Review> {
  return orRefused(means, 'review.sign', id, by, async () => {
    const seen = await readReview(means, id);
    if (seen.state === 'signed' && seen.ended.by === by.person) return seen;
    if (seen.state === 'open' && seen.broadcast)
      return signBroadcast(means, seen, { accounts, consents, glass }, by, proven, now);
    if (glass !== undefined) throw new LianfaError('glass_closed');
    if (seen.state === 'open') await requireSeen(means, id, by.person);
    const prepared = await means.orders
      .publication(askedIn(seen, by))
      .catch((error: unknown) => whoWasFirst(means, id, error));
    const wide = [...prepared.survey.units].some((unit) => unit !== (seen.organization ?? ''));
    if (isBroadcast({ kind: seen.kind, lane: seen.lane, wide, live: seen.live }))
      throw new LianfaError('broadcast_by_now');
    if (accounts !== undefined && prepared.accounts !== undefined && prepared.accounts !== accounts)
      throw new LianfaError('audience_changed', { seen: String(accounts), now: String(prepared.accounts) });
    const { review, order } = await signTogether(means, id, prepared, by, proven, now);
    await prepared.start(order);
    return review;
  });
}

/** Whether its pictures are prepared; whatever else speaks against signing is told by that. @throws LianfaError media_not_ready */
export async function requireReady({ store }: Pick<SignMeans, 'store'>, id: string): Promise<void> {
  const review = await store.reviews.findById(id, { revision: 1, state: 1 }).lean();
  const revision = review?.state === 'open' && (await store.revisions.findById(review.revision).lean());
  if (revision) await requireMedia(store, revision);
}

/** What is plain before anything is counted or rendered is said at once. */
async function requireSeen(means: SignMeans, id: string, person: string): Promise<void> {
  await means.store.connection.transaction(async (session) => {
    const { review, chain } = await openReview(means, id, session);
    await lastTaker(means, review, chain, person, session);
  });
}

async function signTogether(
  means: SignMeans,
  id: string,
  prepared: Prepared,
  by: Actor,
  proven: Proven,
  now: Date,
): Promise<{ review: Review; order: Order }> {
  const told = entryOf('review.sign', by);
  return act(
    means.store,
    ({ review, order }: { review: Review; order: Order }) => {
      const entry = told(review);
      return {
        ...entry,
        on: { ...entry.on, order: order._id },
        after: {
          hash: review.hash,
          audience: review.audience,
          lane: review.lane,
          accounts: prepared.accounts,
          notBefore: order.notBefore,
        },
        ...(review.solo && { note: 'solo' }),
      };
    },
    async (session) => {
      const { review, chain } = await openReview(means, id, session);
      const taker = await lastTaker(means, review, chain, by.person, session);
      await proven.still(session);
      const text = await means.store.revisions.findById(review.revision, null, { session }).lean();
      if (!text || contentHash(text) !== review.hash) throw new LianfaError('text_changed');
      const decisions = await decisionsOf(means, review, chain, taker, by.person, now, session);
      const solo = taker.solo || review.solo;
      const authority = {
        ...authorityOf(chain, await signedDecisions(means, review, chain, decisions), (step) => boundTo(review, step)),
        ...(solo && { solo }),
        ...(review.live && { live: true as const }),
      };
      const order = await prepared.place(authority, session);
      const how = { state: 'signed' as const, ended: { by: by.person, at: now }, order: order._id };
      const more = { decisions, step: chain.steps.length - 1, ...(solo && { solo }) };
      return { review: await end(means, review, how, session, more), order };
    },
  );
}

/** @throws LianfaError not_yet_signing unless it is the last step, or the person may take all that are left */
export async function lastTaker(
  means: PeopleMeans,
  review: Review,
  chain: Chain,
  person: string,
  session: ClientSession,
): Promise<Taker> {
  const last = chain.steps.at(-1);
  const next = chain.steps[review.step];
  if (!last || !next) throw new LianfaError('chain_unknown');
  if (next === last) return requireTaker(means, review, chain, last, person, session);
  const alone = await requireTaker(means, review, chain, last, person, session).catch(() => undefined);
  if (alone?.solo) return alone;
  throw new LianfaError('not_yet_signing', { step: next.name });
}

/**
 * Withdraws at once, by one signer: no review stands before it.
 * @throws LianfaError forbidden, step_of_others, and what `Orders.withdrawal` throws
 */
export async function withdraw(
  means: SignMeans,
  asked: { release: string; audience?: Review['audience'] | undefined; reason: string },
  by: Actor,
  proven: Proven,
): Promise<Order> {
  const prepared = await means.orders.withdrawal({ ...asked, by: by.person });
  return endBySigner(means, { ...asked, act: 'release.withdraw', after: undefined }, prepared, by, proven);
}

/**
 * Takes accounts out of what is being sent, at once and by one signer, as a withdrawal is: nothing becomes public by it.
 * @throws LianfaError forbidden, step_of_others, and what `Orders.narrowing` throws
 */
export async function narrow(
  means: SignMeans,
  asked: Omit<Narrowing, 'by'>,
  by: Actor,
  proven: Proven,
): Promise<Order> {
  const prepared = await means.orders.narrowing({ ...asked, by: by.person });
  const after = { audience: asked.audience, accounts: prepared.accounts };
  return endBySigner(means, { ...asked, act: 'release.narrow', after }, prepared, by, proven);
}

interface Ending {
  release: string;
  reason: string;
  act: 'release.withdraw' | 'release.narrow';
  after: object | undefined;
}

async function endBySigner(
  means: SignMeans,
  asked: Ending,
  prepared: Prepared,
  by: Actor,
  proven: Proven,
): Promise<Order> {
  const release = await means.store.releases.findById(asked.release).lean();
  if (!release) throw new LianfaError('not_found', { what: asked.release });
  const entry = { act: asked.act, outcome: 'done', who: by, unit: release.organization, after: asked.after } as const;
  const order = await act(
    means.store,
    (made: Order) => ({ ...entry, on: { release: asked.release, order: made._id }, note: asked.reason }),
    async (session) => {
      const chain = await chainFor(means, release.path, release.kind, 'withdraw', session);
      const last = chain.steps.at(-1);
      if (!last) throw new LianfaError('chain_unknown');
      const none = { decisions: [], passedOn: [], lane: 'emergency' as const, path: release.path };
      await requireTaker(means, none, chain, last, by.person, session);
      await proven.still(session);
      return prepared.place(
        authorityOf(chain, [], ({ persons }) => persons),
        session,
      );
    },
  );
  await prepared.start(order);
  return order;
}
