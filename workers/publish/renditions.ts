/** Renditions, made once for all accounts of a channel that share what they depend on. */
import { LRUCache } from 'lru-cache';
import type { AccountProfile, Channel, ReleaseContent, Rendition } from '../../channels/channel.js';
import { contentOf } from '../../core/releases/content.js';
import { renderBeside } from '../../core/threads/render.js';
import type { Store } from '../../core/store/store.js';

const contents = new LRUCache<string, ReleaseContent>({ max: 200 });
const renditions = new LRUCache<string, Promise<Rendition<unknown>>>({ max: 2_000 });

/** A signed revision never changes, so it may be kept. Throws where it does not exist. */
export async function loadContent(store: Store, revision: string): Promise<ReleaseContent> {
  const kept = contents.get(revision);
  if (kept) return kept;
  const row = await store.revisions.findById(revision).lean();
  if (!row?.signed) throw new Error(`revision ${revision} is not signed`);
  const content = contentOf(row);
  contents.set(revision, content);
  return content;
}

/** @throws LianfaError document_takes_too_long, documents_waiting */
export async function renditionFor(
  channel: Channel,
  content: ReleaseContent,
  profile: AccountProfile<unknown>,
  folders: readonly string[],
): Promise<Rendition<unknown>> {
  const own = channel.renditionKey?.(profile) ?? `${profile.id} ${JSON.stringify(profile.settings)}`;
  const key = `${content.revision} ${channel.name} ${own}`;
  const kept = renditions.get(key);
  if (kept) return kept;
  const made = renderBeside(channel, content, profile, folders);
  renditions.set(key, made);
  // A failure must not be kept; whoever awaits it is told.
  made.catch(() => renditions.delete(key));
  return made;
}
