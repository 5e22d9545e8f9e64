import { z } from 'zod';
import { LianfaError } from '../core/errors.js';
import type { Comment } from '../core/model/comment.js';
import type { Spot } from '../core/reviews/anchors.js';
import { answer, close, comment as addComment, commentsOn } from '../core/reviews/comments.js';
import { comment, newAnswer, newComment, type CommentBody } from './contract/reviews.js';
import { endpoint, type Endpoint } from './endpoint.js';
import type { Services } from './services.js';

const byId = z.object({ id: z.string() });

export function commentEndpoints({ store, changes }: Pick<Services, 'store' | 'changes'>): Endpoint[] {
  async function told(row: Comment): Promise<CommentBody> {
    await changes.announce({ release: row.release, ids: [] }).catch(() => undefined);
    return bodyOf(row);
  }

  return [
    endpoint(
      {
        method: 'get',
        path: '/releases/:id/comments',
        summary: { zh: '审稿意见（旧的在前）', en: 'Comments on a release, oldest first' },
        needs: { permission: 'releases.read', over: 'release' },
        params: byId,
        query: z.object({ revision: z.string().max(80) }),
        answer: { status: 200, schema: z.array(comment) },
      },
      async ({ params, query }) => {
        const text = await store.revisions.findById(query.revision, { release: 1, body: 1 }).lean();
        if (text?.release !== params.id) throw new LianfaError('not_found', { what: query.revision });
        const heads = await store.revisions.find({ release: params.id }, { number: 1 }).lean();
        const numbers = new Map(heads.map(({ _id, number }) => [_id, number]));
        const rows = await commentsOn(store, params.id, text.body);
        return rows.map((row) => ({ ...bodyOf(row), number: numbers.get(row.revision) }));
      },
    ),
    endpoint(
      {
        method: 'post',
        path: '/releases/:id/comments',
        summary: { zh: '写一条意见', en: 'Comment on a text' },
        needs: { permission: 'releases.comment', over: 'release' },
        params: byId,
        body: newComment,
        answer: { status: 201, schema: comment },
      },
      async ({ params, body: { revision, ...remark } }, caller) =>
        told(await addComment(store, { release: params.id, revision }, remark, caller.actor)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/comments/:id/answers',
        summary: { zh: '回复意见', en: 'Answer a comment' },
        needs: { permission: 'releases.comment', over: 'comment' },
        params: byId,
        body: newAnswer,
        answer: { status: 201, schema: comment },
      },
      async ({ params, body }, caller) => told(await answer(store, params.id, body.words, caller.actor)),
    ),
    endpoint(
      {
        method: 'post',
        path: '/comments/:id/close',
        summary: { zh: '关闭意见', en: 'Close a comment' },
        needs: { permission: 'releases.comment', over: 'comment' },
        params: byId,
        answer: { status: 200, schema: comment },
      },
      async ({ params }, caller) => told(await close(store, params.id, caller.actor)),
    ),
  ];
}

function bodyOf({ _id, release, revision, anchor, words, by, at, answers, closed, spot }: Comment & { spot?: Spot }) {
  const told = ({ at: when, ...one }: { by: string; at: Date }) => ({ ...one, at: new Date(when).toISOString() });
  return {
    id: _id,
    ...{ release, revision, anchor, words, by, spot },
    at: at.toISOString(),
    answers: answers.map((one) => ({ ...told(one), words: one.words })),
    ...(closed && { closed: told(closed) }),
  };
}
