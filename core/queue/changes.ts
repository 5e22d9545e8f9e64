/** News for the screens: which releases, and which of their deliveries, changed. The numbers themselves are always queried. */
import { z } from 'zod';
import type { RedisClient, RedisSettings } from './connection.js';
import { redisKey } from './keys.js';
import { changedChannel } from './freeze-version.js';

/** Without `ids`, too many changed to name; with none of them, the release itself did (it was signed). */
export interface Change {
  release: string;
  ids: string[] | undefined;
}

const carried = z.object({ release: z.string(), ids: z.array(z.string()).optional() });

export async function announce(redis: RedisClient, settings: RedisSettings, changes: readonly Change[]): Promise<void> {
  const channel = redisKey(settings, 'changes');
  await Promise.all(changes.map((entry) => redis.publish(channel, JSON.stringify(entry))));
}

export interface ChangeFeed {
  /** Returns how to stop listening. */
  subscribe(listener: (change: Change) => void): () => void;
  /** Something was frozen or thawed, or its thaw asked for. Returns how to stop listening. */
  subscribeFreezes(listener: () => void): () => void;
  close(): void;
}

/** `redis` must be a connection of its own: a subscribed one can do nothing else. */
export async function openChangeFeed(redis: RedisClient, settings: RedisSettings): Promise<ChangeFeed> {
  const listeners = new Set<(change: Change) => void>();
  const ofFreezes = new Set<() => void>();
  const frozen = changedChannel(settings);
  redis.on('message', (channel, message) => {
    if (channel === frozen) {
      for (const listener of ofFreezes) listener();
      return;
    }
    const { release, ids } = carried.parse(JSON.parse(message));
    for (const listener of listeners) listener({ release, ids });
  });
  await redis.subscribe(redisKey(settings, 'changes'), frozen);
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    subscribeFreezes(listener) {
      ofFreezes.add(listener);
      return () => ofFreezes.delete(listener);
    },
    close: () => redis.disconnect(),
  };
}
