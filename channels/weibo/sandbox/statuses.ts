/** `statuses/*`: share, user_timeline, show, destroy, count. */
import type { SandboxKit } from '../../sandbox.js';
import { halfUnits, limit, linksIn, withoutLinks } from '../counter.js';
import { Refusal } from './failures.js';
import type { Parameters } from './forms.js';
import { createdAt, type SandboxPost, type User, type WeiboState } from './state.js';

const maxPicture = 5 * 1024 * 1024;
/** What an ordinary app is shown of a timeline, whatever `count` says. */
const shownAtMost = 5;

/** Posts, if everything is as the platform demands; the answer is the new post. */
export function share(state: WeiboState, user: User, parameters: Parameters, kit: SandboxKit): string {
  const status = parameters.get('status') ?? '';
  if (!status.trim()) throw new Refusal('20008');
  if (state.requireRip && !parameters.get('rip'))
    throw new Refusal('10016', 'Miss required parameter (rip), see doc for more info');
  const picture = parameters.multipart ? pictureOf(parameters.picture) : undefined;
  // Topics are filtered without a word; how much goes is not documented. Here the marks and what they hold.
  const text = status.includes('#') ? withoutTopics(status) : status;
  if (halfUnits(text) > 2 * limit) throw new Refusal('20012');
  checkDomain(state, text);
  const now = state.now();
  checkDuplicate(state, user, text, now);
  if (user.shares >= state.budgets.postsPerHour) throw new Refusal('20016');
  user.shares += 1;
  const id = state.nextId();
  const late = state.delayed.times > 0;
  const post: SandboxPost = {
    id,
    uid: user.uid,
    text,
    at: late ? now + state.delayed.seconds * 1000 : now,
    comments: [],
    ...(picture && { picture }),
  };
  state.posts.set(id, post);
  user.posts.push(post);
  kit.accepted({ account: user.uid, call: 'statuses/share', id, subject: text });
  if (late) {
    state.delayed.times -= 1;
    throw new Refusal('20032');
  }
  return statusJson(state, post, kit.url);
}

/** Only outside of links, whose fragments are none. */
function withoutTopics(text: string): string {
  const links = linksIn(text);
  let place = 0;
  // The marks of a link are set aside meanwhile under a character that no text holds.
  const aside = links.reduce((rest, link) => rest.replace(link, '\u0001'), text);
  return aside.replace(/#[^#\n]+#/g, '').replace(/\u0001/g, () => links[place++] ?? '');
}

function pictureOf(bytes: Buffer | undefined): { type: string; bytes: Buffer } {
  if (!bytes?.length) throw new Refusal('20007');
  if (bytes.length >= maxPicture) throw new Refusal('20006');
  const type =
    bytes.readUInt16BE(0) === 0xffd8
      ? 'image/jpeg'
      : bytes.toString('latin1', 1, 4) === 'PNG'
        ? 'image/png'
        : bytes.toString('latin1', 0, 3) === 'GIF'
          ? 'image/gif'
          : undefined;
  if (!type) throw new Refusal('20005');
  return { type, bytes };
}

function checkDomain(state: WeiboState, text: string): void {
  if (state.domains.length === 0) throw new Refusal('10017', 'appkey not bind domain!');
  const links = linksIn(text);
  if (links.length === 0 || !links.every((link) => isBound(state, link))) throw new Refusal('10017');
}

function isBound(state: WeiboState, link: string): boolean {
  const host = /^https?:\/\/([^/:?]+)/i.exec(link)?.[1]?.toLowerCase() ?? '';
  return state.domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** The platform keeps its measure of likeness to itself. Here: the same text, or (where switched on) the same but for links, marks and spaces. */
function checkDuplicate(state: WeiboState, user: User, text: string, now: number): void {
  const { identicalSeconds, similarSeconds } = state.duplicates;
  for (let place = user.posts.length - 1; place >= 0 && place >= user.posts.length - 10; place -= 1) {
    const earlier = user.posts[place];
    if (!earlier) break;
    const age = (now - earlier.at) / 1000;
    if (age <= identicalSeconds && earlier.text === text) throw new Refusal('20019');
    if (age <= similarSeconds && core(earlier.text) === core(text)) throw new Refusal('20017');
  }
}

function core(text: string): string {
  return withoutLinks(text).replace(/[\s\p{P}\p{S}]/gu, '');
}

export function userTimeline(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  const uid = parameters.get('uid') ?? user.uid;
  if (uid !== user.uid) throw new Refusal('21335');
  const now = state.now();
  const count = Math.max(1, Math.min(Number(parameters.get('count') ?? 20) || 20, shownAtMost));
  const posts = user.posts
    .filter((post) => post.at <= now)
    .slice(-count)
    .reverse();
  return `{"statuses":[${posts.map((post) => statusJson(state, post, url)).join(',')}],"hasvisible":false,"previous_cursor":0,"next_cursor":0,"total_number":${user.posts.length}}`;
}

export function show(state: WeiboState, parameters: Parameters, url: string): string {
  return statusJson(state, postOf(state, parameters), url);
}

export function destroy(state: WeiboState, user: User, parameters: Parameters, url: string): string {
  const post = postOf(state, parameters);
  if (post.uid !== user.uid) throw new Refusal('20102');
  state.removePost(post.id);
  return statusJson(state, post, url);
}

/** Posts that do not exist are left out. */
export function count(state: WeiboState, parameters: Parameters): string {
  const ids = (parameters.get('ids') ?? '').split(',').filter(Boolean);
  if (ids.length === 0) throw new Refusal('20001');
  if (ids.length > 100) throw new Refusal('20009');
  const rows = ids.flatMap((id) => state.posts.get(id) ?? []);
  return `[${rows.map((post) => `{"id":${post.id},"comments":${post.comments.length},"reposts":0,"attitudes":0}`).join(',')}]`;
}

export function postOf(state: WeiboState, parameters: Parameters): SandboxPost {
  const id = parameters.get('id');
  if (!id) throw new Refusal('20109');
  const post = state.posts.get(id);
  if (!post || post.at > state.now()) throw new Refusal('20101');
  return post;
}

/** The number in `id` has lost its last digits, as in the platform's own sample: whoever uses it finds nothing. */
export function statusJson(state: WeiboState, post: SandboxPost, url: string): string {
  const text =
    state.links === 'shortened'
      ? linksIn(post.text).reduce((rest, link) => rest.replace(link, shortened(link)), post.text)
      : post.text;
  const picture = post.picture
    ? `,"thumbnail_pic":"${url}/pictures/${post.id}","bmiddle_pic":"${url}/pictures/${post.id}","original_pic":"${url}/pictures/${post.id}","pic_ids":["${post.id}"]`
    : ',"pic_ids":[]';
  return `{"created_at":"${createdAt(post.at)}","id":${post.id.slice(0, -2)}00,"mid":"${post.id}","idstr":"${post.id}","text":${JSON.stringify(text)},"source":"<a href=\\"https://open.weibo.com\\" rel=\\"nofollow\\">sandbox</a>","favorited":false,"truncated":false,"in_reply_to_status_id":"","in_reply_to_user_id":"","in_reply_to_screen_name":"","geo":null,"user":${userJson(post.uid)},"reposts_count":0,"comments_count":${post.comments.length},"attitudes_count":0,"isLongText":false,"visible":{"type":0,"list_id":0}${picture}}`;
}

/** By which readers mention the account. */
export function nameOf(uid: string): string {
  return `政务微博${uid.slice(-6)}`;
}

export function userJson(uid: string): string {
  return `{"id":${uid},"idstr":"${uid}","screen_name":"${nameOf(uid)}","name":"${nameOf(uid)}","verified":true,"created_at":"Fri Aug 28 00:00:00 +0800 2009"}`;
}

function shortened(link: string): string {
  let hash = 0;
  for (const character of link) hash = (hash * 31 + character.charCodeAt(0)) % 2_000_000_000;
  return `http://t.cn/A6${hash.toString(36)}`;
}
