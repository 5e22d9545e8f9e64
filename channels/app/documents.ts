/** The two feed documents: JSON Feed 1.1 (jsonfeed.org/version/1.1) and Atom (RFC 4287), of the same items. */
import { loadTemplate } from '../templates.js';

/** One item as JSON Feed has it. `_lianfa` is an extension of ours: what an app needs to set an emergency apart. */
export interface FeedItem {
  id: string;
  url: string;
  title: string;
  summary?: string;
  content_html: string;
  image?: string;
  /** ISO 8601. */
  date_published: string;
  date_modified?: string;
  language: string;
  authors: { name: string }[];
  tags?: string[];
  attachments?: { url: string; mime_type: string; title: string; size_in_bytes: number }[];
  /** `in_force`: of a warning, by the time at which the document was drawn. `drill`: it is an exercise, never in force. */
  _lianfa: { kind: string; source: string; change?: string; in_force?: boolean; drill?: true };
}

export interface FeedHead {
  /** Public address of the feed, without trailing slash. */
  url: string;
  title: string;
  language: string;
}

/** Newest first; of two with the same date, the one with the greater id. */
export function newestFirst(a: readonly [date: string, id: string], b: readonly [date: string, id: string]): number {
  return b[0].localeCompare(a[0]) || b[1].localeCompare(a[1]);
}

export function jsonFeedDocument(head: FeedHead, items: readonly FeedItem[]): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: head.title,
    feed_url: `${head.url}/feed.json`,
    language: head.language,
    items,
  });
}

interface AtomValues extends FeedHead {
  updated: string;
  entries: {
    id: string;
    url: string;
    title: string;
    summary: string;
    content: string;
    published: string;
    updated: string;
    language: string;
    authors: { name: string }[];
    tags: string[];
    attachments: NonNullable<FeedItem['attachments']>;
  }[];
}

let atom: ((values: AtomValues) => string) | undefined;

/** `updated` is when the feed last changed, so that the document changes only with its content. */
export function atomDocument(head: FeedHead, items: readonly FeedItem[], updated: Date): string {
  atom ??= loadTemplate<AtomValues>('app', 'atom');
  return atom(
    cleanForXml({
      ...head,
      updated: updated.toISOString(),
      entries: items.map((item) => ({
        id: item.id,
        url: item.url,
        title: item.title,
        summary: item.summary ?? '',
        content: item.content_html,
        published: item.date_published,
        updated: item.date_modified ?? item.date_published,
        language: item.language,
        authors: item.authors,
        tags: item.tags ?? [],
        attachments: item.attachments ?? [],
      })),
    }),
  );
}

/** XML 1.0 cannot hold most control characters or lone surrogates, not even escaped. */
const notXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

function cleanForXml<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.replace(notXml, '') : part)),
  ) as T;
}
