import type { SharedMemory } from '../channel.js';
import { channel } from './adapter.js';
import { BudgetSpent } from './errors.js';
import {
  classed,
  errand,
  find,
  freshAccount,
  memory,
  publish,
  remoteOf,
  sandbox,
  short,
  thrownBy,
  useSandbox,
  verify,
} from './fixtures/errands.js';

useSandbox();

describe('our own budget', () => {
  it('stops before the platform says no, and says until when', async () => {
    const account = freshAccount({ budget: { postsPerHour: 3 } });
    const now = () => new Date('2026-11-24T15:20:00Z');
    for (let n = 0; n < 2; n += 1)
      await publish(errand({ ...short, release: `v0${n}`, title: `第 ${n} 条` }, { now }, account));
    const error = await thrownBy(publish(errand(short, { now }, account)));
    expect(error).toBeInstanceOf(BudgetSpent);
    expect(channel.classify(error, now())).toMatchObject({ class: 'wait', until: new Date('2026-11-24T16:00:00Z') });
    expect(sandbox.accepted()).toHaveLength(2);
    const nextHour = () => new Date('2026-11-24T16:00:01Z');
    expect(await publish(errand(short, { now: nextHour }, account))).toMatchObject({ outcome: 'published' });
  });

  it('of one account never delays another', async () => {
    const spent = freshAccount({ budget: { postsPerHour: 1 } });
    await publish(errand(short, {}, spent));
    expect(await classed(publish(errand({ ...short, release: 'v1' }, {}, spent)))).toMatchObject({ class: 'wait' });
    expect(await publish(errand(short, {}, freshAccount({ budget: { postsPerHour: 1 } })))).toMatchObject({
      outcome: 'published',
    });
  });

  it("keeps a fifth of the day for posting: reading back stops first, until Beijing's midnight", async () => {
    const account = freshAccount({ budget: { callsPerDay: 7 } });
    const now = () => new Date('2026-11-24T15:20:00Z');
    const one = errand(short, { now }, account);
    const remote = await remoteOf(one);
    for (let n = 0; n < 3; n += 1) await verify(one, remote);
    const disposition = await classed(verify(one, remote));
    expect(disposition).toMatchObject({ class: 'wait' });
    expect(channel.classify(await thrownBy(verify(one, remote)), now())).toMatchObject({
      until: new Date('2026-11-24T16:00:00Z'),
    });
    expect(await find(one)).toMatchObject({ outcome: 'found' });
  });

  it('is counted in the shared memory, by day, address and hour', async () => {
    const spent: string[][] = [];
    const counting: SharedMemory = {
      ...memory,
      spend: (counters) => {
        spent.push(counters.map((counter) => counter.key.split(':')[0] ?? ''));
        return Promise.resolve(2);
      },
    };
    const error = await thrownBy(publish(errand(short, { memory: counting })));
    expect(error).toMatchObject({ name: 'BudgetSpent', budget: 'hour' });
    expect(spent).toEqual([['day', 'address', 'hour']]);
    expect(sandbox.accepted()).toHaveLength(0);
  });
});
