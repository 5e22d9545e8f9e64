/**
 * Did an earlier attempt land? Asked in this order: what the ledger knows to stand, the draft (a published one leaves the
 * box), and the list of what is published, through every page, by the marker in content_source_url.
 */
import type { Finding, StepCall, Remote, Rendition, Said, Standing } from '../channel.js';
import { bearsMarker, type WeChatAccount } from './account.js';
import { withFreshToken, type NewsItem, type WeChatClient } from './client.js';
import { plainText } from './compare.js';
import { isCode } from './errors.js';
import { doubt, recall, type Drafted } from './progress.js';
import { massSend, origin } from './publish.js';
import type { WeChatPayload } from './rendition.js';

/** Pauses between looks at a draft that may be about to be published, milliseconds. */
const looks = [300, 700];
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

/**
 * `absent` where no draft is recorded (nothing can have left without), and where the draft lies in the box still. The
 * latter is what the platform shows now: the hub believes it once no request can be under way any more, and publishing
 * again then submits that same draft. Where that was refused as if the first were on its way, the draft is waited for.
 *
 * Not known of the platform: how long a submitted draft stays in the box, how soon an article is listed, and whether a
 * draft can come back. A draft that has gone and is not listed is therefore never `absent`.
 */
export function find(account: WeChatAccount, rendition: Rendition<WeChatPayload>, call: StepCall): Promise<Finding> {
  return withFreshToken(account, call, async (client): Promise<Finding> => {
    const record = await recall(account, call, call.key);
    if (record?.stage !== 'drafted') return { outcome: 'absent' };
    const known = call.standing.find(({ remote }) => remote.extra?.['draft'] === record.draft)?.remote;
    if (known && known.extra?.['kind'] !== 'draft') return found(known);

    const { mode } = account.settings;
    const pauses = mode === 'publish' && record.doubtSince === undefined ? looks : [];
    if (!(await draftGone(client, record.draft, pauses, call))) {
      const again = record.doubtSince === undefined ? undefined : await doubt(account, call, record);
      return again === undefined ? { outcome: 'absent' } : { outcome: 'unknown', cause: unsure, again };
    }
    if (mode === 'mass') return massSent(client, record, call);
    const published = await findPublished(client, sought(rendition, call.key, call.standing));
    if (published.outcome === 'found')
      return found({ id: record.draft, ...published.where, extra: { ...origin(record, call), ...published.extra } });
    const again = published.outcome === 'cannot-list' ? undefined : await doubt(account, call, record);
    return again === undefined ? { outcome: 'unknown', cause: unlisted } : { outcome: 'unknown', cause: unsure, again };
  });
}

function found(remote: Remote): Finding {
  return { outcome: 'found', state: remote.url === undefined ? 'accepted' : 'published', remote };
}

/** The draft is consumed, so asking again under the same client id cannot send; it names the message (45065). */
async function massSent(client: WeChatClient, record: Drafted, call: StepCall): Promise<Finding> {
  try {
    return found(await massSend(client, record, call));
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

/** What is looked for among what is published. */
interface Sought {
  /** Whether texts are needed to tell. */
  content: boolean;
  is(item: NewsItem, articleId: string): boolean;
}

/** An article of this step: by its marker, or, where the account has no site address, by the same title and text. What stands already is no news. */
export function sought(rendition: Rendition<WeChatPayload>, key: string, standing: readonly Standing[]): Sought {
  if (rendition.payload.link !== undefined) return marked(key);
  const { title, text } = rendition.expected;
  const stands = new Set(standing.map(({ remote }) => remote.extra?.['articleId']));
  return {
    content: true,
    is: (item, articleId) => !stands.has(articleId) && item.title === title && plainText(item.content ?? '') === text,
  };
}

/** An article that bears the step's marker. */
export function marked(key: string): Sought {
  return { content: false, is: (item) => bearsMarker(item.content_source_url, key) };
}

type Listed =
  | { outcome: 'found'; where: { url?: string }; extra: { kind: 'publish'; articleId: string } }
  | { outcome: 'not-listed' }
  | { outcome: 'cannot-list' };

/** Looks through every page of what is published. */
export async function findPublished(client: WeChatClient, { content, is }: Sought): Promise<Listed> {
  try {
    for (let offset = 0, pages = 0; pages < mostPages; pages += 1) {
      const page = await client.listPublished(offset, { content });
      for (const { article_id: articleId, content: texts } of page.item) {
        const article = texts.news_item.find((item) => item.is_deleted !== true && is(item, articleId));
        if (!article) continue;
        const where = article.url === undefined ? {} : { url: article.url };
        return { outcome: 'found', where, extra: { kind: 'publish', articleId } };
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
