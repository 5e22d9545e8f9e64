/**
 * Keeps a site's pages true to its articles. An article's own page is written at once, under the article's lock; then
 * a slip is left in `pending`, and whoever next holds the site's lock brings the lists up to date for every slip it
 * finds. So a hundred articles at once cost a few rebuilds, not a hundred, and what a crash left undone is done by the next.
 *
 * The lists are drawn by where the catalog stands, which each holder of the lock moves on: whoever stood still for longer
 * than the lock lasts writes nothing any more, and where a bucket takes what was under way by then, it keeps the newer list.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { everyFileOf, filesOf, readArticle, type Article } from './article.js';
import { lineOf, openCatalog, placeOf, type Catalog, type Entry } from './catalog.js';
import { columnNamed, fullPages, pageAt } from './columns.js';
import { navigation } from './draw.js';
import { atomFeed, headsFeed, jsonFeed, openSearch, robots, rssFeed, warningsFeed } from './feeds.js';
import { headsJson, headsPage, newestHead, readHeads } from './heads.js';
import { endedSince, isDue, keepClock, readClock } from './in-force.js';
import { drawPublic, orderOf, type SiteHome } from './files.js';
import { columnPage, homePage, noticePage } from './list-pages.js';
import { builtOf, icon, readSite, script, styles, type Site } from './look.js';
import { drawAgain, hold, type Place } from './pages.js';
import { writeRecord } from './records.js';
import { chunkAt, chunks, sitemapChunk, sitemapIndex } from './sitemap.js';
import { changesOf, dropSlips, readSlips, type Change } from './slips.js';
import { openWordIndex, type Step } from './word-index.js';

/** Brings home, columns, feeds, sitemap and search up to date with all slips; with `all`, whatever stands there. */
export function settle(place: Place, all = false): Promise<void> {
  return underLock(place, (lease) => settleSlips(place, all, lease));
}

/** Throws where the lock that it was given under has ended. */
type Lease = () => void;

function underLock<T>({ home, memory }: Place, work: (lease: Lease) => Promise<T>): Promise<T> {
  const name = `site:${home.slug}`;
  return memory.lock(name, hold, () => {
    const end = performance.now() + hold * 1_000;
    return work(() => {
      if (performance.now() >= end) throw new Error(`lock "${name}" has ended`);
    });
  });
}

async function settleSlips(place: Place, all: boolean, lease: Lease): Promise<void> {
  const { home, site } = place;
  const slips = await readSlips(home);
  const built = builtOf(place);
  const renewed = all || JSON.stringify(await readSite(home)) !== JSON.stringify(built);
  const now = place.now();
  const clock = await readClock(home);
  if (!slips.length && !renewed && !isDue(clock, now)) return;

  const catalog = await openCatalog(home);
  const ids = new Set(slips.map(({ id }) => id));
  const articles = (await Promise.all([...ids].map((id) => readArticle(home, id)))).filter(
    (article) => article !== undefined,
  );
  const changes = await changesOf(home, catalog, articles, slips);
  const touched = renewed ? allPages(site, catalog) : new Map<string, Span[]>();
  // Places count both before and after: what moves out of a column moves everything behind it.
  for (const change of changes) note(touched, catalog, change);
  const near = relativesOf(catalog, changes);
  const from = catalog.position;
  if (articles.length) await catalog.append(articles.map(lineOf));
  else await catalog.turn();
  for (const change of changes) note(touched, catalog, change);
  // Nothing of these has changed but how their warning stands.
  const turned = [...endedSince(catalog, clock, now), ...endedBy(catalog, changes)];
  for (const entry of turned) noteColumns(touched, catalog, entry);
  for (const id of new Set([...near, ...relativesOf(catalog, changes), ...turned.map((entry) => entry.id)]))
    await drawAgain(place, catalog, id);

  await writeLists(place, catalog, { touched, renewed, now, lease });
  lease();
  await dropFiles(
    home,
    catalog,
    articles,
    changes.flatMap(({ old }) => old?.files ?? []),
  );
  await followWords(home, catalog, { from, ids: articles.map(({ id }) => id) });
  await keepClock(place, catalog, clock, now);
  lease();
  // Last, so that what a crash leaves undone is done again.
  if (renewed) await writeRecord(home, 'site', built);
  await dropSlips(home, slips);
}

/** Columns that an article is about to be the first of get their pages before it, for its own page leads there. */
export async function openColumns(place: Place, columns: readonly string[]): Promise<void> {
  const { home, site } = place;
  const known = new Set([...navigation(site), ...(await openCatalog(home)).columns()]);
  if (columns.every((name) => known.has(name))) return;
  await underLock(place, async (lease) => {
    const catalog = await openCatalog(home);
    const order = orderOf(Number(catalog.position));
    const fresh = columns.filter((name) => !catalog.list(name).length);
    const writes = fresh.flatMap((name) => [...columnWrites(site, catalog, name, [], place.now())]);
    await writeAll(home, [writes], order, lease);
  });
}

/** Shows what is kept of the heads of days: the site's feed and the pages of the heads. No article is drawn. */
export function settleHeads(place: Place): Promise<void> {
  const { home, site } = place;
  return underLock(place, async (lease) => {
    const catalog = await openCatalog(home);
    await catalog.turn();
    const pages = await headsWrites(place);
    const head = await newestHead(home.records);
    const order = orderOf(Number(catalog.position));
    const feed: Write = ['atom.xml', atomFeed(site, catalog.list(), undefined, head)];
    await writeAll(home, [pages, [feed]], order, lease);
  });
}

async function headsWrites({ home, site }: Place): Promise<Write[]> {
  const heads = await readHeads(home.records);
  return [
    ['audit/index.html', headsPage(site, heads)],
    ['audit/heads.json', headsJson(heads)],
    ['audit/heads.atom', headsFeed(site, heads)],
  ];
}

/** A path under the public folder, and what is to stand there. */
type Write = readonly [path: string, content: string];

/** Writes under way at a time. */
const atOnce = 16;

/** One stage after the other, so that nothing names what is not there yet. */
async function writeAll(
  home: SiteHome,
  stages: readonly (readonly Write[])[],
  order: string,
  lease: Lease,
): Promise<void> {
  for (const stage of stages) {
    const left = stage.values();
    const failures: unknown[] = [];
    const writer = async (): Promise<void> => {
      for (const [path, content] of left) {
        if (failures.length) return;
        lease();
        await drawPublic(home, path, content, order);
        // A folder is written without the loop; readers have their turn.
        await setImmediate();
      }
    };
    // None is left behind that would write when the lock is somebody else's.
    await Promise.all(
      Array.from({ length: atOnce }, () =>
        writer().catch((error: unknown) => {
          failures.push(error);
        }),
      ),
    );
    if (failures.length) throw failures[0];
  }
}

/** The articles are public already: where the index cannot follow now, the next search makes it. */
async function followWords(home: SiteHome, catalog: Catalog, step: Step): Promise<void> {
  try {
    await openWordIndex(home).follow(catalog, step);
  } catch (error) {
    process.emitWarning(
      `the search of the site "${home.slug}" lags behind: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Places, from 0 and oldest first, of articles whose pages must be written again; `toEnd`: with all that stand behind. */
interface Span {
  place: number;
  toEnd: boolean;
}

/** Articles whose pages name a changed one; and the changed one, which may have been drawn before the other was here. */
function relativesOf(catalog: Catalog, changes: readonly Change[]): string[] {
  return changes.flatMap(({ article, old }) => {
    const { policies, interpretations } = catalog.relativesOf(article);
    const before = old && catalog.relativesOf(old);
    const ids = [
      ...policies,
      ...interpretations,
      ...(before ? [...before.policies, ...before.interpretations] : []),
    ].map(({ id }) => id);
    return ids.length ? [...ids, article.id] : [];
  });
}

/** Warnings of other releases that a message lifts or replaces, or no longer does. */
function endedBy(catalog: Catalog, changes: readonly Change[]): Entry[] {
  const ids = changes.flatMap(({ article, old }) =>
    [catalog.entries.get(article.id)?.warning, old?.warning].flatMap((warning) => [
      ...(warning?.lifts ?? []),
      ...(warning?.replaces ?? []).map(({ id }) => id),
    ]),
  );
  return [...new Set(ids)].flatMap((id) => catalog.entries.get(id) ?? []);
}

function allPages(site: Site, catalog: Catalog): Map<string, Span[]> {
  return new Map(
    ['', ...navigation(site), ...catalog.columns()].map((column) => [column, [{ place: 0, toEnd: true }]]),
  );
}

function note(touched: Map<string, Span[]>, catalog: Catalog, { article, old }: Change): void {
  const now = lineOf(article);
  for (const column of new Set(['', ...article.columns, ...(old?.columns ?? [])])) {
    const stays =
      old !== undefined &&
      article.state === 'public' &&
      article.columns.includes(column) === old.columns.includes(column);
    // Written before already: a crash may have left any of the lists undone.
    const again = old !== undefined && JSON.stringify(now) === JSON.stringify(old);
    const spans = touched.get(column) ?? [];
    spans.push({
      place: placeOf(catalog.list(column), { at: article.publishedAt, id: article.id }),
      toEnd: !stays || again,
    });
    touched.set(column, spans);
  }
}

function noteColumns(touched: Map<string, Span[]>, catalog: Catalog, entry: Entry): void {
  for (const column of entry.columns)
    touched.set(column, [
      ...(touched.get(column) ?? []),
      { place: placeOf(catalog.list(column), entry), toEnd: false },
    ]);
}

interface Lists {
  touched: Map<string, Span[]>;
  renewed: boolean;
  now: Date;
  lease: Lease;
}

async function writeLists(place: Place, catalog: Catalog, { touched, renewed, now, lease }: Lists): Promise<void> {
  const { home, site } = place;
  const always = renewed ? [...standing(site), ...(await headsWrites(place))] : [];
  const head = await newestHead(home.records);
  // From here on nothing is waited for until all is drawn: it is of one moment of the catalog.
  const order = orderOf(Number(catalog.position));
  const lists: Write[] = [];
  for (const [column, spans] of touched)
    lists.push(...(column ? columnWrites(site, catalog, column, spans, now) : sitemapWrites(site, catalog, spans)));
  // A page that has just become full names the one that has come after it, which is drawn before it.
  const newest = new Set(Array.from(touched.keys(), (column) => column && newestPage(site, catalog, column)));
  const newer = lists.filter(([path]) => newest.has(path));
  const parts = lists.filter(([path]) => isPart(path) && !newest.has(path));
  const wholes = lists.filter(([path]) => !isPart(path));
  const fronts: Write[] = [
    ['rss.xml', rssFeed(site, catalog.list())],
    ['atom.xml', atomFeed(site, catalog.list(), undefined, head)],
    ['feed.json', jsonFeed(site, catalog.list())],
    ['warnings.xml', warningsFeed(site, catalog, now)],
    ['index.html', homePage(site, catalog, now)],
  ];
  await writeAll(home, [always, newer, parts, wholes, fronts], order, lease);
}

/** The column's front under its number. */
function newestPage(site: Site, catalog: Catalog, name: string): string {
  return `${folderOf(site, name)}/${fullPages(catalog.list(name).length) + 1}.html`;
}

function folderOf({ settings }: Site, name: string): string {
  return `columns/${columnNamed(name, settings).slug}`;
}

/** Pages of a column and chunks of the sitemap, which a front page or an index names. */
function isPart(path: string): boolean {
  return /\/\d+\.(?:html|xml)$/.test(path);
}

/** What every page leans on, and what depends on no article. */
function standing(site: Site): Write[] {
  return [
    ['assets/site.css', styles],
    ['assets/site.js', script],
    ['assets/icon.svg', icon],
    ['opensearch.xml', openSearch(site)],
    ['robots.txt', robots(site)],
    ['404.html', noticePage(site, '页面不存在', '您访问的页面不存在，可能地址有误或已经移走。请从首页或搜索查找。')],
  ];
}

function* columnWrites(site: Site, catalog: Catalog, name: string, spans: Span[], now: Date): Generator<Write> {
  const list = catalog.list(name);
  const front = fullPages(list.length) + 1;
  const folder = folderOf(site, name);
  const numbers = new Set([front]);
  for (const { place, toEnd } of spans) {
    const page = pageAt(Math.min(place, Math.max(0, list.length - 1)), list.length);
    // The page before, too: it has just become full when the front moved on.
    for (let n = Math.max(1, page - 1); n <= (toEnd ? front : page); n += 1) numbers.add(n);
  }
  for (const n of numbers) {
    const page = columnPage(site, name, catalog, n, now);
    // The front stands under its number as well, for the page before it names it so from the day it is full.
    yield [`${folder}/${n}.html`, page];
    if (n === front) yield [`${folder}/index.html`, page];
  }
  yield [`${folder}/atom.xml`, atomFeed(site, list, name)];
}

function* sitemapWrites(site: Site, catalog: Catalog, spans: Span[]): Generator<Write> {
  const list = catalog.list();
  const last = chunks(list.length);
  const numbers = new Set<number>();
  for (const { place, toEnd } of spans)
    for (let n = chunkAt(place); n <= (toEnd ? last : chunkAt(place)); n += 1) numbers.add(n);
  for (const n of numbers) yield [`sitemaps/${n}.xml`, sitemapChunk(site, list, n)];
  yield ['sitemap.xml', sitemapIndex(site, list)];
}

/** Takes pictures and attachments that no public article needs any more out of the public's reach: what was withdrawn must not stay readable by its address. */
async function dropFiles(home: SiteHome, catalog: Catalog, articles: Article[], before: string[]): Promise<void> {
  const candidates = new Set([...before, ...articles.flatMap(everyFileOf)]);
  for (const path of articles.flatMap(filesOf)) candidates.delete(path);
  if (!candidates.size) return;
  for (const entry of catalog.entries.values()) for (const path of entry.files) candidates.delete(path);
  await Promise.all([...candidates].map((path) => home.public.drop(path)));
}

/** Makes sure that the site's files can be written. @throws the file system's own error, StorageAway */
export async function touchSite(home: SiteHome): Promise<void> {
  for (const files of [home.private, home.public]) {
    const probe = `.probe-${process.pid}-${randomBytes(4).toString('hex')}`;
    await files.write(probe, '');
    await files.drop(probe);
  }
}
