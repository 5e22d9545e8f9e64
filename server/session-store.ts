/** Sessions in Redis, so that any server process knows them; and which of them are whose. Each is sealed: whoever writes into Redis makes nobody of themselves. */
import { createHash } from 'node:crypto';
import session, { type SessionData } from 'express-session';
import type { Vault } from '../core/accounts/vault.js';
import type { RedisClient } from '../core/queue/connection.js';
import { redisKey } from '../core/queue/keys.js';

type Callback = (error?: unknown) => void;

/** Milliseconds without a request after which a session ends. */
export const idle = 12 * 3600 * 1000;

/** A session as its person sees it. */
export interface OpenSession {
  /** Names it and opens nothing: the session's own id is never shown. */
  id: string;
  data: SessionData;
  seen: Date;
}

export class RedisSessions extends session.Store {
  readonly #redis: RedisClient;
  readonly #prefix: string;
  readonly #vault: Pick<Vault, 'seal' | 'open'>;

  /** `prefix` keeps the hubs on one Redis apart. */
  constructor(redis: RedisClient, prefix: string, vault: Pick<Vault, 'seal' | 'open'>) {
    super();
    this.#redis = redis;
    this.#prefix = prefix;
    this.#vault = vault;
  }

  override get(id: string, callback: (error: unknown, data?: SessionData | null) => void): void {
    this.#redis.get(this.#keyOf(id)).then((text) => callback(undefined, this.#opened(id, text)), callback);
  }

  override set(id: string, data: SessionData, callback?: Callback): void {
    const life = lifeOf(data);
    const writes = this.#redis.multi().set(this.#keyOf(id), this.#vault.seal(sealOf(id), data), 'EX', life);
    if (data.person !== undefined) writes.sadd(this.#indexOf(data.person), id).expire(this.#indexOf(data.person), life);
    answer(writes.exec(), callback);
  }

  override touch(id: string, data: SessionData, callback?: Callback): void {
    const life = lifeOf(data);
    const writes = this.#redis.multi().expire(this.#keyOf(id), life);
    if (data.person !== undefined) writes.expire(this.#indexOf(data.person), life);
    answer(writes.exec(), callback);
  }

  override destroy(id: string, callback?: Callback): void {
    answer(this.#redis.del(this.#keyOf(id)), callback);
  }

  /** Those of a person that are open, the one seen last first. */
  async openOf(person: string): Promise<OpenSession[]> {
    const open: OpenSession[] = [];
    for (const id of await this.#redis.smembers(this.#indexOf(person))) {
      const [text, left] = await Promise.all([this.#redis.get(this.#keyOf(id)), this.#redis.pttl(this.#keyOf(id))]);
      const data = this.#opened(id, text);
      if (data?.person !== person) await this.#redis.srem(this.#indexOf(person), id);
      // Each request lets it live on for as long as this.
      else open.push({ id: shownId(id), data, seen: new Date(Date.now() - lifeOf(data) * 1000 + left) });
    }
    return open.sort((a, b) => b.seen.getTime() - a.seen.getTime());
  }

  /** False where the person has no such session. */
  async end(person: string, shown: string): Promise<boolean> {
    const ids = await this.#redis.smembers(this.#indexOf(person));
    const id = ids.find((one) => shownId(one) === shown);
    return id !== undefined && (await this.#redis.del(this.#keyOf(id))) > 0;
  }

  /** Null where there is none, or none that this hub has written under that id. */
  #opened(id: string, text: string | null): SessionData | null {
    if (text === null) return null;
    try {
      return this.#vault.open(sealOf(id), text) as SessionData;
    } catch {
      return null;
    }
  }

  #keyOf(id: string): string {
    return redisKey({ prefix: this.#prefix }, 'session', id);
  }

  #indexOf(person: string): string {
    return redisKey({ prefix: this.#prefix }, 'sessions', person);
  }
}

function sealOf(id: string): string {
  return `session ${id}`;
}

export function shownId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 20);
}

function answer(work: Promise<unknown>, callback: Callback | undefined): void {
  work.then(
    () => callback?.(),
    (error: unknown) => callback?.(error),
  );
}

/** Seconds. */
function lifeOf({ cookie }: SessionData): number {
  return Math.max(1, Math.ceil((cookie.originalMaxAge ?? idle) / 1000));
}
