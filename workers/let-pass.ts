/** Emergency first, where both lanes write to one ledger: what is routine puts off its next write while an emergency has one to make. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisClient, RedisSettings } from '../core/queue/connection.js';
import { openEventStream } from '../core/queue/events.js';
import type { Queues } from '../core/queue/queues.js';

/** Milliseconds. Whatever becomes of the emergency, routine work does not stand still. */
const longest = 2_000;
const look = 10;

/** Waits while an emergency's order is being dispatched or its outcomes are on their way into the ledger, in whatever process. `redis` must not block. */
export function openLetPass(redis: RedisClient, settings: RedisSettings, queues: Queues): () => Promise<void> {
  const stream = openEventStream(redis, settings, 'emergency');
  return async () => {
    for (const end = Date.now() + longest; Date.now() < end; await pause(look)) {
      const [outcomes, orders] = await Promise.all([stream.length(), queues.dispatching('emergency')]);
      if (outcomes + orders === 0) return;
    }
  };
}
