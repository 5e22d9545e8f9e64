/** Texts and their renditions with the hashes that are signed. Renditions are made once for all accounts of a channel that share what they depend on. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AccountProfile, Channel, ReleaseContent, Rendition } from '../../channels/channel.js';
import type { Revision } from '../model/release.js';
import { hashOf } from '../releases/compose.js';
import { contentOf } from '../releases/content.js';
import type { Store } from '../store/store.js';
import { renderBeside } from '../threads/render.js';
import { canonical } from '../canonical-json.js';

/** A signed revision as channels see it, and the hash of what was read: never the one that the row says of itself. */
export interface Text {
  content: ReleaseContent;
  hash: string;
}

const texts = new LRUCache<string, Text>({ max: 200 });
const renditions = new LRUCache<string, Promise<Rendition<unknown>>>({ max: 2_000 });
const hashes = new WeakMap<Rendition<unknown>, string>();

/** A signed revision never changes, so it may be kept. Throws where it does not exist. */
export async function loadText(store: Pick<Store, 'revisions'>, revision: string): Promise<Text> {
  const kept = texts.get(revision);
  if (kept) return kept;
  const row = await store.revisions.findById(revision).lean();
  if (!row?.signed) throw new Error(`revision ${revision} is not signed`);
  const text = textOf(row);
  texts.set(revision, text);
  return text;
}

/** A text that is not what was signed is read again the next time: it may have been put right. */
export function forgetText(revision: string): void {
  texts.delete(revision);
}

export function textOf(row: Revision): Text {
  return { content: contentOf(row), hash: contentHash(row) };
}

/** What was written before its words were kept has none; they are no part of the hash. */
export function contentHash(row: Revision): string {
  return hashOf({ ...row, words: row.words ?? '' });
}

/** Accounts with the same key show the same. */
export function renditionKey(channel: Channel, profile: AccountProfile<unknown>): string {
  return channel.renditionKey?.(profile) ?? `${profile.id} ${JSON.stringify(profile.settings)}`;
}

/** @throws LianfaError document_takes_too_long, documents_waiting */
export async function renditionFor(
  channel: Channel,
  { content, hash }: Text,
  profile: AccountProfile<unknown>,
  folders: readonly string[],
): Promise<Rendition<unknown>> {
  const dated = content.signedAt.getTime();
  const key = `${content.revision} ${hash} ${dated} ${channel.name} ${renditionKey(channel, profile)}`;
  const kept = renditions.get(key);
  if (kept) return kept;
  const made = renderBeside(channel, content, profile, folders);
  renditions.set(key, made);
  // A failure must not be kept; whoever awaits it is told.
  made.catch(() => renditions.delete(key));
  return made;
}

/** SHA-256 over what is sent, as canonical JSON. */
export function renditionHash(rendition: Rendition<unknown>): string {
  const known = hashes.get(rendition);
  if (known !== undefined) return known;
  // As it would be kept: a payload may name what is absent.
  const payload: unknown = JSON.parse(JSON.stringify(rendition.payload));
  const made = createHash('sha256').update(canonical(payload)).digest('hex');
  hashes.set(rendition, made);
  return made;
}
