import { Redis } from 'ioredis';
import type { Lane } from '../model/placement.js';

/** Where Redis is, and the prefix that keeps two hubs (or two tests) on one Redis apart. */
export interface RedisSettings {
  url: string;
  prefix: string;
}

/** `worker` waits for ever for Redis to come back; `producer` fails a command within about 3 s, so that a person gets an answer. `pipelined` sends what is asked within one tick together. */
export function connectRedis(settings: RedisSettings, kind: 'worker' | 'producer', pipelined = false): Redis {
  const redis = new Redis(settings.url, {
    maxRetriesPerRequest: kind === 'worker' ? null : 3,
    ...(kind === 'producer' && { commandTimeout: 3_000 }),
    enableAutoPipelining: pipelined,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
  });
  // A connection lost is normal life and is mended by itself; without a listener it would end the process.
  redis.on('error', () => undefined);
  return redis;
}

/** A key under the hub's hash tag. */
export function redisKey(settings: Pick<RedisSettings, 'prefix'>, ...parts: string[]): string {
  return [`{${settings.prefix}}`, ...parts].join(':');
}

/** Where what happens is written for record: each lane by itself, so that no emergency's outcome stands behind routine ones. */
export function streamKey(settings: Pick<RedisSettings, 'prefix'>, lane: Lane): string {
  return lane === 'routine' ? redisKey(settings, 'events') : redisKey(settings, 'events', lane);
}
