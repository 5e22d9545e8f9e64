/**
 * The app's content feeds, one folder each. A release is one item of it, which a correction, an update or an all-clear
 * changes and a withdrawal takes away; a later order brings it back. Nothing goes back to an earlier one.
 *
 *   <feed>/log                      what happened to each item (feed-log.ts): the truth
 *   <feed>/items/<id>.<hash>.json   the content that an item shows; a link into the store
 *   <feed>/media/<hash>.<ext>       pictures and attachments; links into the store
 *
 * Publishing adds one line; the documents that phones read are drawn from the log when somebody asks (drawing.ts).
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { DoorClosed, type Call, type StepCall } from '../channel.js';
import { feedLog, type LoggedItem } from './feed-log.js';
import { readIfThere, writeSynced } from './files.js';
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
type FeedStep = FeedCall & Pick<StepCall, 'key' | 'seq' | 'leave'>;

const lockSeconds = 30;

/** The item of a release in an account's feed, whatever it comes to show: its address stays. A UUID (version 8, RFC 9562). */
export function itemId(release: string, { id, settings }: { id: string; settings: { feed: string } }): string {
  // With the feed, so that an account given another feed has another item there, and the old one is known to be elsewhere.
  return uuidOf([settings.feed, id, release].join(' '));
}

/** Under which the push of one step is known, the same for every attempt at it. */
export function stepId(key: string): string {
  return uuidOf(key);
}

function uuidOf(text: string): string {
  const hex = hash('sha256', text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function itemUrl(hubUrl: string, slug: string, id: string): string {
  return `${hubUrl}/feeds/${slug}/items/${id}`;
}

export async function readItem(folder: string, slug: string, id: string): Promise<LoggedItem | undefined> {
  return (await feedLog(folder, slug).read()).items.get(id);
}

/** Whether the public reads in the item what this step was to put there. */
export async function showsStep(folder: string, slug: string, id: string, key: string): Promise<boolean> {
  const shown = (await readItem(folder, slug, id))?.shown;
  return shown?.key === key && (await readStored(folder, slug, id, shown.article)) !== undefined;
}

/**
 * Lets the item show this; a repeat of the step changes nothing, but puts right a content that was changed behind our back.
 * Asks at the door before the public could read anything else than before.
 * @throws DoorClosed, also where the item has met a later order
 */
export async function putItem(place: FeedPlace, id: string, payload: AppPayload, call: FeedStep): Promise<void> {
  const { slug, title, language } = place;
  const log = feedLog(call.folder, slug);
  const earlier = (await log.read()).items.get(id);
  refuseGoingBack(earlier, call);
  const prepared = await prepare(payload, call);
  // A picture may be shared with an item that just lets go of it; text is each item's own, and the first needs no lock.
  const alone = !earlier && prepared.files.length === 0;
  const enter = async (): Promise<void> => {
    const { name, target } = fileOf(slug, id, prepared.hash);
    try {
      if (await isSpoilt(earlier, prepared, join(call.folder, target))) {
        await call.leave();
        await hide(call.folder, name, target);
        await writeSynced(join(call.folder, '.store', name), prepared.text);
      }
      for (const file of prepared.files)
        await show(call.folder, file.name, mediumFile(slug, file.name), () => file.read(call));
      await show(call.folder, name, target, () => Promise.resolve(prepared.text));
      if (earlier?.shown?.key === call.key) return;
      await call.leave();
      const { key, seq } = call;
      const at = call.now().toISOString();
      await log.promise([{ is: 'public', id, key, seq, article: prepared.hash, title, language, at }]);
    } finally {
      // Alone, another attempt may be about to enter the very same content.
      await sweep(slug, id, call, alone ? undefined : prepared.hash);
    }
  };
  await (alone ? enter() : locked(slug, call, enter));
  refuseGoingBack(await readItem(call.folder, slug, id), call);
}

/** @throws DoorClosed where the item follows a later order than this, or another step of the same one */
function refuseGoingBack(item: LoggedItem | undefined, { seq, key }: Pick<StepCall, 'seq' | 'key'>): void {
  if (item && (item.seq > seq || (item.seq === seq && item.shown?.key !== key))) throw new DoorClosed('overtaken');
}

async function isSpoilt(item: LoggedItem | undefined, { hash, text }: Prepared, file: string): Promise<boolean> {
  if (!item?.articles.includes(hash)) return false;
  const standing = await readIfThere(file);
  return standing !== undefined && standing.toString('utf8') !== text;
}

/**
 * Takes an item away: its content goes, a line about it stays. A repeat, or an item never published, is fine.
 * @throws DoorClosed, also where the item has met a later order
 */
export async function withdrawItem(slug: string, id: string, call: FeedStep): Promise<void> {
  await locked(slug, call, async () => {
    const log = feedLog(call.folder, slug);
    const item = (await log.read()).items.get(id);
    if (item && item.seq > call.seq) throw new DoorClosed('overtaken');
    if (!item || item.shown || item.seq < call.seq) {
      await call.leave();
      await log.promise([{ is: 'withdrawn', id, key: call.key, seq: call.seq, at: call.now().toISOString() }]);
    }
    await sweep(slug, id, call);
  });
}

/** Takes away what the item shows no more, and `also` where it never came to, as far as no other item shows it. */
async function sweep(slug: string, id: string, { folder }: FeedCall, also?: string): Promise<void> {
  const { items } = await feedLog(folder, slug).read();
  const item = items.get(id);
  const over = new Set([...(item?.articles ?? []), ...(also === undefined ? [] : [also])]);
  if (item?.shown) over.delete(item.shown.article);
  if (over.size === 0) return;
  let inUse: Set<string> | undefined;
  for (const hash of over) {
    const names = namesOf((await readStored(folder, slug, id, hash))?.article);
    if (names.length) inUse ??= await mediaOf(folder, slug, items.values());
    for (const name of names) if (!inUse?.has(name)) await hide(folder, name, mediumFile(slug, name));
    const { name, target } = fileOf(slug, id, hash);
    await hide(folder, name, target);
  }
}

async function mediaOf(folder: string, slug: string, items: Iterable<LoggedItem>): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { id, shown } of items) {
    const article = shown && (await readArticle(folder, slug, id, shown.article));
    for (const name of namesOf(article)) names.add(name);
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
  const found = await readStored(folder, slug, id, hash);
  if (found && !found.linked) {
    for (const name of namesOf(found.article)) await showStored(folder, name, mediumFile(slug, name));
    const { name, target } = fileOf(slug, id, hash);
    await showStored(folder, name, target);
  }
  return found?.article;
}

/** `linked`: the feed itself holds it, not the store alone. */
async function readStored(
  folder: string,
  slug: string,
  id: string,
  hash: string,
): Promise<{ article: StoredArticle; linked: boolean } | undefined> {
  const { name, target } = fileOf(slug, id, hash);
  const linked = articleIn(await readIfThere(join(folder, target)));
  const article = linked ?? articleIn(await readIfThere(join(folder, '.store', name)));
  return article && { article, linked: linked !== undefined };
}

/** What a loss of power or a strange hand has left unreadable is not there. */
function articleIn(text: Buffer | undefined): StoredArticle | undefined {
  try {
    return articleSchema.safeParse(JSON.parse(text?.toString('utf8') ?? '')).data;
  } catch {
    return undefined;
  }
}

async function showStored(folder: string, name: string, target: string): Promise<void> {
  await show(folder, name, target, async () => {
    const bytes = await readIfThere(join(folder, '.store', name));
    if (!bytes) throw new Error(`${name} is not in the store`);
    return bytes;
  });
}

/** Named by its content too, so that what is written late never lies where something newer is shown. */
function fileOf(slug: string, id: string, hash: string): { name: string; target: string } {
  return { name: `${hash}.json`, target: `${slug}/items/${id}.${hash}.json` };
}

function mediumFile(slug: string, name: string): string {
  return `${slug}/media/${name}`;
}

function namesOf(article: StoredArticle | undefined): string[] {
  return article ? [...Object.values(article.media), ...article.attachments] : [];
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
