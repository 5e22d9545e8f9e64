/** draft/*: what an article must be, and what the platform silently takes out of it. */
import { z } from 'zod';
import type { SandboxAnswer } from '../../sandbox.js';
import { Refusal, ok } from './replies.js';
import { pictureName } from './media.js';
import { mediaId, type AccountState, type Draft, type NewsArticle, type World } from './world.js';

const flag = z.coerce.number().default(0);
const article = z.object({
  article_type: z.enum(['news', 'newspic']).default('news'),
  title: z.string().default(''),
  author: z.string().default(''),
  digest: z.string().default(''),
  content: z.string().default(''),
  content_source_url: z.string().default(''),
  thumb_media_id: z.string().default(''),
  need_open_comment: flag,
  only_fans_can_comment: flag,
  image_info: z.object({ image_list: z.array(z.object({ image_media_id: z.string() })) }).optional(),
});
const addBody = z.object({ articles: z.array(article) });
const updateBody = z.object({ media_id: z.string(), index: z.coerce.number().default(0), articles: article });
export const mediaBody = z.object({ media_id: z.string() });
export const pageBody = z.object({
  offset: z.coerce.number().min(0),
  count: z.coerce.number().min(1).max(20),
  no_content: z.coerce.number().default(0),
});

export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(47001);
  return parsed.data;
}

export function addDraft(world: World, account: AccountState, body: unknown, raw: string): SandboxAnswer {
  const { articles } = parseBody(addBody, body);
  if (articles.length === 0) throw new Refusal(44003);
  if (articles.length > 8) throw new Refusal(45008);
  const now = world.now();
  const draft: Draft = {
    id: mediaId(),
    articles: articles.map((entry) => admit(world, account, entry, raw)),
    createdAt: now,
    updatedAt: now,
  };
  account.drafts.set(draft.id, draft);
  return ok({ media_id: draft.id, item: [] });
}

export function updateDraft(world: World, account: AccountState, body: unknown, raw: string): SandboxAnswer {
  const { media_id, index, articles } = parseBody(updateBody, body);
  const draft = draftOf(account, media_id);
  if (draft.articles[index] === undefined) throw new Refusal(40060);
  draft.articles[index] = admit(world, account, articles, raw);
  draft.updatedAt = world.now();
  return ok();
}

export function deleteDraft(account: AccountState, body: unknown): SandboxAnswer {
  account.drafts.delete(draftOf(account, parseBody(mediaBody, body).media_id).id);
  return ok();
}

export function getDraft(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const draft = draftOf(account, parseBody(mediaBody, body).media_id);
  return ok({
    news_item: items(world, draft, true),
    create_time: seconds(draft.createdAt),
    update_time: seconds(draft.updatedAt),
  });
}

export function listDrafts(world: World, account: AccountState, body: unknown): SandboxAnswer {
  const { offset, count, no_content } = parseBody(pageBody, body);
  const page = [...account.drafts.values()].slice(offset, offset + count);
  return ok({
    total_count: account.drafts.size,
    item_count: page.length,
    item: page.map((draft) => ({
      media_id: draft.id,
      update_time: seconds(draft.updatedAt),
      content: {
        news_item: items(world, draft, no_content === 0),
        create_time: seconds(draft.createdAt),
        update_time: seconds(draft.updatedAt),
      },
    })),
  });
}

export function draftOf(account: AccountState, id: string): Draft {
  const draft = account.drafts.get(id);
  if (!draft) throw new Refusal(40007, `invalid media_id hint: [${id.slice(0, 8)}]`);
  return draft;
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function items(world: World, draft: Draft, content: boolean): Record<string, unknown>[] {
  return draft.articles.map((entry, index) =>
    itemOf(entry, content, { url: `${world.url}/s/tempkey-${draft.id.slice(0, 10)}-${index}` }),
  );
}

/** An article as draft/get and getarticle give it. */
export function itemOf(entry: NewsArticle, content: boolean, more: Record<string, unknown>): Record<string, unknown> {
  return {
    article_type: entry.article_type,
    title: entry.title,
    author: entry.author,
    digest: entry.digest,
    ...(content && { content: entry.content }),
    content_source_url: entry.content_source_url,
    thumb_media_id: entry.thumb_media_id,
    show_cover_pic: 0,
    need_open_comment: entry.need_open_comment,
    only_fans_can_comment: entry.only_fans_can_comment,
    ...more,
  };
}

/** @throws Refusal with the documented code of the first rule that is broken */
function admit(world: World, account: AccountState, entry: z.output<typeof article>, raw: string): NewsArticle {
  // An escape of JSON; a text that shows a backslash and a u holds two backslashes there.
  if (/(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}/.test(raw)) throw new Refusal(40033);
  const length = (text: string) => [...text].length;
  if (length(entry.title) === 0) throw new Refusal(40035, 'invalid parameter: title is required');
  if (length(entry.title) > world.longestTitle) throw new Refusal(45003);
  if (length(entry.author) > 16) throw new Refusal(45110);
  if (length(entry.digest) > 128) throw new Refusal(45004);
  if (entry.content === '') throw new Refusal(44004);
  if (entry.content.length >= 20_000 || Buffer.byteLength(entry.content) >= 1024 * 1024) throw new Refusal(45002);
  if (Buffer.byteLength(entry.content_source_url) > 1024) throw new Refusal(45005);
  if (entry.content_source_url !== '' && !/^https?:\/\/[^\s/]+/i.test(entry.content_source_url))
    throw new Refusal(40066);
  if (entry.need_open_comment === 1 && !account.rights.comment) throw new Refusal(88000);
  if (entry.article_type === 'news' && !account.materials.has(entry.thumb_media_id))
    throw new Refusal(40007, `invalid media_id hint: [${entry.thumb_media_id.slice(0, 8)}]`);
  if (entry.article_type === 'newspic') {
    const list = entry.image_info?.image_list ?? [];
    if (list.length === 0 || list.length > 20) throw new Refusal(40035);
    if (list.some(({ image_media_id }) => !account.materials.has(image_media_id))) throw new Refusal(40007);
  }
  const content =
    entry.article_type === 'newspic' ? entry.content.replace(/<[^>]*>/g, '') : filtered(world, entry.content);
  return {
    ...entry,
    content,
    digest: entry.digest || [...content.replace(/<[^>]*>/g, '').replace(/\s+/g, '')].slice(0, 54).join(''),
  };
}

/** Scripts and handlers go; so do pictures that did not come from uploadimg. */
function filtered(world: World, content: string): string {
  return content
    .replace(/<(script|style|iframe)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi, (tag) =>
      tag.replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''),
    )
    .replace(/<img\b[^>]*>/gi, (tag) => {
      const src = /\ssrc\s*=\s*["']?([^"'\s>]+)/i.exec(tag)?.[1] ?? '';
      const name = src.startsWith(`${world.url}/`) ? pictureName(new URL(src).pathname) : undefined;
      return name !== undefined && world.pictures.has(name) ? tag : '';
    });
}
