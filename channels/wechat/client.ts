/**
 * The documented calls of the Official Account API, one method each. Ids are strings on both sides. An answer is
 * checked by zod; `errcode` other than 0 throws `WeChatError`. Source of shapes: developers.weixin.qq.com.
 */
import { z } from 'zod';
import type { Call } from '../channel.js';
import { TransportError, type OutboundOptions } from '../outbound.js';
import type { WeChatAccount } from './account.js';
import { id, readAnswer } from './answer.js';
import { spend } from './budget.js';
import { GatewayError, Unanswered, WeChatError, harmless, ruleOf } from './errors.js';
import { condemnToken, renewToken, tokenOf } from './token.js';
import { formOf, type Upload } from './upload-form.js';

/** One article of a draft, as `draft/add` takes it. */
export interface Article {
  title: string;
  author?: string | undefined;
  digest?: string | undefined;
  content: string;
  content_source_url?: string | undefined;
  thumb_media_id: string;
  need_open_comment?: 0 | 1 | undefined;
  only_fans_can_comment?: 0 | 1 | undefined;
  /** `X1_Y1_X2_Y2`, fractions of the cover. */
  pic_crop_235_1?: string | undefined;
  pic_crop_1_1?: string | undefined;
}

const flag = z.union([z.number(), z.boolean()]).transform(Boolean);
const newsItem = z.object({
  title: z.string(),
  author: z.string().optional(),
  digest: z.string().optional(),
  content: z.string().optional(),
  content_source_url: z.string().optional(),
  url: z.string().optional(),
  is_deleted: flag.optional(),
});
const news = z.object({ news_item: z.array(newsItem) });
export type NewsItem = z.infer<typeof newsItem>;

const nothing = z.object({});
const mediaId = z.object({ media_id: id });
const draftPage = z.object({
  total_count: z.number(),
  item: z.array(z.object({ media_id: id, content: news, update_time: z.number().optional() })).default([]),
});
const publishedPage = z.object({
  total_count: z.number(),
  item: z.array(z.object({ article_id: id, content: news, update_time: z.number().optional() })).default([]),
});
const submitted = z.object({ publish_id: id, msg_data_id: id.optional() });
const publishState = z.object({
  publish_id: id.optional(),
  publish_status: z.coerce.number(),
  article_id: id.optional(),
  article_detail: z
    .object({ item: z.array(z.object({ idx: z.coerce.number(), article_url: z.string() })).default([]) })
    .optional(),
  fail_idx: z.array(z.number()).optional(),
});
export type PublishState = z.infer<typeof publishState>;
const massSent = z.object({ msg_id: id, msg_data_id: id.optional() });
const massState = z.object({ msg_id: id.optional(), msg_status: z.string() });
const reply = z.object({ content: z.string(), create_time: z.number() });
const comments = z.object({
  total: z.number().optional(),
  comment_cnt: z.number().optional(),
  comment: z
    .array(
      z.object({
        user_comment_id: id,
        openid: z.string().optional(),
        content: z.string(),
        create_time: z.number(),
        comment_type: z.number().optional(),
        /** One object on the platform's page, an array in one SDK's sample. */
        reply: z.union([reply, z.array(reply).transform((all) => all[0])]).optional(),
      }),
    )
    .default([]),
});
export type CommentPage = z.infer<typeof comments>;

/** Which comments a list holds. */
const commentTypes = { all: 0, normal: 1, featured: 2 } as const;

/** `StepCall.leave`, asked when all else is ready: the token too, whose fetching may take as long as it likes. */
export type Door = () => Promise<void>;

export function clientFor(account: WeChatAccount, call: Call) {
  const base = `${account.settings.endpoint}/cgi-bin/`;

  let token: string | undefined;

  /**
   * `door` of a call that makes something public or takes it back: nothing stands between it and the request. With
   * `commits` silence is `Unanswered`; any other call may be repeated.
   */
  async function ask<T extends z.ZodType>(
    path: string,
    schema: T,
    options: OutboundOptions,
    { door, commits = false, query = '' }: { door?: Door; commits?: boolean; query?: string } = {},
  ): Promise<z.output<T>> {
    await spend(account, call, path);
    token ??= await tokenOf(account, call);
    await door?.();
    try {
      const answer = await call.http.request(`${base}${path}?access_token=${encodeURIComponent(token)}${query}`, {
        signal: call.signal,
        ...options,
      });
      return readAnswer(path, schema, answer);
    } catch (error) {
      if (error instanceof WeChatError && ruleOf(error.code).class === 'refresh') {
        await condemnToken(account, call, token);
        token = undefined;
      }
      const silent =
        (error instanceof TransportError && error.mayHaveLanded) ||
        (error instanceof GatewayError && (error.status >= 500 || error.status < 300));
      if (commits && silent) throw new Unanswered(error.message, { cause: error });
      throw harmless(error);
    }
  }

  const post = <T extends z.ZodType>(
    path: string,
    schema: T,
    body: unknown,
    leaving: { door?: Door; commits?: boolean } = {},
  ) =>
    ask(
      path,
      schema,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
      leaving,
    );

  const upload = async <T extends z.ZodType>(path: string, schema: T, file: Upload, query = '') => {
    const { type, body } = await formOf(file);
    return ask(path, schema, { method: 'POST', headers: { 'content-type': type }, body, timeout: 30_000 }, { query });
  };

  return {
    /** A picture for the text: JPG or PNG under 1 MB. Its address works inside WeChat only. */
    uploadPicture: async (file: Upload) => (await upload('media/uploadimg', z.object({ url: z.string() }), file)).url,
    /** A permanent picture, for covers. */
    addImage: async (file: Upload) => (await upload('material/add_material', mediaId, file, '&type=image')).media_id,

    addDraft: async (article: Article) => (await post('draft/add', mediaId, { articles: [article] })).media_id,
    /** `index` counts from 0. */
    updateDraft: (draft: string, article: Article, index = 0) =>
      post('draft/update', nothing, { media_id: draft, index, articles: article }),
    deleteDraft: (draft: string, door: Door) => post('draft/delete', nothing, { media_id: draft }, { door }),
    getDraft: async (draft: string) => (await post('draft/get', news, { media_id: draft })).news_item,
    listDrafts: (offset: number, count = 20) => post('draft/batchget', draftPage, { offset, count, no_content: 1 }),
    countDrafts: async () =>
      (await ask('draft/count', z.object({ total_count: z.number() }), { method: 'GET' })).total_count,

    /** Enqueues only. @throws Unanswered where the platform may have taken it. */
    submit: (draft: string, door: Door) =>
      post('freepublish/submit', submitted, { media_id: draft }, { door, commits: true }),
    /** At most 100 calls a day. */
    publishState: (publishId: string) => post('freepublish/get', publishState, { publish_id: publishId }),
    /** Deletes all articles of it; cannot be undone; 10 a day. */
    deletePublished: (articleId: string, door: Door) =>
      post('freepublish/delete', nothing, { article_id: articleId }, { door }),
    getArticle: async (articleId: string) =>
      (await post('freepublish/getarticle', news, { article_id: articleId })).news_item,
    listPublished: (offset: number, options: { count?: number; content?: boolean } = {}) =>
      post('freepublish/batchget', publishedPage, {
        offset,
        count: options.count ?? 20,
        no_content: options.content ? 0 : 1,
      }),

    /** To all followers. The same `clientmsgid` is not sent twice within 24 hours (45065). @throws Unanswered */
    sendToAll: (draft: string, clientmsgid: string, door: Door) =>
      post(
        'message/mass/sendall',
        massSent,
        {
          filter: { is_to_all: true },
          mpnews: { media_id: draft },
          msgtype: 'mpnews',
          send_ignore_reprint: 1,
          clientmsgid,
        },
        { door, commits: true },
      ),
    massState: (messageId: string) => post('message/mass/get', massState, { msg_id: messageId }),
    /** Takes the articles away; who has the card already keeps the card. */
    deleteMass: (messageId: string, door: Door) =>
      post('message/mass/delete', nothing, withNumber({ msg_id: messageId, article_idx: 0 }, 'msg_id'), { door }),

    /** `count` under 50. The overall number is `comment_cnt`. */
    listComments: (
      messageDataId: string,
      options: { begin?: number; count?: number; type?: keyof typeof commentTypes; index?: number } = {},
    ) =>
      post(
        'comment/list',
        comments,
        withNumber(
          {
            msg_data_id: messageDataId,
            index: options.index ?? 0,
            begin: options.begin ?? 0,
            count: options.count ?? 49,
            type: commentTypes[options.type ?? 'all'],
          },
          'msg_data_id',
        ),
      ),
    replyToComment: (messageDataId: string, commentId: string, content: string, index = 0) =>
      post(
        'comment/reply/add',
        nothing,
        withNumber(
          { msg_data_id: messageDataId, index, user_comment_id: commentId, content },
          'msg_data_id',
          'user_comment_id',
        ),
      ),
  };
}

export type WeChatClient = ReturnType<typeof clientFor>;

/** Runs reads once more with a fresh token where the first answer was that the token is stale. */
export async function withFreshToken<T>(
  account: WeChatAccount,
  call: Call,
  work: (client: WeChatClient) => Promise<T>,
): Promise<T> {
  const client = clientFor(account, call);
  try {
    return await work(client);
  } catch (error) {
    if (!(error instanceof WeChatError) || ruleOf(error.code).class !== 'refresh') throw error;
    await renewToken(account, call);
    return work(client);
  }
}

/** JSON in which the named ids stand as bare digits, as these calls are documented, without passing through a double. */
function withNumber(body: Record<string, unknown>, ...names: string[]): string {
  return `{${Object.entries(body)
    .map(([name, value]) => {
      const digits = names.includes(name) && typeof value === 'string' && /^\d+$/.test(value);
      return `${JSON.stringify(name)}:${digits ? value : JSON.stringify(value)}`;
    })
    .join(',')}}`;
}
