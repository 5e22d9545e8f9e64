/** Mongoose's connection to MongoDB: transactions are as sure as decided.ts says, and end within a time that a person waits. */
import mongoose, { type mongo } from 'mongoose';
import NativeConnection from 'mongoose/lib/drivers/node-mongodb-native/connection.js';
import { LianfaError } from '../../errors.js';
import { decidedTogether, patience } from './decided.js';
import { outageOf } from './outage.js';

type Session = mongo.ClientSession;

export class SureConnection extends NativeConnection {
  /**
   * The driver repeats for two minutes what an election has interrupted; here it is given up sooner.
   * @throws LianfaError store_unavailable: surely nothing was done; outcome_unknown: it was being committed, whatever the
   * driver met when it asked for that once more
   */
  override async transaction<T>(
    work: (session: Session) => Promise<T>,
    options?: mongo.TransactionOptions,
  ): Promise<T> {
    const tries = new Tries();
    const done = super.transaction((session) => tries.run(() => work(session)), { ...decidedTogether, ...options });
    // What becomes of it after that concerns nobody any more.
    done.catch(() => undefined);
    return Promise.race([done, tries.late])
      .catch((error: unknown) => {
        throw tries.truth(error);
      })
      .finally(() => tries.end());
  }
}

/** The runs of one transaction's work. */
class Tries {
  /** Rejects when the time is over. */
  readonly late: Promise<never>;
  #times = 0;
  #committing = false;
  #over = false;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    let give: (error: Error) => void = () => undefined;
    this.late = new Promise((_, fail) => (give = fail));
    this.late.catch(() => undefined);
    this.#timer = setInterval(() => {
      // What is long and met nothing is MongoDB's own to end, after a minute.
      if (this.#times <= 1 && !this.#committing) return;
      this.#over = true;
      give(new LianfaError(this.#committing ? 'outcome_unknown' : 'store_unavailable'));
    }, patience.transaction);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#times += 1;
    this.#committing = false;
    this.#requireTime();
    const result = await work();
    // Whoever waited has been told that nothing was done: so nothing is committed.
    this.#requireTime();
    this.#committing = true;
    return result;
  }

  /** A commit that had no answer may be done, also where nobody was there to be asked again. */
  truth(error: unknown): unknown {
    const begins = error instanceof mongoose.mongo.MongoError && error.hasErrorLabel('TransientTransactionError');
    if (!this.#committing || begins || outageOf(error) !== 'away') return error;
    return new LianfaError('outcome_unknown', {}, { cause: error });
  }

  #requireTime(): void {
    if (this.#over) throw new LianfaError('store_unavailable');
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
