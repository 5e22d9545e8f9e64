/**
 * Signing a broadcast (联动发布): two persons sign one text, the statement of its order. The first signature stands in the
 * review and orders nothing; with the second the order is stored, and counts down before anything leaves.
 */
import type { ClientSession } from 'mongoose';
import { consentsFor, requireConsents } from '../broadcasts/consents.js';
import { requireLooks } from '../broadcasts/looks.js';
import { countdown } from '../placements/broadcast.js';
import { doubtfulWords } from '../broadcasts/words.js';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import type { Order } from '../model/order.js';
import type { FirstSignature, Review } from '../model/review.js';
import { notify } from '../notices/notices.js';
import type { Prepared, Second } from '../placements/orders.js';
import { unmarkableIn } from '../releases/stand-ins.js';
import { ensureKey } from '../signatures/keys.js';
import { contentHash } from '../signatures/renditions.js';
import { readStatement, type Consent, type Statement } from '../signatures/statement.js';
import { chainOf, type Chain } from './chains.js';
import { signDecision, signedDecisions } from './decisions.js';
import type { Proven } from './proof.js';
import { mayBreakGlass, noticeOfGlass } from './glass.js';
import { end, entryOf, openReview } from './reviews.js';
import { askedIn, authorityOf, decisionsOf, whoWasFirst, type Signing, type SignMeans } from './signing.js';
import { boundTo, requireTaker } from './takers.js';

type Said = Pick<Signing, 'accounts' | 'glass'> & { consents: readonly Consent[] };

interface Act {
  review: Review;
  said: Said;
  by: Actor;
  proven: Proven;
  now: Date;
}

/**
 * Gives whichever of the two signatures is next; the same press twice is one.
 * @throws LianfaError as `sign`, and number_wrong, consent_missing, not_looked_at, same_person, broadcast_changed, glass_closed
 */
export async function signBroadcast(
  means: SignMeans,
  review: Review,
  said: Said,
  by: Actor,
  proven: Proven,
  now: Date,
): Promise<Review> {
  const asked: Act = { review, said, by, proven, now };
  if (said.glass !== undefined) return breakGlass(means, asked, said.glass);
  // A second click, or the same request once more.
  if (review.first?.person === by.person) return review;
  return review.first ? signSecond(means, asked, review.first) : signFirst(means, asked);
}

async function signFirst(means: SignMeans, asked: Act): Promise<Review> {
  const { review, by, proven, now } = asked;
  await ensureKey(means, by.person);
  await transacted(means, (session) => requireSigner(means, review._id, by.person, -2, session));
  const prepared = await means.orders
    .publication(askedIn(review, by))
    .catch((error: unknown) => whoWasFirst(means, review._id, error));
  const broadcast = await statedWith(means, asked, prepared);
  return act(means.store, entryOf('review.sign-first', by), async (session) => {
    const { review: open, chain, step, role } = await requireSigner(means, review._id, by.person, -2, session);
    await proven.still(session);
    await requireText(means, open, session);
    const decisions = await signedDecisions(means, open, chain, open.decisions);
    // The second signature may still be passed on to others; whose it is, is asked when it is given.
    const later = chain.steps.at(-1);
    const authority = {
      ...authorityOf(chain, decisions, (one) => (one === later ? undefined : boundTo(open, one))),
      broadcast,
      ...(open.live && { live: true as const }),
    };
    const first = await prepared.draft(authority, session);
    const own = await signDecision(means, open, chain, { step, person: by.person, role, at: now }, session);
    const change = { first, decisions: [...open.decisions, own], step: open.step + 1 };
    const seen = { _id: open._id, state: 'open' as const, step: open.step };
    const { matchedCount } = await means.store.reviews.updateOne(seen, { $set: change }, { session });
    if (matchedCount === 0) throw new LianfaError('revision_stale');
    return { ...open, ...change };
  });
}

async function signSecond(means: SignMeans, asked: Act, first: FirstSignature): Promise<Review> {
  const { review, said, by, proven, now } = asked;
  await transacted(means, (session) => requireSigner(means, review._id, by.person, -1, session));
  const ready: Second = await means.orders
    .second(askedIn(review, by), first)
    .catch((error: unknown) => whoWasFirst(means, review._id, error));
  const { broadcast, renditions = {} } = readStatement(first.statement);
  requireNumber(said.accounts, broadcast?.accounts ?? 0);
  requireConsents(await wantedConsents(means, review, now), said.consents);
  await requireLooks(means, review, Object.keys(renditions), by.person);
  return act(
    means.store,
    ({ review: signed, order }: Done) => signedEntry(signed, order, by, broadcast),
    async (session) => {
      const { review: open, chain } = await requireSigner(means, review._id, by.person, -1, session);
      await proven.still(session);
      await requireText(means, open, session);
      if (open.first?.signature !== first.signature) throw new LianfaError('revision_stale');
      // From this moment the countdown runs, however long the looks above took.
      const order = await ready.place(new Date(), session);
      return ended(means, open, chain, order, { by: by.person, at: now }, session);
    },
  ).then(({ review: signed }) => signed);
}

/** One person alone, where the unit allows it to them by name. Everybody is told, and somebody else looks into it. */
async function breakGlass(means: SignMeans, asked: Act, reason: string): Promise<Review> {
  const { review, by, proven, now } = asked;
  const chain = await chainOf(means, review);
  if (!(await mayBreakGlass(means, by.person, review, chain))) throw new LianfaError('glass_closed');
  const prepared = await means.orders
    .publication(askedIn(review, by))
    .catch((error: unknown) => whoWasFirst(means, review._id, error));
  const broadcast = { ...(await statedWith(means, asked, prepared)), glass: reason };
  const due = new Date(now.getTime() + 24 * 3_600_000);
  const { review: signed } = await act(
    means.store,
    ({ review: done, order }: Done) => ({ ...signedEntry(done, order, by, broadcast), note: `break-glass: ${reason}` }),
    async (session) => {
      const { review: open } = await openReview(means, review._id, session);
      const role = await mayBreakGlass(means, by.person, review, chain, session);
      if (!role) throw new LianfaError('glass_closed');
      await proven.still(session);
      await requireText(means, open, session);
      const decisions = await decisionsOf(means, open, chain, { role }, by.person, now, session);
      const authority = {
        ...authorityOf(chain, await signedDecisions(means, open, chain, decisions), (step) => boundTo(open, step)),
        ...{ broadcast, solo: true as const },
        ...(open.live && { live: true as const }),
      };
      const order = await prepared.place(authority, session);
      await notify(means.store, noticeOfGlass(open, reason, order._id), now, session);
      const glass = { by: by.person, at: now, reason, due };
      return ended(means, open, chain, order, { by: by.person, at: now }, session, { decisions, glass, solo: true });
    },
  );
  return signed;
}

interface Done {
  review: Review;
  order: Order;
}

async function ended(
  means: SignMeans,
  open: Review,
  chain: Chain,
  order: Order,
  by: { by: string; at: Date },
  session: ClientSession,
  more: Partial<Pick<Review, 'decisions' | 'glass' | 'solo'>> = {},
): Promise<Done> {
  const how = { state: 'signed' as const, ended: by, order: order._id };
  return { review: await end(means, open, how, session, { ...more, step: chain.steps.length - 1 }), order };
}

function signedEntry(review: Review, order: Order, by: Actor, broadcast: Statement['broadcast']) {
  const entry = entryOf('review.sign', by)(review);
  const { hash, audience, lane } = review;
  return {
    ...entry,
    on: { ...entry.on, order: order._id },
    after: {
      hash,
      audience,
      lane,
      accounts: broadcast?.accounts,
      consents: broadcast?.consents,
      deadline: order.deadline,
      leaves: order.notBefore,
    },
  };
}

/**
 * Whether the person may give this signature now: the last but one step (-2), or the last (-1). Nobody gives both, nobody
 * who wrote the text gives the second, and 单人值守 lifts neither.
 */
async function requireSigner(means: SignMeans, id: string, person: string, place: -1 | -2, session: ClientSession) {
  const { review, chain } = await openReview(means, id, session);
  const step = chain.steps.at(place);
  const next = chain.steps[review.step];
  if (!step || !next) throw new LianfaError('chain_unknown');
  if (next !== step) {
    if (place === -2 && review.first) throw new LianfaError('revision_stale');
    const last = chain.steps.at(-1);
    const alone = last && (await requireTaker(means, review, chain, last, person, session).catch(() => undefined));
    throw alone?.solo ? new LianfaError('solo_emergency') : new LianfaError('not_yet_signing', { step: next.name });
  }
  const taker = await requireTaker(means, review, chain, step, person, session);
  if (taker.solo) throw new LianfaError('solo_emergency');
  return { review, chain, step: step.id, role: taker.role };
}

/** What the signer said, held against what is so. */
async function statedWith(
  means: SignMeans,
  { review, said, by, now }: Act,
  { survey }: Prepared,
): Promise<NonNullable<Statement['broadcast']>> {
  requireNumber(said.accounts, survey.reached);
  if (review.live !== true && survey.real !== undefined && (await isDrill(means, review)))
    throw new LianfaError('drill_real_account', { account: survey.real });
  const wanted = await wantedConsents(means, review, now);
  requireConsents(wanted, said.consents);
  await requireLooks(means, review, Object.keys(survey.renditions), by.person);
  const { deadline } = review;
  return {
    countdown,
    accounts: survey.reached,
    ...(deadline !== undefined && { deadline }),
    ...(wanted.length > 0 && { consents: wanted }),
  };
}

async function isDrill({ store }: SignMeans, { revision }: Review): Promise<boolean> {
  return (await store.revisions.findById(revision, { emergency: 1 }).lean())?.emergency?.status === 'Exercise';
}

/** What must be said yes to, were it signed at this instant. */
export async function wantedConsents(
  { store }: Pick<SignMeans, 'store'>,
  { revision, notBefore, live }: Review,
  now: Date,
): Promise<Consent[]> {
  const text = await store.revisions.findById(revision).lean();
  const soon = new Date(now.getTime() + countdown * 1_000);
  const leaves = notBefore && notBefore > soon ? notBefore : soon;
  const [words, files] = text ? [doubtfulWords(text), unmarkableIn(text)] : [[], []];
  return consentsFor({ leaves, words, live: live ?? false, files });
}

/** @throws LianfaError number_wrong, which does not tell the right one: who must type it has looked */
function requireNumber(typed: number | undefined, accounts: number): void {
  if (typed !== accounts) throw new LianfaError('number_wrong', { field: 'counts', typed: String(typed ?? '—') });
}

async function requireText({ store }: SignMeans, { revision, hash }: Review, session: ClientSession): Promise<void> {
  const text = await store.revisions.findById(revision, null, { session }).lean();
  if (!text || contentHash(text) !== hash) throw new LianfaError('text_changed');
}

function transacted<T>({ store }: SignMeans, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return store.connection.transaction(work) as Promise<T>;
}
