/** `comments/*`: show, create, reply. */
import type { SandboxKit } from '../../sandbox.js';
import { count, limit } from '../counter.js';
import { Refusal } from './failures.js';
import type { Parameters } from './forms.js';
import { createdAt, type SandboxComment, type User, type WeiboState } from './state.js';
import { postOf, statusJson, userJson } from './statuses.js';

export function show(state: WeiboState, parameters: Parameters, url: string): string {
  const post = postOf(state, parameters);
  const size = Math.max(1, Math.min(Number(parameters.get('count') ?? 50) || 50, 200));
  const page = Math.max(1, Number(parameters.get('page') ?? 1) || 1);
  const newest = [...post.comments].reverse().slice((page - 1) * size, page * size);
  return `{"comments":[${newest.map((comment) => commentJson(state, comment, url)).join(',')}],"hasvisible":false,"previous_cursor":0,"next_cursor":0,"total_number":${post.comments.length}}`;
}

/** With `cid`: an answer to that comment. */
export function create(state: WeiboState, user: User, parameters: Parameters, kit: SandboxKit, call: 'comments/create' | 'comments/reply'): string {
  const post = postOf(state, parameters);
  const text = parameters.get('comment') ?? '';
  if (!text.trim()) throw new Refusal('20008');
  if (count(text) > limit) throw new Refusal('20012');
  const cid = parameters.get('cid');
  if (call === 'comments/reply' && !cid) throw new Refusal('20204');
  const target = cid === undefined ? undefined : state.comments.get(cid);
  if (call === 'comments/reply' && target?.post !== post.id) throw new Refusal('20201');
  if (user.comments >= state.budgets.commentsPerHour) throw new Refusal('10024');
  user.comments += 1;
  return commentJson(state, addComment(state, post.id, user.uid, text, kit, call, target?.id), kit.url);
}

export function addComment(state: WeiboState, post: string, uid: string, text: string, kit: SandboxKit, call: string, replyTo?: string): SandboxComment {
  const comment: SandboxComment = { id: state.nextId(), post, uid, text, at: state.now(), ...(replyTo !== undefined && { replyTo }) };
  state.comments.set(comment.id, comment);
  state.posts.get(post)?.comments.push(comment);
  kit.accepted({ account: uid, call, id: comment.id, subject: text });
  return comment;
}

function commentJson(state: WeiboState, comment: SandboxComment, url: string): string {
  const post = state.posts.get(comment.post);
  const target = comment.replyTo === undefined ? undefined : state.comments.get(comment.replyTo);
  return `{"created_at":"${createdAt(comment.at)}","id":${comment.id.slice(0, -2)}00,"idstr":"${comment.id}","mid":"${comment.id}","text":${JSON.stringify(comment.text)},"source":"sandbox","user":${userJson(comment.uid)}${post ? `,"status":${statusJson(state, post, url)}` : ''}${target ? `,"reply_comment":{"idstr":"${target.id}","text":${JSON.stringify(target.text)},"user":${userJson(target.uid)}}` : ''}}`;
}
