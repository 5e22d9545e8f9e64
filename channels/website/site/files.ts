/** Where a site's files lie, and how they are written: whole or not at all. What the site must know lies in the store (records.ts). */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Records } from '../../channel.js';
import { siteSlug } from '../settings.js';

/** Ids of articles, which are folder names and part of addresses. */
export const articleId = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/;

/** What one site keeps, and where. */
export interface SiteHome {
  slug: string;
  /** What any web server may serve: all of it can be drawn again. */
  public: string;
  /** What nobody outside may read: files that others sent, and the index behind the search. */
  private: string;
  records: Records;
}

/** @throws RangeError for a name that could leave the folder */
export function siteHome(folder: string, slug: string, records: Records): SiteHome {
  if (!siteSlug.test(slug)) throw new RangeError(`"${slug}" is not the name of a site`);
  return { slug, public: join(folder, slug, 'public'), private: join(folder, slug, 'private'), records };
}

/** A name beside the target that no other writer has. */
export function draftOf(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Writes beside the target and renames, so that a reader finds the old file or the new one, never a half. */
export async function writeWhole(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const draft = draftOf(path);
  try {
    await writeFile(draft, content, { mode });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, content, { mode });
  }
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes only what differs, so that an unchanged page keeps its ETag. */
export async function writeChanged(path: string, content: string): Promise<void> {
  if ((await readIfThere(path))?.toString('utf8') !== content) await writeWhole(path, content);
}

export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(fileCode(error));
}

/** The file system's own code of an error, or nothing. */
export function fileCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
