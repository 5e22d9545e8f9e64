/** The one place where an error becomes an answer. What we didn't foresee is logged under a reference; its words stay here. */
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { isStorageAway } from '../channels/files.js';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import { newId } from '../core/ids.js';
import { outageOf } from '../core/store/mongodb/outage.js';
import type { ErrorBody } from './contract/errors.js';

/** Seconds after which to come again where nothing says better: what is away for an election is there by then, most times. */
const comeAgain = '5';

export function answerErrors(log: Logger): ErrorRequestHandler {
  const report = openFaultLog(log);
  return (error: unknown, request, response, next) => {
    const known = asLianfaError(error, request.method, response.locals['acted'] === true);
    if (known.status === 503) report(known.cause ?? known, `cannot answer: ${known.code}`);
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
    const { seconds = known.status === 503 ? comeAgain : undefined } = known.details;
    if (typeof seconds === 'string') response.set('Retry-After', seconds);
    response.status(known.status).json({ error: known.toJSON() } satisfies ErrorBody);
  };
}

/** Of Redis' client. */
const queueDown = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError']);
/** In Redis' own words: nobody is there, or nobody who may write. */
const redisDown =
  /^(?:Connection is closed|Command timed out|Too many Cluster redirections|CLUSTERDOWN|NOREPLICAS|READONLY)/;
/** What an error is for whoever asked, by this method. `acted`: an act of theirs was committed before it. */
export function asLianfaError(error: unknown, method: string, acted = false): LianfaError {
  if (error instanceof LianfaError) return error;
  const { type, status, name, limit, message } = partsOf(error);
  if (type === 'entity.too.large')
    return new LianfaError('body_too_large', { limit: megabytes(limit) }, { cause: error });
  // The body parsers and the router mark what the client did wrong with a status of its own.
  if ((status !== undefined && status >= 400 && status < 500) || error instanceof URIError)
    return new LianfaError('request_malformed', {}, { cause: error });
  const outage = outageOf(error);
  // Who only reads has nothing to lose by asking again.
  if ((outage === 'unknown' || (outage && acted)) && !['GET', 'HEAD'].includes(method))
    return new LianfaError('outcome_unknown', {}, { cause: error });
  if (outage || queueDown.has(name) || redisDown.test(message))
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
} {
  const { type, status, name, limit, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  return {
    type: typeof type === 'string' ? type : '',
    status: typeof status === 'number' ? status : undefined,
    name: typeof name === 'string' ? name : '',
    limit: typeof limit === 'number' ? limit : 0,
    message: typeof message === 'string' ? message : '',
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MB`;
}
