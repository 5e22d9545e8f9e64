/** What the public reads of a feed, drawn when it is asked for: the two feed documents and an article's page. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Records } from '../channel.js';
import { resolveMedia } from './article.js';
import { atomDocument, jsonFeedDocument, newestFirst, type FeedHead, type FeedItem } from './documents.js';
import { itemUrl, readArticle, type StoredArticle } from './feed.js';
import type { Ending } from '../emergency.js';
import { endedByOthers, feedLog, type Ended, type FeedState } from './log.js';
import { articlePage, headingOf } from './pages.js';
import type { AppPayload } from './payload.js';

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
interface Documents {
  json: Drawn;
  atom: Drawn;
  /** Then a warning in them runs out, and they read differently. */
  until: number;
}
interface Drawing {
  /** Of the log that it was drawn from. */
  length: number;
  documents: Promise<Documents>;
}
const drawings = new WeakMap<Records, LRUCache<string, Drawing>>();

/** As it reads at `now`. @returns undefined where there is no such feed. */
export async function drawFeed(
  records: Records,
  hubUrl: string,
  slug: string,
  format: 'json' | 'atom',
  now: Date,
): Promise<Drawn | undefined> {
  const state = await feedLog(records, slug).read();
  if (!state.head) return undefined;
  let drawn = drawings.get(records);
  if (!drawn) drawings.set(records, (drawn = new LRUCache({ max: keptDrawings })));
  const name = `${hubUrl} ${slug}`;
  let kept = drawn.get(name);
  if (kept?.length !== state.length || (await kept.documents).until <= now.getTime()) {
    kept = { length: state.length, documents: drawDocuments(records, hubUrl, slug, state, state.head, now) };
    drawn.set(name, kept);
    kept.documents.catch(() => drawn.delete(name));
  }
  return (await kept.documents)[format];
}

async function drawDocuments(
  records: Records,
  hubUrl: string,
  slug: string,
  state: FeedState,
  head: NonNullable<FeedState['head']>,
  now: Date,
): Promise<Documents> {
  const candidates: Public[] = [];
  for (const { id, first, shown } of state.items.values()) if (first && shown) candidates.push({ id, first, ...shown });
  // By their last change: who has read the wrong text must meet the correction.
  candidates.sort((a, b) => newestFirst([a.at, a.id], [b.at, b.id]));
  const items: FeedItem[] = [];
  const ended = endedByOthers(state);
  let [bytes, until, changed] = [0, Infinity, Date.parse(state.changed)];
  for (const item of candidates.slice(0, newestItems)) {
    const article = await readArticle(records, item.article);
    if (!article) continue;
    bytes += Buffer.byteLength(article.payload.body);
    if (items.length && bytes > documentBytes) break;
    const other = otherEndOf(article.payload, ended, item.id);
    const end = endOf(article.payload, other);
    if (end > now.getTime()) until = Math.min(until, end);
    else changed = Math.max(changed, end);
    const over = other?.is ?? (end <= now.getTime() ? 'expired' : undefined);
    items.push(feedItem(article, item, `${hubUrl}/feeds/${slug}`, itemUrl(hubUrl, slug, item.id), over));
  }
  const feed: FeedHead = { url: `${hubUrl}/feeds/${slug}`, ...head };
  const at = new Date(changed);
  return { json: drawn(jsonFeedDocument(feed, items), at), atom: drawn(atomDocument(feed, items, at), at), until };
}

interface Public {
  id: string;
  article: string;
  /** When the item became public, and when it last changed. */
  first: string;
  at: string;
}

/** What ends it, where it is a warning in force; an exercise is none. */
function otherEndOf({ warning }: AppPayload, ended: ReadonlyMap<string, Ended>, id: string): Ended | undefined {
  return warning && !warning.drill && !warning.lifted ? ended.get(id) : undefined;
}

/** When it stops being in force by itself; never, for what is no warning, says no end, or has been ended. */
function endOf({ warning }: AppPayload, other: Ended | undefined): number {
  return warning?.expires === undefined || warning.lifted || warning.drill || other
    ? Infinity
    : Date.parse(warning.expires);
}

function feedItem(
  article: StoredArticle,
  { id, first, at }: Public,
  feedUrl: string,
  url: string,
  over: Ending | undefined,
): FeedItem {
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
    title: headingOf(payload, over),
    ...(payload.summary && { summary: payload.summary }),
    content_html: bodyOf(article, feedUrl),
    ...(image !== undefined && { image: `${feedUrl}/media/${image}` }),
    date_published: first,
    ...(at !== first && { date_modified: at }),
    language: payload.language,
    authors: [{ name: payload.author ?? payload.source }],
    ...(tags.length && { tags }),
    ...(attachments.length && { attachments }),
    _lianfa: {
      kind: payload.kind,
      source: payload.source,
      ...(payload.change && { change: payload.change }),
      ...(payload.warning && {
        in_force: !over && !payload.warning.lifted && !payload.warning.drill,
        ...(payload.warning.drill && { drill: true as const }),
      }),
    },
  };
}

/** As it reads at `now`. @returns undefined where there never was such an item, or its content has been lost. */
export async function drawArticle(
  records: Records,
  hubUrl: string,
  slug: string,
  id: string,
  now: Date,
): Promise<Drawn | 'withdrawn' | undefined> {
  const state = await feedLog(records, slug).read();
  const { shown, first } = state.items.get(id) ?? {};
  if (!shown || !first) return state.items.has(id) ? 'withdrawn' : undefined;
  const article = await readArticle(records, shown.article);
  if (!article) return undefined;
  const feedUrl = `${hubUrl}/feeds/${slug}`;
  const other = otherEndOf(article.payload, endedByOthers(state), id);
  const end = endOf(article.payload, other);
  const since = other ? Date.parse(other.at) : end;
  const changed = new Date(shown.at);
  return drawn(
    articlePage({
      payload: article.payload,
      feedTitle: state.head?.title ?? '',
      published: new Date(first),
      changed,
      ...(other
        ? { over: { is: other.is, at: new Date(since), url: itemUrl(hubUrl, slug, other.by) } }
        : end <= now.getTime() && { over: { is: 'expired' as const, at: new Date(end) } }),
      body: bodyOf(article, feedUrl),
      url: itemUrl(hubUrl, slug, id),
      feedUrl,
      attachments: article.attachments.map((name) => ({ url: `${feedUrl}/media/${name}` })),
    }),
    since <= now.getTime() ? new Date(Math.max(since, changed.getTime())) : changed,
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
