/** The two feed documents: JSON Feed 1.1 (jsonfeed.org/version/1.1) and Atom (RFC 4287), of the same items. */
import { z } from 'zod';
import { loadTemplate } from '../templates.js';

const attachment = z.object({ url: z.string(), mime_type: z.string(), title: z.string(), size_in_bytes: z.number() });

/** One item as JSON Feed has it. `_lianfa` is an extension of ours: what an app needs to set an emergency apart. */
export const feedItem = z.object({
  id: z.string(),
  url: z.string(),
  title: z.string(),
  summary: z.string().optional(),
  content_html: z.string(),
  image: z.string().optional(),
  date_published: z.string(),
  language: z.string(),
  authors: z.array(z.object({ name: z.string() })),
  tags: z.array(z.string()).optional(),
  attachments: z.array(attachment).optional(),
  _lianfa: z.object({ kind: z.string(), source: z.string() }),
});
export type FeedItem = z.output<typeof feedItem>;

const jsonFeed = z.object({ items: z.array(feedItem) });

export interface FeedHead {
  /** Public address of the feed, without trailing slash. */
  url: string;
  title: string;
  language: string;
}

/** Newest first; of two with the same date, the one with the greater id. */
export function newestFirst(a: FeedItem, b: FeedItem): number {
  return b.date_published.localeCompare(a.date_published) || b.id.localeCompare(a.id);
}

export function jsonFeedDocument(head: FeedHead, items: readonly FeedItem[]): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1', title: head.title, feed_url: `${head.url}/feed.json`, language: head.language, items,
  });
}

/** The items of a document this channel has written; undefined where it is missing or damaged. */
export function itemsOf(document: string | undefined): FeedItem[] | undefined {
  if (document === undefined) return undefined;
  try {
    return jsonFeed.safeParse(JSON.parse(document)).data?.items;
  } catch {
    return undefined;
  }
}

interface AtomValues extends FeedHead {
  updated: string;
  entries: {
    id: string; url: string; title: string; summary: string; content: string; published: string; language: string;
    authors: { name: string }[]; tags: string[]; attachments: z.output<typeof attachment>[];
  }[];
}

let atom: ((values: AtomValues) => string) | undefined;

/** `now` dates a feed without items; otherwise its newest item does, so that the document changes only with its content. */
export function atomDocument(head: FeedHead, items: readonly FeedItem[], now: Date): string {
  atom ??= loadTemplate<AtomValues>('app', 'atom');
  return atom(cleanForXml({
    ...head,
    updated: items[0]?.date_published ?? now.toISOString(),
    entries: items.map((item) => ({
      id: item.id, url: item.url, title: item.title, summary: item.summary ?? '', content: item.content_html, published: item.date_published,
      language: item.language, authors: item.authors, tags: item.tags ?? [], attachments: item.attachments ?? [],
    })),
  }));
}

/** XML 1.0 cannot hold most control characters or lone surrogates, not even escaped. */
const notXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

function cleanForXml<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.replace(notXml, '') : part))) as T;
}
