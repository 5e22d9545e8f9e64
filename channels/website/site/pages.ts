/** The pages of articles: each written under its article's lock, and drawn again when an article that it links to has changed. */
import type { MediaReader, SharedMemory } from '../../channel.js';
import { fileCode, isStorageAway } from '../../files.js';
import { articlePage, showsRevision } from './article-page.js';
import { articleKey, articleSchema, filesOf, readArticle, writeArticle, type Article } from './article.js';
import { capOf } from './cap.js';
import { lineOf, openCatalog, type Catalog } from './catalog.js';
import { drawPublic, orderOf, writePublic, type SiteHome } from './files.js';
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

/** What there may be of an article: its page, its warning by the Common Alerting Protocol, and the notice in place of both. */
const parts = { page: 'index.html', alert: 'cap.xml', gone: 'gone.html' } as const;
type Part = keyof typeof parts;

function pathOf(id: string, part: Part): string {
  return `articles/${id}/${parts[part]}`;
}

/** Writes the record, then the page (or the notice in its place), then the slip. Only under the article's lock. */
export async function putArticle(place: Place, article: Article): Promise<void> {
  await writeArticle(place.home, article);
  await bringFiles(place, article);
  await drawArticle(place, await openCatalog(place.home), article);
  await leaveSlip(place.home, article.id);
}

/** By the article's version, then by where the list stands with whose articles it is linked. */
async function drawArticle(place: Place, catalog: Catalog, article: Article): Promise<void> {
  const { id, version } = article;
  const order = orderOf(version, Number(catalog.position));
  const shown = article.state === 'public';
  const drawn = {
    page: shown ? pageFor(place, catalog, article) : undefined,
    alert: shown ? capOf(place.site, article) : undefined,
    gone: shown ? undefined : goneNotice(place),
  } satisfies Record<Part, string | undefined>;
  // What is new comes before what it takes the place of goes.
  for (const part of ['alert', 'gone', 'page'] as const) {
    const content = drawn[part];
    if (content !== undefined) await drawPublic(place.home, pathOf(id, part), content, order);
  }
  // A first version has left nothing behind.
  if (version === 1) return;
  // The page last of what was public: as long as it is there, whoever begins again takes all of it away.
  for (const part of ['alert', 'page', 'gone'] as const)
    if (drawn[part] === undefined) await place.home.public.drop(pathOf(id, part));
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
export function hasPage({ home }: Place, id: string): Promise<boolean> {
  return home.public.has(pathOf(id, 'page'));
}

/** Whether the public finds what the article's record says. */
export async function isShown({ home }: Place, article: Article): Promise<boolean> {
  const page = article.state === 'public' ? await home.public.read(pathOf(article.id, 'page')) : undefined;
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
  await Promise.all(
    filesOf(article).map(async (path) => {
      if (await home.public.has(path)) return;
      const own = article.posted ? undefined : hashes.get(path);
      const bytes = own && media ? (await media.read(own.hash, own.variant)).bytes : await readUpload(home, path);
      if (bytes) await writePublic(home, path, bytes);
    }),
  );
}

/**
 * Draws an article's page again from its record. Without the article's lock, which costs more than the drawing; under it
 * only where another process has changed the article meanwhile.
 */
export async function drawAgain(place: Place, catalog: Catalog, id: string): Promise<void> {
  const article = await readArticle(place.home, id);
  if (article) await drawArticle(place, catalog, article);
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
      const article = await readArticle(place.home, id);
      if (article) await drawArticle(place, catalog, article);
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
    await Promise.all(
      articles.map(async (article) => {
        await bringFiles(place, article).catch(onlyWarn(place));
        await drawArticle(place, catalog, article);
      }),
    );
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

/** A picture that cannot be had any more keeps no page from being drawn; a disk that takes nothing does, and a storage that is away. */
function onlyWarn({ home }: Place): (error: unknown) => void {
  return (error) => {
    if (fileCode(error) || isStorageAway(error)) throw error;
    process.emitWarning(
      `a file of the site "${home.slug}" could not be brought back: ${error instanceof Error ? error.message : String(error)}`,
    );
  };
}

/** Articles of one reading, drawn side by side: some milliseconds of drawing. */
const together = 8;
