/** comment/*: citizens' comments (留言) under what was published, by msg_data_id. */
import { z } from 'zod';
import type { SandboxAnswer } from '../../sandbox.js';
import { parseBody, seconds } from './drafts.js';
import { Refusal, ok } from './replies.js';
import type { AccountState, Comment, World } from './world.js';

const number = z.union([z.string(), z.number()]).transform(String);
const place = z.object({ msg_data_id: number, index: z.coerce.number().default(0) });
const listBody = place.extend({
  begin: z.coerce.number().default(0),
  count: z.coerce.number(),
  type: z.coerce.number().default(0),
});
const oneBody = place.extend({ user_comment_id: z.coerce.number() });
const replyBody = oneBody.extend({ content: z.string().default('') });

type Work = (world: World, account: AccountState, body: unknown) => SandboxAnswer;

export const commentCalls: Readonly<Record<string, Work>> = {
  'comment/open': (_, account, body) => setOpen(account, body, true),
  'comment/close': (_, account, body) => setOpen(account, body, false),
  'comment/list': (_, account, body) => list(account, body),
  'comment/markelect': (_, account, body) =>
    change(account, body, (comment) => {
      comment.featured = true;
    }),
  'comment/unmarkelect': (_, account, body) =>
    change(account, body, (comment) => {
      comment.featured = false;
    }),
  'comment/delete': (_, account, body) => {
    const { msg_data_id, user_comment_id } = parseBody(oneBody, body);
    const { list: all } = threadOf(account, msg_data_id);
    all.splice(all.indexOf(commentOf(all, user_comment_id)), 1);
    return ok();
  },
  'comment/reply/add': (world, account, body) => {
    const { content } = parseBody(replyBody, body);
    if (content === '' || [...content].length > 600) throw new Refusal(88007);
    return change(account, body, (comment) => {
      if (comment.reply) throw new Refusal(88005);
      comment.reply = { content, at: world.now() };
    });
  },
  'comment/reply/delete': (_, account, body) =>
    change(account, body, (comment) => {
      if (!comment.reply) throw new Refusal(88009);
      delete comment.reply;
    }),
};

function setOpen(account: AccountState, body: unknown, open: boolean): SandboxAnswer {
  threadOf(account, parseBody(place, body).msg_data_id).open = open;
  return ok();
}

/** `total` is the length of this page, the overall number is `comment_cnt`. */
function list(account: AccountState, body: unknown): SandboxAnswer {
  const { msg_data_id, begin, count, type } = parseBody(listBody, body);
  if (count <= 0 || count >= 50) throw new Refusal(88010);
  const all = threadOf(account, msg_data_id).list.filter((comment) => type === 0 || comment.featured === (type === 2));
  const page = all.slice(begin, begin + count);
  return ok({
    errcode: 0,
    errmsg: 'ok',
    total: page.length,
    comment_cnt: all.length,
    comment: page.map((comment) => ({
      user_comment_id: comment.id,
      openid: comment.openid,
      create_time: seconds(comment.at),
      content: comment.content,
      comment_type: comment.featured ? 1 : 0,
      ...(comment.reply && { reply: { content: comment.reply.content, create_time: seconds(comment.reply.at) } }),
    })),
  });
}

function change(account: AccountState, body: unknown, work: (comment: Comment) => void): SandboxAnswer {
  const { msg_data_id, user_comment_id } = parseBody(oneBody, body);
  work(commentOf(threadOf(account, msg_data_id).list, user_comment_id));
  return ok();
}

/** What a citizen does, by a control. */
export function addComment(world: World, account: AccountState, messageDataId: string, content: string): number {
  const { list: all } = threadOf(account, messageDataId);
  const id = (all.at(-1)?.id ?? 0) + 1;
  all.push({ id, openid: `o${account.appid.slice(-6)}${id}`, content, at: world.now(), featured: false });
  return id;
}

function threadOf(account: AccountState, messageDataId: string) {
  const thread = account.comments.get(messageDataId);
  if (!thread) throw new Refusal(88001);
  return thread;
}

function commentOf(all: Comment[], id: number): Comment {
  const comment = all.find((entry) => entry.id === id);
  if (!comment) throw new Refusal(88008);
  return comment;
}
