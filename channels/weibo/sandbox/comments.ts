/** `comments/*`: show, timeline, mentions, show_batch, create, reply, destroy. */
import type { SandboxKit } from '../../sandbox.js';
import { count, limit } from '../counter.js';
import { Refusal } from './failures.js';
import type { Parameters } from './forms.js';
import { createdAt, type SandboxComment, type User, type WeiboState } from './state.js';
import { nameOf, postOf, statusJson, userJson } from './statuses.js';

/** What one page and one `show_batch` hold at most. */
const pageAtMost = 200;
const batchAtMost = 50;

/** Under one post. */
export function show(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  return pageOf(state, user, postOf(state, parameters).comments, parameters, url);
}

/** Written by the user, and under the user's posts. */
export function timeline(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  const own = new Set(user.posts.map((post) => post.id));
  return pageOf(
    state,
    user,
    [...state.comments.values()].filter((comment) => comment.uid === user.uid || own.has(comment.post)),
    parameters,
    url,
  );
}

/** That name the user with an @. */
export function mentions(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  const mention = `@${nameOf(user.uid)}`;
  return pageOf(
    state,
    user,
    [...state.comments.values()].filter((comment) => comment.text.includes(mention)),
    parameters,
    url,
  );
}

/** Comments that do not exist are left out. */
export function showBatch(state: WeiboState, parameters: Parameters, url: string): string {
  const ids = (parameters.get('cids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0) throw new Refusal('20204');
  if (ids.length > batchAtMost) throw new Refusal('20009');
  return `[${ids
    .flatMap((id) => state.comments.get(id) ?? [])
    .map((comment) => commentJson(state, comment, url))
    .join(',')}]`;
}

/** With `cid`: an answer to that comment. */
export function create(
  state: WeiboState,
  user: User,
  parameters: Parameters,
  kit: SandboxKit,
  call: 'comments/create' | 'comments/reply',
): string {
  const post = postOf(state, parameters);
  const text = parameters.get('comment') ?? '';
  if (!text.trim()) throw new Refusal('20008');
  if (count(text) > limit) throw new Refusal('20012');
  const target = call === 'comments/reply' ? targetOf(state, parameters) : undefined;
  if (target && target.post !== post.id) throw new Refusal('20201');
  if (user.comments >= state.budgets.commentsPerHour) throw new Refusal('10024');
  user.comments += 1;
  return commentJson(state, addComment(state, post.id, user.uid, text, kit, call, target?.id), kit.url);
}

/** Only what the user has written; the answer is the comment that was. */
export function destroy(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  const comment = targetOf(state, parameters);
  if (comment.uid !== user.uid) throw new Refusal('20203');
  const answer = commentJson(state, comment, url);
  state.removeComment(comment);
  return answer;
}

export function addComment(
  state: WeiboState,
  post: string,
  uid: string,
  text: string,
  kit: SandboxKit,
  call: string,
  replyTo?: string,
): SandboxComment {
  const comment: SandboxComment = {
    id: state.nextId(),
    post,
    uid,
    text,
    at: state.now(),
    ...(replyTo !== undefined && { replyTo }),
  };
  state.comments.set(comment.id, comment);
  state.posts.get(post)?.comments.push(comment);
  kit.accepted({ account: uid, call, id: comment.id, subject: text });
  return comment;
}

function targetOf(state: WeiboState, parameters: Parameters): SandboxComment {
  const cid = parameters.get('cid');
  if (!cid) throw new Refusal('20204');
  const comment = state.comments.get(cid);
  if (!comment) throw new Refusal('20201');
  return comment;
}

/**
 * One page, newest first: `since_id` (newer than), `max_id` (up to and with), `filter_by_author` (1 followed, 2
 * strangers; nobody follows anybody here), `count`, `page`.
 */
function pageOf(
  state: WeiboState,
  user: User,
  oldestFirst: readonly SandboxComment[],
  parameters: Parameters,
  url: string,
): string {
  const [since, until] = [BigInt(idOf(parameters, 'since_id')), BigInt(idOf(parameters, 'max_id'))];
  const author = parameters.get('filter_by_author') ?? '0';
  const fitting = oldestFirst.filter(
    ({ id, uid }) =>
      BigInt(id) > since &&
      (until === 0n || BigInt(id) <= until) &&
      (author === '0' || (author === '2' && uid !== user.uid)),
  );
  const size = Math.max(1, Math.min(Number(parameters.get('count') ?? 50) || 50, pageAtMost));
  const page = Math.max(1, Number(parameters.get('page') ?? 1) || 1);
  const shown = fitting.reverse().slice((page - 1) * size, page * size);
  return `{"comments":[${shown.map((comment) => commentJson(state, comment, url)).join(',')}],"hasvisible":false,"previous_cursor":0,"next_cursor":0,"total_number":${fitting.length}}`;
}

function idOf(parameters: Parameters, name: string): string {
  const id = parameters.get(name) ?? '0';
  if (!/^\d{1,20}$/.test(id)) throw new Refusal('10008');
  return id;
}

function commentJson(state: WeiboState, comment: SandboxComment, url: string): string {
  const post = state.posts.get(comment.post);
  const target = comment.replyTo === undefined ? undefined : state.comments.get(comment.replyTo);
  return `{"created_at":"${createdAt(comment.at)}","id":${comment.id.slice(0, -2)}00,"idstr":"${comment.id}","mid":"${comment.id}","text":${JSON.stringify(comment.text)},"source":"sandbox","user":${userJson(comment.uid)}${post ? `,"status":${statusJson(state, post, url)}` : ''}${target ? `,"reply_comment":{"idstr":"${target.id}","text":${JSON.stringify(target.text)},"user":${userJson(target.uid)}}` : ''}}`;
}
