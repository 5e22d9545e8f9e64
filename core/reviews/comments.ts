/** Remarks on a text, in place: made, answered, closed, and found again in a later revision. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Anchor, Comment } from '../model/comment.js';
import type { Actor } from '../model/actor.js';
import type { Store } from '../store/store.js';
import { beside } from '../threads/pool.js';
import { spotOf, type Spot } from './anchors.js';
import { namesOf } from './takers.js';
import { tasks } from './thread-tasks.js';

export interface Remark {
  anchor?: Anchor | undefined;
  words: string;
}

/** A release has no more of them: each is looked for in the whole text. */
export const mostComments = 500;

interface About {
  release: string;
  revision: string;
}

/** @throws LianfaError field_invalid where the words are not in the text, or there are too many */
export async function addComments(
  store: Store,
  { release, revision }: About,
  remarks: readonly Remark[],
  by: string,
  now: Date,
  session: ClientSession,
): Promise<Comment[]> {
  if (remarks.length === 0) return [];
  const before = await store.comments.find({ release }, { _id: 1 }, { session }).limit(mostComments).lean();
  if (before.length + remarks.length > mostComments) throw tooMany();
  const text = await store.revisions.findById(revision, { body: 1 }, { session }).lean();
  const blocks = await beside(tasks.blocks, text?.body ?? '', text?.body.length ?? 0);
  // Ids sort by their time: those of one return stay in the order in which they were written.
  const rows = remarks.map(({ anchor, words }, place): Comment => {
    if (anchor && spotOf([blocks[anchor.block] ?? ''], { ...anchor, block: 0 }).is === 'changed') throw notThere(place);
    const row = { _id: newId('c', now.getTime() + place), release, revision, words, by, at: now, answers: [] };
    return { ...row, ...(anchor && { anchor }) };
  });
  await store.comments.create(rows, { session, ordered: true });
  return rows;
}

function notThere(place: number): LianfaError {
  const reason = { zh: '正文的这一段里没有这些文字。', en: 'these words are not in this part of the text.' };
  return new LianfaError('field_invalid', { field: `comments.${place}.anchor`, reason });
}

function tooMany(): LianfaError {
  const limit = String(mostComments);
  const reason = { zh: `一个发布件最多 ${limit} 条意见。`, en: `a release has at most ${limit} comments.` };
  return new LianfaError('field_invalid', { field: 'comments', reason });
}

/** @throws LianfaError not_found, field_invalid */
export async function comment(
  store: Store,
  about: { release: string; revision: string },
  remark: Remark,
  by: Actor,
  now = new Date(),
): Promise<Comment> {
  const release = await store.releases.findById(about.release, { organization: 1 }).lean();
  const revision = await store.revisions.findById(about.revision, { release: 1 }).lean();
  if (!release || revision?.release !== about.release) throw new LianfaError('not_found', { what: about.revision });
  return act(
    store,
    ({ _id }: Comment) => entryOf('comment.add', by, release.organization, { ...about, comment: _id }),
    async (session) => {
      const [made] = await addComments(store, about, [remark], by.person, now, session);
      if (!made) throw new LianfaError('not_found', { what: about.release });
      return made;
    },
  );
}

/** @throws LianfaError not_found, comment_closed */
export async function answer(store: Store, id: string, words: string, by: Actor, now = new Date()): Promise<Comment> {
  return change(store, 'comment.answer', id, by, (row) => ({
    answers: [...row.answers, { by: by.person, at: now, words }],
  }));
}

/** @throws LianfaError not_found, comment_closed */
export async function close(store: Store, id: string, by: Actor, now = new Date()): Promise<Comment> {
  return change(store, 'comment.close', id, by, () => ({ closed: { by: by.person, at: now } }));
}

async function change(
  store: Store,
  name: string,
  id: string,
  by: Actor,
  told: (row: Comment) => Partial<Comment>,
): Promise<Comment> {
  const release = await store.comments.findById(id, { release: 1 }).lean();
  const unit = release && (await store.releases.findById(release.release, { organization: 1 }).lean());
  return act(
    store,
    (row: Comment) => entryOf(name, by, unit?.organization, { release: row.release, comment: id }),
    async (session) => {
      const row = await store.comments.findById(id, null, { session }).lean();
      if (!row) throw new LianfaError('not_found', { what: id });
      if (row.closed)
        throw new LianfaError('comment_closed', { who: await namesOf({ store }, [row.closed.by], session) });
      const set = told(row);
      await store.comments.updateOne({ _id: id }, { $set: set }, { session });
      return { ...row, ...set };
    },
  );
}

function entryOf(name: string, by: Actor, unit: string | undefined, on: Record<string, string>) {
  return { act: name, outcome: 'done' as const, who: by, unit, on };
}

/** The comments of a release, oldest first, each with where its passage is in the body. */
export async function commentsOn(store: Store, release: string, body: string): Promise<(Comment & { spot?: Spot })[]> {
  const rows = await store.comments.find({ release }).sort({ _id: 1 }).limit(mostComments).lean();
  const anchors = rows.flatMap(({ anchor }) => anchor ?? []);
  if (anchors.length === 0) return rows;
  const spots = await beside(tasks.spots, { body, anchors }, body.length * Math.min(anchors.length, 20));
  let next = 0;
  return rows.map((row) => {
    const spot = row.anchor && spots[next++];
    return { ...row, ...(spot && { spot }) };
  });
}
