/**
 * Messages that WeChat sends to `/callbacks/wechat/<account>`: the check of the address, and the outcome of publishing
 * and mass sending. Plain and secure mode, XML and JSON. Signature and AES framing: the platform's 消息加解密 pages.
 *
 * In plain mode nobody signs the body, so a plain message never decides by itself: it makes us look sooner.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { decrypt, getSignature } from '@wecom/crypto';
import { XMLParser } from 'fast-xml-parser';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { CallbackAnswer, CallbackRequest, Said, Verification } from '../channel.js';
import type { WeChatAccount } from './account.js';
import { stateVerification } from './verify.js';

type News = CallbackAnswer['news'];

/** A message older or newer than this is not taken, in milliseconds. The platform repeats within seconds. */
const takenWithin = 10 * 60_000;

/** What was taken within the window: the same message again brings no news, another body under a used signature is refused. */
const seen = new LRUCache<string, string>({ max: 20_000, ttl: 2 * takenWithin });

const xml = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false, trimValues: true });

export function callback(account: WeChatAccount, request: CallbackRequest, now: Date): CallbackAnswer {
  const { callbackToken: token, encodingAesKey: key } = account.credentials;
  if (token === undefined) return refuse(404);
  const timestamp = request.query.get('timestamp') ?? '';
  const nonce = request.query.get('nonce') ?? '';
  if (!(Math.abs(Number(timestamp) * 1000 - now.getTime()) <= takenWithin)) return refuse(403);

  if (request.method === 'GET') {
    return sameText(plainSignature(token, timestamp, nonce), request.query.get('signature'))
      ? answer(200, request.query.get('echostr') ?? '')
      : refuse(403);
  }

  const outer = parse(request.body.toString('utf8'));
  const cipher = z.object({ Encrypt: z.string() }).safeParse(outer);
  let message = outer;
  if (cipher.success) {
    if (
      key === undefined ||
      !sameText(getSignature(token, timestamp, nonce, cipher.data.Encrypt), request.query.get('msg_signature'))
    )
      return refuse(403);
    message = opened(key, cipher.data.Encrypt, account.settings.appId);
    if (message === undefined) return refuse(403);
  } else if (key !== undefined || !sameText(plainSignature(token, timestamp, nonce), request.query.get('signature'))) {
    // An account in secure mode takes no plain message: its signature could be an old one over another body.
    return refuse(403);
  }

  const digest = createHash('sha256').update(request.body).digest('hex');
  const use = `${account.settings.appId} ${timestamp} ${nonce}`;
  const before = seen.get(use);
  if (before !== undefined && before !== digest) return refuse(403);
  seen.set(use, digest);
  return { ...answer(200, 'success'), news: fresh(account, readNews(message, cipher.success)) };
}

/** One message may be sent three times, and by two of our processes seen; events are known by sender, time and kind. */
function fresh(account: WeChatAccount, read: { name: string; news: News } | undefined): News {
  if (!read) return [];
  const name = `${account.settings.appId} ${read.name}`;
  if (seen.has(name)) return [];
  seen.set(name, '');
  return read.news;
}

const text = z.union([z.string(), z.number()]).transform(String);
const event = z.object({
  FromUserName: text.optional(),
  CreateTime: text,
  MsgType: z.literal('event'),
  Event: z.string(),
});
const item = z.object({ idx: text.optional(), article_url: z.string() });
const published = z.object({
  PublishEventInfo: z.object({
    publish_id: text,
    publish_status: z.coerce.number(),
    article_id: text.optional(),
    article_detail: z
      .object({ item: z.union([item, z.array(item)]) })
      .optional()
      .catch(undefined),
  }),
});
const mass = z.object({
  MsgID: text.optional(),
  MsgId: text.optional(),
  Status: z.string(),
  ArticleUrlResult: z
    .object({
      ResultList: z.object({
        item: z.union([z.object({ ArticleUrl: z.string() }), z.array(z.object({ ArticleUrl: z.string() }))]),
      }),
    })
    .optional()
    .catch(undefined),
});

function readNews(message: unknown, signed: boolean): { name: string; news: News } | undefined {
  const head = event.safeParse(message);
  if (!head.success) return undefined;
  const at = new Date(Number(head.data.CreateTime) * 1000);
  const name = (id: string) => `${head.data.FromUserName ?? ''} ${head.data.CreateTime} ${head.data.Event} ${id}`;
  // One SDK spells the event FREEPUBLISHJOBFINISH.
  if (/^(FREE)?PUBLISHJOBFINISH$/.test(head.data.Event)) {
    const body = published.safeParse(message);
    if (!body.success) return undefined;
    const info = body.data.PublishEventInfo;
    const verification = signed ? publishedNews(info) : { outcome: 'pending' as const, again: 1 };
    return { name: name(info.publish_id), news: [{ remoteId: info.publish_id, at, verification }] };
  }
  if (head.data.Event !== 'MASSSENDJOBFINISH') return undefined;
  const body = mass.safeParse(message);
  const id = body.data?.MsgID ?? body.data?.MsgId;
  if (!body.success || id === undefined) return undefined;
  const verification = massNews(id, body.data, at, signed);
  return { name: name(id), news: [{ remoteId: id, at, verification }] };
}

function publishedNews(info: z.infer<typeof published>['PublishEventInfo']): Verification {
  if (info.publish_status !== 0) return stateVerification(info.publish_status);
  const url = first(info.article_detail?.item)?.article_url;
  return {
    outcome: 'published',
    again: 1,
    remote: {
      id: info.publish_id,
      ...(url !== undefined && { url }),
      extra: {
        kind: 'publish',
        publishId: info.publish_id,
        ...(info.article_id !== undefined && { articleId: info.article_id }),
      },
    },
  };
}

/** The address comes here only; taken from a plain message it is still harmless, since the page is compared with the signed text. */
function massNews(
  id: string,
  { Status: status, ArticleUrlResult: result }: z.infer<typeof mass>,
  at: Date,
  signed: boolean,
): Verification {
  if (/^send ?success$/i.test(status)) {
    const url = first(result?.ResultList.item)?.ArticleUrl;
    return {
      outcome: 'published',
      again: 1,
      remote: {
        id,
        ...(url !== undefined && { url }),
        extra: { kind: 'mass', messageId: id, acceptedAt: at.toISOString() },
      },
    };
  }
  if (!signed) return { outcome: 'pending', again: 1 };
  const code = /err\((\d+)\)/.exec(status)?.[1] ?? '';
  const cause = massRefusals[code] ?? { zh: '微信群发失败。', en: 'WeChat failed to send it.' };
  return {
    outcome: 'rejected',
    cause,
    platform: { code: code || 'Status', words: status },
    todo: {
      zh: '请登录公众平台查看通知，按原因修改后重新签发，或由管理员确认后点“重试”。',
      en: 'Read the notice on the platform, correct and sign again, or have the administrator confirm and press Retry.',
    },
  };
}

/** Status `err(NUM)` of MASSSENDJOBFINISH. Recalled from the platform's mass-send page, not confirmed. */
const massRefusals: Readonly<Record<string, Said>> = {
  10001: { zh: '涉嫌广告。', en: 'Taken for advertising.' },
  20001: { zh: '涉嫌政治内容违规。', en: 'Refused for political content.' },
  20004: { zh: '涉嫌社会内容违规。', en: 'Refused for social content.' },
  20002: { zh: '涉嫌色情。', en: 'Refused as indecent.' },
  20006: { zh: '涉嫌违法犯罪。', en: 'Refused as unlawful.' },
  20008: { zh: '涉嫌欺诈。', en: 'Refused as fraud.' },
  20013: { zh: '涉嫌侵犯版权。', en: 'Refused for copyright.' },
  21000: { zh: '涉嫌其他违规。', en: 'Refused for another reason.' },
  22000: { zh: '涉嫌互推。', en: 'Refused as cross-promotion.' },
  30001: { zh: '原创校验出现系统错误。', en: 'The originality check failed.' },
  30002: { zh: '被原创校验判定为不能群发。', en: 'The originality check refused it.' },
  30003: { zh: '被原创校验判定为转载。', en: 'The originality check took it for a reprint.' },
  40001: { zh: '管理员拒绝了这次群发。', en: 'The administrator refused it.' },
  40002: { zh: '管理员 30 分钟内没有确认，群发失败。', en: 'The administrator did not confirm within 30 minutes.' },
};

function opened(key: string, cipher: string, appId: string): unknown {
  try {
    const { message, id } = decrypt(key, cipher);
    return id === appId ? parse(message) : undefined;
  } catch {
    // A broken cipher is a forged message: refused like any other.
    return undefined;
  }
}

/** The message's fields, from XML or JSON; an empty object where it is neither. */
function parse(body: string): unknown {
  try {
    if (body.trimStart().startsWith('{')) return JSON.parse(body);
    return z.object({ xml: z.record(z.string(), z.unknown()) }).parse(xml.parse(body)).xml;
  } catch {
    return {};
  }
}

function first<T>(list: T | T[] | undefined): T | undefined {
  return Array.isArray(list) ? list[0] : list;
}

function plainSignature(token: string, timestamp: string, nonce: string): string {
  return createHash('sha1').update([token, timestamp, nonce].sort().join('')).digest('hex');
}

function sameText(expected: string, given: string | null): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given ?? '');
  return left.length === right.length && timingSafeEqual(left, right);
}

function answer(status: number, body: string): CallbackAnswer {
  return { status, mime: 'text/plain; charset=utf-8', body, news: [] };
}

function refuse(status: 403 | 404): CallbackAnswer {
  return answer(status, '');
}
