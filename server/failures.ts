/** The one place where an error becomes an answer. What we didn't foresee is logged under a reference; its words stay here. */
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { isStorageAway } from '../channels/files.js';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import { newId } from '../core/ids.js';
import type { ErrorBody } from './contract/errors.js';

export function answerErrors(log: Logger): ErrorRequestHandler {
  const report = openFaultLog(log);
  return (error: unknown, request, response, next) => {
    const known = asLianfaError(error);
    if (known.status === 503) report(known, `cannot answer: ${known.code}`);
    if (known.code === 'internal') {
      log.error(
        { err: error, reference: known.details['reference'], method: request.method, path: request.path },
        'request failed',
      );
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    if (typeof known.details['seconds'] === 'string') response.set('Retry-After', known.details['seconds']);
    response.status(known.status).json({ error: known.toJSON() } satisfies ErrorBody);
  };
}

const storeDown = new Set([
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
]);
/** In Redis' own words: nobody is there, or nobody who may write. */
const redisDown =
  /^(?:Connection is closed|Command timed out|Too many Cluster redirections|CLUSTERDOWN|NOREPLICAS|READONLY)/;
/** A member that has stepped down, or is about to end: NotWritablePrimary, NotPrimaryNoSecondaryOk, PrimarySteppedDown, ShutdownInProgress, InterruptedAtShutdown, InterruptedDueToReplStateChange. */
const steppedDown = new Set([10_107, 13_435, 189, 91, 11_600, 11_602]);

/** What an error is for whoever asked. */
export function asLianfaError(error: unknown): LianfaError {
  if (error instanceof LianfaError) return error;
  const { type, status, name, limit, message, code } = partsOf(error);
  if (type === 'entity.too.large')
    return new LianfaError('body_too_large', { limit: megabytes(limit) }, { cause: error });
  // The body parsers and the router mark what the client did wrong with a status of its own.
  if ((status !== undefined && status >= 400 && status < 500) || error instanceof URIError)
    return new LianfaError('request_malformed', {}, { cause: error });
  if (storeDown.has(name) || steppedDown.has(code) || redisDown.test(message))
    return new LianfaError('store_unavailable', {}, { cause: error });
  if (isStorageAway(error)) return new LianfaError('storage_unavailable', { seconds: '10' }, { cause: error });
  return new LianfaError('internal', { reference: newId('e') }, { cause: error });
}

function partsOf(error: unknown): {
  type: string;
  status: number | undefined;
  name: string;
  limit: number;
  message: string;
  code: number;
} {
  const { type, status, name, limit, message, code } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as Record<string, unknown>;
  return {
    type: typeof type === 'string' ? type : '',
    status: typeof status === 'number' ? status : undefined,
    name: typeof name === 'string' ? name : '',
    limit: typeof limit === 'number' ? limit : 0,
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'number' ? code : 0,
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MB`;
}
