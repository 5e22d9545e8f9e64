/** The one place that lists channels: it does so by looking at the folders. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Channel } from './channel.js';

/** Loads every channel found as `<folder>/<name>/adapter.js` (`.ts` under development). Throws if a folder exports no channel of its own name. */
export async function loadChannels(folders: readonly string[]): Promise<ReadonlyMap<string, Channel>> {
  const channels = new Map<string, Channel>();
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = ['adapter.js', 'adapter.ts'].map((name) => join(folder, entry.name, name)).find(existsSync);
      if (!entry.isDirectory() || !file) continue;
      const { channel } = (await import(pathToFileURL(file).href)) as { channel?: Channel };
      if (channel?.name !== entry.name) throw new Error(`${file} must export a channel named "${entry.name}"`);
      channels.set(channel.name, channel);
    }
  }
  return channels;
}
