import { Redis } from 'ioredis';
import type { SessionData } from 'express-session';
import { createVault } from '../core/accounts/vault.js';
import { RedisSessions } from './session-store.js';

const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
const vault = createVault(Buffer.alloc(32, 7));
const sessions = new RedisSessions(redis, 'test-sessions', vault);

/** A call with a callback, as a promise. */
function done<T>(call: (callback: (error: unknown, value?: T) => void) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) reject(error as Error);
      else resolve(value);
    });
  });
}
const get = (id: string) =>
  done<SessionData | null>((callback) => {
    sessions.get(id, callback);
  });
const set = (id: string, entry: SessionData) =>
  done((callback) => {
    sessions.set(id, entry, callback);
  });
const data = (originalMaxAge: number | null): SessionData => ({
  cookie: { originalMaxAge } as SessionData['cookie'],
  person: 'u1',
});

afterAll(() => {
  redis.disconnect();
});

it('gives back what was set, and nothing for an id that was never set', async () => {
  await set('a', data(60_000));
  expect(await get('a')).toEqual({ cookie: { originalMaxAge: 60_000 }, person: 'u1' });
  expect(await get('b')).toBeNull();
});

it('ends a session with its cookie, and prolongs it by a touch', async () => {
  await set('c', data(5_000));
  expect(await redis.ttl('{test-sessions}:session:c')).toBeLessThanOrEqual(5);
  await done((callback) => {
    sessions.touch('c', data(3_600_000), callback);
  });
  expect(await redis.ttl('{test-sessions}:session:c')).toBeGreaterThan(3_000);
});

it('gives a session without an end an end', async () => {
  await set('d', data(null));
  expect(await redis.ttl('{test-sessions}:session:d')).toBeGreaterThan(0);
});

it('forgets a session that was destroyed', async () => {
  await set('e', data(60_000));
  await done((callback) => {
    sessions.destroy('e', callback);
  });
  expect(await get('e')).toBeNull();
});

it('knows no session that was written by hand, nor one that was put under another id', async () => {
  await set('f', data(60_000));
  await redis.set('{test-sessions}:session:g', JSON.stringify(data(60_000)), 'EX', 60);
  expect(await get('g')).toBeNull();
  await redis.set('{test-sessions}:session:g', (await redis.get('{test-sessions}:session:f')) ?? '', 'EX', 60);
  expect(await get('g')).toBeNull();
});

it('passes on that Redis is away', async () => {
  const away = new Redis({ port: 1, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  away.on('error', () => undefined);
  const error = await new Promise((done) => {
    new RedisSessions(away, 'test-sessions', vault).get('a', done);
  });
  expect(error).toBeInstanceOf(Error);
  away.disconnect();
});
