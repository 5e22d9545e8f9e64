/** What the public sees: the newest posts, and one post at its own address. */
import { loadTemplate } from '../../templates.js';
import { base62OfMid } from '../mid.js';
import { linksIn } from '../counter.js';
import { nameOf } from './statuses.js';
import type { SandboxPost, WeiboState } from './state.js';

interface Card {
  name: string;
  when: string;
  address: string;
  picture: string;
  parts: { text: string; link: string }[];
  comments: { name: string; text: string }[];
}

let page: ((values: { title: string; cards: Card[]; empty: boolean }) => string) | undefined;

const clock = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'short' });

export function publicPage(state: WeiboState | undefined): string {
  return draw('微博仿真平台', state?.newest(100).filter((post) => post.at <= state.now()) ?? []);
}

/** All that one account shows. */
export function accountPage(state: WeiboState, uid: string): string {
  const posts = state.user(uid).posts.filter((post) => post.at <= state.now());
  return draw(nameOf(uid), posts.reverse());
}

export function postPage(post: SandboxPost): string {
  return draw(`${nameOf(post.uid)}的微博`, [post]);
}

function draw(title: string, posts: readonly SandboxPost[]): string {
  page ??= loadTemplate('weibo', 'public');
  return page({ title, cards: posts.map(cardOf), empty: posts.length === 0 });
}

function cardOf(post: SandboxPost): Card {
  return {
    name: nameOf(post.uid),
    when: clock.format(post.at),
    address: `/${post.uid}/${base62OfMid(post.id)}`,
    picture: post.picture ? `/pictures/${post.id}` : '',
    parts: partsOf(post.text),
    comments: post.comments.map((comment) => ({ name: `用户${comment.uid.slice(-6)}`, text: comment.text })),
  };
}

function partsOf(text: string): Card['parts'] {
  const parts: Card['parts'] = [];
  let rest = text;
  for (const link of linksIn(text)) {
    const at = rest.indexOf(link);
    parts.push({ text: rest.slice(0, at), link: '' }, { text: '', link });
    rest = rest.slice(at + link.length);
  }
  return [...parts, { text: rest, link: '' }];
}
