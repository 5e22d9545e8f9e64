/**
 * What a site must know after any crash, as its channel's records. Keys begin with the site's name, which holds neither
 * `/` nor `:`, so that no site reads another's:
 *
 *   <site>/site             how it was last built: settings, unit, look
 *   <site>/article/<id>     an article, withdrawn ones too
 *   <site>/log/<number>     the list of public articles: one line a change (catalog.ts)
 *   <site>/pending/<id>/…   slips: articles with which the lists are not up to date yet (build.ts)
 *   <site>/upload/<path>    a file that others sent
 *   <site>/tokens           who may post by Micropub
 *   <site>/clock            to which moment the pages are true (in-force.ts)
 *   heads:all, heads:newest heads of days of the hub's book, the same on every site (heads.ts)
 *   due:<instant>/<site>    when the clock alone next changes a site, of all sites in their order (in-force.ts)
 */
import type { KeptUnder } from '../../channel.js';
import { recordPages as pagesOf } from '../../record-pages.js';
import type { z } from 'zod';
import type { SiteHome } from './files.js';

type Kept = Pick<SiteHome, 'slug' | 'records'>;

/** @throws ZodError for what another version has kept */
export async function readRecord<T>(home: Kept, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await home.records.get(`${home.slug}/${key}`);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/** Durable when it returns. */
export function writeRecord(home: Kept, key: string, value: unknown): Promise<void> {
  return home.records.set(`${home.slug}/${key}`, JSON.stringify(value));
}

export function deleteRecord(home: Kept, key: string): Promise<void> {
  return home.records.delete(`${home.slug}/${key}`);
}

/** Records at once; a site of ten thousand articles is read in pages. */
const together = 200;

/** Page by page in the order of their keys, without the site's name; from behind the key `after` on. */
export async function* recordPages(
  { slug, records }: Kept,
  prefix: string,
  after?: string,
  limit = together,
): AsyncGenerator<KeptUnder[]> {
  const behind = after === undefined ? undefined : `${slug}/${after}`;
  for await (const page of pagesOf(records, `${slug}/${prefix}`, { after: behind, limit }))
    yield page.map(({ key, value }) => ({ key: key.slice(slug.length + 1), value }));
}
