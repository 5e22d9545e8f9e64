/** Files that other processes read while they are written: whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** By its code alone: the class of a system error differs between realms. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR');
}

const writer = randomBytes(8).toString('hex');
let drafts = 0;

/** Beside its target, so that the rename stays within one file system; public faces never serve a name with a leading dot. */
function draftName(file: string): string {
  drafts += 1;
  return join(dirname(file), `.${writer}-${drafts}.part`);
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

/** The finished files of a folder; none where it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Replaces the file in one step; makes its folder where it is missing. */
export async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  const draft = draftName(file);
  await inFolder(file, () => writeFile(draft, content));
  await rename(draft, file);
}

/** As `writeWhole`, and on the disk for certain when it returns: a loss of power leaves the old file or the new one. */
export async function writeSynced(file: string, content: string | Buffer): Promise<void> {
  const draft = draftName(file);
  await inFolder(file, () => writeFile(draft, content, { flush: true }));
  await rename(draft, file);
  await syncFolder(dirname(file));
}

/** A new name in a folder is certain only once the folder itself is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The folder is nearly always there, so it is made only when it turns out to be missing. */
async function inFolder<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(file), { recursive: true });
    return work();
  }
}
