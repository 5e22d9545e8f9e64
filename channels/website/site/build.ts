/**
 * Keeps a site's pages true to its articles. An article's own page is written at once, under the article's lock; then
 * a slip is left in `pending`, and whoever next holds the site's lock brings the lists up to date for every slip it
 * finds. So a hundred articles at once cost a few rebuilds, not a hundred, and what a crash left undone is done by the next.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { everyFileOf, filesOf, readArticle, type Article } from './article.js';
import { lineOf, openCatalog, placeOf, type Catalog, type Entry } from './catalog.js';
import { columnNamed, fullPages, pageAt } from './columns.js';
import { navigation } from './draw.js';
import { atomFeed, headsFeed, jsonFeed, openSearch, robots, rssFeed, warningsFeed } from './feeds.js';
import { headsJson, headsPage, newestHead, readHeads } from './heads.js';
import { endedSince, isDue, keepClock, readClock } from './in-force.js';
import { writeChanged, writeWhole, type SiteHome } from './files.js';
import { columnPage, homePage, noticePage } from './list-pages.js';
import { builtOf, icon, readSite, script, styles, type Site } from './look.js';
import { drawAgain, hold, type Place } from './pages.js';
import { writeRecord } from './records.js';
import { chunkAt, chunks, sitemapChunk, sitemapIndex } from './sitemap.js';
import { changesOf, dropSlips, readSlips, type Change } from './slips.js';
import { openWordIndex, type Step } from './word-index.js';

/** Brings home, columns, feeds, sitemap and search up to date with all slips; with `all`, whatever stands there. */
export function settle(place: Place, all = false): Promise<void> {
  return place.memory.lock(`site:${place.home.slug}`, hold, () => settleSlips(place, all));
}

async function settleSlips(place: Place, all: boolean): Promise<void> {
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
  for (const change of changes) note(touched, catalog, change);
  // Nothing of these has changed but how their warning stands.
  const turned = [...endedSince(catalog, clock, now), ...endedBy(catalog, changes)];
  for (const entry of turned) noteColumns(touched, catalog, entry);
  for (const id of new Set([...near, ...relativesOf(catalog, changes), ...turned.map((entry) => entry.id)]))
    await drawAgain(place, catalog, id);

  await writeLists(place, catalog, touched, renewed, now);
  await dropFiles(
    home,
    catalog,
    articles,
    changes.flatMap(({ old }) => old?.files ?? []),
  );
  await followWords(home, catalog, { from, ids: articles.map(({ id }) => id) });
  await keepClock(place, catalog, clock, now);
  // Last, so that what a crash leaves undone is done again.
  if (renewed) await writeRecord(home, 'site', built);
  await dropSlips(home, slips);
}

/** Shows what is kept of the heads of days: the site's feed and the pages of the heads. No article is drawn. */
export function settleHeads(place: Place): Promise<void> {
  const { home, site } = place;
  return place.memory.lock(`site:${home.slug}`, hold, async () => {
    const feed = atomFeed(site, (await openCatalog(home)).list(), undefined, await newestHead(home.records));
    await writeAll(home, [['atom.xml', feed], ...(await headsWrites(place))]);
  });
}

async function headsWrites({ home, site }: Place): Promise<[string, string][]> {
  const heads = await readHeads(home.records);
  return [
    ['audit/index.html', headsPage(site, heads)],
    ['audit/heads.json', headsJson(heads)],
    ['audit/heads.atom', headsFeed(site, heads)],
  ];
}

async function writeAll(home: SiteHome, writes: readonly [string, string][]): Promise<void> {
  for (const [path, content] of writes) await writeChanged(join(home.public, path), content);
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

async function writeLists(
  place: Place,
  catalog: Catalog,
  touched: Map<string, Span[]>,
  renewed: boolean,
  now: Date,
): Promise<void> {
  const { home, site } = place;
  const writes: [string, string][] = [
    ['index.html', homePage(site, catalog, now)],
    ['rss.xml', rssFeed(site, catalog.list())],
    ['atom.xml', atomFeed(site, catalog.list(), undefined, await newestHead(home.records))],
    ['feed.json', jsonFeed(site, catalog.list())],
    ['warnings.xml', warningsFeed(site, catalog, now)],
  ];
  if (renewed) {
    writes.push(
      ['assets/site.css', styles],
      ['assets/site.js', script],
      ['assets/icon.svg', icon],
      ['opensearch.xml', openSearch(site)],
      ['robots.txt', robots(site)],
      ['404.html', noticePage(site, '页面不存在', '您访问的页面不存在，可能地址有误或已经移走。请从首页或搜索查找。')],
      ...(await headsWrites(place)),
    );
  }
  for (const [column, spans] of touched) {
    if (column) writes.push(...columnWrites(site, catalog, column, spans, now));
    else writes.push(...sitemapWrites(site, catalog, spans));
  }
  await writeAll(home, writes);
}

function* columnWrites(
  site: Site,
  catalog: Catalog,
  name: string,
  spans: Span[],
  now: Date,
): Generator<[string, string]> {
  const list = catalog.list(name);
  const front = fullPages(list.length) + 1;
  const folder = `columns/${columnNamed(name, site.settings).slug}`;
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

function* sitemapWrites(site: Site, catalog: Catalog, spans: Span[]): Generator<[string, string]> {
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
  await Promise.all([...candidates].map((path) => rm(join(home.public, path), { force: true })));
}

/** Makes sure the folder can be written. @throws the file system's own error */
export async function touchSite(home: SiteHome): Promise<void> {
  await mkdir(home.private, { recursive: true, mode: 0o700 });
  for (const folder of [home.private, home.public]) {
    const probe = join(folder, `.probe-${process.pid}-${randomBytes(4).toString('hex')}`);
    await writeWhole(probe, '');
    await rm(probe, { force: true });
  }
}
