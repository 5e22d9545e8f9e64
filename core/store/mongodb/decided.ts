/**
 * How surely MongoDB keeps what is decided, said here once for all collections. Truth is decided in orders, in what is
 * wanted of placements and stands there, in signatures and the sessions in which people sign (reviews, looks, keys, links,
 * recovery codes), in the book of acts and in freezes; an election must not take back one of them that was acknowledged.
 * What is small beside them is kept alike: two measures would have to be told apart at every call, and one of them would be
 * forgotten.
 */
import type { mongo } from 'mongoose';

/** Given over whatever an address says; what an address may not say otherwise, `fitness.ts` refuses. */
export const decided = {
  /** Acknowledged when most members have it on disk: no member that is voted in later lacks it. */
  writeConcern: { w: 'majority', journal: true },
  /** Nothing is acted on that an election could take back. */
  readConcern: { level: 'majority' },
  /** Secondaries are behind; what is wanted is read where it is written. */
  readPreference: 'primary',
  /** The driver tries once more under the same number, and the server does it once. */
  retryWrites: true,
  retryReads: true,
} as const satisfies mongo.MongoClientOptions;

/** A transaction sees one moment of what most members have, and is committed when most have it on disk. */
export const decidedTogether = {
  writeConcern: decided.writeConcern,
  readConcern: { level: 'snapshot' },
  readPreference: 'primary',
} as const satisfies mongo.TransactionOptions;

/** ms. An election takes some twelve seconds where a member has died; it is waited for, and nobody is kept for long. */
export const patience: { selection: number; transaction: number } = {
  /** For a member that takes writes. */
  selection: 10_000,
  /** For all tries of a transaction together. */
  transaction: 20_000,
};

/** A member that has fallen silent is given up after these, ms, and not after the driver's forty seconds. */
export const watch = { connectTimeoutMS: 5_000, heartbeatFrequencyMS: 2_000 } as const;
