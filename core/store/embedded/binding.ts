/**
 * The only file that knows the SQLite binding (libsql). Statements are prepared once, and none stays open between two
 * ticks of the event loop: an open one would keep the write-ahead log from shrinking and its own connection from writing.
 */
import Libsql from 'libsql';

/** What a column may hold. The binding ends the process on a boolean, so no other type may reach it. */
export type Cell = string | number | null;

export interface Statement {
  /** Every row. */
  all(cells?: readonly Cell[]): Cell[][];
  /** The first row; ten times as fast as `all`. */
  get(cells?: readonly Cell[]): Cell[] | undefined;
  /** How many rows changed. Only for statements that return no row. */
  run(cells?: readonly Cell[]): number;
}

export interface SqliteFile {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** More than the product's distinct statements; beyond it the least recently used go. */
const keptStatements = 500;

/**
 * Opens or makes the file with full durability: a commit that returned has reached the disk. It never waits for another
 * writer: SQLite's own wait would stop the event loop, so callers try again (see `isBusy`).
 */
export function openSqlite(path: string): SqliteFile {
  const database = new Libsql(path, { timeout: 0 });
  const kept = new Map<string, Statement>();
  const file: SqliteFile = {
    exec: (sql) => {
      database.exec(sql);
    },
    prepare(sql) {
      const known = kept.get(sql);
      if (known) {
        kept.delete(sql);
        kept.set(sql, known);
        return known;
      }
      const statement = database.prepare(sql);
      if (statement.reader) statement.raw(true);
      const made: Statement = {
        all: (cells = []) => statement.all(cells) as Cell[][],
        get: (cells = []) => statement.get(cells) as Cell[] | undefined,
        run: (cells = []) => statement.run(cells).changes,
      };
      kept.set(sql, made);
      for (const oldest of kept.keys()) {
        if (kept.size <= keptStatements) break;
        kept.delete(oldest);
      }
      return made;
    },
    close: () => {
      database.close();
    },
  };
  return file;
}

/**
 * Settings of one connection; may meet another process that is opening the same file, so it is tried again when busy.
 * Pages of 8 KB, in a file that is made by this: a placement grows when its outcome comes, and in pages of 4 KB most of
 * them had to be split for that, which cost a quarter of the write.
 */
export function configure(file: SqliteFile): void {
  file.exec('PRAGMA page_size = 8192');
  file.prepare('PRAGMA journal_mode = WAL').get();
  file.exec(
    'PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000',
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Another connection holds the lock; nothing was done. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error).startsWith('SQLITE_LOCKED');
}

export function isUniqueViolation(error: unknown): error is Error {
  return codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE' || codeOf(error) === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}
