/** The path of a release through every worker, with the toy channel at its end. */
import { stepKey } from '../core/model/placement.js';
import { epochKey, redisKey } from '../core/queue/keys.js';
import { audiencePage } from '../workers/dispatch/pages.js';
import { rebuild } from '../workers/clock/rebuild.js';
import { openLane } from '../workers/publish/turns.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

const all = ['dispatch', 'publish', 'record', 'clock'] as const;

/** A dispatcher that wrote its rows and died before it queued them. */
async function diedAfterWriting(release: string, accounts: number): Promise<void> {
  const order = await test.hub.store.orders.findOne({ release }).lean();
  if (!order) throw new Error('no order');
  const queues = { ...test.hub.queues, addBatches: () => Promise.reject(new Error('died')) };
  const run = await test.hub.queues.run();
  await audiencePage(order, await test.sealed(order), run, { ...test.hub, queues }).catch(() => undefined);
  expect(await test.rows(release)).toHaveLength(accounts);
}

/** How often each board got something posted. */
function posts(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { subject } of test.sandbox.accepted()) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
}

describe('one release to many accounts', () => {
  it('goes from queued to verified on every account, once', async () => {
    await test.connect(0, 250);
    test.start(...all);
    const release = await test.publish('办公时间调整');
    const rows = await test.settled(release, 250);
    expect(rows.map((row) => row.state)).toEqual(rows.map(() => 'verified'));
    const states = (await test.history(release)).map(({ to }) => to);
    expect(states).toEqual(['queued', 'sending', 'published', 'verified']);
    expect(rows[0]?.evidence).toMatchObject({ by: 'machine' });
    expect([posts().size, Math.max(...posts().values())]).toEqual([250, 1]);
    expect(await test.queries.status(release)).toMatchObject({
      total: 250,
      finished: true,
      counts: [{ channel: 'toy', state: 'verified', count: 250 }],
    });
  });

  it('costs the ledger one insert and few updates a delivery', async () => {
    await test.connect(0, 50);
    test.start(...all);
    const rows = await test.settled(await test.publish('写入次数'), 50);
    for (const row of rows) expect(row.version).toBeLessThanOrEqual(3);
  });

  it('reaches only the accounts of the audience', async () => {
    await test.connect(0, 3, () => ({ tags: ['甲'] }));
    await test.connect(10, 2, () => ({ tags: ['乙'] }));
    test.start(...all);
    const release = await test.publish('限定范围', {
      tags: ['乙'],
      regions: ['350000'],
      organizations: ['province'],
      channels: ['toy'],
    });
    expect(await test.settled(release, 2)).toHaveLength(2);
  });

  it('does not post twice when the same order is given twice', async () => {
    await test.connect(0, 10);
    test.start(...all);
    const written = await test.write('两人同时按下发送');
    const order = { ...written, audience: {}, lane: 'routine' as const };
    await Promise.all([test.orders.publish({ ...order, by: 'u1' }), test.orders.publish({ ...order, by: 'u2' })]);
    await test.settled(written.release, 10);
    await test.until('both orders done', async () =>
      (await test.hub.store.orders.find({ release: written.release }).lean()).every((one) => one.state === 'done'),
    );
    expect([...posts().values()]).toEqual(Array.from({ length: 10 }, () => 1));
  });
});

describe('an order', () => {
  it('is answered as stored where Redis cannot take it: the clock finds it later', async () => {
    await test.connect(0, 1);
    const full = new Error('MISCONF Redis is configured to save RDB snapshots, but is unable to persist to disk');
    const queues = { ...test.hub.queues, addDispatch: () => Promise.reject(full) };
    const { release, revision } = await test.write('磁盘已满');
    const orders = openOwnWord(test.hub.store, openOrders({ ...test.hub, queues }));
    const order = await orders.publish({ release, revision, audience: {}, by: 'u1' });
    expect(await test.hub.store.orders.findById(order._id).lean()).toMatchObject({ state: 'running', release });
  });

  it('is stored together with what its release says of it, or not at all', async () => {
    await test.connect(0, 1);
    const { store } = test.hub;
    const written = await test.write('存不下的发布令');
    const order = { ...written, audience: {}, by: 'u1' };
    const release = () => store.releases.findById(written.release).lean();
    const before = await release();
    const create = jest.spyOn(store.orders, 'create').mockRejectedValueOnce(new Error('disk full') as never);
    await expect(test.orders.publish(order)).rejects.toThrow('disk full');
    expect(await release()).toEqual(before);
    create.mockRestore();
    const stored = await test.orders.publish(order);
    expect(await release()).toMatchObject({ orders: 1, publishedAt: expect.any(Date) as Date });
    expect(await store.orders.findById(stored._id).lean()).toMatchObject({ seq: 1, state: 'running' });
  });
});

describe('when a platform says no', () => {
  it('fails one account with a dead credential alone, and says what to do', async () => {
    await test.connect(0, 9);
    const [dead] = await test.connect(9, 1, () => ({ credentials: { key: 'dead' } }));
    test.start(...all);
    const rows = await test.settled(await test.publish('一个账号失效'), 10);
    expect(rows.filter((row) => row.state === 'verified')).toHaveLength(9);
    const bad = await test.queries.placement(rows.find((row) => row.account === dead)?._id ?? '');
    expect(bad).toMatchObject({ state: 'needs_action', todo: { zh: '请更换密钥后重试。' }, platform: { code: 'key' } });
  });

  it('waits and tries again when the platform is busy, and keeps its words', async () => {
    await test.connect(0, 1);
    await test.control('/script', { call: 'post', code: 'busy', times: 1 });
    test.start(...all);
    const release = await test.publish('平台繁忙');
    const [row] = await test.settled(release, 1);
    expect(row).toMatchObject({ state: 'verified', attempts: 2 });
    expect((await test.history(release)).find((event) => event.to === 'waiting')).toMatchObject({
      is: 'nothing',
      platform: { code: 'busy' },
    });
    expect([...posts().values()]).toEqual([1]);
  });

  it('asks before sending again when the answer was lost, and does not post twice', async () => {
    await test.connect(0, 5);
    await test.control('/drop', { call: 'post', times: 5 });
    test.start(...all);
    const rows = await test.settled(await test.publish('答复丢失'), 5);
    expect(rows.map((row) => row.state)).toEqual(rows.map(() => 'verified'));
    expect([...posts().values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it('fails for good what the platform refuses for good', async () => {
    await test.connect(0, 1);
    await test.control('/script', { call: 'post', code: 'illegal', times: 1 });
    test.start(...all);
    const release = await test.publish('内容不当');
    const [row] = await test.settled(release, 1);
    expect(row).toMatchObject({ state: 'failed' });
    expect((await test.history(release)).at(-1)).toMatchObject({
      platform: { code: 'illegal' },
      todo: { zh: '请修改内容。' },
    });
  });
});

describe('when part of the program is lost', () => {
  it('goes on with a dispatch that died between writing deliveries and queueing them', async () => {
    const accounts = await test.connect(0, 5);
    const release = await test.publish('派发中断');
    await diedAfterWriting(release, accounts.length);
    test.start(...all);
    const done = await test.settled(release, 5);
    expect(done.map((row) => row.state)).toEqual(done.map(() => 'verified'));
    expect([...posts().values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it('loses nothing and doubles nothing when Redis loses everything', async () => {
    await test.connect(0, 40);
    test.start('dispatch', 'publish');
    // Some are posted, and nothing of it is in the ledger yet, when all of Redis goes.
    const release = await test.publish('队列丢失');
    await test.until('some posts', async () => test.sandbox.accepted().length >= 40);
    await test.stopWorkers();
    const keys = await test.hub.redis.keys(`{${test.hub.settings.prefix}}*`);
    await test.hub.redis.del(...keys);
    expect((await test.rows(release)).every((row) => row.state === 'queued')).toBe(true);
    expect(await rebuild(test.hub)).toMatchObject({ placements: 40 });
    test.start(...all);
    const rows = await test.settled(release, 40);
    expect(rows.map((row) => row.state)).toEqual(rows.map(() => 'verified'));
    expect([posts().size, Math.max(...posts().values())]).toEqual([40, 1]);
  });

  it('rebuilds by itself when it finds Redis empty', async () => {
    await test.connect(0, 3);
    test.start('dispatch');
    const release = await test.publish('自动重建');
    await test.until('rows', async () => (await test.rows(release)).length === 3);
    await test.stopWorkers();
    await test.hub.redis.del(...(await test.hub.redis.keys(`{${test.hub.settings.prefix}}*`)));
    test.start(...all);
    expect((await test.settled(release, 3)).map((row) => row.state)).toEqual(['verified', 'verified', 'verified']);
  });

  it('queues anew what was lost with the last second of a Redis that another has taken over from', async () => {
    const { redis, settings } = test.hub;
    await test.connect(0, 3);
    test.start('clock', 'dispatch');
    const release = await test.publish('换主');
    await test.until('the run is known', async () => (await redis.get(redisKey(settings, 'alive'))) !== null);
    await test.until('rows', async () => (await test.rows(release)).length === 3);
    await test.stopWorkers();
    // The replica has everything but the jobs of the last second, and is another server.
    await redis.del(...(await redis.keys(`{${settings.prefix}}:publish-*`)));
    await redis.set(epochKey(settings, 0), 'another-1');
    test.start(...all);
    expect((await test.settled(release, 3)).map((row) => row.state)).toEqual(['verified', 'verified', 'verified']);
    expect([...posts().values()]).toEqual([1, 1, 1]);
  });

  it('asks the platform first for a job of an earlier Redis run', async () => {
    const [account] = await test.connect(0, 1);
    const release = await test.publish('旧作业');
    await diedAfterWriting(release, 1);
    await test.hub.store.orders.updateOne({ release }, { $set: { state: 'done' } });
    const [row] = await test.rows(release);
    const { _id = '', orders = [] } = row ?? {};
    const [wanted] = orders;
    if (!wanted || !account) throw new Error('no placement');
    const key = stepKey(_id, wanted.seq);
    await fetch(`${test.sandbox.url}/b0/${key}`, {
      method: 'POST',
      headers: { authorization: 'open' },
      body: '旧作业',
    });
    const { handOut } = await import('../workers/publish/hand-out.js');
    const means = { ...test.hub, turns: openLane(), giveBack: () => Promise.resolve(), settle: 0 };
    const to = [{ account, organization: 'province', region: '350000' }];
    const fresh = { release, channel: 'toy', lane: 'routine' as const, wanted, to };
    const claimed = await handOut({ run: 'an earlier one', fresh }, false, means, (outcomes) =>
      test.hub.claims.say(outcomes),
    );
    await claimed.told;
    test.start('record', 'publish', 'clock');
    const [done] = await test.settled(release, 1);
    expect(done?.state).toBe('verified');
    expect([...posts().values()]).toEqual([1]);
  });
});

describe('withdrawing', () => {
  it('takes a release back from every account it went to', async () => {
    await test.connect(0, 6);
    test.start(...all);
    const release = await test.publish('需要撤回');
    await test.settled(release, 6);
    await test.orders.withdraw({ release, audience: undefined, reason: '内容有误', by: 'u1' });
    await test.until('all withdrawn', async () => (await test.rows(release)).every((row) => row.state === 'withdrawn'));
    const page = await (await fetch(test.sandbox.url)).text();
    expect(page).not.toContain('需要撤回');
    // Six accounts are six placements, whatever was ordered of them.
    await test.until('finished', async () => (await test.queries.status(release)).finished);
    expect(await test.queries.status(release)).toMatchObject({
      total: 6,
      counts: [{ channel: 'toy', state: 'withdrawn', count: 6 }],
      orders: [{ action: 'publish' }, { action: 'withdraw', reason: '内容有误' }],
    });
    const first = await test.queries.placements(release, { state: 'withdrawn', limit: 4 });
    const second = await test.queries.placements(release, { state: 'withdrawn', limit: 4, after: first.next });
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(ids).toEqual((await test.rows(release)).map((row) => row._id));
  });

  it('calls off what was not sent yet, and nothing of it is ever sent', async () => {
    await test.connect(0, 4);
    test.start('dispatch', 'record');
    const release = await test.publish('尚未发出');
    await test.until('rows', async () => (await test.rows(release)).length === 4);
    await test.orders.withdraw({ release, audience: undefined, reason: '取消', by: 'u1' });
    await test.until('the order is worked off', async () =>
      (await test.hub.store.orders.find({ release }).lean()).every((order) => order.state === 'done'),
    );
    test.start('publish', 'clock');
    await test.until('all cancelled', async () => (await test.rows(release)).every((row) => row.state === 'cancelled'));
    expect(posts().size).toBe(0);
  });
});

describe('what a person may do', () => {
  /** What lies for a person because its credential is dead. */
  async function parked(): Promise<{ release: string; id: string; account: string }> {
    const [account = ''] = await test.connect(0, 1, () => ({ credentials: { key: 'dead' } }));
    test.start(...all);
    const release = await test.publish('等待人工');
    const [row] = await test.settled(release, 1);
    expect(row?.state).toBe('needs_action');
    return { release, id: row?._id ?? '', account };
  }

  async function renew(account: string): Promise<void> {
    await test.hub.store.accounts.updateOne(
      { _id: account },
      { $set: { sealed: test.hub.vault.seal(account, { key: 'open' }), credential: { state: 'unchecked' } } },
    );
  }

  it('retries after the credential was renewed', async () => {
    const { release, id, account } = await parked();
    await renew(account);
    await test.orders.retry(id, 'u1');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
  });

  it('keeps a person’s word apart from what the machine has read, and reads it back all the same', async () => {
    const { release, id, account } = await parked();
    await renew(account);
    const url = `${test.sandbox.url}/b0/nowhere`;
    await test.orders.resolve(id, { outcome: 'published', url, note: '已在后台确认' }, 'u1');
    await test.until(
      'the word is kept',
      async () =>
        (await test.history(release)).some((event) => event.is === 'confirmed' && event.to === 'confirmed') === true,
    );
    // There is nothing at that address: a person's word is no reading.
    await test.until('it is read back', async () => (await test.rows(release))[0]?.state === 'needs_action');
    const { events, standing } = await test.queries.placement(id);
    expect(events.map((event) => event.to)).not.toContain('verified');
    expect(events.find((event) => event.is === 'confirmed')).toMatchObject({ by: 'u1', note: '已在后台确认', url });
    expect(standing).toMatchObject([{ changed: true, url }]);
  });

  it('calls verified what a person confirmed and the machine then read back', async () => {
    const { release, id, account } = await parked();
    await renew(account);
    await fetch(`${test.sandbox.url}/b0/by-hand`, {
      method: 'POST',
      headers: { authorization: 'open' },
      body: '等待人工',
    });
    const url = `${test.sandbox.url}/b0/by-hand`;
    await test.orders.resolve(id, { outcome: 'published', url, note: '人工发布' }, 'u1');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    expect((await test.rows(release))[0]?.evidence).toMatchObject({ by: 'machine' });
  });

  it('may not settle what the machine has settled', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const [row] = await test.settled(await test.publish('已完成'), 1);
    await expect(test.orders.retry(row?._id ?? '', 'u1')).rejects.toMatchObject({ code: 'move_forbidden' });
    await expect(
      test.orders.resolve(row?._id ?? '', { outcome: 'cancelled', note: '不行' }, 'u1'),
    ).rejects.toMatchObject({ code: 'move_forbidden' });
    await expect(test.orders.retry('nothing', 'u1')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('lanes', () => {
  it('lets an emergency pass everything routine', async () => {
    await test.connect(0, 1, () => ({ tags: ['急'] }));
    await test.connect(1, 300, () => ({ tags: ['常'] }));
    // Long enough that both lanes have begun before routine work is done.
    await test.control('/latency', { ms: 600, spread: 100, call: 'post' });
    test.start('dispatch');
    const routine = await test.publish('日常发布', { tags: ['常'] });
    await test.until('rows', async () => (await test.rows(routine)).length === 300);
    const emergency = await test.publish('台风红色预警', { tags: ['急'] }, 'emergency');
    await test.until('row', async () => (await test.rows(emergency)).length === 1);
    test.start('publish', 'record', 'clock');
    await test.settled(emergency, 1);
    const boards = test.sandbox.accepted().map((entry) => entry.account);
    expect(boards.indexOf('b0')).toBeLessThan(200);
    await test.settled(routine, 300);
  });
});
