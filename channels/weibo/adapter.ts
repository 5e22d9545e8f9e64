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
  LinkMissing,
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
        call.now(),
      ),
    };
  } catch (error) {
    if (saysDelayed(error))
      return {
        outcome: 'accepted',
        remote: { id: markerOf(call.key), extra: { unlisted: 'yes' } },
        platform: error.platform,
        checkAfter: 120,
      };
    if (!saysDuplicate(error)) throw error;
    const earlier = await locate(account, payload.words, call);
    if (typeof earlier === 'string') throw new UnprovenDuplicate(error.platform);
    return { outcome: 'published', remote: remoteOf(account, earlier, call.now()), platform: error.platform };
  }
}

async function pictureOf(picture: NonNullable<WeiboPayload['picture']>, call: Call): Promise<PicturePart> {
  try {
    return picture.from === 'text'
      ? { bytes: await pixelsOf(picture), mime: 'image/png' }
      : await call.media.read(picture.hash, 'post');
  } catch (error) {
    throw new PictureFailed(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function remoteOf({ settings }: WeiboAccount, { id, mid }: { id: string; mid: string }, now: Date): Remote {
  return { id, url: `${settings.publicBase}/${settings.uid}/${base62OfMid(mid)}`, extra: { at: now.toISOString() } };
}

/**
 * Our own post among the newest ones, by the marker in its link. Where the platform shows the link in its short form
 * (t.cn), the same words after the signature are taken for it. `absent` only where it could not be hidden by others:
 * fewer posts than the platform shows, or one older than the signature among them.
 */
async function locate(account: WeiboAccount, words: string, call: StepCall): Promise<Post | 'absent' | 'hidden'> {
  const posts = await userTimeline(account, call);
  const marker = markerOf(call.key);
  const earliest = call.release.signedAt.getTime() - clockDoubt;
  const ours =
    posts.find((post) => post.text.includes(marker)) ??
    posts.find((post) => /https?:\/\/t\.cn\//.test(post.text) && post.at >= earliest && saysTheSame(post, words));
  if (ours) return ours;
  return posts.length < shownAtMost || posts.some((post) => post.at < earliest) ? 'absent' : 'hidden';
}

async function find(account: WeiboAccount, { payload }: Rendition<WeiboPayload>, call: StepCall): Promise<Finding> {
  const post = await locate(account, payload.words, call);
  if (post === 'absent') return { outcome: 'absent' };
  if (post === 'hidden')
    return {
      outcome: 'unknown',
      cause: {
        zh: '微博只让查看最近五条，本次发布可能已被更新的微博挤出，无法确认。',
        en: 'Weibo shows only the newest five posts; ours may be behind them, so it cannot be told.',
      },
    };
  return { outcome: 'found', state: 'published', remote: remoteOf(account, post, call.now()) };
}

async function verify(
  account: WeiboAccount,
  remote: Remote,
  rendition: Rendition<WeiboPayload>,
  call: StepCall,
): Promise<Verification> {
  const known = remote.extra?.['unlisted'] ? await located(account, rendition, call) : remote;
  if (!known) return { outcome: 'pending', again: 60 };
  let post: Post;
  try {
    post = await show(account, call, known.id);
  } catch (error) {
    if (!saysGone(error)) throw error;
    if (call.now().getTime() - Date.parse(known.extra?.['at'] ?? '') < unseenFor)
      return { outcome: 'published', remote: known, again: 60 };
    return {
      ...mismatch('该微博已不存在，可能被删除或被平台屏蔽。', 'The post is gone: deleted, or hidden by the platform.'),
      platform: error.platform,
    };
  }
  return compare(post, known, rendition);
}

async function located(
  account: WeiboAccount,
  { payload }: Rendition<WeiboPayload>,
  call: StepCall,
): Promise<Remote | undefined> {
  const post = await locate(account, payload.words, call);
  return typeof post === 'string' ? undefined : remoteOf(account, post, call.now());
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
  const id = remote.extra?.['unlisted'] ? await idOfUnlisted(account, remote, call) : remote.id;
  if (id === undefined)
    return {
      outcome: 'action',
      todo: todo.look,
      cause: {
        zh: '微博受理后尚未显示，接口无法删除。',
        en: 'Weibo took the post but does not show it yet, so it cannot be deleted by the API.',
      },
    };
  try {
    await destroy(account, call, id);
    return { outcome: 'withdrawn' };
  } catch (error) {
    if (saysGone(error)) return { outcome: 'withdrawn', platform: error.platform };
    throw error;
  }
}

/** A post that the platform did not name is known by its marker, which was kept as its id. */
async function idOfUnlisted(account: WeiboAccount, remote: Remote, call: StepCall): Promise<string | undefined> {
  return (await userTimeline(account, call)).find((post) => post.text.includes(remote.id))?.id;
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
  limits: {
    // The platform takes less than 5 MB.
    pictures: { post: { maxBytes: 4_900_000, maxEdge: 4_096, formats: ['jpeg', 'png', 'gif'] } },
    publishSeconds: 90,
  },
  render: renderWeibo,
  renditionKey: ({ settings }) => `${settings.linkTemplate ?? ''} ${settings.safeDomains.join(' ')}`,
  publish,
  find,
  verify,
  withdraw,
  check,
  authorise: { address: authorisationAddress, redeem },
  classify,
  sandbox: weiboSandbox,
};
