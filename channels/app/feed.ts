/**
 * The app's content feeds. A release is one item of its feed, which a correction, an update or an all-clear changes and a
 * withdrawal takes away; a later order brings it back. Nothing goes back to an earlier one.
 *
 *   log:<feed>:<number>   what happened to each item (log.ts): the truth
 *   article:<hash>        the content that items show, once for all feeds that show it; as the hub keeps a signed
 *                         revision, it keeps this, and only what an item shows is public
 *   push:<feed>:…         what is known of each step's push (pushes.ts)
 *
 * Publishing adds one entry. Pages and documents are drawn from these when somebody asks (drawing.ts); pictures and
 * attachments come from the hub's media. Nothing is kept in files.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DoorClosed, type Call, type Records, type StepCall } from '../channel.js';
import { feedLog, type FeedState, type LoggedItem, type Shown } from './log.js';
import { extensionOf } from './pages.js';
import { payloadSchema, type AppPayload } from './payload.js';

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

type FeedCall = Pick<Call, 'records' | 'media' | 'now'>;
type FeedStep = FeedCall & Pick<StepCall, 'key' | 'seq' | 'leave'>;

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

export async function readItem(records: Records, slug: string, id: string): Promise<LoggedItem | undefined> {
  return (await feedLog(records, slug).read()).items.get(id);
}

/**
 * Lets the item show this; a repeat of the step changes nothing. Asks at the door before the public could read anything
 * else than before. `cid` is asked for where something is to be added, and kept with it. `ends` are the items whose
 * warnings it lifts or replaces. Answers what the item shows now, and whether this has put it there.
 * @throws DoorClosed, also where the item has met a later order
 */
export async function putItem(
  { slug, title, language }: FeedPlace,
  id: string,
  payload: AppPayload,
  call: FeedStep,
  cid: () => Promise<string | undefined> = () => Promise.resolve(undefined),
  ends: Partial<Record<'lifts' | 'replaces', string[]>> = {},
): Promise<{ shown: Shown; added: boolean }> {
  let added = false;
  const { items: now } = await feedLog(call.records, slug).append(async ({ items }) => {
    added = false;
    const item = items.get(id);
    refuseGoingBack(item, call);
    if (item?.shown?.key === call.key) return undefined;
    const article = await keptArticle(payload, call);
    const setAside = await cid();
    await call.leave();
    added = true;
    const { key, seq } = call;
    return {
      is: 'public',
      id,
      key,
      seq,
      article: article.hash,
      pictures: article.pictures,
      attachments: article.attachments,
      title,
      language,
      at: call.now().toISOString(),
      ...(setAside !== undefined && { cid: setAside }),
      ...(ends.lifts?.length && { lifts: ends.lifts }),
      ...(ends.replaces?.length && { replaces: ends.replaces }),
    };
  });
  const shown = now.get(id)?.shown;
  if (shown?.key !== call.key) throw new DoorClosed('overtaken');
  return { shown, added };
}

/** @throws DoorClosed where the item follows a later order than this, or another step of the same one */
function refuseGoingBack(item: LoggedItem | undefined, { seq, key }: Pick<StepCall, 'seq' | 'key'>): void {
  if (item && (item.seq > seq || (item.seq === seq && item.shown?.key !== key))) throw new DoorClosed('overtaken');
}

/**
 * Takes an item away: an entry about it stays. A repeat, or an item never published, is fine.
 * @throws DoorClosed, also where the item has met a later order
 */
export async function withdrawItem(slug: string, id: string, call: FeedStep): Promise<void> {
  await feedLog(call.records, slug).append(async ({ items }) => {
    const item = items.get(id);
    if (item && item.seq > call.seq) throw new DoorClosed('overtaken');
    if (item && !item.shown && item.seq === call.seq) return undefined;
    await call.leave();
    return { is: 'withdrawn', id, key: call.key, seq: call.seq, at: call.now().toISOString() };
  });
}

/** Makes the feed, empty, if there is none: an app can subscribe before the first release. */
export async function ensureFeed({ slug, title, language }: FeedPlace, call: FeedCall): Promise<void> {
  await feedLog(call.records, slug).append(({ head }) =>
    Promise.resolve(head ? undefined : { is: 'feed', title, language, at: call.now().toISOString() }),
  );
}

/** Which of its two forms a file of the feed has, where an item shows it; and since when. */
export function mediumShown(
  { items }: FeedState,
  name: string,
): { variant: 'feed' | undefined; since: Date } | undefined {
  for (const { shown } of items.values()) {
    if (shown?.pictures.includes(name)) return { variant: 'feed', since: new Date(shown.at) };
    if (shown?.attachments.includes(name)) return { variant: undefined, since: new Date(shown.at) };
  }
  return undefined;
}

interface Prepared {
  hash: string;
  text: string;
  pictures: string[];
  attachments: string[];
}

/** One rendition serves thousands of accounts, so what is the same for all of them is made and kept once. */
const preparations = new WeakMap<AppPayload, Promise<Prepared>>();
const keeping = new WeakMap<Records, LRUCache<string, Promise<string>>>();

async function keptArticle(payload: AppPayload, call: FeedCall): Promise<Prepared> {
  let made = preparations.get(payload);
  if (!made) {
    made = composeArticle(payload, call);
    preparations.set(payload, made);
    // A picture that could not be read is this attempt's trouble, not the next one's.
    made.catch(() => preparations.delete(payload));
  }
  const prepared = await made;
  await keep(prepared, call.records);
  return prepared;
}

async function keep({ hash: name, text }: Prepared, records: Records): Promise<void> {
  let known = keeping.get(records);
  if (!known) keeping.set(records, (known = new LRUCache({ max: 1_000 })));
  let kept = known.get(name);
  if (!kept) {
    kept = records.first(articleKey(name), text);
    known.set(name, kept);
    kept.catch(() => known.delete(name));
  }
  await kept;
}

const articleKey = (name: string): string => `article:${name}`;

async function composeArticle(payload: AppPayload, call: FeedCall): Promise<Prepared> {
  const media: Record<string, string> = {};
  for (const name of payload.media) {
    const { mime } = await call.media.read(name, 'feed');
    media[name] = fileName(name, extensions[mime] ?? 'bin');
  }
  const attachments: string[] = [];
  for (const { hash: of, name } of payload.attachments) {
    // What is named must be there to be read.
    await call.media.read(of);
    attachments.push(fileName(of, extensionOf(name) || 'bin'));
  }
  const text = JSON.stringify({ payload, media, attachments } satisfies StoredArticle);
  return { hash: hash('sha256', text), text, pictures: Object.values(media), attachments };
}

function fileName(of: string, extension: string): string {
  const name = `${of}.${extension}`;
  if (!mediumName.test(name)) throw new Error(`"${name}" is no name for a medium`);
  return name;
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

/** What is asked for over and over. */
const articles = new WeakMap<Records, LRUCache<string, StoredArticle>>();

/** @returns undefined where the content is not there, or not readable any more. */
export async function readArticle(records: Records, name: string): Promise<StoredArticle | undefined> {
  let known = articles.get(records);
  if (!known) articles.set(records, (known = new LRUCache({ max: 500 })));
  const found = known.get(name);
  if (found) return found;
  const text = await records.get(articleKey(name));
  const article = text === undefined ? undefined : articleSchema.safeParse(JSON.parse(text)).data;
  if (article) known.set(name, article);
  return article;
}
