/** The Weibo channel: one post an account, with the link by which it is found again. */
import type {
  Acceptance,
  Call,
  Channel,
  CredentialHealth,
  Finding,
  StepCall,
  Remote,
  Rendition,
  Verification,
  Withdrawal,
} from '../channel.js';
import { squeeze } from './blocks.js';
import { destroy, share, show, userTimeline, type PicturePart, type Post } from './client.js';
import { todo } from './codes.js';
import { withoutLinks } from './counter.js';
import {
  classify,
  isOwnFault,
  LinkMissing,
  NotShownYet,
  OtherAccount,
  PictureFailed,
  saysDelayed,
  saysDuplicate,
  saysGone,
  UnprovenDuplicate,
  WeiboError,
} from './errors.js';
import { pixelsOf } from './long-picture.js';
import { markerOf } from './marker.js';
import { base62OfMid } from './mid.js';
import { authorizeUrl, exchangeCode, tokenInfo } from './oauth.js';
import { renderWeibo, statusOf, type WeiboPayload } from './rendition.js';
import { weiboSandbox } from './sandbox.js';
import { credentialsSchema, settingsSchema, type Credentials, type Settings, type WeiboAccount } from './settings.js';

/** What an ordinary app is shown of a timeline. */
const shownAtMost = 5;
/** The platform's clock and ours may differ by so much, milliseconds. */
const clockDoubt = 5 * 60_000;
/** A new post may stay unseen for so long (20032: a minute or two), milliseconds. */
const unseenFor = 3 * 60_000;
/** What the platform took and has not shown after so long, a person must look for, milliseconds. */
const patience = 15 * 60_000;

async function publish(
  account: WeiboAccount,
  { payload }: Rendition<WeiboPayload>,
  call: StepCall,
): Promise<Acceptance> {
  if (payload.link === undefined) throw new LinkMissing('no link template');
  const picture = payload.picture && (await pictureOf(payload.picture, call));
  try {
    return {
      outcome: 'published',
      remote: remoteOf(
        account,
        await share(account, call, statusOf(payload.words, payload.link, call.key), picture),
        markerOf(call.key),
        call.now(),
      ),
    };
  } catch (error) {
    if (saysDelayed(error))
      return {
        outcome: 'accepted',
        remote: unlistedRemote(payload.words, call),
        platform: error.platform,
        checkAfter: 120,
      };
    if (!saysDuplicate(error)) throw error;
    const earlier = await locate(account, traceOf(payload.words, call), call);
    if (typeof earlier === 'string') throw new UnprovenDuplicate(error.platform);
    const remote = remoteOf(account, earlier, markerOf(call.key), call.now());
    return { outcome: 'published', remote, platform: error.platform };
  }
}

async function pictureOf(picture: NonNullable<WeiboPayload['picture']>, call: Call): Promise<PicturePart> {
  try {
    return picture.from === 'text'
      ? { bytes: await pixelsOf(picture), mime: 'image/png' }
      : await call.media.read(picture.hash, 'post');
  } catch (error) {
    if (isOwnFault(error)) throw error;
    throw new PictureFailed(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** A post that was taken unnamed is known by its marker, and is the same when it has its own id. */
function remoteOf(
  { settings }: WeiboAccount,
  { id, mid }: { id: string; mid: string },
  alias: string,
  now: Date,
): Remote {
  const url = `${settings.publicBase}/${settings.uid}/${base62OfMid(mid)}`;
  return { id, alias, url, extra: { at: now.toISOString() } };
}

/** By what a step's own post is known again. */
interface Trace {
  marker: string;
  words: string;
  /** The post cannot be older, milliseconds. */
  earliest: number;
  /** Posts known to be those of other orders: a release ordered twice may say the same words twice. */
  others: ReadonlySet<string>;
}

function traceOf(words: string, { key, seq, release, standing }: StepCall): Trace {
  return {
    marker: markerOf(key),
    words,
    earliest: release.signedAt.getTime() - clockDoubt,
    others: new Set(standing.flatMap((entry) => (entry.seq === seq ? [] : [entry.remote.id]))),
  };
}

/** Where a post is that the platform took without naming it: all by which it can be found, for whoever has nothing else. */
function unlistedRemote(words: string, call: StepCall): Remote {
  const [signed, at] = [call.release.signedAt.toISOString(), call.now().toISOString()];
  return { id: markerOf(call.key), extra: { unlisted: 'yes', words, signed, at } };
}

/** @returns undefined where the platform has named the post. */
function traceOfUnlisted({ id, extra = {} }: Remote, standing: StepCall['standing']): Trace | undefined {
  if (!extra['unlisted']) return undefined;
  const others = new Set(standing.flatMap(({ remote }) => (remote.id === id ? [] : [remote.id])));
  // Without a date, nothing on the timeline is surely older.
  const earliest = extra['signed'] === undefined ? -Infinity : Date.parse(extra['signed']) - clockDoubt;
  return { marker: id, words: extra['words'] ?? '', earliest, others };
}

/**
 * The step's own post among the newest ones, by the marker in its link. Where the platform shows the link in its short
 * form (t.cn), the same words after the signature are taken for it, if one post only says them. `absent` only where it
 * could not be hidden by others: fewer posts than the platform shows, or one older than the signature among them.
 */
async function locate(account: WeiboAccount, trace: Trace, call: StepCall): Promise<Post | 'absent' | 'hidden'> {
  const { marker, words, earliest, others } = trace;
  const posts = await userTimeline(account, call);
  const marked = posts.find((post) => post.text.includes(marker));
  if (marked) return marked;
  const [alike, ...more] = posts.filter(
    (post) =>
      /https?:\/\/t\.cn\//.test(post.text) && post.at >= earliest && !others.has(post.id) && saysTheSame(post, words),
  );
  if (alike) return more.length === 0 ? alike : 'hidden';
  return posts.length < shownAtMost || posts.some((post) => post.at < earliest) ? 'absent' : 'hidden';
}

async function find(account: WeiboAccount, { payload }: Rendition<WeiboPayload>, call: StepCall): Promise<Finding> {
  const post = await locate(account, traceOf(payload.words, call), call);
  if (post === 'absent') return { outcome: 'absent' };
  if (post === 'hidden')
    return {
      outcome: 'unknown',
      cause: {
        zh: '微博只让查看最近五条，本次发布可能已被更新的微博挤出，或与另一条内容相同而无法区分，不能确认。',
        en: 'Weibo shows only the newest five posts; ours may be behind them, or not to be told from another of the same words.',
      },
    };
  return { outcome: 'found', state: 'published', remote: remoteOf(account, post, markerOf(call.key), call.now()) };
}

async function verify(
  account: WeiboAccount,
  remote: Remote,
  rendition: Rendition<WeiboPayload>,
  call: StepCall,
): Promise<Verification> {
  const known = await named(account, remote, call);
  if (typeof known === 'string') return stillUnlisted(remote, call.now());
  let post: Post;
  try {
    post = await show(account, call, known.id);
  } catch (error) {
    if (!saysGone(error)) throw error;
    if (!isOlder(known, unseenFor, call.now())) return { outcome: 'published', remote: known, again: 60 };
    return {
      ...mismatch('该微博已不存在，可能被删除或被平台屏蔽。', 'The post is gone: deleted, or hidden by the platform.'),
      platform: error.platform,
    };
  }
  return compare(post, known, rendition);
}

/** The remote with the platform's own id, or why it is not known (yet). */
async function named(account: WeiboAccount, remote: Remote, call: StepCall): Promise<Remote | 'absent' | 'hidden'> {
  const trace = traceOfUnlisted(remote, call.standing);
  if (!trace) return remote;
  const post = await locate(account, trace, call);
  return typeof post === 'string' ? post : remoteOf(account, post, trace.marker, call.now());
}

function stillUnlisted(remote: Remote, now: Date): Verification {
  if (!isOlder(remote, patience, now)) return { outcome: 'pending', again: 60 };
  return {
    outcome: 'mismatch',
    todo: todo.look,
    cause: {
      zh: '微博受理后一直没有在最近的微博里查到该条。',
      en: 'Weibo took the post, but it has not been among the newest ones since.',
    },
  };
}

/** A remote without a date is older than anything. */
function isOlder({ extra }: Remote, milliseconds: number, now: Date): boolean {
  return !(now.getTime() - Date.parse(extra?.['at'] ?? '') < milliseconds);
}

function compare(post: Post, remote: Remote, { payload, expected }: Rendition<WeiboPayload>): Verification {
  if (post.deleted) return mismatch('该微博已被删除。', 'The post has been deleted.');
  if (post.visibleTo !== 0) return mismatch('该微博不是所有人可见。', 'The post cannot be seen by everybody.');
  if (!saysTheSame(post, payload.words))
    return mismatch('微博正文与签发内容不一致。', "The post's text differs from what was signed.");
  if (post.pictures !== expected.pictures)
    return mismatch(
      `微博有 ${post.pictures} 张图，签发的是 ${expected.pictures} 张。`,
      `The post has ${post.pictures} picture(s), ${expected.pictures} were signed.`,
    );
  return {
    outcome: 'verified',
    remote,
    evidence: {
      zh: `已读回微博，正文 ${expected.text.length} 字、图片 ${post.pictures} 张与签发一致。`,
      en: `Read back: ${expected.text.length} characters and ${post.pictures} picture(s), as signed.`,
    },
  };
}

function mismatch(zh: string, en: string): Extract<Verification, { outcome: 'mismatch' }> {
  return { outcome: 'mismatch', cause: { zh, en }, todo: todo.gone };
}

/** Links may have been shortened and long texts cut, so the words between are compared. */
function saysTheSame(post: Post, words: string): boolean {
  const seen = comparable(post.text);
  const signed = comparable(words);
  return (
    seen === signed ||
    (post.cut && seen.length >= 40 && signed.startsWith(seen.replace(/(?:\.\.\.|…)+(?:全文)?[：:]?$/u, '')))
  );
}

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function comparable(text: string): string {
  return squeeze(withoutLinks(text.replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => entities[entity] ?? entity)));
}

async function withdraw(account: WeiboAccount, remote: Remote, call: StepCall): Promise<Withdrawal> {
  const known = await named(account, remote, call);
  if (typeof known === 'string') {
    // What stands behind newer posts comes no more to the front by waiting.
    if (!isOlder(remote, known === 'hidden' ? unseenFor : patience, call.now())) throw new NotShownYet(remote.id);
    return {
      outcome: 'action',
      todo: todo.look,
      cause: {
        zh: '微博受理后一直没有显示该条，接口无法删除。',
        en: 'Weibo took the post but never showed it, so it cannot be deleted by the API.',
      },
    };
  }
  try {
    await destroy(account, call, known.id);
    return { outcome: 'withdrawn' };
  } catch (error) {
    if (saysGone(error)) return { outcome: 'withdrawn', platform: error.platform };
    throw error;
  }
}

async function check({ settings, credentials }: WeiboAccount, call: Call): Promise<CredentialHealth> {
  if (credentials.accessToken === '')
    return dead('该账号还没有在微博上授权。', 'The account has not been authorised on Weibo yet.');
  try {
    const { uid, secondsLeft } = await tokenInfo(settings.endpoint, credentials.accessToken, call);
    if (uid !== settings.uid)
      return dead(
        `授权属于另一个微博账号（UID ${uid}）。`,
        `The authorisation belongs to another account (uid ${uid}).`,
      );
    if (secondsLeft <= 0) return dead('微博授权已过期。', 'The authorisation has expired.');
    return { outcome: 'ok', daysLeft: Math.floor(secondsLeft / 86_400) };
  } catch (error) {
    const disposition = classify(error, call.now());
    if (!(error instanceof WeiboError) || disposition.class !== 'action') throw error;
    return { outcome: 'dead', cause: disposition.cause, todo: disposition.todo, platform: error.platform };
  }
}

function dead(zh: string, en: string): CredentialHealth {
  return { outcome: 'dead', cause: { zh, en }, todo: todo.authorise };
}

/** A keeper often looks after several accounts in one browser, so the platform is told to ask who signs in. */
function authorisationAddress({ settings, credentials }: WeiboAccount, redirect: string, state: string): string {
  return authorizeUrl({ endpoint: settings.endpoint, appKey: credentials.appKey }, redirect, state, true);
}

async function redeem(
  { settings, credentials }: WeiboAccount,
  { code, redirect }: { code: string; redirect: string },
  call: Call,
): Promise<Credentials> {
  const { accessToken, uid, expiresAt } = await exchangeCode(
    { endpoint: settings.endpoint, ...credentials },
    code,
    redirect,
    call,
  );
  if (uid !== settings.uid) throw new OtherAccount(uid, settings.uid);
  return { ...credentials, accessToken, expiresAt };
}

export const channel: Channel<Settings, Credentials, WeiboPayload> = {
  name: 'weibo',
  label: { zh: '微博', en: 'Weibo' },
  accountSchema: { settings: settingsSchema, credentials: credentialsSchema },
  identity: ({ uid }) => uid.replace(/^0+(?=\d)/, ''),
  credentialsGoBy: ['endpoint'],
  limits: {
    // The platform takes less than 5 MB.
    pictures: { post: { maxBytes: 4_900_000, maxEdge: 4_096, formats: ['jpeg', 'png', 'gif'] } },
    publishSeconds: 90,
    // 20032: visible "in one to two minutes".
    showsAfter: 180,
  },
  render: renderWeibo,
  renditionKey: ({ settings }) => `${settings.linkTemplate ?? ''} ${settings.safeDomains.join(' ')}`,
  hostOf: ({ settings }) => new URL(settings.endpoint).origin,
  publish,
  // The platform has no call that changes a post.
  replaces: () => 'anew',
  find,
  verify,
  withdraw,
  check,
  authorise: { address: authorisationAddress, redeem },
  classify,
  sandbox: weiboSandbox,
};
