/** Follows an accepted article until it is public, and reads back what the public sees. */
import type { StepCall, Remote, Rendition, Said, Verification } from '../channel.js';
import { TransportError } from '../outbound.js';
import type { WeChatAccount } from './account.js';
import { mayCall } from './budget.js';
import { withFreshToken, type PublishState, type WeChatClient } from './client.js';
import { articleOf, difference, gone, mismatch, readPage } from './compare.js';
import { BudgetSpent, isCode, nextPlatformDay } from './errors.js';
import { findPublished, sought } from './find.js';
import { recall } from './progress.js';
import type { WeChatPayload } from './rendition.js';

/** publish_status of `freepublish/get` and the callback. 0 is success, 1 running. */
export const publishFailures: Readonly<Record<number, Said>> = {
  2: { zh: '原创声明审核未通过。', en: 'The claim of originality was refused.' },
  3: { zh: '微信处理失败，未能发布。', en: 'WeChat failed to publish it.' },
  4: { zh: '平台审核未通过。', en: "The platform's review refused it." },
  5: { zh: '发布后已被账号删除全部文章。', en: 'All of its articles were deleted after publishing.' },
  6: { zh: '发布后被平台封禁。', en: 'The platform banned it after publishing.' },
};

/** What a publish_status says, short of success. */
export function stateVerification(status: number): Exclude<Verification, { outcome: 'verified' | 'published' }> {
  const cause = publishFailures[status];
  if (cause === undefined) return { outcome: 'pending', again: 3 };
  const platform = { code: `publish_status ${status}`, words: cause.zh };
  if (status >= 5) return { ...gone, cause, platform };
  return {
    outcome: 'rejected',
    cause,
    platform,
    todo: {
      zh: '请登录公众平台查看站内通知，修改后重新签发；或在草稿箱中人工处理。',
      en: "Read the platform's notice, correct the article and sign it again, or finish it by hand in the draft box.",
    },
  };
}

export function verify(
  account: WeChatAccount,
  remote: Remote,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Verification> {
  return withFreshToken(account, call, async (client) => {
    const whole = await withRecord(account, remote, call);
    switch (remote.extra?.['kind']) {
      case 'draft':
        return verifyDraft(client, whole, rendition, call);
      case 'mass':
        return verifyMass(account, client, whole, rendition, call);
      default:
        return verifyPublished(account, client, whole, rendition, call);
    }
  });
}

/** A callback knows the ids but not how it was made, by itself; the record adds that. */
async function withRecord(account: WeChatAccount, remote: Remote, call: StepCall): Promise<Remote> {
  if (remote.extra?.['dropped'] !== undefined) return remote;
  const record = await recall(account, call, call.key);
  if (record?.stage !== 'drafted') return remote;
  const { draft, dropped } = record;
  return { ...remote, extra: { key: call.key, draft, dropped: String(dropped), ...remote.extra } };
}

async function verifyPublished(
  account: WeChatAccount,
  client: WeChatClient,
  remote: Remote,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Verification> {
  let known = remote;
  if (remote.extra?.['articleId'] === undefined) {
    if (!(await mayCall(account, call, 'freepublish/get', pollsPerDay)))
      return { outcome: 'pending', again: untilTomorrow(call) };
    const state = await client.publishState(remote.extra?.['publishId'] ?? remote.id);
    if (state.publish_status !== 0) {
      const verification = stateVerification(state.publish_status);
      return verification.outcome === 'pending' ? { ...verification, again: patience(remote, call) } : verification;
    }
    known = withArticle(remote, state);
  }
  return compare(client, known, rendition, call);
}

/** The finished publication's ids and address. */
function withArticle(remote: Remote, state: PublishState): Remote {
  const url = state.article_detail?.item[0]?.article_url;
  return {
    ...remote,
    ...(url !== undefined && { url }),
    extra: { ...remote.extra, ...(state.article_id !== undefined && { articleId: state.article_id }) },
  };
}

/** The public page first; where the platform shows a check page to machines, its own record of the article. */
async function compare(
  client: WeChatClient,
  remote: Remote,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Verification> {
  const shown = (await publicPage(remote, call)) ?? (await recordOf(client, remote));
  if (shown === 'gone') return gone;
  if (shown === undefined) return { outcome: 'published', remote, again: patience(remote, call) };
  const differs = difference(shown, rendition.expected, Number(remote.extra?.['dropped'] ?? 0));
  if (differs) return mismatch(differs);
  return {
    outcome: 'verified',
    remote,
    evidence: {
      zh: `已读取公开文章：标题、正文 ${shown.text.length} 字、图片 ${shown.pictures} 张与签发稿一致。`,
      en: `The public article was read: title, ${shown.text.length} characters and ${shown.pictures} pictures are as signed.`,
    },
  };
}

async function publicPage(remote: Remote, call: StepCall) {
  if (remote.url === undefined) return undefined;
  try {
    const answer = await call.http.request(remote.url, { signal: call.signal, maxBytes: 8 * 1024 * 1024 });
    return answer.status === 200 || answer.status === 404 ? readPage(answer.text()) : undefined;
  } catch (error) {
    if (error instanceof TransportError && error.reason !== 'aborted') return undefined;
    throw error;
  }
}

async function recordOf(client: WeChatClient, remote: Remote) {
  const articleId = remote.extra?.['articleId'];
  if (articleId === undefined) return undefined;
  try {
    const [article] = await client.getArticle(articleId);
    if (!article) return undefined;
    return article.is_deleted === true ? 'gone' : articleOf(article.title, article.content ?? '');
  } catch (error) {
    if (isCode(error, 53600)) return 'gone';
    if (isCode(error, 48001, 45009) || error instanceof BudgetSpent) return undefined;
    throw error;
  }
}

async function verifyMass(
  account: WeChatAccount,
  client: WeChatClient,
  remote: Remote,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Verification> {
  if (remote.url !== undefined) return compare(client, remote, rendition, call);
  if (!(await mayCall(account, call, 'message/mass/get', pollsPerDay)))
    return { outcome: 'pending', again: untilTomorrow(call) };
  const { msg_status } = await client.massState(remote.extra?.['messageId'] ?? remote.id);
  const platform = { code: 'msg_status', words: msg_status };
  switch (msg_status) {
    case 'SEND_SUCCESS':
      break;
    case 'SENDING':
      return { outcome: 'pending', again: patience(remote, call), platform };
    case 'DELETE':
      return { ...gone, platform };
    default:
      return {
        outcome: 'rejected',
        platform,
        cause: { zh: '微信群发失败。', en: 'WeChat failed to send it.' },
        todo: {
          zh: '请登录公众平台查看原因（若开启群发保护，须管理员 30 分钟内确认），再点“重试”。',
          en: 'Read the reason on the platform (with send protection an administrator must confirm within 30 minutes), then press Retry.',
        },
      };
  }
  // The address of a mass send comes with the callback only, and that is worth a while.
  if (age(remote, call) < callbackWait) return { outcome: 'published', remote, again: patience(remote, call) };
  return {
    outcome: 'verified',
    remote,
    evidence: {
      zh: '微信已确认群发成功（SEND_SUCCESS）。微信没有告知文章地址，因此未能回读页面核对；请检查账号的服务器回调配置。',
      en: "WeChat confirms that the mass send succeeded (SEND_SUCCESS). It never told the article's address, so the page itself was not read back; check the account's callback settings.",
    },
  };
}

/** A draft waits for a person. Once it has left the box, the article is looked for and read back. */
async function verifyDraft(
  client: WeChatClient,
  remote: Remote,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Verification> {
  try {
    await client.getDraft(remote.id);
    return { outcome: 'pending', again: Math.max(600, patience(remote, call)) };
  } catch (error) {
    if (!isCode(error, 40007)) throw error;
  }
  const key = remote.extra?.['key'] ?? call.key;
  const published = await findPublished(client, sought(rendition, key, call.standing));
  if (published.outcome === 'found') {
    const { where, extra } = published;
    return compare(client, { ...remote, ...where, extra: { ...remote.extra, ...extra } }, rendition, call);
  }
  return mismatch({
    zh: '草稿已离开草稿箱：可能已由人工发表，或被删除。',
    en: 'The draft has left the draft box: published by a person, or deleted.',
  });
}

/** The callback comes within minutes of the send. After this many seconds without one, the platform's own word stands by itself. */
const callbackWait = 3600;

/** Seconds since acceptance. */
function age(remote: Remote, call: StepCall): number {
  const since = Date.parse(remote.extra?.['acceptedAt'] ?? '');
  return Number.isNaN(since) ? 0 : Math.max(0, (call.now().getTime() - since) / 1000);
}

/** Pauses grow with age, so that one article takes some forty looks on its first day. Seconds. */
function patience(remote: Remote, call: StepCall): number {
  return Math.min(3600, Math.max(2, Math.round(age(remote, call) * 0.7)));
}

/** `freepublish/get` and `message/mass/get` answer 100 times a day each; the last ones are kept for people. */
const pollsPerDay = 90;

function untilTomorrow(call: StepCall): number {
  return Math.ceil((nextPlatformDay(call.now()).getTime() - call.now().getTime()) / 1000);
}
