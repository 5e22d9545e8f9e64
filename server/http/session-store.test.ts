import { Redis } from 'ioredis';
import type { SessionData } from 'express-session';
import { promisify } from 'node:util';
import { RedisSessions } from './session-store.js';

const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '', { keyPrefix: 'test-sessions:' });
const sessions = new RedisSessions(redis);
const get = promisify<string, SessionData | null | undefined>((id, done) => { sessions.get(id, (error, data) => done(error as Error | null, data)); });
const set = promisify<string, SessionData>((id, data, done) => { sessions.set(id, data, (error) => done(error as Error | null)); });
const data = (originalMaxAge: number | null): SessionData => ({ cookie: { originalMaxAge } as SessionData['cookie'], user: 'u1' });

afterAll(() => redis.quit());

it('gives back what was set, and nothing for an id that was never set', async () => {
  await set('a', data(60_000));
  expect(await get('a')).toEqual({ cookie: { originalMaxAge: 60_000 }, user: 'u1' });
  expect(await get('b')).toBeNull();
});

it('ends a session with its cookie, and prolongs it by a touch', async () => {
  await set('c', data(5_000));
  expect(await redis.ttl('lianfa:session:c')).toBeLessThanOrEqual(5);
  await promisify<string, SessionData>((id, entry, done) => { sessions.touch(id, entry, (error) => done(error as Error | null)); })('c', data(3_600_000));
  expect(await redis.ttl('lianfa:session:c')).toBeGreaterThan(3_000);
});

it('gives a session without an end an end', async () => {
  await set('d', data(null));
  expect(await redis.ttl('lianfa:session:d')).toBeGreaterThan(0);
});

it('forgets a session that was destroyed', async () => {
  await set('e', data(60_000));
  await promisify<string>((id, done) => { sessions.destroy(id, (error) => done(error as Error | null)); })('e');
  expect(await get('e')).toBeNull();
});

it('passes on that Redis is away', async () => {
  const away = new Redis({ port: 1, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  away.on('error', () => undefined);
  const error = await new Promise((done) => { new RedisSessions(away).get('a', done); });
  expect(error).toBeInstanceOf(Error);
  away.disconnect();
});
