/**
 * The channel contract. A channel is one folder that exports one object of this shape as `channel`
 * from its `adapter.ts`; nothing outside that folder and its folder under templates/ knows the platform.
 *
 * The worker acts on the classes of `Disposition` only; platform codes stay in the channel's `errors.ts`.
 */
import type { z } from 'zod';
import type { Emergency } from './emergency.js';
import type { Files } from './files.js';
import type { Outbound } from './outbound.js';
import type { SandboxPlatform } from './sandbox.js';

/** A sentence for people, in the two languages of the interface. */
export interface Said {
  zh: string;
  en: string;
}

export type Kind = 'news' | 'notice' | 'policy' | 'interpretation' | 'emergency' | 'live';

/** Emergency: warnings and what belongs to them. Everything else is routine. */
export type Lane = 'emergency' | 'routine';

export const changes = ['correction', 'update'] as const;
export type Change = (typeof changes)[number];

export interface Picture {
  /** SHA-256 of the original, hex. The body refers to it as `<img src="media:HASH">`. */
  hash: string;
  alt: string;
  width: number;
  height: number;
  /** More than one frame: where a channel shows only the first, its rendition warns. */
  moving?: true;
}

export interface Attachment {
  hash: string;
  name: string;
  mime: string;
  bytes: number;
}

/** The header block of a public document (政府信息公开). */
export interface PolicyHeader {
  index?: string | undefined;
  number?: string | undefined;
  issuer?: string | undefined;
  /** 成文日期, `YYYY-MM-DD`. */
  signed?: string | undefined;
  validity?: string | undefined;
  topic?: string | undefined;
  keywords?: string[] | undefined;
}

/** One signed revision, as every channel sees it. */
export interface ReleaseContent {
  release: string;
  revision: string;
  /** What this revision is to the one before: 更正 (the wrong text must not stay) or 续报 (what was said stays, this goes on). Absent of a first one, and of a warning, which says it itself. */
  change?: Change | undefined;
  kind: Kind;
  /** BCP 47, e.g. `zh-Hans`. */
  language: string;
  /** Of a drill it begins with 演练 already (see emergency.ts). */
  title: string;
  summary: string;
  /** Canonical HTML (see core/releases/canonical.ts): a small closed set of elements, already clean. */
  body: string;
  author?: string | undefined;
  /** 来源: the publishing unit or the reprint source. */
  source: string;
  columns: string[];
  keywords: string[];
  signedAt: Date;
  /** Hash of the cover picture, one of `pictures`. */
  cover?: string | undefined;
  pictures: Picture[];
  attachments: Attachment[];
  policy?: PolicyHeader | undefined;
  /** Only with the kind `emergency`, and not with each of them. */
  emergency?: Emergency | undefined;
  /** Releases that this one interprets (政策解读), and those that interpret it. Naming one side is enough: a channel shows the link on both. */
  interprets?: string[] | undefined;
  interpretations?: string[] | undefined;
}

/** What a rendition may depend on besides the release. Never holds a secret. */
export interface AccountProfile<S> {
  /** Account id. */
  id: string;
  name: string;
  /** Name of the unit that owns the account. */
  organization: string;
  region: string;
  settings: S;
}

/** An account with its credentials opened, for the time of one call. */
export interface Account<S, C> extends AccountProfile<S> {
  credentials: C;
}

/** Something that a rendition cut, changed or left out, told before signing. */
export interface Warning {
  code: string;
  field?: string;
  said: Said;
}

/** One piece of what a person copies. `variant`: of the picture, as for `MediaReader`. */
export type CopyPart =
  { is: 'text'; label: Said; text: string } | { is: 'picture'; hash: string; variant: string; alt: string };

/** A release as one channel will show it. A pure function of (release, profile). */
export interface Rendition<P> {
  payload: P;
  /** Where no API takes it: what a person puts there by hand, in this order. */
  copy?: readonly CopyPart[];
  /** A whole HTML document that shows what the public will see; it is displayed in a sandboxed frame. */
  preview: string;
  /** What `verify` compares the public page with. `text` is plain text without spaces. */
  expected: { title: string; text: string; pictures: number };
  warnings: Warning[];
}

/** The platform's own words for one attempt; kept with the event. */
export interface PlatformWords {
  code: string;
  words: string;
  requestId?: string;
}

/** Where a release is on the platform. All ids stay strings. */
export interface Remote {
  /** The same whether `publish`, `find` or `verify` tells of it: by it two tidings are known to be of one thing. */
  id: string;
  /** A further name that the platform has for it, where `id` may differ after all. */
  alias?: string;
  /** The address the public can open. */
  url?: string;
  /** Further ids that the channel needs later (publish_id, media_id, …). */
  extra?: Record<string, string>;
  /** When the clock alone ends it (ISO 8601): it is read again then, for it should not stand as it does any more. */
  ends?: string;
  /** What a person was told to take away in the same act, by `id`: their word that this stands says that those are gone. */
  instead?: { id: string; title: string; url?: string }[];
}

/** One thing of a release that stands on an account, as the ledger knows it. */
export interface Standing {
  /** The sequence under which it was ordered. */
  seq: number;
  revision: string;
  remote: Remote;
}

/**
 * How a newer revision takes the place of an older one: in place (a page, an item) · a new post, after which the hub
 * withdraws the old one · cannot (what is out stays until a person takes it away: told before signing).
 */
export type Replacing = 'in-place' | 'anew' | 'cannot';

/** Nothing may leave any more under this claim. A channel lets it pass through: only the worker knows what it means. */
export class DoorClosed extends Error {
  override name = 'DoorClosed';
  /**
   * Newer is wanted · the whole release was withdrawn since · the claim is somebody else's · it is frozen · Redis is another run than the one claimed under ·
   * nobody can tell now whether it is frozen · the end that was signed with it has passed.
   */
  readonly reason: 'overtaken' | 'called_off' | 'lost' | 'frozen' | 'run' | 'stale' | 'expired';

  constructor(reason: DoorClosed['reason']) {
    super(`the door is closed: ${reason}`);
    this.reason = reason;
  }
}

/**
 * The text is public at `remote`, and what goes with it (a push to phones) has failed for `cause`, which is judged as any
 * error is. Where that means refused, the text stands and the rest is owed: the step must be safe to do again.
 */
export class PartlyPublic extends Error {
  override name = 'PartlyPublic';
  readonly remote: Remote;

  constructor(remote: Remote, cause: unknown) {
    super('public, and what goes with it has failed', { cause });
    this.remote = remote;
  }
}

export type Acceptance =
  /** The platform has said yes; it may not be public yet. `checkAfter` in seconds. */
  | { outcome: 'accepted'; remote: Remote; platform?: PlatformWords; checkAfter?: number }
  /** There is a public address. */
  | { outcome: 'published'; remote: Remote; platform?: PlatformWords; checkAfter?: number }
  /** All that an API can do is done; a person must do the rest (e.g. publish the draft by hand). */
  | { outcome: 'action'; remote?: Remote; cause: Said; todo: Said; platform?: PlatformWords };

export type Finding =
  /** `unfinished`: it stands, but what goes with it (a push to phones) is still owed; the step may be done again safely. */
  | { outcome: 'found'; state: 'accepted' | 'published'; remote: Remote; unfinished?: true }
  | { outcome: 'absent' }
  /** The platform cannot tell: `again` seconds from now it may; without that, a person decides. */
  | { outcome: 'unknown'; cause: Said; again?: number };

export type Verification =
  | { outcome: 'verified'; remote: Remote; evidence: Said }
  /** Public, but not yet to be compared (e.g. visible in a minute). `again` in seconds. */
  | { outcome: 'published'; remote: Remote; again: number }
  /** The platform is still at it. `again` in seconds. */
  | { outcome: 'pending'; again: number; platform?: PlatformWords }
  /** Something else than what was signed is public, or it has gone. */
  | { outcome: 'mismatch'; cause: Said; todo: Said; platform?: PlatformWords }
  /** The platform has refused it after accepting it. */
  | { outcome: 'rejected'; cause: Said; todo: Said; platform?: PlatformWords };

export type Withdrawal =
  | { outcome: 'withdrawn'; platform?: PlatformWords }
  /** The platform has no call for it; a person must. */
  | { outcome: 'action'; cause: Said; todo: Said; platform?: PlatformWords };

export type CredentialHealth =
  { outcome: 'ok'; daysLeft?: number } | { outcome: 'dead'; cause: Said; todo: Said; platform?: PlatformWords };

/**
 * Authorisation by the account's keeper, for platforms that give a credential only to a person who signs in there (the
 * code grant of OAuth 2). The hub makes `state`, keeps it, and compares it before `redeem`.
 */
export interface Authorise<S, C> {
  /** The platform's page on which the keeper says yes or no. It leads back to `redirect` with `state` and a code, or an error. */
  address(account: Account<S, C>, redirect: string, state: string): string;
  /** The account's new credentials, whole, for the code that came back. Throws what `classify` knows: also where the keeper has authorised another account than this. */
  redeem(account: Account<S, C>, answer: { code: string; redirect: string }, call: Call): Promise<C>;
}

/** What to do about an error. `cause` is for people, `platform` for the record. */
export type Disposition = { cause: Said; platform?: PlatformWords } &
  /** The platform did nothing; it may be sent again after `delay` seconds. */
  (
    | { class: 'retry'; delay: number }
    /** The credential is stale: call `refresh`, then once more. */
    | { class: 'refresh' }
    /** A quota or rate window: nothing before `until`. */
    | { class: 'wait'; until: Date }
    /** It is already there: success. */
    | { class: 'duplicate'; remote?: Remote }
    /** With `credential` it is the account's credential that is refused: the delivery lies still and goes on by itself when that is renewed. */
    | { class: 'action'; todo: Said; credential?: true }
    | { class: 'permanent'; todo: Said }
    /** Sent, and no answer: never sent again blindly. */
    | { class: 'unknown' }
  );

/** What a channel must know after any crash: in the store, so that Redis can be lost. Under the channel's name. */
export interface Records {
  get(key: string): Promise<string | undefined>;
  /** Durable when it returns. */
  set(key: string, value: string): Promise<void>;
  /**
   * Keeps the value only where none is kept yet; durable when it returns. Answers what is kept then, so that of several
   * writers one is the first for everybody. An ordered log needs no lock: the next number is taken so, and whoever finds
   * somebody else's value under it reads on and tries the one after.
   */
  first(key: string, value: string): Promise<string>;
  delete(key: string): Promise<void>;
  /** Those whose key begins with `prefix`, in the order of their keys (by code point), from behind the key `after` on. */
  list(prefix: string, range: { after?: string; limit: number }): Promise<KeptUnder[]>;
}

export interface KeptUnder {
  key: string;
  value: string;
}

/** Small values shared by all processes (tokens, uploaded picture addresses), kept in Redis under the channel's name. */
export interface SharedMemory {
  get(key: string): Promise<string | undefined>;
  /** `ttl` in seconds. */
  set(key: string, value: string, ttl: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Runs `work` while no other process runs under the same key. `ttl` in seconds bounds the hold. Throws if not had within `ttl`. */
  lock<T>(key: string, ttl: number, work: () => Promise<T>): Promise<T>;
  /**
   * Adds one to every counter, or to none where one of them has reached its limit; answers the place of that one. One
   * atomic step, shared by all processes.
   */
  spend(counters: readonly Counter[]): Promise<number | undefined>;
}

/** What the routine lane may use of any budget: of an hour's or a day's, an account's or an application's, for posting and for reading back. */
export const routineShare = 0.8;

/** A lane's part of a budget. Of a budget of one there is no share to keep. */
export function shareOf(budget: number, lane: Lane = 'routine'): number {
  return lane === 'emergency' ? budget : Math.max(Math.min(1, budget), Math.floor(budget * routineShare));
}

export interface Counter {
  /** Of this counter, or of many that end together. */
  key: string;
  /** Which of those: an account, say. */
  of?: string;
  limit: number;
  /** In seconds from the key's first use. */
  ttl: number;
}

/** Prepared media. `variant` is a key of the channel's `limits.pictures`; without it, the original. */
export interface MediaReader {
  read(hash: string, variant?: string): Promise<{ bytes: Buffer; mime: string; width: number; height: number }>;
}

/** What every call gets from the process that makes it. */
export interface Call {
  signal: AbortSignal;
  http: Outbound;
  memory: SharedMemory;
  records: Records;
  media: MediaReader;
  /** This channel's own files, the same for every process of the hub (static sites). */
  files: Files;
  /** A folder of this channel's own on this machine alone, for what can be made again: no other process need see it. */
  folder: string;
  /** Public address of this hub, without a trailing slash. */
  hubUrl: string;
  now(): Date;
}

export interface StepCall extends Call {
  /** The step's own name, the same for every attempt at it: letters, digits and `-`, at most 64. */
  key: string;
  /** Grows with every order of the release: of two steps on one account the higher one is wanted later. */
  seq: number;
  /** Of every budget that a platform gives, a share is the emergency lane's alone (see `routineShare`). */
  lane: Lane;
  release: ReleaseContent;
  /** What stands of the release on this account, oldest first, as far as it is known. */
  standing: readonly Standing[];
  /** What is replaced in place, where that is asked for: one of `standing`, whatever else stands beside it. */
  over?: Standing;
  /**
   * Right before each request or write that makes something public or takes it back: is this still wanted, is the claim
   * still mine (with time for this request), is nothing frozen?
   * @throws DoorClosed, which the channel lets pass
   */
  leave(): Promise<void>;
}

/** The bounds that media preparation meets for one variant of a picture. */
export interface PictureRule {
  /** Largest file, bytes. */
  maxBytes: number;
  /** Longest edge, pixels. Of a tall picture (see tall-pictures.ts) the width. */
  maxEdge: number;
  /** Cuts a tall picture into pieces of about this height, pixels; without it, it goes whole, at its width. */
  pieceHeight?: number;
  /** Largest file of a tall picture that goes whole, bytes, where more than `maxBytes`. */
  tallBytes?: number;
  /** An animation stays one where `gif` is among them and it fits. */
  formats: ('jpeg' | 'png' | 'gif' | 'webp')[];
  /** Cut to this width/height ratio by attention. */
  ratio?: number;
}

export interface Limits {
  /** Variants that must be ready before publishing, by name. */
  pictures: Record<string, PictureRule>;
  /** Longest time for one publish call, seconds. */
  publishSeconds: number;
  /** Where the platform shows a post only this many seconds after taking it, longer than the hub's own half minute: until then "absent" means nothing. */
  showsAfter?: number;
}

export interface CallbackRequest {
  method: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

/** An answer for the platform, and what it told us. `remoteId` is the `Remote.id` given at acceptance. */
export interface CallbackAnswer {
  status: number;
  mime: string;
  body: string;
  news: { remoteId: string; at: Date; verification: Verification }[];
}

/**
 * The head of one day of the hub's book of acts (core/audit): whoever keeps it can tell later whether the book was
 * written anew.
 */
export interface DayHead {
  /** Which book. */
  hub: string;
  /** In Beijing, `YYYY-MM-DD`. */
  day: string;
  /** Number and hash of the day's last entry. */
  n: number;
  hash: string;
  /** Of the tree over all entries up to there. */
  root: string;
  /** When it was published, ISO 8601. */
  at: string;
}

/** Static or dynamic pages a channel shows to the public from its files (`/sites/…`, `/feeds/…`). */
export interface PublicFace {
  /** First path part, with leading slash, e.g. `/sites`. */
  at: string;
  handle(request: PublicRequest): Promise<PublicAnswer>;
}

export interface PublicRequest extends CallbackRequest {
  /** Path behind `at`, with leading slash. */
  path: string;
  files: Files;
  folder: string;
  hubUrl: string;
  /** The channel's own, as its calls get it: a face that takes posts locks what it writes. */
  memory: SharedMemory;
  records: Records;
  media: MediaReader;
  /** For what a post names by an outside address. */
  http: Outbound;
  /**
   * Whether the account is frozen: asked right before a post from outside becomes public there. After a no the request counts
   * as in flight until it is answered. Throws where nobody can tell.
   */
  frozen(account: string): Promise<boolean>;
}

export interface PublicAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/**
 * The contract. `S` are an account's public settings, `C` its credentials (every field is a secret), `P` the payload
 * of a rendition. Methods are declared as methods so that a channel with its own types fits `Channel` without a cast;
 * callers parse settings and credentials with the schemas first.
 */
export interface Channel<S = unknown, C = unknown, P = unknown> {
  name: string;
  label: Said;
  /** Both refuse keys that they do not know, at every depth: what was misplaced is neither kept nor shown. */
  accountSchema: { settings: z.ZodType<S>; credentials: z.ZodType<C> };
  /**
   * Which account on the platform these settings mean, in one spelling: two accounts of the hub with the same identity
   * would both post there, twice in public. At most 400 characters.
   */
  identity(settings: S): string;
  /** The settings, by name, that decide where credentials are sent: with another value there, those kept are not used any more. */
  credentialsGoBy: readonly string[];
  limits: Limits;
  render(release: ReleaseContent, profile: AccountProfile<S>): Rendition<P>;
  /** What of a profile its renditions depend on: accounts with the same key share one. Without it, every account has its own. */
  renditionKey?(profile: AccountProfile<S>): string;
  /** Origin to which an account's posts go, by which hosts share a lane fairly; empty where they stay on this machine. */
  hostOf(profile: AccountProfile<S>): string;
  /** Stage what can be staged before the night it is needed: a warm token, a standing cover. */
  prepare?(account: Account<S, C>, call: Call): Promise<void>;
  /** Accounts whose public pages the clock alone has overtaken (a warning has ended), by `call.now()`: asked each minute, and each is then prepared. */
  overdue?(call: Call): Promise<string[]>;
  /**
   * Shows `heads`, the newest day first, on the account's public pages at one address for ever and in their feed, and goes
   * on doing so whenever those pages are drawn. Answers the address of the page, and of the heads as JSON for
   * `lianfa audit verify --heads`; `undefined` for an account whose pages are not the channel's own. Asked after each
   * check, which is made of accounts without a host of their own as soon as a day is over.
   */
  showHeads?(
    account: Account<S, C>,
    heads: readonly DayHead[],
    call: Call,
  ): Promise<{ page: string; json: string } | undefined>;
  /**
   * Makes the revision public: where it replaces in place, over `call.over`. Nothing may throw after the platform's yes;
   * where a first request has made the text public and a later one is refused, that is `PartlyPublic`.
   */
  publish(account: Account<S, C>, rendition: Rendition<P>, call: StepCall): Promise<Acceptance>;
  /** How a newer revision replaces an older one on this account. */
  replaces(profile: AccountProfile<S>): Replacing;
  /** Did an earlier attempt under this key land? In place: does what stands hold this key's revision? */
  find(account: Account<S, C>, rendition: Rendition<P>, call: StepCall): Promise<Finding>;
  /** Reads back what the public sees and compares it with the rendition. */
  verify(account: Account<S, C>, remote: Remote, rendition: Rendition<P>, call: StepCall): Promise<Verification>;
  /** Takes back what stands at `remote`; what has gone already counts as taken back. */
  withdraw(account: Account<S, C>, remote: Remote, call: StepCall): Promise<Withdrawal>;
  /** Renews a stale credential under a lock with a re-check inside. */
  refresh?(account: Account<S, C>, call: Call): Promise<void>;
  check(account: Account<S, C>, call: Call): Promise<CredentialHealth>;
  /** Drops what shared memory holds by an account's credentials (a token), for they are replaced or go elsewhere now. */
  forget?(profile: AccountProfile<S>, memory: SharedMemory): Promise<void>;
  authorise?: Authorise<S, C>;
  /** What the platform's own words mean. Transport, our own faults and `DoorClosed` are judged by the worker before. */
  classify(error: unknown, now: Date): Disposition;
  callback?(account: Account<S, C>, request: CallbackRequest, now: Date): CallbackAnswer;
  publicFace?: PublicFace;
  sandbox(): SandboxPlatform;
}
