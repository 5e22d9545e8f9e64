/** How often one may try to sign in: by name, so that a password can't be guessed; by address, so that names can't be tried out. */
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { LianfaError } from '../core/errors.js';
import { redisKey } from '../core/queue/connection.js';

/** Seconds in which the tries are counted. */
const period = 15 * 60;
const triesByName = 10;
const triesByAddress = 60;

export interface SignInLimits {
  /** Counts a try. @throws LianfaError too_many_attempts */
  count(name: string, address: string): Promise<void>;
  /** A sign-in that succeeded forgets the failures of its name. */
  forgive(name: string): Promise<void>;
}

export function signInLimits(redis: Redis, prefix: string): SignInLimits {
  const byName = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: redisKey({ prefix }, 'sign-in', 'name'),
    points: triesByName,
    duration: period,
  });
  const byAddress = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: redisKey({ prefix }, 'sign-in', 'address'),
    points: triesByAddress,
    duration: period,
  });
  return {
    async count(name, address) {
      try {
        await byAddress.consume(address);
        await byName.consume(name);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        throw new LianfaError('too_many_attempts', { seconds: String(Math.ceil(refusal.msBeforeNext / 1000)) });
      }
    },
    async forgive(name) {
      await byName.delete(name);
    },
  };
}
