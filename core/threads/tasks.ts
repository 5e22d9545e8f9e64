/** A rendition, as a thread makes it. */
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { AccountProfile, Channel, ReleaseContent, Rendition } from '../../channels/channel.js';
import { loadChannels } from '../../channels/registry.js';
import { taskOf } from './task.js';

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
  const known = releases.get(release.revision);
  // A text that was changed in the database must leave nothing behind when it is put right.
  if (known && isDeepStrictEqual(known, release)) return known;
  releases.set(release.revision, release);
  return release;
}

export const tasks = {
  render: taskOf(import.meta.filename, 'render', async (given: RenderTask): Promise<Rendition<unknown>> => {
    const found = (await channelsIn(given.folders)).get(given.channel);
    if (!found) throw new Error(`no channel "${given.channel}"`);
    return found.render(sameRelease(given.release), given.profile);
  }),
};
