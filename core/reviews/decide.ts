/** Passing or returning a text at a step of its chain. Every condition is read in the transaction that writes the decision. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { ChainStep } from '../model/chain.js';
import type { Review } from '../model/review.js';
import type { Actor } from '../model/actor.js';
import { tellPerson } from '../notices/personal.js';
import type { PeopleMeans } from '../people/write.js';
import { ensureKey } from '../signatures/keys.js';
import type { Chain } from './chains.js';
import { addComments, type Remark } from './comments.js';
import { signDecision, type SigningMeans } from './decisions.js';
import { orRefused } from './refusals.js';
import { Already, decidedBy, end, entryOf, openReview, readReview } from './reviews.js';
import { requireTaker } from './takers.js';

export interface Asked {
  review: string;
  /** The step that whoever decides has seen. */
  step: string;
}

/**
 * Passes a step before the last. The same press twice is one decision.
 * @throws LianfaError not_found, forbidden, own_text, decided_before, step_of_others, review_decided, revision_stale, signing_is_next
 */
export async function approve(
  means: SigningMeans,
  { review: id, step, note }: Asked & { note?: string | undefined },
  by: Actor,
  now = new Date(),
): Promise<Review> {
  const { store } = means;
  await ensureKey(means, by.person);
  return once(means, 'review.approve', id, by, (told) =>
    act(store, told, async (session) => {
      const { review, chain, at } = await atStep(means, id, step, by.person, session);
      const { role } = await requireTaker(means, review, chain, at, by.person, session);
      if (review.step >= chain.steps.length - (review.broadcast ? 2 : 1)) throw new LianfaError('signing_is_next');
      const said = { step, person: by.person, role, at: now, ...(note && { note }) };
      const decision = await signDecision(means, review, chain, said, session);
      const change = { decisions: [...review.decisions, decision], step: review.step + 1 };
      const seen = { _id: id, state: 'open' as const, step: review.step };
      const { matchedCount } = await store.reviews.updateOne(seen, { $set: change }, { session });
      if (matchedCount === 0) throw new LianfaError('revision_stale');
      return { ...review, ...change };
    }),
  );
}

/**
 * Returns the text to who wrote it, with a reason and remarks in place.
 * @throws as `approve`, but never signing_is_next
 */
export async function giveBack(
  means: SigningMeans,
  { review: id, step, reason, comments = [] }: Asked & { reason: string; comments?: readonly Remark[] | undefined },
  by: Actor,
  now = new Date(),
): Promise<Review> {
  await ensureKey(means, by.person);
  return once(means, 'review.return', id, by, (told) =>
    act(
      means.store,
      (review: Review) => ({ ...told(review), note: reason }),
      async (session) => {
        const { review, chain, at } = await atStep(means, id, step, by.person, session);
        const { role } = await requireTaker(means, review, chain, at, by.person, session);
        const said = { step, person: by.person, role, at: now, note: reason };
        const { key, signature } = await signDecision(means, review, chain, said, session, 'return');
        await addComments(means.store, review, comments, by.person, now, session);
        await tellWriters(means, review, by.person, session);
        return end(
          means,
          review,
          { state: 'returned', ended: { by: by.person, at: now, key, signature }, reason },
          session,
        );
      },
    ),
  );
}

/** Whoever wrote it, submitted it or looks after it now. The reason they read with the text. */
async function tellWriters(
  { store }: PeopleMeans,
  { release, title, writer, by, heir }: Review,
  returnedBy: string,
  session: ClientSession,
): Promise<void> {
  const said = {
    zh: `“${title}”被{by}退回，请修改后重新送审。`,
    en: `“${title}” was returned by {by}: change it and submit it again.`,
  };
  for (const person of new Set([writer, by, ...(heir ? [heir] : [])]))
    if (person !== returnedBy)
      await tellPerson(
        store,
        { person, level: 'info', said, by: returnedBy, to: `/releases/${release}/edit` },
        session,
      );
}

/** Where the same person has done the same already, that is the answer; where somebody else was first, who and when. */
async function once(
  means: PeopleMeans,
  name: string,
  id: string,
  by: Actor,
  work: (told: (review: Review) => ReturnType<ReturnType<typeof entryOf>>) => Promise<Review>,
): Promise<Review> {
  try {
    return await orRefused(means, name, id, by, () => work(entryOf(name, by)));
  } catch (error) {
    if (error instanceof Already) return error.review;
    throw error;
  }
}

/** A review at the step that is next, where that is the one that was seen. @throws LianfaError, Already */
export async function atStep(
  means: PeopleMeans,
  id: string,
  seen: string,
  person: string,
  session: ClientSession,
): Promise<{ review: Review; chain: Chain; at: ChainStep }> {
  const before = await readReview(means, id, session);
  const taken = before.decisions.find((one) => one.step === seen);
  if (taken?.person === person || (before.state === 'returned' && before.ended.by === person))
    throw new Already(before);
  const { review, chain } = await openReview(means, id, session);
  const next = chain.steps[review.step];
  if (next?.id === seen) return { review, chain, at: next };
  const step = chain.steps.find((one) => one.id === seen);
  if (taken && step) throw await decidedBy(means, { by: taken.person, at: taken.at }, passed(step), session);
  throw new LianfaError('not_yet_signing', { step: next?.name ?? { zh: '', en: '' } });
}

function passed({ name }: ChainStep): Said {
  return { zh: `${name.zh}通过`, en: `${name.en} passed` };
}
