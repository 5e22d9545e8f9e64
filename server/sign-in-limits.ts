/**
 * How often one may try to sign in, so that nobody guesses a password and nobody locks a colleague out.
 *
 * A browser in which the person has signed in before counts its own tries alone: whatever others do elsewhere, or behind the
 * same address, that person comes in from there. From a browser that is new to the name, tries count three times: by address
 * (names cannot be tried out), by name and address together, and slowly by name over all addresses. Who meets the last of
 * them without a known browser waits, or asks an admin for a link, which is not counted by name.
 */
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { LianfaError } from '../core/errors.js';
import type { RedisClient } from '../core/queue/connection.js';
import { redisKey } from '../core/queue/keys.js';

/** Seconds in which the tries are counted. */
const period = 15 * 60;
const triesTogether = 10;
const triesByAddress = 60;
const slowPeriod = 3600;
const triesByName = 60;

export interface Try {
  name: string;
  address: string;
  /** The browser, where the person has signed in by it before. */
  device: string | undefined;
}

export interface SignInLimits {
  /** Counts a try. The first that is refused for its number is worth an entry in the book: `onFirst`. @throws LianfaError too_many_attempts */
  count(one: Try, onFirst: (refusal: LianfaError) => Promise<void>): Promise<void>;
  /** A sign-in that succeeded forgets the failures from there, and was itself no guess. */
  forgive(one: Try): Promise<void>;
}

export function signInLimits(redis: RedisClient, prefix: string): SignInLimits {
  const limiter = (kind: string, points: number, duration: number): RateLimiterRedis =>
    new RateLimiterRedis({ storeClient: redis, keyPrefix: redisKey({ prefix }, 'sign-in', kind), points, duration });
  const byAddress = limiter('address', triesByAddress, period);
  const together = limiter('both', triesTogether, period);
  const byName = limiter('name', triesByName, slowPeriod);
  const byDevice = limiter('device', triesTogether, period);
  const pair = (a: string, b: string): string => `${encodeURIComponent(a)} ${encodeURIComponent(b)}`;
  return {
    async count({ name, address, device }, onFirst) {
      const counted: [RateLimiterRedis, string][] =
        device === undefined
          ? [
              [byAddress, address],
              [together, pair(name, address)],
              [byName, name],
            ]
          : [[byDevice, pair(name, device)]];
      for (const [limit, key] of counted) await consume(limit, key, onFirst);
    },
    async forgive({ name, address, device }) {
      await together.delete(pair(name, address));
      if (device !== undefined) return void (await byDevice.delete(pair(name, device)));
      // Its own try alone: whoever has one account of their own cannot guess at others' for ever.
      await Promise.all([byAddress.reward(address), byName.reward(name)]);
    },
  };
}

/** Counts one try under a key. `onFirst` hears of the first that is refused for its number. @throws LianfaError too_many_attempts */
export async function consume(
  limit: RateLimiterRedis,
  key: string,
  onFirst: (refusal: LianfaError) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  try {
    await limit.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const told = new LianfaError('too_many_attempts', { seconds: String(Math.ceil(refusal.msBeforeNext / 1000)) });
    if (refusal.consumedPoints === limit.points + 1) await onFirst(told);
    throw told;
  }
}
