/** The pages of articles: each written under its article's lock, and drawn again when an article that it links to has changed. */
import { readFileSync, renameSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MediaReader, SharedMemory } from '../../channel.js';
import { articlePage, showsRevision } from './article-page.js';
import { articleKey, articleSchema, filesOf, readArticle, writeArticle, type Article } from './article.js';
import { capOf } from './cap.js';
import { lineOf, openCatalog, type Catalog } from './catalog.js';
import { draftOf, fileCode, isMissing, readIfThere, writeWhole, type SiteHome } from './files.js';
import { noticePage } from './list-pages.js';
import type { Site } from './look.js';
import { recordPages } from './records.js';
import { leaveSlip } from './slips.js';
import { readUpload } from './uploads.js';

/** Seconds for which a lock may be held; building takes milliseconds, a first build of ten thousand articles some seconds. */
export const hold = 60;

export interface Place {
  home: SiteHome;
  site: Site;
  /** Whose site it is. */
  account: string;
  memory: SharedMemory;
  /** Pictures and attachments of the hub's own releases; a reader of the site has none of them. */
  media?: MediaReader;
  now(): Date;
}

export function lockArticle<T>({ home, memory }: Place, id: string, work: () => Promise<T>): Promise<T> {
  return memory.lock(`article:${home.slug}:${id}`, hold, work);
}

function pageOf({ home }: Place, id: string): string {
  return join(home.public, 'articles', id, 'index.html');
}

function alertOf({ home }: Place, id: string): string {
  return join(home.public, 'articles', id, 'cap.xml');
}

function goneOf({ home }: Place, id: string): string {
  return join(home.public, 'articles', id, 'gone.html');
}

/** Writes the record, then the page (or the notice in its place), then the slip. Only under the article's lock. */
export async function putArticle(place: Place, article: Article): Promise<void> {
  await writeArticle(place.home, article);
  await bringFiles(place, article);
  await drawArticle(place, await openCatalog(place.home), article);
  await leaveSlip(place.home, article.id);
}

async function drawArticle(place: Place, catalog: Catalog, article: Article): Promise<void> {
  const { id } = article;
  if (article.state === 'public') {
    await writeWhole(pageOf(place, id), pageFor(place, catalog, article));
    const alert = capOf(place.site, article);
    if (alert === undefined) await rm(alertOf(place, id), { force: true });
    else await writeWhole(alertOf(place, id), alert);
    await rm(goneOf(place, id), { force: true });
  } else {
    await writeWhole(goneOf(place, id), goneNotice(place));
    await Promise.all([pageOf, alertOf].map((file) => rm(file(place, id), { force: true })));
  }
}

function goneNotice({ site }: Place): string {
  return noticePage(site, '信息已撤回', '该信息已由发布单位撤回，不再提供。');
}

function pageFor({ site, now }: Place, catalog: Catalog, article: Article): string {
  const line = lineOf(article);
  return articlePage(
    site,
    article,
    catalog.relativesOf(article),
    'gone' in line ? undefined : catalog.standingOf(line, now()),
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

/** Puts the files beside the pages that an article needs and that are not there: what others sent, and the hub's own where they can be had. */
export async function bringFiles({ home, media }: Place, article: Article): Promise<void> {
  const hashes = new Map(
    [
      ...article.attachments.map(({ path, hash }) => ({ path, hash, variant: undefined })),
      ...article.pictures.map(({ path, hash }) => ({ path, hash, variant: 'page' })),
    ].map((file) => [file.path, file]),
  );
  for (const path of filesOf(article)) {
    const target = join(home.public, path);
    if (await isThere(target)) continue;
    const own = hashes.get(path);
    const bytes = (await readUpload(home, path)) ?? (own && media && (await media.read(own.hash, own.variant)).bytes);
    if (bytes) await writeWhole(target, bytes);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Draws an article's page again from its record. Without the article's lock, which costs more than the drawing; under it
 * only where another process has changed the article meanwhile.
 */
export async function drawAgain(place: Place, catalog: Catalog, id: string): Promise<void> {
  const article = await readArticle(place.home, id);
  drawNow(place, catalog, id, article);
  await confirm(place, catalog, id, article?.version, (await readArticle(place.home, id))?.version);
}

async function confirm(
  place: Place,
  catalog: Catalog,
  id: string,
  drawn: number | undefined,
  now: number | undefined,
): Promise<void> {
  if (drawn !== now)
    await lockArticle(place, id, async () => {
      drawNow(place, catalog, id, await readArticle(place.home, id));
    });
}

const idsSchema = articleSchema.pick({ version: true });

/** Draws every article, withdrawn ones too, page by page of the records, between which others have their turn. Returns how many. */
export async function drawAll(place: Place, catalog: Catalog): Promise<number> {
  const prefix = articleKey('');
  let count = 0;
  let after: string | undefined;
  for await (const page of recordPages(place.home, prefix, undefined, together)) {
    const articles = page.map(({ value }) => articleSchema.parse(JSON.parse(value)));
    for (const article of articles) {
      drawNow(place, catalog, article.id, article);
      await bringFiles(place, article).catch(onlyWarn(place));
    }
    const versions = new Map<string, number>();
    for await (const again of recordPages(place.home, prefix, after, together)) {
      for (const { key, value } of again) versions.set(key, idsSchema.parse(JSON.parse(value)).version);
      break;
    }
    for (const { id, version } of articles) await confirm(place, catalog, id, version, versions.get(articleKey(id)));
    after = page.at(-1)?.key;
    count += page.length;
  }
  return count;
}

/** A picture that cannot be had any more keeps no page from being drawn; a disk that takes nothing does. */
function onlyWarn({ home }: Place): (error: unknown) => void {
  return (error) => {
    if (fileCode(error)) throw error;
    process.emitWarning(
      `a file of the site "${home.slug}" could not be brought back: ${error instanceof Error ? error.message : String(error)}`,
    );
  };
}

/** Articles of one reading: some milliseconds of drawing. */
const together = 8;

/**
 * Files are read and written without the event loop: over thousands of small files, waiting for each costs several times
 * the work itself.
 */
function drawNow(place: Place, catalog: Catalog, id: string, article: Article | undefined): void {
  const shown = article?.state === 'public' ? article : undefined;
  replace(pageOf(place, id), shown && pageFor(place, catalog, shown));
  replace(alertOf(place, id), shown && capOf(place.site, shown));
  replace(goneOf(place, id), article && !shown ? goneNotice(place) : undefined);
}

/** Only what differs, so that an unchanged page keeps its ETag; without content, the file goes. */
function replace(path: string, content: string | undefined): void {
  if (content === undefined) {
    rmSync(path, { force: true });
    return;
  }
  const bytes = Buffer.from(content);
  if (bytesIfThere(path)?.equals(bytes)) return;
  const draft = draftOf(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, bytes);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
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
