/** What the sandboxed platform knows. Accounts come into being when first named, so a hundred thousand cost nothing until used. */
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SandboxKit } from '../../sandbox.js';

export interface NewsArticle {
  article_type: string;
  title: string;
  author: string;
  digest: string;
  content: string;
  content_source_url: string;
  thumb_media_id: string;
  need_open_comment: number;
  only_fans_can_comment: number;
}

export interface Draft {
  id: string;
  articles: NewsArticle[];
  createdAt: number;
  updatedAt: number;
}

/** Permanent material. `url` is a picture's. */
export interface Material {
  type: string;
  name: string;
  at: number;
  url?: string;
}

/** What is public, or was. */
export interface Publication {
  articleId: string;
  articles: NewsArticle[];
  /** Places in `articles`, from 0. */
  deleted: Set<number>;
  banned: boolean;
  /** Mass sends are not listed by freepublish/batchget. */
  mass: boolean;
  at: number;
}

export interface Job {
  kind: 'publish' | 'mass';
  id: string;
  dataId: string;
  draft: Draft;
  readyAt: number;
  /** What it becomes at `readyAt`: 0, 2, 3 or 4. */
  outcome: number;
  done: boolean;
  publication?: Publication;
}

export interface Comment {
  id: number;
  openid: string;
  content: string;
  at: number;
  featured: boolean;
  reply?: { content: string; at: number };
}

export interface Token {
  value: string;
  kind: 'plain' | 'stable';
  issuedAt: number;
  /** Milliseconds; after it the answer is 42001. */
  until: number;
  /** Replaced by force or by a control: 40001. */
  invalid: boolean;
}

export interface CallbackTarget {
  url: string;
  mode: 'plain' | 'aes';
}

/** What a second submit of one draft gets while the first is under way: documented nowhere, so either is offered. */
export type SecondSubmit = { answer: 'same' } | { answer: 'refused'; code: number };

export class AccountState {
  readonly appid: string;
  readonly secret: string;
  tokens: Token[] = [];
  forcedAt: number[] = [];
  materials = new Map<string, Material>();
  drafts = new Map<string, Draft>();
  jobs = new Map<string, Job>();
  publications = new Map<string, Publication>();
  clientIds = new Map<string, Job>();
  comments = new Map<string, { open: boolean; list: Comment[] }>();
  quota = new Map<string, { day: string; used: number }>();
  quotaLimits = new Map<string, number>();
  whitelist: string[] | undefined;
  rights = { publish: true, mass: true, comment: true, draft: true };
  callback: CallbackTarget | undefined;
  delay: number | undefined;
  outcomes: number[] = [];
  secondSubmit: SecondSubmit | undefined;

  constructor(appid: string, secret: string) {
    this.appid = appid;
    this.secret = secret;
  }
}

export const appIdStart = 'wx5b0c';

/** Deterministic: the n-th account is the same in every run. */
export function credentialsOf(appid: string): { secret: string; token: string; aesKey: string } {
  const digest = (what: string) => createHash('sha256').update(`${what} ${appid}`).digest('hex');
  return {
    secret: digest('secret').slice(0, 32),
    token: digest('token').slice(0, 24),
    aesKey: `${digest('aes').slice(0, 42)}A`,
  };
}

export function appIdOf(n: number): string {
  return `${appIdStart}${n.toString(16).padStart(12, '0')}`;
}

export class World {
  kit: SandboxKit | undefined;
  /** How long publishing takes, milliseconds. */
  delay = 300;
  /** Signs of a title. Clients report 64 on most accounts; the platform's page says 32. */
  longestTitle = 64;
  secondSubmit: SecondSubmit = { answer: 'same' };
  readonly accounts = new Map<string, AccountState>();
  readonly tokens = new Map<string, { account: AccountState; token: Token }>();
  readonly articles = new Map<string, { account: AccountState; publication: Publication; index: number }>();
  readonly pending = new Map<Job, AccountState>();
  /** Bytes of pictures, one copy for all accounts. */
  readonly pictures = new LRUCache<string, { mime: string; bytes: Buffer }>({
    maxSize: 128 * 1024 * 1024,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });
  onStarted: (account: AccountState, job: Job) => void = () => undefined;
  /** Called when a job ends. */
  onFinished: (account: AccountState, job: Job) => void = () => undefined;
  private counter = 2_247_483_650;

  get url(): string {
    return this.kit?.url ?? '';
  }

  now(): number {
    return this.kit?.now().getTime() ?? Date.now();
  }

  /** A known AppID's state, or nothing: the platform answers 40013. */
  account(appid: string): AccountState | undefined {
    if (!new RegExp(`^${appIdStart}[0-9a-f]{12}$`).test(appid)) return undefined;
    let state = this.accounts.get(appid);
    if (!state) {
      state = new AccountState(appid, credentialsOf(appid).secret);
      this.accounts.set(appid, state);
    }
    return state;
  }

  nextNumber(): string {
    this.counter += 1;
    return String(this.counter);
  }

  /** Ends every job of this account whose time has come, before anybody looks. */
  settle(account: AccountState): void {
    for (const job of account.jobs.values()) if (!job.done && job.readyAt <= this.now()) this.finish(account, job);
  }

  settleAll(): void {
    for (const [job, account] of this.pending) if (job.readyAt <= this.now()) this.finish(account, job);
  }

  finish(account: AccountState, job: Job): void {
    if (job.done) return;
    job.done = true;
    this.pending.delete(job);
    if (job.outcome === 0) {
      const publication: Publication = {
        articleId: mediaId(),
        articles: job.draft.articles,
        deleted: new Set(),
        banned: false,
        mass: job.kind === 'mass',
        at: this.now(),
      };
      job.publication = publication;
      account.drafts.delete(job.draft.id);
      account.publications.set(publication.articleId, publication);
      publication.articles.forEach((_, index) =>
        this.articles.set(pageName(publication, index), { account, publication, index }),
      );
    }
    this.onFinished(account, job);
  }

  addressOf(publication: Publication, index: number): string {
    return `${this.url}/s/${pageName(publication, index)}`;
  }
}

function pageName(publication: Publication, index: number): string {
  return createHash('sha256').update(`${publication.articleId} ${index}`).digest('base64url').slice(0, 22);
}

/** The shape of the platform's media ids. */
export function mediaId(): string {
  return randomBytes(33).toString('base64url').slice(0, 43);
}

/** `2026-11-24` in China. */
export function platformDay(now: number): string {
  return new Date(now + 8 * 3600_000).toISOString().slice(0, 10);
}
