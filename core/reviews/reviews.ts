/** Submitting a text for review, taking it back, passing on a step that nobody can take. */
import type { ClientSession } from 'mongoose';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { Said } from '../../channels/channel.js';
import { act } from '../audit/book.js';
import { usualDeadline } from '../broadcasts/deadline.js';
import { canonical } from '../canonical-json.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Occasion } from '../model/chain.js';
import type { Audience } from '../model/order.js';
import type { Lane } from '../model/placement.js';
import type { Release, Revision } from '../model/release.js';
import type { Review } from '../model/review.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import type { Orders } from '../placements/orders.js';
import type { Timing } from '../placements/timing.js';
import { chainFor, chainOf, type Chain } from './chains.js';
import { plain, plainAudience } from '../signatures/statement.js';
import { overtake } from '../releases/overtaken.js';
import { boundTo, namesOf, takersOf } from './takers.js';

export type SubmitMeans = PeopleMeans & { orders: Pick<Orders, 'check'> };

export interface Submission extends Timing {
  release: string;
  revision: string;
  audience: Audience;
  lane?: Lane | undefined;
  /** The same words may have gone out lately: whoever submits knows. */
  again?: boolean | undefined;
  /** A drill may go to real accounts. */
  live?: boolean | undefined;
  /** 期限, of a broadcast: minutes; left out, by its severity. */
  deadline?: number | undefined;
}

/**
 * Submits the newest revision for review. What was submitted before is overtaken; the same again while it is open is the
 * same review.
 * @throws LianfaError not_found, already_withdrawn, revision_stale, and what `Orders.check` throws
 */
export async function submit(means: SubmitMeans, asked: Submission, by: Actor, now = new Date()): Promise<Review> {
  const { store } = means;
  const release = await store.releases.findById(asked.release, { organization: 1 }).lean();
  const { deadline, ...about } = asked;
  const { broadcast } = await means.orders.check(about);
  if (deadline !== undefined && !broadcast)
    throw new LianfaError('field_invalid', { field: 'deadline', reason: forBroadcasts });
  try {
    return await act(
      store,
      (review: Review) => ({
        act: 'review.submit',
        outcome: 'done',
        who: by,
        unit: release?.organization,
        on: { release: review.release, revision: review.revision, review: review._id },
        after: { hash: review.hash, audience: review.audience, lane: review.lane, chain: review.chain },
      }),
      async (session) => {
        const { row, text } = await newestText(means, asked, session);
        const review = await reviewOf(means, { asked, broadcast, row, text, by: by.person, at: now }, session);
        await refuseTwice(means, review, session);
        await overtake(store, row._id, { by: by.person, at: now }, session);
        await store.reviews.updateMany({ release: row._id, newest: true }, { $unset: { newest: 1 } }, { session });
        await store.reviews.create([review], { session });
        return review;
      },
    );
  } catch (error) {
    if (error instanceof Already) return error.review;
    throw error;
  }
}

/** What was asked for is so already, by the same person: nothing more is done or recorded. */
export class Already extends Error {
  readonly review: Review;

  constructor(review: Review) {
    super('done already');
    this.review = review;
  }
}

async function newestText(
  { store }: PeopleMeans,
  { release: id, revision }: Submission,
  session: ClientSession,
): Promise<{ row: Release; text: Revision }> {
  const row = await store.releases.findById(id, null, { session }).lean();
  if (!row) throw new LianfaError('not_found', { what: id });
  if (row.withdrawnAt) throw new LianfaError('already_withdrawn');
  const text = await store.revisions.findById(revision, null, { session }).lean();
  if (text?.release !== id) throw new LianfaError('not_found', { what: revision });
  if (row.revision !== revision) throw new LianfaError('revision_stale');
  return { row, text };
}

const forBroadcasts = { zh: '只有联动发布才有期限。', en: 'only a broadcast has a deadline.' };

async function reviewOf(
  means: PeopleMeans,
  {
    asked,
    broadcast,
    row,
    text,
    by,
    at,
  }: { asked: Submission; broadcast: boolean; row: Release; text: Revision; by: string; at: Date },
  session: ClientSession,
): Promise<Review> {
  const occasion: Occasion = row.signed !== undefined && row.signed !== text._id ? 'correct' : 'publish';
  const chain = await chainFor(means, row.path, row.kind, occasion, session);
  const { audience, lane, again, live, notBefore, expires, tolerance } = asked;
  return {
    _id: newId('q', at.getTime()),
    release: row._id,
    title: row.title,
    kind: row.kind,
    ...(row.organization !== undefined && { organization: row.organization }),
    path: row.path,
    occasion,
    revision: text._id,
    hash: text.hash,
    audience,
    lane: lane ?? (row.kind === 'emergency' ? 'emergency' : 'routine'),
    ...(again && { again }),
    ...(broadcast && { broadcast }),
    ...(live && { live }),
    ...(notBefore && { notBefore }),
    ...(expires && { expires }),
    ...(tolerance !== undefined && { tolerance }),
    ...(broadcast && { deadline: asked.deadline ?? usualDeadline(text.emergency) }),
    chain: { id: chain.id, version: chain.version },
    writer: text.createdBy,
    by,
    at,
    decisions: [],
    passedOn: [],
    newest: true,
    state: 'open',
    step: 0,
  };
}

/** @throws Already */
async function refuseTwice({ store }: PeopleMeans, review: Review, session: ClientSession): Promise<void> {
  const open = await store.reviews
    .findOne({ release: review.release, state: 'open' }, null, { session })
    .lean<Review>();
  if (open && pinnedBy(open) === pinnedBy(review)) throw new Already(open);
}

/** All that whoever decides decides on, and who submitted it. */
function pinnedBy({
  revision,
  hash,
  audience,
  lane,
  again,
  live,
  broadcast,
  notBefore,
  expires,
  tolerance,
  deadline,
  chain,
  by,
}: Review): string {
  return JSON.stringify([
    revision,
    hash,
    canonical(plain(plainAudience(audience))),
    lane,
    again ?? false,
    live ?? false,
    broadcast ?? false,
    notBefore ?? 0,
    expires ?? 0,
    tolerance ?? -1,
    deadline ?? -1,
    chain,
    by,
  ]);
}

/** @throws LianfaError not_found */
export async function readReview(
  { store }: Pick<PeopleMeans, 'store'>,
  id: string,
  session?: ClientSession,
): Promise<Review> {
  const review = await store.reviews.findById(id, null, session ? { session } : {}).lean<Review>();
  if (!review) throw new LianfaError('not_found', { what: id });
  return review;
}

/** An open review with its chain, at the step that whoever acts has seen. @throws LianfaError not_found, review_decided, revision_stale, chain_unknown */
export async function openReview(
  means: PeopleMeans,
  id: string,
  session: ClientSession,
): Promise<{ review: Review & { state: 'open' }; chain: Chain }> {
  const review = await readReview(means, id, session);
  const chain = await chainOf(means, review, session);
  if (review.state !== 'open') throw await endedBefore(means, review, session);
  const release = await means.store.releases
    .findById(review.release, { revision: 1, withdrawnAt: 1 }, { session })
    .lean();
  if (release?.withdrawnAt) throw new LianfaError('already_withdrawn');
  if (release?.revision !== review.revision) throw new LianfaError('revision_stale');
  return { review, chain };
}

const endedAs: Readonly<Record<Exclude<Review['state'], 'open'>, Said>> = {
  returned: { zh: '退回修改', en: 'returned' },
  signed: { zh: '签发', en: 'signed' },
  overtaken: { zh: '另存或重新提交', en: 'saved or submitted anew' },
  taken_back: { zh: '撤回送审', en: 'taken back' },
};

async function endedBefore(
  means: PeopleMeans,
  review: Exclude<Review, { state: 'open' }>,
  session?: ClientSession,
): Promise<LianfaError> {
  if (review.state === 'overtaken') return new LianfaError('revision_stale');
  return decidedBy(means, review.ended, endedAs[review.state], session);
}

/** Says who was first, and when. */
export async function decidedBy(
  means: Pick<PeopleMeans, 'store'>,
  { by, at }: { by: string; at: Date },
  what: Said,
  session?: ClientSession,
): Promise<LianfaError> {
  return new LianfaError('review_decided', { who: await namesOf(means, [by], session), at: beijingMinute(at), what });
}

/** Whoever wrote or submitted it takes it back: nothing was decided. @throws LianfaError not_found, forbidden, review_decided */
export async function takeBack(means: PeopleMeans, id: string, by: Actor, now = new Date()): Promise<Review> {
  return act(means.store, entryOf('review.take-back', by), async (session) => {
    const review = await readReview(means, id, session);
    if (review.state !== 'open') throw await endedBefore(means, review, session);
    return end(means, review, { state: 'taken_back', ended: { by: by.person, at: now } }, session);
  });
}

/**
 * Opens the step that is next to everybody with its role, where the persons it is bound to cannot take it.
 * @throws LianfaError not_found, review_decided, step_open where one of them can
 */
export async function passOn(
  means: PeopleMeans,
  id: string,
  reason: string,
  by: Actor,
  now = new Date(),
): Promise<Review> {
  return act(
    means.store,
    (review: Review) => ({ ...entryOf('review.pass-on', by)(review), note: reason }),
    async (session) => {
      const { review, chain } = await openReview(means, id, session);
      const step = chain.steps[review.step];
      if (!step) throw new LianfaError('chain_unknown');
      const able = (await takersOf(means, review, [step])).get(step.id) ?? [];
      if (able.length > 0 || !boundTo(review, step))
        throw new LianfaError('step_open', { step: step.name, names: await namesOf(means, able, session) });
      const passedOn = [...review.passedOn, { step: step.id, by: by.person, at: now, reason }];
      await means.store.reviews.updateOne({ _id: id, state: 'open' }, { $set: { passedOn } }, { session });
      return { ...review, passedOn };
    },
  );
}

/** What the book says of an act on a review. */
export function entryOf(name: string, by: Actor) {
  return ({ _id, release, revision, organization }: Review) => ({
    act: name,
    outcome: 'done' as const,
    who: by,
    unit: organization,
    on: { release, revision, review: _id },
  });
}

type End = Pick<Exclude<Review, { state: 'open' }>, 'state' | 'ended'> & { reason?: string; order?: string };

/** The condition is in the write: of two who end it together, the second meets nothing to end. */
export async function end(
  means: Pick<PeopleMeans, 'store'>,
  review: Review,
  how: End,
  session: ClientSession,
  more: Partial<Pick<Review, 'decisions' | 'solo' | 'step' | 'glass'>> = {},
): Promise<Review> {
  const set = { ...how, ...more };
  const open = { _id: review._id, state: 'open' as const, step: review.step };
  const { matchedCount } = await means.store.reviews.updateOne(open, { $set: set }, { session });
  if (matchedCount === 0) throw new LianfaError('revision_stale');
  return { ...review, ...set } as Review;
}
