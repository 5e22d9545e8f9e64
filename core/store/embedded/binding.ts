/**
 * The only file that knows the SQLite bindings: Node's own where it has come of age, else libsql, which runs on Node 20.
 * Both write the same file. Statements are prepared once, and none stays open between two ticks of the event loop: an
 * open one would keep the write-ahead log from shrinking and its own connection from writing.
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

/** Opens a file; each statement is prepared anew. */
export type Binding = (path: string) => SqliteFile;

function byLibsql(path: string): SqliteFile {
  const database = new Libsql(path, { timeout: 0 });
  return {
    exec: (sql) => {
      database.exec(sql);
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      if (statement.reader) statement.raw(true);
      return {
        all: (cells = []) => statement.all(cells) as Cell[][],
        get: (cells = []) => statement.get(cells) as Cell[] | undefined,
        run: (cells = []) => statement.run(cells).changes,
      };
    },
    close: () => {
      database.close();
    },
  };
}

/** What is used of `node:sqlite`, which the types of Node 20 do not know. */
interface NodeSqlite {
  DatabaseSync: new (
    path: string,
    options: { timeout: number },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): {
      setReturnArrays(on: boolean): void;
      all(...cells: readonly Cell[]): Cell[][];
      get(...cells: readonly Cell[]): Cell[] | undefined;
      run(...cells: readonly Cell[]): { changes: number };
    };
    close(): void;
  };
}

function byNode({ DatabaseSync }: NodeSqlite): Binding {
  return (path) => {
    const database = new DatabaseSync(path, { timeout: 0 });
    return {
      exec: (sql) => {
        database.exec(sql);
      },
      prepare(sql) {
        const statement = database.prepare(sql);
        statement.setReturnArrays(true);
        return {
          all: (cells = []) => statement.all(...cells),
          get: (cells = []) => statement.get(...cells),
          run: (cells = []) => statement.run(...cells).changes,
        };
      },
      close: () => {
        database.close();
      },
    };
  };
}

/** Before Node 24 it is marked as an experiment, says so in every process, and lacks a part of what is used here. */
function isOfAge(sqlite: object | undefined): sqlite is NodeSqlite {
  return sqlite !== undefined && 'DatabaseSync' in sqlite && Number.parseInt(process.versions.node) >= 24;
}

const ofNode = process.getBuiltinModule('node:sqlite');

/** Those that run on this Node, by name, the one to take first. */
export const bindings: ReadonlyMap<string, Binding> = new Map([
  ...(isOfAge(ofNode) ? ([['node:sqlite', byNode(ofNode)]] as const) : []),
  ['libsql', byLibsql],
]);

/**
 * Opens or makes the file with full durability: a commit that returned has reached the disk. It never waits for another
 * writer: SQLite's own wait would stop the event loop, so callers try again (see `isBusy`).
 */
export function openSqlite(path: string, [open = byLibsql] = [...bindings.values()]): SqliteFile {
  const file = open(path);
  const kept = new Map<string, Statement>();
  return {
    ...file,
    prepare(sql) {
      const known = kept.get(sql);
      if (known) {
        kept.delete(sql);
        kept.set(sql, known);
        return known;
      }
      const made = file.prepare(sql);
      kept.set(sql, made);
      for (const oldest of kept.keys()) {
        if (kept.size <= keptStatements) break;
        kept.delete(oldest);
      }
      return made;
    },
  };
}

/**
 * Settings of one connection; may meet another process that is opening the same file, so it is tried again when busy.
 * Pages of 8 KB, in a file that is made by this: a placement grows when its outcome comes, and in pages of 4 KB most of
 * them had to be split for that, which cost a quarter of the write. A cache of 16 MB for each connection: the system
 * keeps the file in memory too, and once for all processes.
 */
export function configure(file: SqliteFile): void {
  file.exec('PRAGMA page_size = 8192');
  file.prepare('PRAGMA journal_mode = WAL').get();
  file.exec(
    'PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8000',
  );
}

/** SQLite's own codes, in which libsql names them and Node numbers them. */
const busy = { names: ['SQLITE_BUSY', 'SQLITE_LOCKED'], numbers: [5, 6] };
const unique = { names: ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'], numbers: [2067, 1555] };

/** Another connection holds the lock; nothing was done. */
export function isBusy(error: unknown): boolean {
  const { name, number } = codeOf(error);
  // The higher bits tell what it is busy with.
  return busy.names.some((code) => name.startsWith(code)) || busy.numbers.includes(number & 0xff);
}

export function isUniqueViolation(error: unknown): error is Error {
  const { name, number } = codeOf(error);
  return unique.names.includes(name) || unique.numbers.includes(number);
}

function codeOf(error: unknown): { name: string; number: number } {
  // Neither is an `Error` everywhere: libsql's is made by hand, and Node's is of another realm than a test in its sandbox.
  if (typeof error !== 'object' || error === null) return { name: '', number: 0 };
  return {
    name: 'code' in error && typeof error.code === 'string' ? error.code : '',
    number: 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0,
  };
}
