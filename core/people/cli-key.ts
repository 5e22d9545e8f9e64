/** The key that the `lianfa` command on this machine uses: whoever may read the data folder may publish. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../media/files.js';
import type { Store } from '../store/store.js';
import { createApiKey, userOfApiKey } from './api-keys.js';

export function cliKeyFile(dataFolder: string): string {
  return join(dataFolder, 'cli.key');
}

/** Keeps the key file (0600) valid; called at start. Does nothing where there is no user yet. */
export async function writeCliKey(store: Store, dataFolder: string): Promise<void> {
  const file = cliKeyFile(dataFolder);
  const present = await readFile(file, 'utf8').catch(() => '');
  if (await userOfApiKey(store, present.trim())) return;
  const user = await store.users.findOne({ enabled: true }).sort({ _id: 1 }).lean();
  if (user) await writeWhole(file, Buffer.from(`${await createApiKey(store, 'lianfa command', user._id)}\n`));
}
