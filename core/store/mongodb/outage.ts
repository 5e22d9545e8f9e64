/**
 * What MongoDB's driver says while members elect a new primary, fall away or cannot be reached, as one of two things: surely
 * not done, or nobody knows. Walked over codes and labels by a test.
 */

/** `away`: the command was not carried out. `unknown`: it was sent, and there was no answer or none that holds. */
export type Outage = 'away' | 'unknown';

/** Nobody was there to be asked. */
const unreached = new Set([
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoStalePrimaryError',
]);
/** Asked, and no answer. */
const unanswered = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  // Its member fell silent: what was under way on its connections is broken off.
  'PoolClearedOnNetworkError',
]);
/** Answered: not by this member, or not now. From the specification of server discovery and of retryable writes. */
const refusing = new Map([
  [10_107, 'NotWritablePrimary'],
  [13_435, 'NotPrimaryNoSecondaryOk'],
  [10_058, 'LegacyNotPrimary'],
  [13_436, 'NotPrimaryOrSecondary'],
  [189, 'PrimarySteppedDown'],
  [91, 'ShutdownInProgress'],
  [11_600, 'InterruptedAtShutdown'],
  [11_602, 'InterruptedDueToReplStateChange'],
  [6, 'HostUnreachable'],
  [7, 'HostNotFound'],
  [89, 'NetworkTimeout'],
  [9_001, 'SocketException'],
  [133, 'FailedToSatisfyReadPreference'],
  [134, 'ReadConcernMajorityNotAvailableYet'],
  [262, 'ExceededTimeLimit'],
]);
/** A connection that breaks off under a long command comes out of the driver as Node has it (its wait for `drain`, 7.8.0). */
function brokenOff(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || (code === 'ECONNRESET' && syscall === 'write');
}
/** Written on this member, and not known to be on most: WriteConcernTimeout, UnsatisfiableWriteConcern. */
const notYetKept = new Set([64, 100]);

/** Which of the two, or undefined where it is another fault. */
export function outageOf(error: unknown): Outage | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, code, labels, inner, writeConcern } = partsOf(error);
  if (labels.has('UnknownTransactionCommitResult')) return 'unknown';
  // What was asked inside a transaction is undone with it; what met nobody at the handshake was never sent.
  if (labels.has('TransientTransactionError') || labels.has('HandshakeError') || unreached.has(name)) return 'away';
  if (unanswered.has(name) || brokenOff(error) || writeConcern || notYetKept.has(code)) return 'unknown';
  // Of several writes together those before may have been done.
  if (refusing.has(code)) return name === 'MongoBulkWriteError' ? 'unknown' : 'away';
  if (inner === undefined) return undefined;
  return outageOf(inner) && name === 'MongoBulkWriteError' ? 'unknown' : outageOf(inner);
}

function partsOf(error: Error): {
  name: string;
  code: number;
  labels: ReadonlySet<unknown>;
  /** The driver hides in an error of a bulk write what befell it. */
  inner: unknown;
  writeConcern: boolean;
} {
  const { code, errorLabelSet, errorResponse } = error as Error & Record<string, unknown>;
  return {
    name: error.name,
    code: typeof code === 'number' ? code : 0,
    labels: errorLabelSet instanceof Set ? errorLabelSet : new Set(),
    inner: errorResponse instanceof Error ? errorResponse : error.cause,
    writeConcern: error.name === 'MongoWriteConcernError',
  };
}
