/** Search over a site: words by jieba, an index by MiniSearch that follows the catalog. */
import { Jieba } from '@node-rs/jieba';
import { dict } from '@node-rs/jieba/dict.js';
import { LRUCache } from 'lru-cache';
import MiniSearch from 'minisearch';
import { loadTemplate } from '../../templates.js';
import { readArticle, type Article } from './article.js';
import { openCatalog, type Entry } from './catalog.js';
import { drawPage, itemOf } from './draw.js';
import type { SiteFolder } from './files.js';
import { rootOf, type Site } from './look.js';

const template = loadTemplate<Record<string, unknown>>('website', 'search');

const shown = 30;
const longestQuery = 100;
/** Characters of each article that are searched. */
const depth = 20_000;

let cutter: Jieba | undefined;

/** Words in small letters; signs and blanks are none. */
export function wordsOf(text: string): string[] {
  cutter ??= Jieba.withDict(dict);
  return cutter.cutForSearch(text.normalize('NFKC').toLowerCase(), true).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

interface SiteIndex {
  index: MiniSearch;
  entries: Map<string, Entry>;
  updating: Promise<void>;
}

const indexes = new LRUCache<string, SiteIndex>({ max: 12 });

async function indexOf(folder: SiteFolder): Promise<SiteIndex> {
  const known: SiteIndex = indexes.get(folder.state) ?? {
    index: new MiniSearch({
      fields: ['title', 'keywords', 'number', 'summary', 'text'], // Of a long text it matters which words it has, not how often; counting each once makes the index ten times as fast to build.
      tokenize: (text, field) => (field === 'text' ? [...new Set(wordsOf(text))] : wordsOf(text)), processTerm: (term) => term,
      searchOptions: { boost: { title: 6, number: 6, keywords: 3, summary: 2 }, combineWith: 'AND', prefix: (term) => term.length > 2 && /^[a-z0-9]+$/.test(term) },
    }),
    entries: new Map(), updating: Promise.resolve(),
  };
  indexes.set(folder.state, known);
  // A failure belongs to the one who asked; the next tries again.
  const turn = known.updating.then(() => follow(folder, known));
  known.updating = turn.catch(() => undefined);
  await turn;
  return known;
}

/** Takes in what has changed since, a few articles at a time, so that a first search of a large site stops nobody else. */
async function follow(folder: SiteFolder, { index, entries }: SiteIndex): Promise<void> {
  const { entries: now } = await openCatalog(folder);
  for (const [id, entry] of entries) {
    if (now.get(id) === entry) continue;
    index.discard(id);
    entries.delete(id);
  }
  const added = [...now.values()].filter(({ id }) => !entries.has(id));
  for (let at = 0; at < added.length; at += 50) {
    const batch = added.slice(at, at + 50);
    const articles = await Promise.all(batch.map(({ id }) => readArticle(folder, id)));
    for (const [n, entry] of batch.entries()) {
      const article = articles[n];
      if (!article || entries.has(entry.id)) continue;
      entries.set(entry.id, entry);
      index.add({ id: entry.id, title: entry.title, keywords: [...entry.keywords, ...entry.columns].join(' '), number: entry.number ?? '', summary: entry.summary, text: textOf(article).slice(0, depth) });
    }
    await new Promise((next) => setImmediate(next));
  }
}

function textOf({ body }: Article): string {
  return body.replace(/<[^>]*>/g, ' ').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&nbsp;/g, ' ').replace(/&amp;/g, '&').replace(/\s+/g, ' ').trim();
}

/** Ids of the articles that hold every word, best first; of those that hold any, where none holds all. */
export async function search(folder: SiteFolder, query: string): Promise<Entry[]> {
  const words = wordsOf(query.slice(0, longestQuery)).join(' ');
  if (!words) return [];
  const { index, entries } = await indexOf(folder);
  const hits = index.search(words);
  return (hits.length ? hits : index.search(words, { combineWith: 'OR' })).flatMap(({ id }) => entries.get(String(id)) ?? []);
}

export async function searchPage(folder: SiteFolder, site: Site, asked: string): Promise<string> {
  const query = asked.replace(/\s+/g, ' ').trim().slice(0, longestQuery);
  const found = await search(folder, query);
  const hits = await Promise.all(found.slice(0, shown).map(async (entry) => {
    const article = await readArticle(folder, entry.id);
    return { ...itemOf(rootOf(site), entry), extract: article ? extractOf(textOf(article) || entry.summary, query) : [] };
  }));
  return drawPage(site, {
    title: `${query ? `${query}_` : ''}搜索_${site.settings.siteName}`, query,
    metas: [{ name: 'robots', content: 'noindex' }],
    main: template({ query, total: found.length, more: found.length > hits.length, shown: hits.length, hits }),
  });
}

const before = 30;
const extractLength = 110;

/** The words around the first hit, with every hit marked. */
function extractOf(text: string, query: string): { text: string; hit: boolean }[] {
  const words = [...new Set([query.toLowerCase(), ...wordsOf(query)])].filter(Boolean).sort((left, right) => right.length - left.length);
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'giu');
  const first = Math.max(0, text.search(pattern));
  const start = Math.max(0, first - before);
  const part = `${start > 0 ? '…' : ''}${text.slice(start, start + extractLength).replace(/\p{Surrogate}/gu, '')}${text.length > start + extractLength ? '…' : ''}`;
  return part.split(pattern).map((piece, n) => ({ text: piece, hit: n % 2 === 1 })).filter((piece) => piece.text);
}
