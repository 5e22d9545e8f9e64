/** The platform's own state. Users, tokens and posts come into being when they are first used, so thousands cost nothing. */
import { Refusal } from './failures.js';

export interface SandboxPost {
  id: string;
  uid: string;
  text: string;
  /** Milliseconds of the sandbox's clock. */
  at: number;
  picture?: { type: string; bytes: Buffer };
  comments: SandboxComment[];
}

export interface SandboxComment {
  id: string;
  post: string;
  uid: string;
  text: string;
  at: number;
  replyTo?: string;
}

export interface User {
  uid: string;
  /** Oldest first; deleted ones are taken out. */
  posts: SandboxPost[];
  day: number;
  calls: number;
  hour: number;
  shares: number;
  comments: number;
}

export interface Token {
  uid: string;
  createdAt: number;
  expiresAt: number;
  revoked: boolean;
}

export const appKey = '3108820251';
export const appSecret = 'sandbox0app0secret0of0lianfa0000';

const hour = 3_600_000;
const day = 24 * hour;
const beijing = 8 * hour;
const firstUid = 5_000_000_000;
const readyToken = /^2\.00SB(\d{10})$/;
const tokenDays = 30;

/** Of an app with ordinary rights; the address limit is far off, for everybody here calls from one loopback address. */
const ordinary = { callsPerDay: 100, postsPerHour: 30, commentsPerHour: 60, addressCallsPerHour: 10_000_000 };

export function uidOf(n: number): string {
  return String(firstUid + n);
}

/** Whether the sandbox has such an account: as many as uids of ten digits from the first. */
export function isUid(text: string): boolean {
  return /^\d{10}$/.test(text) && Number(text) >= firstUid;
}

export class WeiboState {
  readonly posts = new Map<string, SandboxPost>();
  readonly comments = new Map<string, SandboxComment>();
  readonly codes = new Map<string, { uid: string; redirectUri: string; until: number }>();
  readonly budgets = { ...ordinary };
  /** Bound to the app. A domain covers its subdomains. */
  domains: string[] = ['gov.cn', 'example', 'localhost', '127.0.0.1'];
  /** Callers that may call; empty lets everybody. */
  addresses: string[] = [];
  duplicates = { identicalSeconds: 600, similarSeconds: 0 };
  links: 'kept' | 'shortened' = 'kept';
  requireRip = false;
  /** A commit is answered with 20032 and is seen after so many seconds. */
  delayed = { times: 0, seconds: 60 };
  readonly #users = new Map<string, User>();
  readonly #tokens = new Map<string, Token>();
  readonly #clock: () => number;
  readonly #opened: number;
  #skew = 0;
  #sequence = 0;
  #address = { hour: -1, calls: new Map<string, number>() };

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#opened = clock();
  }

  now(): number {
    return this.#clock() + this.#skew;
  }

  advance(seconds: number): void {
    this.#skew += seconds * 1000;
  }

  /** Sixteen digits, as the platform's ids have. */
  nextId(): string {
    this.#sequence += 1;
    return String(5_235_678_901_234_567 + this.#sequence * 17);
  }

  user(uid: string): User {
    let user = this.#users.get(uid);
    if (!user) {
      user = { uid, posts: [], day: -1, calls: 0, hour: -1, shares: 0, comments: 0 };
      this.#users.set(uid, user);
    }
    return user;
  }

  users(): User[] {
    return [...this.#users.values()];
  }

  addToken(uid: string): { accessToken: string; token: Token } {
    const accessToken = `2.00NW${this.nextId()}${Math.random().toString(36).slice(2, 10)}`;
    const token = { uid, createdAt: this.now(), expiresAt: this.now() + tokenDays * day, revoked: false };
    this.#tokens.set(accessToken, token);
    return { accessToken, token };
  }

  token(accessToken: string): Token | undefined {
    const known = this.#tokens.get(accessToken);
    if (known) return known;
    const uid = readyToken.exec(accessToken)?.[1];
    return uid === undefined
      ? undefined
      : { uid, createdAt: this.#opened, expiresAt: this.#opened + tokenDays * day, revoked: false };
  }

  /** All tokens of an account that the sandbox has been told about, and its ready one. */
  changeTokens(uid: string, change: Partial<Token>): void {
    const ready = readyTokenOf(uid);
    const now = this.token(ready);
    if (now) this.#tokens.set(ready, now);
    for (const token of this.#tokens.values()) if (token.uid === uid) Object.assign(token, change);
  }

  changeToken(accessToken: string, change: Partial<Token>): void {
    const token = this.token(accessToken);
    if (token) this.#tokens.set(accessToken, Object.assign(token, change));
  }

  /** Whose call this is. Counts it against the day and the caller's address. */
  admit(accessToken: string | undefined, peer: string): User {
    if (this.addresses.length > 0 && !this.addresses.includes(peer)) throw new Refusal('10004');
    if (!accessToken) throw new Refusal('21332', 'invalid_access_token');
    const token = this.token(accessToken);
    if (!token) throw new Refusal('21332');
    if (token.revoked) throw new Refusal('21319');
    const now = this.now();
    if (token.expiresAt <= now) throw new Refusal('21327');
    this.#countAddress(peer, now);
    const user = this.user(token.uid);
    const today = Math.floor((now + beijing) / day);
    if (user.day !== today) {
      user.day = today;
      user.calls = 0;
    }
    if (user.calls >= this.budgets.callsPerDay) throw new Refusal('10023');
    user.calls += 1;
    const thisHour = Math.floor(now / hour);
    if (user.hour !== thisHour) {
      user.hour = thisHour;
      user.shares = user.comments = 0;
    }
    return user;
  }

  #countAddress(peer: string, now: number): void {
    const thisHour = Math.floor(now / hour);
    if (this.#address.hour !== thisHour) this.#address = { hour: thisHour, calls: new Map() };
    const calls = (this.#address.calls.get(peer) ?? 0) + 1;
    if (calls > this.budgets.addressCallsPerHour) throw new Refusal('10022');
    this.#address.calls.set(peer, calls);
  }

  removePost(id: string): boolean {
    const post = this.posts.get(id);
    if (!post) return false;
    this.posts.delete(id);
    for (const comment of post.comments) this.comments.delete(comment.id);
    const { posts } = this.user(post.uid);
    posts.splice(posts.indexOf(post), 1);
    return true;
  }

  removeComment(comment: SandboxComment): void {
    this.comments.delete(comment.id);
    const under = this.posts.get(comment.post)?.comments;
    under?.splice(under.indexOf(comment), 1);
  }

  newest(many: number): SandboxPost[] {
    return [...this.posts.values()].slice(-many).reverse();
  }
}

export function readyTokenOf(uid: string): string {
  return `2.00SB${uid}`;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let dated = { second: -1, text: '' };

/** `Wed Oct 24 23:49:17 +0800 2012`. The same second is written once. */
export function createdAt(at: number): string {
  const second = Math.floor(at / 1000);
  if (dated.second !== second) {
    const date = new Date(at + beijing);
    const two = (value: number) => String(value).padStart(2, '0');
    dated = {
      second,
      text: `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0800 ${date.getUTCFullYear()}`,
    };
  }
  return dated.text;
}
