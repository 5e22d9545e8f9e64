/** Where a site's files lie. What the site must know lies in the store (records.ts). */
import { join } from 'node:path';
import type { Call, Records } from '../../channel.js';
import type { Files } from '../../files.js';
import { siteSlug } from '../settings.js';
import { typeOf } from './types.js';

/** Ids of articles, which are folder names and part of addresses. */
export const articleId = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/;

/** What one site keeps, and where. */
export interface SiteHome {
  slug: string;
  /** What any web server may serve: all of it can be drawn again. */
  public: Files;
  /** What nobody outside may read: files that others sent. */
  private: Files;
  /** A folder of this machine alone: the index behind the search. */
  own: string;
  records: Records;
}

/** @throws RangeError for a name that could leave the folder */
export function siteHome(
  { files, folder, records }: Pick<Call, 'files' | 'folder' | 'records'>,
  slug: string,
): SiteHome {
  if (!siteSlug.test(slug)) throw new RangeError(`"${slug}" is not the name of a site`);
  return {
    slug,
    public: files.under(`${slug}/public`),
    private: files.under(`${slug}/private`, 'hidden'),
    own: join(folder, slug, 'private'),
    records,
  };
}

/** Puts a page or a list among what the public reads, unless what a later drawer has put there stands. */
export function drawPublic(home: SiteHome, path: string, content: string, order: string): Promise<void> {
  return home.public.draw(path, content, order, typeOf(path));
}

/** Puts there what is named by its content. */
export function writePublic(home: SiteHome, path: string, bytes: Buffer): Promise<void> {
  return home.public.write(path, bytes, typeOf(path));
}

/** Numbers as texts that compare as they do. */
export function orderOf(...numbers: readonly number[]): string {
  return numbers.map((number) => String(number).padStart(12, '0')).join('.');
}
