/** The pages of articles: each written under its article's lock, and drawn again when an article that it links to has changed. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SharedMemory } from '../../channel.js';
import { articlePage, showsRevision } from './article-page.js';
import { articleFile, articleSchema, filesOf, writeArticle, type Article } from './article.js';
import { capOf } from './cap.js';
import { lineOf, openCatalog, type Catalog } from './catalog.js';
import { draftOf, isMissing, move, readIfThere, writeWhole, type SiteFolder } from './files.js';
import { noticePage } from './list-pages.js';
import type { Site } from './look.js';

/** Seconds for which a lock may be held; building takes milliseconds, a first build of ten thousand articles some seconds. */
export const hold = 60;

export interface Place {
  folder: SiteFolder;
  site: Site;
  memory: SharedMemory;
  now(): Date;
}

export function lockArticle<T>({ folder, memory }: Place, id: string, work: () => Promise<T>): Promise<T> {
  return memory.lock(`article:${folder.slug}:${id}`, hold, work);
}

function pageOf({ folder }: Place, id: string): string {
  return join(folder.public, 'articles', id, 'index.html');
}

function alertOf({ folder }: Place, id: string): string {
  return join(folder.public, 'articles', id, 'cap.xml');
}

/** Writes the record, then the page (or the notice in its place), then the slip. Only under the article's lock. */
export async function putArticle(place: Place, article: Article): Promise<void> {
  const { folder, site } = place;
  const gone = join(folder.public, 'articles', article.id, 'gone.html');
  await writeArticle(folder, article);
  if (article.state === 'public') {
    await releaseFiles(folder, article);
    await writeWhole(pageOf(place, article.id), pageFor(place, await openCatalog(folder), article));
    const alert = capOf(site, article);
    if (alert === undefined) await rm(alertOf(place, article.id), { force: true });
    else await writeWhole(alertOf(place, article.id), alert);
    await rm(gone, { force: true });
  } else {
    await writeWhole(gone, noticePage(site, '信息已撤回', '该信息已由发布单位撤回，不再提供。'));
    await Promise.all([pageOf, alertOf].map((file) => rm(file(place, article.id), { force: true })));
  }
  await leaveSlip(folder, article.id);
}

function pageFor({ site, now }: Place, catalog: Catalog, article: Article): string {
  const line = lineOf(article);
  return articlePage(
    site,
    article,
    catalog.relativesOf(article),
    'gone' in line ? undefined : catalog.forceOf(line, now()),
  );
}

/** Whether there is a page of the article, of whatever revision. */
export async function hasPage(place: Place, id: string): Promise<boolean> {
  return (await readIfThere(pageOf(place, id))) !== undefined;
}

/** Whether the public finds what the article's record says. */
export async function isShown(place: Place, article: Article): Promise<boolean> {
  const page = article.state === 'public' ? await readIfThere(pageOf(place, article.id)) : undefined;
  return page !== undefined && showsRevision(page.toString('utf8'), article);
}

/** Asks for the lists to be brought up to date with an article. */
export async function leaveSlip(folder: SiteFolder, id: string): Promise<void> {
  await writeWhole(join(folder.state, 'pending', `${id}.${randomBytes(8).toString('hex')}`), '');
}

/** Brings back what was held, so that a withdrawn article can be shown again whole. */
async function releaseFiles(folder: SiteFolder, article: Article): Promise<void> {
  await Promise.all(filesOf(article).map((path) => move(join(folder.state, 'held', path), join(folder.public, path))));
}

/**
 * Draws an article's page again from its record. Without the article's lock, which costs more than the drawing; under it
 * only where another process has changed the article meanwhile. Files are read and written without the event loop: over
 * thousands of small files, waiting for each costs several times the work itself.
 */
export async function drawAgain(place: Place, catalog: Catalog, id: string): Promise<void> {
  if (!drawNow(place, catalog, id))
    await lockArticle(place, id, async () => {
      drawNow(place, catalog, id);
    });
}

/** Whether the page is now that of the article's record. */
function drawNow(place: Place, catalog: Catalog, id: string): boolean {
  const record = articleFile(place.folder, id);
  const before = markOf(record);
  const bytes = bytesIfThere(record);
  const article = bytes === undefined ? undefined : articleSchema.parse(JSON.parse(bytes.toString('utf8')));
  const shown = article?.state === 'public' ? article : undefined;
  if (shown) replace(pageOf(place, id), pageFor(place, catalog, shown));
  else rmSync(pageOf(place, id), { force: true });
  const alert = shown && capOf(place.site, shown);
  if (alert === undefined) rmSync(alertOf(place, id), { force: true });
  else replace(alertOf(place, id), alert);
  return markOf(record) === before;
}

/** Only what differs, so that an unchanged page keeps its ETag. */
function replace(path: string, content: string): void {
  const bytes = Buffer.from(content);
  if (bytesIfThere(path)?.equals(bytes)) return;
  const draft = draftOf(path);
  try {
    writeFileSync(draft, bytes);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    // Where its folder has gone, another process is withdrawing the article, and its mark says so.
    if (!isMissing(error)) throw error;
  }
}

function bytesIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Another after every writing. */
function markOf(path: string): string {
  const about = statSync(path, { bigint: true, throwIfNoEntry: false });
  return about ? `${about.ino}:${about.mtimeNs}` : '';
}
