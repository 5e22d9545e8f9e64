/**
 * The password once more, right before it counts. How often it may be tried is counted for the person whose session it is,
 * so that nobody else can use it up, and together wherever it is asked for: who guesses it at one door has fewer tries at
 * the next.
 */
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { redisKey } from '../core/queue/keys.js';
import type { Proof } from '../core/people/proof.js';
import { prove, type Proven, type ProvenFor } from '../core/reviews/proof.js';
import type { Caller } from './endpoint.js';
import type { Services } from './services.js';
import { consume } from './sign-in-limits.js';

/** Tries in so many seconds. */
const bound = { points: 10, duration: 15 * 60 };

/** Does work that begins with a proof. @throws LianfaError too_many_attempts */
export type Trying = <T>(person: string, work: () => Promise<T>) => Promise<T>;

export function proofTries({ redis, config }: Pick<Services, 'redis' | 'config'>): Trying {
  const keyPrefix = redisKey({ prefix: config.redisPrefix }, 'proof');
  const tries = new RateLimiterRedis({ storeClient: redis, keyPrefix, ...bound });
  return async (person, work) => {
    await consume(tries, person);
    const done = await work();
    await tries.delete(person);
    return done;
  };
}

/** For what is signed. */
export function proofLimits(
  services: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>,
): (caller: Caller, proof: Proof, entry: ProvenFor) => Promise<Proven> {
  const trying = proofTries(services);
  return ({ _id, actor }, proof, entry) => trying(_id, () => prove(services, actor, proof, entry));
}
