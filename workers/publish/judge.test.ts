import { Redis } from 'ioredis';
import type { Channel } from '../../channels/channel.js';
import { StorageAway } from '../../channels/files.js';
import { isWornOut, type Hand } from './hand.js';
import { judge } from './judge.js';

/** A channel knows its platform's words alone. */
const channel = {
  classify: () => {
    throw new Error('asked of what no platform has said');
  },
} as unknown as Channel;

it.each([
  [false, 'retry'],
  [true, 'unknown'],
])('takes a Redis that changed hands for no word of a platform (something has left: %s)', async (left, kind) => {
  const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
  const refused = await redis.eval("return redis.error_reply('LOADING it reads its file')", 0).catch((error) => error);
  redis.disconnect();
  const closed = await redis.get('x').catch((error: unknown) => error);
  for (const error of [refused, closed]) expect(judge(channel, error, left).class).toBe(kind);
});

it('takes a storage that is away for a pause, however it is wrapped and however long it lasts: no person is called', () => {
  const away = new Error('the page was not written', { cause: new StorageAway('PUT: no answer') });
  for (const [left, kind] of [
    [false, 'retry'],
    [true, 'unknown'],
  ] as const) {
    const judgement = judge(channel, away, left);
    expect(judgement).toMatchObject({ class: kind, pause: true });
    const hand = { row: { attempts: 500 } } as unknown as Hand;
    const { pause: _, ...platform } = judgement;
    expect([isWornOut(hand, judgement), isWornOut(hand, platform)]).toEqual([false, true]);
  }
});
