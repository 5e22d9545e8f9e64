/** Transactions: one SQLite transaction on a connection of its own, so that nobody else sees its work before it commits. */
import { rollBack, type Database, type Opened } from './database.js';
import { codes, serverError } from './errors.js';

interface Apart {
  at: Opened;
  release: () => void;
}

type State = 'idle' | 'running' | 'aborted';

/** What mongoose needs of MongoDB's ClientSession. */
export class EmbeddedSession {
  /** Mongoose keeps the documents made in a transaction only where this is set. */
  readonly transaction = { isActive: true };
  hasEnded = false;
  readonly #database: Database;
  #state: State = 'idle';
  #opening: Promise<Apart> | undefined;
  #open: Apart | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Inside `withTransaction`, even where an error has ended it: what comes then must fail, not run outside. */
  get engaged(): boolean {
    return this.#state !== 'idle';
  }

  inTransaction(): boolean {
    return this.#state === 'running';
  }

  /** Runs `work` and commits; rolls back and throws again where it throws. Waits its turn among the writers. */
  async withTransaction<T>(work: (session: this) => Promise<T>): Promise<T> {
    if (this.#state !== 'idle') throw serverError(codes.badValue, 'Transaction already in progress');
    this.#state = 'running';
    try {
      const result = await work(this);
      if (this.inTransaction()) this.#end('COMMIT');
      else throw this.#lost();
      return result;
    } finally {
      await this.endSession();
      this.#state = 'idle';
    }
  }

  /** Does one operation inside the transaction. The first one begins it. An error ends it, as in MongoDB. */
  async run<T>(work: (at: Opened) => T): Promise<T> {
    if (this.#state !== 'running') throw this.#lost();
    this.#opening ??= this.#database.beginApart();
    const open = await this.#opening;
    if (this.#state !== 'running') throw this.#lost();
    this.#open = open;
    try {
      return work(open.at);
    } catch (error) {
      this.#end('ROLLBACK');
      this.#state = 'aborted';
      throw error;
    }
  }

  /** Rolls back what was not committed. */
  async endSession(): Promise<void> {
    if (this.#opening) this.#open = await this.#opening;
    if (this.#open) this.#end('ROLLBACK');
    this.hasEnded = true;
  }

  #end(word: 'COMMIT' | 'ROLLBACK'): void {
    const open = this.#open;
    if (!open) return;
    try {
      if (word === 'COMMIT') open.at.file.exec(word);
      else rollBack(open.at);
    } catch (error) {
      if (word === 'COMMIT') rollBack(open.at);
      throw error;
    } finally {
      this.#open = undefined;
      this.#opening = undefined;
      open.release();
    }
  }

  #lost(): Error {
    return serverError(codes.noSuchTransaction, 'This transaction has been aborted or has not been started.');
  }
}
