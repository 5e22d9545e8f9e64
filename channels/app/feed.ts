/**
 * The app's content feeds, one folder each.
 *
 *   <feed>/log                  what happened to each item (feed-log.ts): the truth
 *   <feed>/items/<id>.json      the content of a public item; a link into the store
 *   <feed>/media/<hash>.<ext>   pictures and attachments; links into the store
 *
 * Publishing adds one line; the documents that phones read are drawn from the log when somebody asks (drawing.ts).
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Call } from '../channel.js';
import { AppFault } from './errors.js';
import { feedLog, type LoggedItem } from './feed-log.js';
import { readIfThere } from './files.js';
import { extensionOf } from './pages.js';
import { payloadSchema, type AppPayload } from './payload.js';
import { hide, show } from './store.js';

/** What is kept of a published release: what to show, and the file names of its media by hash. */
const articleSchema = z.object({
  payload: payloadSchema,
  media: z.record(z.string(), z.string()),
  attachments: z.array(z.string()),
});
export type StoredArticle = z.output<typeof articleSchema>;

export interface FeedPlace {
  slug: string;
  title: string;
  language: string;
}

type FeedCall = Pick<Call, 'folder' | 'memory' | 'media' | 'now'>;

const lockSeconds = 30;

/** The item's id, the same for every attempt of one delivery: a UUID (version 8, RFC 9562) made from the delivery's key. */
export function itemId(key: string): string {
  const hex = hash('sha256', key);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function itemUrl(hubUrl: string, slug: string, id: string): string {
  return `${hubUrl}/feeds/${slug}/items/${id}`;
}

export async function readItem(folder: string, slug: string, id: string): Promise<LoggedItem | undefined> {
  return (await feedLog(folder, slug).read()).items.get(id);
}

/** Publishes one item; a repeat under the same key changes nothing. @throws AppFault if it was withdrawn. */
export async function putItem(place: FeedPlace, payload: AppPayload, key: string, call: FeedCall): Promise<void> {
  const id = itemId(key);
  const log = feedLog(call.folder, place.slug);
  const earlier = (await log.read()).items.get(id);
  if (earlier?.withdrawn) throw new AppFault('withdrawn');
  if (earlier?.published) return;
  const prepared = await prepare(payload, call);
  const enter = async () => {
    for (const { name, read } of prepared.files)
      await show(call.folder, name, mediumFile(place.slug, name), () => read(call));
    await show(call.folder, `${prepared.hash}.json`, itemFile(place.slug, id), () => Promise.resolve(prepared.text));
    return log.promise([
      {
        is: 'public',
        id,
        key,
        article: prepared.hash,
        title: place.title,
        language: place.language,
        at: call.now().toISOString(),
      },
    ]);
  };
  // A picture may be shared with an item that is just being withdrawn; text is each item's own, and needs no lock.
  const state = await (prepared.files.length ? locked(place.slug, call, enter) : enter());
  if (!state.items.get(id)?.withdrawn) return;
  await hide(call.folder, `${prepared.hash}.json`, itemFile(place.slug, id));
  throw new AppFault('withdrawn');
}

/** Takes an item away: its content goes, a line about it stays. A repeat, or an item never published, is fine. */
export async function withdrawItem(slug: string, id: string, key: string, call: FeedCall): Promise<void> {
  await locked(slug, call, async () => {
    const log = feedLog(call.folder, slug);
    const earlier = (await log.read()).items.get(id);
    const state = await log.promise([{ is: 'withdrawn', id, key, at: call.now().toISOString() }]);
    if (!earlier?.published) return;
    const article = await readArticle(call.folder, slug, id, earlier.published.article);
    const names = article ? namesOf(article) : [];
    const inUse = new Set(names.length ? await mediaOf(call.folder, slug, [...state.items.values()]) : []);
    for (const name of names) if (!inUse.has(name)) await hide(call.folder, name, mediumFile(slug, name));
    await hide(call.folder, `${earlier.published.article}.json`, itemFile(slug, id));
  });
}

async function mediaOf(folder: string, slug: string, items: readonly LoggedItem[]): Promise<string[]> {
  const names: string[] = [];
  for (const { id, published, withdrawn } of items) {
    const article = published && !withdrawn ? await readArticle(folder, slug, id, published.article) : undefined;
    if (article) names.push(...namesOf(article));
  }
  return names;
}

/** Makes the feed, empty, if there is none: an app can subscribe before the first release. */
export async function ensureFeed(place: FeedPlace, call: FeedCall): Promise<void> {
  const log = feedLog(call.folder, place.slug);
  if (!(await log.read()).head)
    await log.promise([{ is: 'feed', title: place.title, language: place.language, at: call.now().toISOString() }]);
}

/** @returns undefined where the content is not there. A link lost with the power is made again from the store. */
export async function readArticle(
  folder: string,
  slug: string,
  id: string,
  hash: string,
): Promise<StoredArticle | undefined> {
  const file = join(folder, itemFile(slug, id));
  const shown = await readIfThere(file);
  const text = shown?.length ? shown : await readIfThere(join(folder, '.store', `${hash}.json`));
  if (!text?.length) return undefined;
  const article = articleSchema.parse(JSON.parse(text.toString('utf8')));
  if (text !== shown) {
    for (const name of namesOf(article)) await showStored(folder, name, mediumFile(slug, name));
    await showStored(folder, `${hash}.json`, itemFile(slug, id));
  }
  return article;
}

async function showStored(folder: string, name: string, target: string): Promise<void> {
  await show(folder, name, target, async () => {
    const bytes = await readIfThere(join(folder, '.store', name));
    if (!bytes) throw new Error(`${name} is not in the store`);
    return bytes;
  });
}

function itemFile(slug: string, id: string): string {
  return `${slug}/items/${id}.json`;
}

function mediumFile(slug: string, name: string): string {
  return `${slug}/media/${name}`;
}

function namesOf({ media, attachments }: StoredArticle): string[] {
  return [...Object.values(media), ...attachments];
}

function locked<T>(slug: string, call: FeedCall, work: () => Promise<T>): Promise<T> {
  return call.memory.lock(`feed:${slug}`, lockSeconds, work);
}

interface Prepared {
  hash: string;
  text: string;
  files: { name: string; read(call: FeedCall): Promise<Buffer> }[];
}

/** One rendition serves thousands of accounts, so what is the same for all of them is made once. */
const preparations = new WeakMap<AppPayload, Promise<Prepared>>();

function prepare(payload: AppPayload, call: FeedCall): Promise<Prepared> {
  let made = preparations.get(payload);
  if (!made) {
    made = composeArticle(payload, call);
    preparations.set(payload, made);
    // A picture that could not be read is this attempt's trouble, not the next one's.
    made.catch(() => preparations.delete(payload));
  }
  return made;
}

async function composeArticle(payload: AppPayload, call: FeedCall): Promise<Prepared> {
  const files: Prepared['files'] = [];
  const add = (hash: string, extension: string, variant?: string): string => {
    const name = `${hash}.${extension}`;
    if (!mediumName.test(name)) throw new Error(`"${name}" is no name for a medium`);
    files.push({ name, read: async ({ media }) => (await media.read(hash, variant)).bytes });
    return name;
  };
  const media: Record<string, string> = {};
  for (const hash of payload.media) {
    const { mime } = await call.media.read(hash, 'feed');
    media[hash] = add(hash, extensions[mime] ?? 'bin', 'feed');
  }
  const attachments = payload.attachments.map(({ hash, name }) => add(hash, extensionOf(name) || 'bin'));
  const text = JSON.stringify({ payload, media, attachments } satisfies StoredArticle);
  return { hash: hash('sha256', text), text, files };
}

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
};

/** Content-addressed, so what stands under a name never changes. */
export const mediumName = /^[0-9a-f]{64}\.[a-z0-9]{1,8}$/;
