/**
 * The app's content feed: a folder of plain files that any web server could serve.
 *
 *   <feed>/feed.json, feed.atom     the newest items
 *   <feed>/items/<id>.html          the article page
 *   <feed>/items/<id>.json          the record of one item; a tombstone once it is withdrawn
 *   <feed>/media/<hash>.<ext>       pictures and attachments, content-addressed
 *
 * The records are the truth; the feed documents are made from them. All changes to one feed happen under one lock, and
 * every file is replaced whole, so readers and other processes never meet a half-written one.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Call } from '../channel.js';
import { resolveMedia } from './article.js';
import { atomDocument, feedItem, itemsOf, jsonFeedDocument, newestFirst, type FeedHead, type FeedItem } from './documents.js';
import { AppFault } from './errors.js';
import { isThere, namesIn, readIfThere, writeWhole } from './files.js';
import { articlePage, extensionOf } from './pages.js';
import type { AppPayload } from './payload.js';

const record = z.discriminatedUnion('state', [
  z.object({ state: z.literal('public'), key: z.string(), media: z.array(z.string()), item: feedItem }),
  z.object({ state: z.literal('withdrawn'), key: z.string(), withdrawnAt: z.string() }),
]);
export type ItemRecord = z.output<typeof record>;

/** Feed readers fetch the whole document, so it holds the newest only, and no more than a phone will take. */
const newestItems = 100;
const documentBytes = 4 * 1024 * 1024;
const lockSeconds = 30;

export interface FeedPlace {
  slug: string;
  title: string;
  language: string;
}

type FeedCall = Pick<Call, 'folder' | 'hubUrl' | 'memory' | 'media' | 'now'>;

/** The item's id, the same for every attempt of one delivery: a UUID (version 8, RFC 9562) made from the delivery's key. */
export function itemId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function itemUrl(hubUrl: string, slug: string, id: string): string {
  return `${hubUrl}/feeds/${slug}/items/${id}`;
}

/** @returns undefined where there is no such item; throws if the record is damaged. */
export async function readItem(folder: string, slug: string, id: string): Promise<ItemRecord | undefined> {
  const text = await readIfThere(join(folder, slug, 'items', `${id}.json`));
  // An empty file is what a loss of power makes of one just written.
  return text?.length ? record.parse(JSON.parse(text.toString('utf8'))) : undefined;
}

/** Publishes one item; a repeat under the same key changes nothing. @throws AppFault if it was withdrawn. */
export async function putItem(place: FeedPlace, payload: AppPayload, key: string, call: FeedCall): Promise<FeedItem> {
  const id = itemId(key);
  return locked(place.slug, call, async () => {
    const earlier = await readItem(call.folder, place.slug, id);
    if (earlier?.state === 'withdrawn') throw new AppFault('withdrawn');
    const item = earlier?.item ?? await writeItem(place, payload, key, id, call);
    await enter(place, item, call);
    return item;
  });
}

/** Takes an item away: its page and media go, a tombstone stays. A repeat, or an item never published, is fine. */
export async function withdrawItem(place: FeedPlace, id: string, key: string, call: FeedCall): Promise<void> {
  await locked(place.slug, call, async () => {
    const folder = join(call.folder, place.slug);
    const earlier = await readItem(call.folder, place.slug, id);
    const tombstone: ItemRecord = { state: 'withdrawn', key, withdrawnAt: call.now().toISOString() };
    if (earlier?.state !== 'withdrawn') await writeWhole(join(folder, 'items', `${id}.json`), JSON.stringify(tombstone));
    await rm(join(folder, 'items', `${id}.html`), { force: true });
    const left = await publicRecords(folder);
    if (earlier?.state === 'public') {
      const inUse = new Set(left.flatMap((entry) => entry.media));
      await Promise.all(earlier.media.filter((name) => !inUse.has(name)).map((name) => rm(join(folder, 'media', name), { force: true })));
    }
    await writeDocuments(place, left.map((entry) => entry.item), call);
  });
}

/** Makes the feed, empty, if there is none: an app can subscribe before the first release. */
export async function ensureFeed(place: FeedPlace, call: FeedCall): Promise<void> {
  const file = join(call.folder, place.slug, 'feed.json');
  if (await isThere(file)) return;
  await locked(place.slug, call, async () => {
    if (!(await isThere(file))) await writeDocuments(place, (await publicRecords(join(call.folder, place.slug))).map((entry) => entry.item), call);
  });
}

function locked<T>(slug: string, call: FeedCall, work: () => Promise<T>): Promise<T> {
  return call.memory.lock(`feed:${slug}`, lockSeconds, work);
}

async function writeItem(place: FeedPlace, payload: AppPayload, key: string, id: string, call: FeedCall): Promise<FeedItem> {
  const folder = join(call.folder, place.slug);
  const feedUrl = `${call.hubUrl}/feeds/${place.slug}`;
  const names = new Map<string, string>();
  for (const hash of payload.media) {
    const { bytes, mime } = await call.media.read(hash, 'feed');
    names.set(hash, `${hash}.${extensions[mime] ?? 'bin'}`);
    await writeMedium(folder, `${hash}.${extensions[mime] ?? 'bin'}`, bytes);
  }
  const attachments: NonNullable<FeedItem['attachments']> = [];
  for (const { hash, name, mime, bytes } of payload.attachments) {
    const file = `${hash}.${extensionOf(name) || 'bin'}`;
    await writeMedium(folder, file, (await call.media.read(hash)).bytes);
    names.set(`attachment ${hash}`, file);
    attachments.push({ url: `${feedUrl}/media/${file}`, mime_type: mime, title: name, size_in_bytes: bytes });
  }
  const addressOf = (hash: string) => `${feedUrl}/media/${names.get(hash) ?? hash}`;

  const published = call.now();
  const body = resolveMedia(payload.body, addressOf);
  const image = payload.cover ?? payload.media[0];
  const tags = [...new Set([...payload.columns, ...payload.keywords])];
  const url = itemUrl(call.hubUrl, place.slug, id);
  const item: FeedItem = {
    id: `urn:uuid:${id}`, url, title: payload.title, ...(payload.summary && { summary: payload.summary }),
    content_html: body,
    ...(image !== undefined && names.has(image) && { image: addressOf(image) }),
    date_published: published.toISOString(), language: payload.language, authors: [{ name: payload.author ?? payload.source }],
    ...(tags.length && { tags }), ...(attachments.length && { attachments }), _lianfa: { kind: payload.kind, source: payload.source },
  };
  const page = articlePage({ payload, feedTitle: place.title, published, body, attachments: attachments.map(({ title, url: address }) => ({ name: title, url: address })), url, feedUrl });
  await writeWhole(join(folder, 'items', `${id}.html`), page);
  const entry: ItemRecord = { state: 'public', key, media: [...names.values()], item };
  await writeWhole(join(folder, 'items', `${id}.json`), JSON.stringify(entry));
  return item;
}

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg', 'image/png': 'png', 'image/gif': 'gif', 'image/webp': 'webp', 'video/mp4': 'mp4', 'audio/mpeg': 'mp3', 'audio/mp4': 'm4a',
};

/** Content-addressed, so what stands under a name never changes. */
export const mediumName = /^[0-9a-f]{64}\.[a-z0-9]{1,8}$/;

async function writeMedium(folder: string, name: string, bytes: Buffer): Promise<void> {
  if (!mediumName.test(name)) throw new Error(`"${name}" is no name for a medium`);
  const file = join(folder, 'media', name);
  if (!(await isThere(file))) await writeWhole(file, bytes);
}

/** The usual case needs no look at the other records: the document that stands holds the newest of them. */
async function enter(place: FeedPlace, item: FeedItem, call: FeedCall): Promise<void> {
  const folder = join(call.folder, place.slug);
  const standing = itemsOf((await readIfThere(join(folder, 'feed.json')))?.toString('utf8'));
  if (standing?.some((entry) => entry.id === item.id)) return;
  const items = standing ? [...standing, item] : (await publicRecords(folder)).map((entry) => entry.item);
  await writeDocuments(place, items, call);
}

async function publicRecords(folder: string): Promise<Extract<ItemRecord, { state: 'public' }>[]> {
  const found: Extract<ItemRecord, { state: 'public' }>[] = [];
  for (const name of await namesIn(join(folder, 'items'))) {
    const text = !name.endsWith('.json') ? undefined : await readIfThere(join(folder, 'items', name));
    const entry = text?.length && record.parse(JSON.parse(text.toString('utf8')));
    if (entry && entry.state === 'public') found.push(entry);
  }
  return found;
}

async function writeDocuments(place: FeedPlace, items: FeedItem[], call: FeedCall): Promise<void> {
  const head: FeedHead = { url: `${call.hubUrl}/feeds/${place.slug}`, title: place.title, language: place.language };
  const newest = bounded(items.sort(newestFirst));
  const folder = join(call.folder, place.slug);
  await writeWhole(join(folder, 'feed.atom'), atomDocument(head, newest, call.now()));
  // Last, because its holding an item means that both documents do.
  await writeWhole(join(folder, 'feed.json'), jsonFeedDocument(head, newest));
}

function bounded(items: FeedItem[]): FeedItem[] {
  let bytes = 0;
  const kept = items.slice(0, newestItems).findIndex((item) => (bytes += Buffer.byteLength(item.content_html)) > documentBytes);
  return items.slice(0, kept < 0 ? newestItems : Math.max(1, kept));
}
