/** 紧急直发 (break-glass): one person sends a broadcast alone. Everybody over the place is told at once, and somebody else looks into it the next day. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Actor } from '../model/actor.js';
import type { Notice } from '../model/notice.js';
import { isWithin } from '../model/organization.js';
import type { Review } from '../model/review.js';
import type { Role } from '../model/roles.js';
import { activePerson, rolesOf } from '../people/read.js';
import type { PeopleMeans } from '../people/write.js';
import type { Chain } from './chains.js';
import { entryOf, readReview } from './reviews.js';
import { mayAlone } from './solo.js';

/** As whom the person may now; undefined where an admin has not named them, or they have no role that signs. */
export async function mayBreakGlass(
  means: PeopleMeans,
  person: string,
  { path }: Pick<Review, 'path'>,
  chain: Chain,
  session?: ClientSession,
): Promise<Role | undefined> {
  if (!(await activePerson(means, person, session))) return undefined;
  if (!(await mayAlone(means, person, path, chain, session, 'glass'))) return undefined;
  const held = await rolesOf(means, person, new Date(), session);
  return held.find(({ role, path: over }) => isWithin(path, over) && (role === 'signer' || role === 'commander'))?.role;
}

/** Of the unit whose release it is, so that every signer, commander and admin over it reads it. */
export function noticeOfGlass(
  { title, release, path }: Review,
  reason: string,
  order: string,
): Pick<Notice, 'level' | 'said' | 'todo' | 'key' | 'path'> {
  return {
    level: 'urgent',
    key: `glass ${order}`,
    path,
    said: {
      zh: `紧急直发：《${title}》（${release}）由一人签发，即将发往其他单位的账号。理由：${reason}`,
      en: `Break-glass: "${title}" (${release}) was signed by one person alone and goes to accounts of other units. Reason: ${reason}`,
    },
    todo: {
      zh: '请立即核对内容；不该发的马上停止或撤回。次日前须由另一人完成事后审查。',
      en: 'Check it at once; stop or withdraw what must not go out. Somebody else looks into it by the next day.',
    },
  };
}

/** Those that nobody has looked into yet, in these places; the oldest first. */
export async function openGlass({ store }: Pick<PeopleMeans, 'store'>, places: readonly string[]): Promise<Review[]> {
  if (places.length === 0) return [];
  const waiting = { 'glass.due': { $gt: new Date(0) } };
  const rows = await store.reviews.find(waiting).sort({ 'glass.due': 1 }).limit(200).lean<Review[]>();
  return rows.filter(({ path }) => places.some((place) => isWithin(path, place)));
}

/**
 * Somebody else ends it with what they found.
 * @throws LianfaError not_found, own_text for whoever sent or wrote it, review_decided where it has ended
 */
export async function lookInto(
  means: PeopleMeans,
  id: string,
  finding: string,
  by: Actor,
  now = new Date(),
): Promise<Review> {
  return act(
    means.store,
    (review: Review) => ({ ...entryOf('review.look-into', by)(review), note: finding }),
    async (session) => {
      const review = await readReview(means, id, session);
      if (!review.glass) throw new LianfaError('not_found', { what: id });
      if ([review.glass.by, review.writer, review.by].includes(by.person)) throw new LianfaError('own_text');
      const { due, ...of } = review.glass;
      const glass = { ...of, closed: { by: by.person, at: now, finding } };
      const open = { _id: id, 'glass.due': due ?? now };
      const { matchedCount } = await means.store.reviews.updateOne(open, { $set: { glass } }, { session });
      if (matchedCount === 0) throw new LianfaError('finding_given');
      return { ...review, glass };
    },
  );
}
