/** Where the bytes of media lie: `<folder>/ab/abcd…`, variants beside the original. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export function mediaFolder(dataFolder: string): string {
  return join(dataFolder, 'media');
}

/** `variant` is `<channel>.<name>`. @throws Error where the hash is not one (it becomes part of a path) */
export function mediaFile(folder: string, hash: string, variant?: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash) || !/^[\w.-]*$/.test(variant ?? ''))
    throw new Error(`not the name of a medium: ${hash} ${variant ?? ''}`);
  return join(folder, hash.slice(0, 2), variant === undefined ? hash : `${hash}.${variant}`);
}

/** Writes a file so that a reader, or a crash, never meets half of it. */
export async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
