/**
 * What MongoDB's driver throws when members elect, at any operation of a store: before it was carried out, or after it was
 * and before its answer came. At the one place where both stores are asked.
 */
import mongoose, { type Connection } from 'mongoose';

const { MongoNetworkError, MongoServerError } = mongoose.mongo;

export const faults = {
  /** The member that was asked has stepped down: nothing was done. */
  steppedDown: {
    after: false,
    make: () =>
      new MongoServerError({ message: 'not primary', code: 10_107, errorLabels: ['RetryableWriteError'] }) as Error,
  },
  /** No member could be found that takes writes. */
  nobody: {
    after: false,
    make: () => Object.assign(new Error('Server selection timed out'), { name: 'MongoServerSelectionError' }),
  },
  /** Its connection broke off before the answer: it was done, and nobody knows. */
  noAnswer: { after: true, make: () => new MongoNetworkError('connection 7 to 10.0.0.7:27017 closed') as Error },
} as const;
export type Fault = keyof typeof faults;

export interface Outages {
  /** Which of the operations from now on fail, counted from 1, and how. */
  begin(fault: Fault, which: (n: number) => boolean): void;
  /** How many have. */
  end(): number;
}

export function openOutages(connection: Connection): Outages {
  let now: { fault: Fault; which: (n: number) => boolean } | undefined;
  let started = 0;
  let ended = 0;
  let failed = 0;
  connection.on('operation-start', () => {
    started += 1;
    if (!now || faults[now.fault].after || !now.which(started)) return;
    failed += 1;
    throw faults[now.fault].make();
  });
  connection.on('operation-end', ({ error }: { error?: unknown }) => {
    if (error !== undefined) return;
    ended += 1;
    if (!now || !faults[now.fault].after || !now.which(ended)) return;
    failed += 1;
    throw faults[now.fault].make();
  });
  return {
    begin(fault, which) {
      [started, ended, failed] = [0, 0, 0];
      now = { fault, which };
    },
    end() {
      now = undefined;
      return failed;
    },
  };
}
