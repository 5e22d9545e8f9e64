/**
 * Did an earlier attempt land? Asked in this order: our own record, the draft (a published one leaves the box), and
 * the list of what is published, through every page, by the marker in content_source_url. `absent` only where certain.
 */
import type { Finding, StepCall, Remote, Rendition, Said } from '../channel.js';
import { bearsMarker, type WeChatAccount } from './account.js';
import { withFreshToken, type NewsItem, type WeChatClient } from './client.js';
import { plainText } from './compare.js';
import { isCode } from './errors.js';
import { forget, recall, settled, type Progress } from './progress.js';
import { asRemote, findDraft, massSend, rememberAccepted } from './publish.js';
import type { WeChatPayload } from './rendition.js';

/** Pauses between looks at a draft that may be about to be published, milliseconds. */
const looks = [300, 700];
/** Seconds until the platform may show more. */
const lookAgain = 20;
/** batchget answers 100 calls a day. */
const mostPages = 50;

const unsure: Said = {
  zh: '微信没有答复上一次发布请求，现在还看不出它是否生效，稍后自动再查；在此之前不会重发。',
  en: 'WeChat did not answer the last publish request and does not yet show whether it took effect. It is looked up again by itself; nothing is sent until then.',
};
const unlisted: Said = {
  zh: '草稿已经离开草稿箱，但已发布列表里查不到（该公众号可能没有查询权限，或文章由人工群发）。请在公众平台核对后选择“已发布”（填链接）或“未发布”。',
  en: 'The draft has left the draft box but is not in the list of published articles (the account may lack the right to list, or a person sent it). Check on the platform and choose Published (with its link) or Not published.',
};
const unmarked: Said = {
  zh: '本系统没有上一次发布的记录，在已发布列表里也认不出这篇文章。请在公众平台核对后选择“已发布”（填链接）或“未发布”。',
  en: 'There is no record of the last attempt, and the article cannot be told from others in the list of published ones. Check on the platform and choose Published (with its link) or Not published.',
};

export function find(account: WeChatAccount, rendition: Rendition<WeChatPayload>, call: StepCall): Promise<Finding> {
  return withFreshToken(account, call, async (client) => {
    const record = await recall(account, call);
    switch (record?.stage) {
      case 'accepted':
        return {
          outcome: 'found',
          state: record.remote.url === undefined ? 'accepted' : 'published',
          remote: asRemote(record.remote),
        };
      case 'submitting':
        return afterSubmit(account, client, record, rendition, call);
      case 'drafted':
        return beforeSubmit(account, client, record, rendition, call);
      case 'drafting':
        return { outcome: 'absent' };
      case undefined:
        return withoutRecord(account, client, rendition, call);
    }
  });
}

/** The request may have left: the draft is watched for a few seconds, since the platform is slow to take it. */
async function afterSubmit(
  account: WeChatAccount,
  client: WeChatClient,
  record: Extract<Progress, { stage: 'submitting' }>,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Finding> {
  const age = call.now().getTime() - record.at;
  const gone = await draftGone(client, record.draft, age > settled ? [] : looks, call);
  if (gone && account.settings.mode === 'mass') return massSent(account, client, record, call);
  const published = await findPublished(client, rendition, call);
  if (published.outcome === 'found') return keep(account, call, published.remote, record);
  if (age > settled) return gone ? { outcome: 'unknown', cause: unlisted } : { outcome: 'absent' };
  return published.outcome === 'cannot-list' && gone
    ? { outcome: 'unknown', cause: unlisted }
    : { outcome: 'unknown', cause: unsure, again: lookAgain };
}

/** No request left, so a draft that is still there is all there is; one that has gone was used or deleted by a person. */
async function beforeSubmit(
  account: WeChatAccount,
  client: WeChatClient,
  record: Extract<Progress, { stage: 'drafted' }>,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Finding> {
  const age = call.now().getTime() - record.at;
  // The record's last second may be lost with the memory's own machine, so a young draft gets a second look.
  const gone = await draftGone(client, record.draft, age < 60_000 ? looks : [], call);
  if (!gone) return { outcome: 'absent' };
  const published = await findPublished(client, rendition, call);
  if (published.outcome === 'found') return keep(account, call, published.remote, record);
  if (
    published.outcome === 'not-listed' &&
    age > settled &&
    rendition.payload.link !== undefined &&
    account.settings.mode !== 'mass'
  ) {
    await forget(account, call);
    return { outcome: 'absent' };
  }
  return { outcome: 'unknown', cause: unlisted };
}

/** The memory is empty: either nothing ever began, or it was lost. */
async function withoutRecord(
  account: WeChatAccount,
  client: WeChatClient,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Finding> {
  // A second mass send under the same client id is refused by the platform (45065), and its message is then known.
  if (account.settings.mode === 'mass') return { outcome: 'absent' };
  const published = await findPublished(client, rendition, call);
  if (published.outcome === 'found') return { outcome: 'found', state: 'published', remote: published.remote };
  if (account.settings.mode === 'draft') return { outcome: 'absent' };
  if (published.outcome === 'cannot-list' || rendition.payload.link === undefined)
    return { outcome: 'unknown', cause: unmarked };
  const draft = await findDraft(client, call);
  const fresh = draft !== undefined && call.now().getTime() - draft.updatedAt < settled;
  return fresh ? { outcome: 'unknown', cause: unsure, again: lookAgain } : { outcome: 'absent' };
}

/** The draft is consumed, so asking again under the same client id cannot send; it names the message (45065). */
async function massSent(
  account: WeChatAccount,
  client: WeChatClient,
  record: Extract<Progress, { stage: 'submitting' }>,
  call: StepCall,
): Promise<Finding> {
  try {
    const remote = await massSend(client, record, call);
    await rememberAccepted(account, call, remote);
    return { outcome: 'found', state: 'accepted', remote };
  } catch (error) {
    if (isCode(error, 40007)) return { outcome: 'unknown', cause: unlisted };
    throw error;
  }
}

async function draftGone(
  client: WeChatClient,
  draft: string,
  pauses: readonly number[],
  call: StepCall,
): Promise<boolean> {
  for (let look = 0; ; look += 1) {
    try {
      await client.getDraft(draft);
    } catch (error) {
      if (isCode(error, 40007)) return true;
      throw error;
    }
    const pause = pauses[look];
    if (pause === undefined) return false;
    await rest(pause, call.signal);
  }
}

type Listed = { outcome: 'found'; remote: Remote } | { outcome: 'not-listed' } | { outcome: 'cannot-list' };

/** Looks through every page of what is published. */
export async function findPublished(
  client: WeChatClient,
  rendition: Rendition<WeChatPayload>,
  call: StepCall,
): Promise<Listed> {
  const marked = rendition.payload.link !== undefined;
  try {
    for (let offset = 0, pages = 0; pages < mostPages; pages += 1) {
      const page = await client.listPublished(offset, { content: !marked });
      for (const entry of page.item) {
        const article = entry.content.news_item.find(
          (item) =>
            item.is_deleted !== true &&
            (marked ? bearsMarker(item.content_source_url, call.key) : same(item, rendition)),
        );
        if (article) return { outcome: 'found', remote: publishedRemote(entry.article_id, article, call) };
      }
      offset += page.item.length;
      if (page.item.length === 0 || offset >= page.total_count) return { outcome: 'not-listed' };
    }
    return { outcome: 'cannot-list' };
  } catch (error) {
    if (isCode(error, 48001)) return { outcome: 'cannot-list' };
    throw error;
  }
}

/** Without a site address there is no marker; then only the same title and the same text are taken for ours. */
function same(item: NewsItem, { expected }: Rendition<WeChatPayload>): boolean {
  return item.title === expected.title && plainText(item.content ?? '') === expected.text;
}

function publishedRemote(articleId: string, article: NewsItem, call: StepCall): Remote {
  return {
    id: articleId,
    ...(article.url !== undefined && { url: article.url }),
    extra: { kind: 'publish', articleId, acceptedAt: call.now().toISOString(), dropped: '0' },
  };
}

async function keep(
  account: WeChatAccount,
  call: StepCall,
  remote: Remote,
  record: { draft: string; dropped: number },
): Promise<Finding> {
  const whole = { ...remote, extra: { ...remote.extra, draft: record.draft, dropped: String(record.dropped) } };
  await rememberAccepted(account, call, whole);
  return { outcome: 'found', state: 'published', remote: whole };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      },
      { once: true },
    );
  });
}
