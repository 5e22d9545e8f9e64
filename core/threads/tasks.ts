/** What is done to a document beside the event loop: pure functions of what can travel between threads. */
import { LRUCache } from 'lru-cache';
import type { AccountProfile, Channel, ReleaseContent, Rendition } from '../../channels/channel.js';
import { loadChannels } from '../../channels/registry.js';
import { canonical, plainText, type Canonical } from '../body/canonical.js';
import { DroppedList, type Lost } from '../body/dropped.js';
import { markdownToHtml } from '../body/markdown.js';
import { textToHtml } from '../body/text.js';
import { splitHeading } from '../documents/html.js';
import { beginningOf } from '../releases/summary.js';

export interface Cleaned extends Omit<Canonical, 'dropped'> {
  /** The beginning of the text, for a release without a summary. */
  beginning: string;
  lost: Lost[];
}

export const tasks = {
  html({ format, content }: { format: 'markdown' | 'text'; content: string }): string {
    return format === 'markdown' ? markdownToHtml(content) : textToHtml(content);
  },
  clean({ html, known }: { html: string; known: string[] }): Cleaned {
    const dropped = new DroppedList();
    const { html: body, pictures } = canonical(html, new Set(known), dropped);
    return { html: body, pictures, beginning: beginningOf(body), lost: dropped.entries() };
  },
  heading({ html, given, guess }: { html: string; given?: string | undefined; guess: boolean }) {
    return splitHeading(html, given, guess);
  },
  words({ html }: { html: string }): string {
    return plainText(html);
  },
  async render({ folders, channel, release, profile }: RenderTask): Promise<Rendition<unknown>> {
    const found = (await channelsIn(folders)).get(channel);
    if (!found) throw new Error(`no channel "${channel}"`);
    return found.render(sameRelease(release), profile);
  },
};

export interface RenderTask {
  folders: string[];
  channel: string;
  release: ReleaseContent;
  profile: AccountProfile<unknown>;
}

let loaded: Promise<ReadonlyMap<string, Channel>> | undefined;

function channelsIn(folders: string[]): Promise<ReadonlyMap<string, Channel>> {
  loaded ??= loadChannels(folders);
  return loaded;
}

const releases = new LRUCache<string, ReleaseContent>({ max: 20 });

/** A channel makes some things once for a release, whatever the account; a signed revision is always the same. */
function sameRelease(release: ReleaseContent): ReleaseContent {
  if (release.revision === 'preview') return release;
  const known = releases.get(release.revision) ?? release;
  releases.set(release.revision, known);
  return known;
}
