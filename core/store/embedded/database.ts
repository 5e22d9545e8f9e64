/** One SQLite file: who may write when, what tables it has, and which of their paths are columns. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { LianfaError } from '../../errors.js';
import { configure, isBusy, openSqlite, type SqliteFile } from './binding.js';
import { loadTable, makeTable } from './tables.js';
import type { Table } from './table.js';

/** Milliseconds before a waiting operation gives up with `store_unavailable`. */
const patience = 30_000;

interface Opened {
  file: SqliteFile;
  /** SQLite's count of schema changes that `tables` were read at; -1 where they must be read anew. */
  version: number;
  /** Inside a write of its own, in which nobody else can change the schema: asking for each row would cost as much as finding it. */
  alone: boolean;
  tables: Map<string, Table>;
}

export class Database {
  readonly path: string;
  readonly #main: Opened;
  /** A second connection, made by the first transaction: it lives over many ticks, beside everybody's reads. */
  #apart: Opened | undefined;
  #writing = false;
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  private constructor(path: string, main: Opened) {
    this.path = path;
    this.#main = main;
  }

  /** Opens or makes the file. Throws `store_unavailable` where it stays locked or cannot be opened. */
  static async open(path: string): Promise<Database> {
    return new Database(path, await opened(path));
  }

  /** Reads what was committed, or inside the transaction. `work` may not keep anything open. */
  async read<T>(work: (at: Opened) => T): Promise<T> {
    return patiently(() => work(this.#main));
  }

  /** Runs `work` alone among all writers of the file and commits it; undone where it throws. */
  async write<T>(work: (at: Opened) => T): Promise<T> {
    const release = await this.#turn();
    try {
      return await patiently(() => committed(this.#main, work));
    } finally {
      release();
    }
  }

  /** Begins a transaction on the second connection. The caller ends it by `COMMIT` or `ROLLBACK`, then releases it. */
  async beginApart(): Promise<{ at: Opened; release: () => void }> {
    const release = await this.#turn();
    try {
      const apart = this.#apart ?? (await opened(this.path));
      this.#apart = apart;
      await patiently(() => {
        apart.file.exec('BEGIN IMMEDIATE');
      });
      return { at: apart, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends the connections. Writers in the queue get `store_unavailable`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const release = await this.#turn();
    this.#closed = true;
    release();
    this.#main.file.close();
    this.#apart?.file.close();
  }

  /** Writers of this process queue here, first come first served, and meet only those of other processes at the file. */
  async #turn(): Promise<() => void> {
    if (this.#writing) {
      await new Promise<void>((resolve, reject) => {
        const next = (): void => {
          clearTimeout(limit);
          resolve();
        };
        const limit = setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(next), 1);
          reject(new LianfaError('store_unavailable'));
        }, patience);
        this.#waiting.push(next);
      });
    }
    this.#writing = true;
    if (this.#closed) {
      this.#pass();
      throw new LianfaError('store_unavailable');
    }
    return () => {
      this.#pass();
    };
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#writing = false;
  }
}

export type { Opened };

async function opened(path: string): Promise<Opened> {
  return patiently(() => {
    const file = openSqlite(path);
    try {
      configure(file);
    } catch (error) {
      file.close();
      throw error;
    }
    return { file, version: -1, alone: false, tables: new Map<string, Table>() };
  });
}

function committed<T>(at: Opened, work: (at: Opened) => T): T {
  at.file.exec('BEGIN IMMEDIATE');
  try {
    refresh(at);
    at.alone = true;
    const result = work(at);
    at.file.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(at);
    throw error;
  } finally {
    at.alone = false;
  }
}

/** Undoes the open transaction. What was read of the schema inside it counts no more. */
export function rollBack(at: Opened): void {
  at.version = -1;
  at.file.exec('ROLLBACK');
}

/** Milliseconds between two tries: less than a bulk write leaves the file free between its pieces. */
const longestPause = 4;

/** Tries until the file is free. The pauses are uneven, so that two processes do not meet again and again. */
async function patiently<T>(attempt: () => T): Promise<T> {
  const giveUp = Date.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 1.5, longestPause)) {
    try {
      const result = attempt();
      // Nothing here waits for the outside, so without this a loop of operations would keep timers and sockets from running.
      await turn();
      return result;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() > giveUp) throw new LianfaError('store_unavailable', {}, { cause: error });
    }
    await sleep(pause * (0.5 + Math.random() / 2));
  }
}

function refresh(at: Opened): void {
  const version = Number(at.file.prepare('PRAGMA schema_version').get()?.[0]);
  if (version === at.version) return;
  at.tables.clear();
  at.version = version;
}

/** The table of a collection as it is now, in any process; `undefined` where nothing was ever written to it. */
export function tableOf(at: Opened, collection: string): Table | undefined {
  if (!at.alone || at.version === -1) refresh(at);
  const known = at.tables.get(collection);
  if (known) return known;
  const table = loadTable(at.file, collection);
  if (table) at.tables.set(collection, table);
  return table;
}

/** The same inside a write: made where it is missing. */
export function tableFor(at: Opened, collection: string): Table {
  const known = tableOf(at, collection);
  if (known) return known;
  at.version = -1;
  return makeTable(at.file, collection);
}
