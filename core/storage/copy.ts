/** From the data folder of one machine into a bucket: what is nowhere else. What can be drawn again is drawn there. */
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Files } from '../../channels/files.js';

/** Files under way at a time. */
const atOnce = 8;

/** What lies in the data folder and belongs into the storage, as names in both. */
async function* named(dataFolder: string): AsyncGenerator<string> {
  for (const part of ['media', 'channels']) {
    const entries = await readdir(join(dataFolder, part), { recursive: true, withFileTypes: true }).catch(absent);
    for (const entry of entries) {
      const name = relative(dataFolder, join(entry.parentPath, entry.name));
      if (entry.isFile() && !/\/public\/|\/words\.sqlite|\.(?:part|tmp)$|\/\.[^/]*$/.test(name)) yield name;
    }
  }
}

function absent(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Each name says what its content is, so what is there already is left alone. Returns how many of each. @throws StorageAway */
export async function copyInto(
  files: Files,
  dataFolder: string,
  each: (done: number) => void,
): Promise<{ copied: number; there: number }> {
  const counts = { copied: 0, there: 0 };
  const left = named(dataFolder);
  const carrier = async (): Promise<void> => {
    for (;;) {
      const { value: name, done } = await left.next();
      if (done) return;
      if (await files.has(name)) counts.there += 1;
      else {
        await files.write(name, await readFile(join(dataFolder, name)));
        counts.copied += 1;
      }
      each(counts.copied + counts.there);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, carrier));
  return counts;
}
