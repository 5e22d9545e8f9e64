import { Redis } from 'ioredis';
import type { DeliveryEvent } from '../model/delivery.js';
import { newId } from '../ids.js';
import { openClaims } from './claims.js';
import { openEventStream } from './events.js';

const settings = { url: process.env['TEST_REDIS_URL'] as string, prefix: newId('t') };
const redis = new Redis(settings.url);
const claims = openClaims(redis, settings);
const stream = openEventStream(redis, settings);

afterAll(() => {
  redis.disconnect();
});

const event = (to: DeliveryEvent['to']): DeliveryEvent => ({ id: newId('e'), to, at: new Date(), by: 'test' });

async function verdicts(token: string, delivery: string, attempt: number, lease = 60): Promise<string[]> {
  return (await claims.claim(token, [{ delivery, attempt }], lease)).claims;
}

describe('claims', () => {
  it('grants a delivery to one worker at a time', async () => {
    expect(await verdicts('a', 'one', 1)).toEqual(['clean']);
    expect(await verdicts('b', 'one', 1)).toEqual(['busy']);
  });

  it('grants one of twenty workers that race for it', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => verdicts(`w${n}`, 'raced', 1)));
    expect(all.flat().filter((verdict) => verdict === 'clean')).toHaveLength(1);
    expect(all.flat().filter((verdict) => verdict === 'busy')).toHaveLength(19);
  });

  it('knows a delivery whose worker died as an orphan, not as untouched', async () => {
    await verdicts('dead', 'orphaned', 1, 0);
    expect(await verdicts('next', 'orphaned', 1)).toEqual(['orphan']);
  });

  it('does not hand out an attempt whose outcome is written', async () => {
    await verdicts('a', 'finished', 1);
    await claims.finish([{ delivery: 'finished', attempt: 1, event: event('waiting') }]);
    expect(await verdicts('b', 'finished', 1)).toEqual(['done']);
    expect(await verdicts('b', 'finished', 2)).toEqual(['clean']);
  });

  it("does not renew what has become another worker's", async () => {
    await verdicts('slow', 'taken', 1, 0);
    await verdicts('quick', 'taken', 1, 0);
    await claims.renew('slow', ['taken'], 60);
    expect(await verdicts('third', 'taken', 1)).toEqual(['orphan']);
  });

  it('answers in the order asked, over several revisions, and grants what is asked twice once', async () => {
    await verdicts('a', 'v1-held', 1);
    const requests = ['v2-new', 'v1-held', 'v1-new', 'v2-new'].map((delivery) => ({ delivery, attempt: 1 }));
    expect((await claims.claim('b', requests, 60)).claims).toEqual(['clean', 'busy', 'clean', 'busy']);
  });

  it('writes outcomes of several revisions together', async () => {
    await claims.finish(
      ['v3-a', 'v4-a', 'v3-b'].map((delivery) => ({ delivery, attempt: 2, event: event('published') })),
    );
    const requests = ['v3-a', 'v3-b', 'v4-a'].map((delivery) => ({ delivery, attempt: 2 }));
    expect((await claims.claim('b', requests, 60)).claims).toEqual(['done', 'done', 'done']);
  });

  it('keeps claims for three days after the last one of a revision', async () => {
    await verdicts('a', 'v5-a', 1);
    await redis.expire(`{${settings.prefix}}:claims:v5`, 60);
    await claims.finish([{ delivery: 'v5-a', attempt: 1, event: event('published') }]);
    expect(await redis.ttl(`{${settings.prefix}}:claims:v5`)).toBeGreaterThan(3 * 86_400 - 60);
  });

  it('writes the event of a granted claim in the same step, and none for a refused one', async () => {
    await stream.open();
    await stream.confirm(
      (await stream.read('reader', { count: 100, blockMs: 1, unconfirmed: false })).map(({ id }) => id),
    );
    const requests = [
      { delivery: 'told', attempt: 1 },
      { delivery: 'told-too', attempt: 3 },
    ];
    const first = event('sending');
    await claims.claim('a', requests, 60, first);
    await claims.claim('b', requests, 60, event('sending'));
    const entries = await stream.read('reader', { count: 100, blockMs: 1, unconfirmed: false });
    expect(entries.flatMap((entry) => entry.events)).toEqual(
      requests.map(({ delivery, attempt }) => ({ delivery, event: { ...first, attempt } })),
    );
  });

  it("finds a delivery again by the platform's id", async () => {
    await claims.finish([{ delivery: 'remote', attempt: 1, event: event('accepted'), remoteKey: 'wechat:a1:99' }]);
    expect(await claims.byRemote('wechat:a1:99')).toBe('remote');
    expect(await claims.byRemote('wechat:a1:98')).toBeUndefined();
  });

  it('tells which Redis run granted them', async () => {
    const { run, startedAt } = await claims.claim('a', [{ delivery: 'run', attempt: 1 }], 60);
    expect(run).toMatch(/^[0-9a-f]{40}$/);
    expect(startedAt.getTime()).toBeLessThanOrEqual(Date.now());
  });
});
