/**
 * The index behind a site's search: one SQLite file of each machine, which follows the catalog and is made anew from
 * the articles where it is missing or broken. It remembers up to which place of the catalog it has followed.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { readArticle, type Article } from './article.js';
import type { Catalog, Entry } from './catalog.js';
import { fileCode } from '../../files.js';
import type { SiteHome } from './files.js';
import { matchOf, tokensOf } from './words.js';

/** Changes with the tables or with how text is cut. */
const version = 1;
/** Characters of each article that are searched. */
const depth = 20_000;
/** Articles that are written in one go, between which others have their turn. */
const together = 20;

/** Two processes may make them at the same time. */
const tables = `
  CREATE TABLE IF NOT EXISTS articles (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, mark TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS followed (position TEXT NOT NULL);
  INSERT INTO followed SELECT '' WHERE NOT EXISTS (SELECT 1 FROM followed);
  CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(title, number, keywords, summary, text, content='', contentless_delete=1, detail=column, tokenize="unicode61 remove_diacritics 0");
  PRAGMA user_version = ${version};`;
/** A word in the title or the document number weighs most. In the order of the columns. */
const rank = 'bm25(words, 6, 6, 3, 2, 1)';

const idRows = z.array(z.object({ id: z.string() }));
const markRows = z.array(z.object({ id: z.string(), mark: z.string() }));

/** A step of the catalog: where it stood before, and the articles that changed. */
export interface Step {
  from: string;
  ids: readonly string[];
}

export class WordIndex {
  private readonly site: SiteHome;
  private opened: Libsql.Database | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(site: SiteHome) {
    this.site = site;
  }

  /** Opened again for whoever was under way with it while so many other sites were searched that it had to go. */
  private get database(): Libsql.Database {
    if (this.opened) return this.opened;
    this.opened = openWhole(join(this.site.own, 'words.sqlite'));
    open.set(this.site.own, this);
    return this.opened;
  }

  /** Up to where it has followed the catalog. */
  get position(): string {
    return z.object({ position: z.string() }).parse(this.database.prepare('SELECT position FROM followed').get())
      .position;
  }

  /** Takes in what has changed, one caller after the other. With `step`, only that is looked at where nothing else is open. */
  follow(catalog: Catalog, step?: Step): Promise<void> {
    const turn = this.turn.then(() => this.takeIn(catalog, step));
    // A failure belongs to the one who asked; the next tries again.
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Articles that hold every word, best first; those that hold any, where none holds all. */
  search(query: string, limit: number): { total: number; ids: string[] } {
    for (const match of [matchOf(query), matchOf(query, true)]) {
      if (!match) break;
      const { total } = z
        .object({ total: z.number() })
        .parse(this.database.prepare('SELECT count(*) AS total FROM words WHERE words MATCH ?').get(match));
      if (!total) continue;
      const rows = this.database
        .prepare(
          `SELECT articles.id FROM words JOIN articles ON articles.row = words.rowid WHERE words MATCH ? ORDER BY ${rank}, articles.mark DESC LIMIT ?`,
        )
        .all(match, limit);
      return { total, ids: idRows.parse(rows).map(({ id }) => id) };
    }
    return { total: 0, ids: [] };
  }

  close(): void {
    this.opened?.close();
    this.opened = undefined;
  }

  private async takeIn(catalog: Catalog, step: Step | undefined): Promise<void> {
    const at = catalog.position;
    const followed = this.position;
    if (followed === at) return;
    const ids = step?.from === followed ? step.ids : this.changed(catalog);
    for (let start = 0; start < ids.length; start += together) {
      const batch = ids.slice(start, start + together);
      const articles = await Promise.all(
        batch.map((id) => (catalog.entries.has(id) ? readArticle(this.site, id) : undefined)),
      );
      this.together(() => {
        for (const [n, id] of batch.entries()) this.put(id, catalog.entries.get(id), articles[n]);
      });
      await new Promise((next) => setImmediate(next));
    }
    this.database.prepare('UPDATE followed SET position = ?').run(at);
  }

  private changed({ entries }: Catalog): string[] {
    const marks = new Map(
      markRows.parse(this.database.prepare('SELECT id, mark FROM articles').all()).map(({ id, mark }) => [id, mark]),
    );
    const stale = [...entries.values()].filter((entry) => marks.get(entry.id) !== markOf(entry)).map(({ id }) => id);
    return [...stale, ...[...marks.keys()].filter((id) => !entries.has(id))];
  }

  private put(id: string, entry: Entry | undefined, article: Article | undefined): void {
    this.database.prepare('DELETE FROM words WHERE rowid = (SELECT row FROM articles WHERE id = ?)').run(id);
    this.database.prepare('DELETE FROM articles WHERE id = ?').run(id);
    if (!entry || !article) return;
    const { lastInsertRowid } = this.database
      .prepare('INSERT INTO articles (id, mark) VALUES (?, ?)')
      .run(id, markOf(entry));
    const cut = (text: string) => tokensOf(text).join(' ');
    this.database
      .prepare('INSERT INTO words (rowid, title, number, keywords, summary, text) VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        lastInsertRowid,
        cut(entry.title),
        cut(entry.number ?? ''),
        cut([...entry.keywords, ...entry.columns].join(' ')),
        cut(entry.summary),
        // Of a long text it matters which words it has, not how often.
        [...new Set(tokensOf(textOf(article).slice(0, depth)))].join(' '),
      );
  }

  private together(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Another with every change of the article, the newest article's the highest. */
function markOf({ revised, at, version }: Entry): string {
  return `${revised ?? at} ${version}`;
}

/** The words of an article's body. */
export function textOf({ body }: Pick<Article, 'body'>): string {
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

class Outdated extends Error {}

/** What cannot be read is thrown away: all of it can be made again. */
function openWhole(path: string): Libsql.Database {
  for (let attempt = 1; ; attempt += 1) {
    let database: Libsql.Database | undefined;
    try {
      mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
      // Milliseconds to wait for another process, which writes a few articles at a time.
      database = new Libsql(path, { timeout: 2_000 });
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      const found = z
        .object({ user_version: z.number() })
        .parse(database.prepare('PRAGMA user_version').get()).user_version;
      if (found === 0) database.exec(`BEGIN IMMEDIATE; ${tables} COMMIT`);
      else if (found !== version) throw new Outdated(`an index of version ${found}`);
      database.prepare('SELECT position FROM followed').get();
      return database;
    } catch (error) {
      database?.close();
      if (
        attempt === 2 ||
        !(error instanceof Outdated || ['SQLITE_CORRUPT', 'SQLITE_NOTADB'].includes(fileCode(error)))
      )
        throw error;
      for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    }
  }
}

const open = new LRUCache<string, WordIndex>({
  max: 50,
  dispose: (index) => {
    index.close();
  },
});

export function openWordIndex(site: SiteHome): WordIndex {
  return open.get(site.own) ?? new WordIndex(site);
}
