/** What the public reads of a feed, drawn when it is asked for: the two feed documents and an article's page. */
import { createHash } from 'node:crypto';
import { resolveMedia } from './article.js';
import { atomDocument, jsonFeedDocument, newestFirst, type FeedHead, type FeedItem } from './documents.js';
import { itemUrl, readArticle, type StoredArticle } from './feed.js';
import { feedLog, type FeedState } from './feed-log.js';
import { articlePage } from './pages.js';

/** Feed readers fetch the whole document, so it holds the newest only, and no more than a phone will take. */
const newestItems = 100;
const documentBytes = 4 * 1024 * 1024;

export interface Drawn {
  text: string;
  etag: string;
  changed: Date;
}

/** A busy feed is asked for far more often than it changes. Both documents of these many feeds are kept. */
const keptDrawings = 64;
const drawings = new Map<string, { version: string; documents: Promise<{ json: Drawn; atom: Drawn }> }>();

/** @returns undefined where there is no such feed. */
export async function drawFeed(
  folder: string,
  hubUrl: string,
  slug: string,
  format: 'json' | 'atom',
): Promise<Drawn | undefined> {
  const state = await feedLog(folder, slug).read();
  if (!state.head) return undefined;
  const name = `${folder} ${hubUrl} ${slug}`;
  let kept = drawings.get(name);
  if (kept?.version !== state.version)
    kept = { version: state.version, documents: drawDocuments(folder, hubUrl, slug, state, state.head) };
  drawings.delete(name);
  drawings.set(name, kept);
  kept.documents.catch(() => drawings.delete(name));
  for (const oldest of drawings.keys()) {
    if (drawings.size <= keptDrawings) break;
    drawings.delete(oldest);
  }
  return (await kept.documents)[format];
}

async function drawDocuments(
  folder: string,
  hubUrl: string,
  slug: string,
  state: FeedState,
  head: NonNullable<FeedState['head']>,
): Promise<{ json: Drawn; atom: Drawn }> {
  const shown: { id: string; article: string; at: string }[] = [];
  for (const { id, published, withdrawn } of state.items.values())
    if (published && !withdrawn) shown.push({ id, ...published });
  shown.sort((a, b) => newestFirst([a.at, a.id], [b.at, b.id]));
  const items: FeedItem[] = [];
  let bytes = 0;
  for (const { id, article: hash, at } of shown.slice(0, newestItems)) {
    const article = await readArticle(folder, slug, id, hash);
    if (!article) continue;
    bytes += Buffer.byteLength(article.payload.body);
    if (items.length && bytes > documentBytes) break;
    items.push(feedItem(article, `${hubUrl}/feeds/${slug}`, itemUrl(hubUrl, slug, id), id, at));
  }
  const feed: FeedHead = { url: `${hubUrl}/feeds/${slug}`, title: head.title, language: head.language };
  const changed = new Date(items[0]?.date_published ?? head.at);
  return {
    json: drawn(jsonFeedDocument(feed, items), changed),
    atom: drawn(atomDocument(feed, items, changed), changed),
  };
}

function feedItem(article: StoredArticle, feedUrl: string, url: string, id: string, published: string): FeedItem {
  const { payload, media } = article;
  const image = media[payload.cover ?? payload.media[0] ?? ''];
  const tags = [...new Set([...payload.columns, ...payload.keywords])];
  const attachments = payload.attachments.map(({ mime, name, bytes }, n) => ({
    url: `${feedUrl}/media/${article.attachments[n] ?? ''}`,
    mime_type: mime,
    title: name,
    size_in_bytes: bytes,
  }));
  return {
    id: `urn:uuid:${id}`,
    url,
    title: payload.title,
    ...(payload.summary && { summary: payload.summary }),
    content_html: bodyOf(article, feedUrl),
    ...(image !== undefined && { image: `${feedUrl}/media/${image}` }),
    date_published: published,
    language: payload.language,
    authors: [{ name: payload.author ?? payload.source }],
    ...(tags.length && { tags }),
    ...(attachments.length && { attachments }),
    _lianfa: { kind: payload.kind, source: payload.source },
  };
}

/** @returns undefined where there never was such an item, or its content has been lost. */
export async function drawArticle(
  folder: string,
  hubUrl: string,
  slug: string,
  id: string,
): Promise<Drawn | 'withdrawn' | undefined> {
  const state = await feedLog(folder, slug).read();
  const item = state.items.get(id);
  if (item?.withdrawn) return 'withdrawn';
  const article = item?.published && (await readArticle(folder, slug, id, item.published.article));
  if (!article || !item.published) return undefined;
  const feedUrl = `${hubUrl}/feeds/${slug}`;
  const published = new Date(item.published.at);
  return drawn(
    articlePage({
      payload: article.payload,
      feedTitle: state.head?.title ?? '',
      published,
      body: bodyOf(article, feedUrl),
      url: itemUrl(hubUrl, slug, id),
      feedUrl,
      attachments: article.attachments.map((name) => ({ url: `${feedUrl}/media/${name}` })),
    }),
    published,
  );
}

function bodyOf({ payload, media }: StoredArticle, feedUrl: string): string {
  return resolveMedia(payload.body, (hash) => `${feedUrl}/media/${media[hash] ?? hash}`);
}

function drawn(text: string, changed: Date): Drawn {
  return { text, changed, etag: etagOf(text) };
}

export function etagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}
