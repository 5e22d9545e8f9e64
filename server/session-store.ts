/** Sessions in Redis, so that any server process knows them. */
import session, { type SessionData } from 'express-session';
import type { Redis } from 'ioredis';
import { redisKey } from '../core/queue/connection.js';

type Callback = (error?: unknown) => void;

/** A session without an end lives this long, seconds. */
const defaultLife = 12 * 3600;

export class RedisSessions extends session.Store {
  readonly #redis: Redis;
  readonly #prefix: string;

  /** `prefix` keeps the hubs on one Redis apart. */
  constructor(redis: Redis, prefix: string) {
    super();
    this.#redis = redis;
    this.#prefix = prefix;
  }

  override get(id: string, callback: (error: unknown, data?: SessionData | null) => void): void {
    this.#redis
      .get(this.#keyOf(id))
      .then((text) => callback(undefined, text === null ? null : (JSON.parse(text) as SessionData)), callback);
  }

  override set(id: string, data: SessionData, callback?: Callback): void {
    answer(this.#redis.set(this.#keyOf(id), JSON.stringify(data), 'EX', lifeOf(data)), callback);
  }

  override touch(id: string, data: SessionData, callback?: Callback): void {
    answer(this.#redis.expire(this.#keyOf(id), lifeOf(data)), callback);
  }

  override destroy(id: string, callback?: Callback): void {
    answer(this.#redis.del(this.#keyOf(id)), callback);
  }

  #keyOf(id: string): string {
    return redisKey({ prefix: this.#prefix }, 'session', id);
  }
}

function answer(work: Promise<unknown>, callback: Callback | undefined): void {
  work.then(
    () => callback?.(),
    (error: unknown) => callback?.(error),
  );
}

function lifeOf({ cookie }: SessionData): number {
  return Math.max(1, Math.ceil((cookie.originalMaxAge ?? defaultLife * 1000) / 1000));
}
