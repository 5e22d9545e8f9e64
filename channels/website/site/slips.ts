/**
 * Slips ask for the lists to be brought up to date with an article. A slip also remembers what the lists showed of it
 * before, from the moment on at which the catalog no longer does: whoever goes on after a crash must still find the
 * columns that it left and the files that it let go.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { entrySchema, lineOf, type Catalog, type Entry } from './catalog.js';
import type { Article } from './article.js';
import type { SiteHome } from './files.js';
import { deleteRecord, recordPages, writeRecord } from './records.js';

export interface Slip {
  key: string;
  /** Of the article. */
  id: string;
  shown: Entry[];
}

const shownSchema = z.array(entrySchema);

export function leaveSlip(home: SiteHome, id: string): Promise<void> {
  return writeRecord(home, `pending/${id}/${randomBytes(8).toString('hex')}`, []);
}

export async function readSlips(home: SiteHome): Promise<Slip[]> {
  const slips: Slip[] = [];
  for await (const page of recordPages(home, 'pending/'))
    for (const { key, value } of page)
      slips.push({ key, id: key.split('/')[1] ?? '', shown: shownSchema.parse(JSON.parse(value)) });
  return slips;
}

/** An article, and a line of it that lists may still show; none of one that is new. */
export interface Change {
  article: Article;
  old: Entry | undefined;
}

/** What changes with these articles, one for each line that may still be shown. Before the catalog moves on, the slips remember those. */
export async function changesOf(
  home: SiteHome,
  catalog: Catalog,
  articles: readonly Article[],
  slips: readonly Slip[],
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const article of articles) {
    const own = slips.filter(({ id }) => id === article.id);
    const listed = catalog.entries.get(article.id);
    const shown = [...own.flatMap((slip) => slip.shown), ...(listed ? [listed] : [])];
    const [slip] = own;
    if (slip && listed && JSON.stringify(listed) !== JSON.stringify(lineOf(article)))
      await writeRecord(home, slip.key, shown);
    changes.push(...(shown.length ? shown.map((old) => ({ article, old })) : [{ article, old: undefined }]));
  }
  return changes;
}

export async function dropSlips(home: SiteHome, slips: readonly Slip[]): Promise<void> {
  await Promise.all(slips.map(({ key }) => deleteRecord(home, key)));
}
