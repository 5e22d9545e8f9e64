/** Keeps in the book of acts what was refused at the door: who asked for what, from where, and with which answer. Never what they sent. */
import type { ErrorRequestHandler, Request, Response } from 'express';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { announceAct, type Doer, type Entry } from '../core/audit/book.js';
import { LianfaError } from '../core/errors.js';
import { openFaultLog } from '../core/hub/fault-log.js';
import { redisKey } from '../core/queue/keys.js';
import { fromOf } from './door.js';
import type { Caller, Endpoint, Refusable } from './endpoint.js';
import { asLianfaError } from './failures.js';
import { objectKinds } from './needs.js';
import type { Services } from './services.js';

/** Whose sign-in it would have been, where the name is somebody's. */
export interface Tried {
  person: string;
}

const kept = [401, 403, 404, 409, 422, 429];
/** Of what only reads: somebody looks for what is not theirs. */
const keptOfReading = [403, 404];
/** Of strangers, from one address: so many in so many seconds are kept one by one. */
const strangers = { points: 60, duration: 600 };
const noMore =
  '这个地址此后十分钟内的同类请求不再逐条记录。 Further ones from this address are not kept for ten minutes.';

/** Stands before the answer to errors and hands every error on. */
export function keepRefusals({
  store,
  redis,
  config,
  log,
}: Pick<Services, 'store' | 'redis' | 'config' | 'log'>): ErrorRequestHandler {
  const report = openFaultLog(log);
  const keyOf = (...parts: string[]): string => redisKey({ prefix: config.redisPrefix }, 'refused', ...parts);
  const limit = new RateLimiterRedis({ storeClient: redis, keyPrefix: keyOf('strangers'), ...strangers });

  /** How it is entered; undefined where it is one of many alike. While Redis is away each one is. */
  async function room(error: LianfaError, entry: Entry, address: string): Promise<Entry | undefined> {
    try {
      if (error.status === 429) {
        const key = keyOf('often', entry.act, personOf(entry) ?? address);
        const seconds = Number(error.details['seconds'] ?? strangers.duration);
        return (await redis.set(key, '1', 'EX', Math.max(1, seconds), 'NX')) === null ? undefined : entry;
      }
      if (personOf(entry) !== undefined) return entry;
      const { remainingPoints } = await limit.consume(address);
      return remainingPoints === 0 ? { ...entry, note: noMore } : entry;
    } catch (refusal) {
      return refusal instanceof RateLimiterRes ? undefined : entry;
    }
  }

  /** Where nobody was let in, the unit is that of whoever it would have been. */
  async function placed(entry: Entry): Promise<Entry> {
    const person = personOf(entry);
    if (entry.unit !== undefined || person === undefined) return entry;
    const row = await store.people.findById(person, { organization: 1 }).lean();
    return { ...entry, unit: row?.organization };
  }

  return async (thrown: unknown, request, response, next) => {
    const error = asLianfaError(thrown, request.method);
    const refused = response.locals['asked'] as Refusable | undefined;
    if (refused && isKept(error, request, response)) {
      const entry = await placed(entryOf(error, refused, request, response));
      const entered = await room(error, entry, request.ip ?? '');
      // Whatever becomes of the entry, what was refused stays refused.
      if (entered) await announceAct(store, entered).catch((failure: unknown) => report(failure, 'keeping a refusal'));
    }
    next(thrown);
  };
}

function isKept({ status }: LianfaError, { method }: Request, { locals }: Response): boolean {
  if (locals['refusalEntered'] === true) return false;
  if (!['GET', 'HEAD'].includes(method)) return kept.includes(status);
  return locals['caller'] !== undefined && keptOfReading.includes(status);
}

function entryOf({ code }: LianfaError, { endpoint, params }: Refusable, request: Request, response: Response): Entry {
  const caller = response.locals['caller'] as Caller | undefined;
  const tried = response.locals['tried'] as Tried | undefined;
  // A page elsewhere may have sent it with somebody's cookie; whose it was is worth knowing.
  const person = caller?._id ?? tried?.person ?? (request.session as Request['session'] | undefined)?.person;
  const from = fromOf(request);
  const who: Doer | undefined = caller?.actor ?? (person === undefined ? undefined : { person, from });
  return {
    act: actOf(endpoint),
    outcome: 'refused',
    code,
    who,
    from,
    unit: caller?.organization,
    on: idsOf(endpoint, params),
  };
}

/** Signing in has a name of its own, done or refused; anything else the one of its route. */
function actOf({ method, path }: Endpoint): string {
  return method === 'post' && path === '/session' ? 'session.open' : `${method} ${path}`;
}

/** Ids alone: another part of an address may be a secret. */
function idsOf({ needs }: Endpoint, params: Request['params']): Record<string, string> {
  const named = params['id'] ?? params['hash'];
  if (typeof named !== 'string' || !/^[\w.:-]{1,80}$/.test(named)) return {};
  const over = needs && 'over' in needs ? needs.over : '';
  return { [over in objectKinds ? over : 'id']: named };
}

function personOf({ who }: Entry): string | undefined {
  return typeof who === 'object' ? who.person : undefined;
}
