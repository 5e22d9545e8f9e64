/** The password once more, right before it counts. How often it may be tried is counted for the person whose session it is, so that nobody else can use it up. */
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { redisKey } from '../core/queue/connection.js';
import type { Proof } from '../core/people/proof.js';
import { prove, type Proven, type ProvenFor } from '../core/reviews/proof.js';
import type { Caller } from './endpoint.js';
import type { Services } from './services.js';
import { consume } from './sign-in-limits.js';

/** Tries in so many seconds. */
const bound = { points: 10, duration: 15 * 60 };

export function proofLimits({
  store,
  vault,
  redis,
  config,
}: Pick<Services, 'store' | 'vault' | 'redis' | 'config'>): (
  caller: Caller,
  proof: Proof,
  entry: ProvenFor,
) => Promise<Proven> {
  const keyPrefix = redisKey({ prefix: config.redisPrefix }, 'proof');
  const tries = new RateLimiterRedis({ storeClient: redis, keyPrefix, ...bound });
  return async ({ _id, actor }, proof, entry) => {
    await consume(tries, _id);
    const proven = await prove({ store, vault }, actor, proof, entry);
    await tries.delete(_id);
    return proven;
  };
}
