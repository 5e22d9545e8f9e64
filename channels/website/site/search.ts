/** The page that shows what a search has found. */
import { loadTemplate } from '../../templates.js';
import { readArticle, type Article } from './article.js';
import { lineOf, openCatalog, endsAt } from './catalog.js';
import { drawPage, itemOf } from './draw.js';
import type { SiteHome } from './files.js';
import { rootOf, type Site } from './look.js';
import { openWordIndex, textOf } from './word-index.js';
import { runsOf, tokensOf } from './words.js';

const template = loadTemplate<Record<string, unknown>>('website', 'search');

const shown = 30;
const longestQuery = 100;
/** How many articles there are, and the best of them. */
async function search(home: SiteHome, query: string): Promise<{ total: number; articles: Article[] }> {
  const index = openWordIndex(home);
  // Who publishes keeps the index up to date; what a crash has left undone, or a site from before there was an index, is made good here.
  if (!(await endsAt(home, index.position))) await index.follow(await openCatalog(home));
  const { total, ids } = index.search(query, shown);
  return {
    total,
    articles: (await Promise.all(ids.map((id) => readArticle(home, id)))).filter((article) => article !== undefined),
  };
}

export async function searchPage(home: SiteHome, site: Site, asked: string, now: Date): Promise<string> {
  const query = asked.replace(/\s+/g, ' ').trim().slice(0, longestQuery);
  const { total, articles } = await search(home, query);
  // Reading the whole list costs more than the search, and only how a warning stands is written there.
  const catalog = articles.some(({ warning }) => warning) ? await openCatalog(home) : undefined;
  const hits = articles.flatMap((article) => {
    const entry = lineOf(article);
    return 'gone' in entry
      ? []
      : [
          {
            ...itemOf(rootOf(site), entry, catalog?.forceOf(entry, now)),
            extract: extractOf(textOf(article) || entry.summary, query),
          },
        ];
  });
  return drawPage(site, {
    title: `${query ? `${query}_` : ''}搜索_${site.settings.siteName}`,
    query,
    metas: [{ name: 'robots', content: 'noindex' }],
    main: template({ query, total, more: total > hits.length, shown: hits.length, hits }),
  });
}

const before = 30;
const extractLength = 110;

/** The words around the first hit, with every hit marked. */
function extractOf(text: string, query: string): { text: string; hit: boolean }[] {
  const words = [...new Set([query.toLowerCase(), ...runsOf(query), ...tokensOf(query)])]
    .filter(Boolean)
    .sort((left, right) => right.length - left.length);
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'giu');
  const first = Math.max(0, text.search(pattern));
  const start = Math.max(0, first - before);
  const part = `${start > 0 ? '…' : ''}${text.slice(start, start + extractLength).replace(/\p{Surrogate}/gu, '')}${text.length > start + extractLength ? '…' : ''}`;
  return part
    .split(pattern)
    .map((piece, n) => ({ text: piece, hit: n % 2 === 1 }))
    .filter((piece) => piece.text);
}
