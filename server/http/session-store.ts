/** Sessions in Redis, so that any server process knows them. */
import session, { type SessionData } from 'express-session';
import type { Redis } from 'ioredis';

type Callback = (error?: unknown) => void;

/** A session without an end lives this long, seconds. */
const defaultLife = 12 * 3600;

export class RedisSessions extends session.Store {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    super();
    this.#redis = redis;
  }

  override get(id: string, callback: (error: unknown, data?: SessionData | null) => void): void {
    this.#redis.get(keyOf(id)).then((text) => callback(undefined, text === null ? null : JSON.parse(text) as SessionData), callback);
  }

  override set(id: string, data: SessionData, callback?: Callback): void {
    this.#redis.set(keyOf(id), JSON.stringify(data), 'EX', lifeOf(data)).then(() => callback?.(), callback);
  }

  override touch(id: string, data: SessionData, callback?: Callback): void {
    this.#redis.expire(keyOf(id), lifeOf(data)).then(() => callback?.(), callback);
  }

  override destroy(id: string, callback?: Callback): void {
    this.#redis.del(keyOf(id)).then(() => callback?.(), callback);
  }
}

function keyOf(id: string): string {
  return `lianfa:session:${id}`;
}

function lifeOf({ cookie }: SessionData): number {
  return Math.max(1, Math.ceil((cookie.originalMaxAge ?? defaultLife * 1000) / 1000));
}
