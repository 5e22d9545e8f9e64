/** Files that other processes read while they are written: whole or not at all. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Beside its target, so that the rename stays within one file system; public faces never serve a name with a leading dot. */
function draftName(file: string): string {
  return join(dirname(file), `.${randomBytes(8).toString('hex')}.part`);
}

export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Replaces the file in one step; makes its folder where it is missing. */
export async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  const draft = draftName(file);
  try {
    await writeFile(draft, content);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, content);
  }
  await rename(draft, file);
}

/** Writes the file only if it does not exist, and on the disk for certain before it returns. @returns whether this call made it. */
export async function createDurably(file: string, content: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  const draft = draftName(file);
  const handle = await open(draft, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
