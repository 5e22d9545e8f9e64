/** Orders on the heels of one another: the last one holds, wherever the earlier ones had got to. */
import { placementId } from '../core/model/placement.js';
import { runOrder } from '../workers/dispatch/dispatcher.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

async function shown(): Promise<string[]> {
  const page = await (await fetch(test.sandbox.url)).text();
  return [...page.matchAll(/<p data-board="[^"]*">([^<]*)<\/p>/g)].map(([, line = '']) => line);
}

describe('a withdrawal', () => {
  it('reaches accounts that dispatch had not come to yet', async () => {
    await test.connect(0, 3);
    const release = await test.publish('还没有派发');
    await test.orders.withdraw({ release, reason: '发错了', by: 'u1' });
    const [first, second] = await test.hub.store.orders.find({ release }).sort({ seq: 1 }).lean();
    if (!first || !second) throw new Error('two orders were stored');
    // It walks by before there is a row.
    const means = { ...test.hub, letPass: () => Promise.resolve() };
    await runOrder(second._id, means);
    expect(await test.rows(release)).toEqual([]);
    await runOrder(first._id, means);
    expect((await test.rows(release)).map((row) => row.orders.map(({ seq }) => seq))).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    test.start('publish', 'record', 'clock');
    await test.until('all at rest', async () => (await test.rows(release)).every((row) => row.state === 'cancelled'));
    expect(await shown()).toEqual([]);
    expect(test.sandbox.accepted()).toEqual([]);
  });
});

describe('a text ordered after a withdrawal of which nobody knows whether it landed', () => {
  it('comes to rest as soon as that can be under way no more', async () => {
    const [account = ''] = await test.connect(0, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('第一稿');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    await test.control('/drop', { call: 'remove', times: 1 });
    await test.orders.withdraw({ release, audience: { accounts: [account] }, reason: '有误', by: 'u1' });
    await test.until('it waits', async () => (await test.rows(release))[0]?.state === 'waiting');
    await test.revise(release, '第二稿');
    await test.until('verified', async () => {
      const [row] = await test.rows(release);
      return row?.state === 'verified' && row.orders.length === 3;
    });
    expect((await test.rows(release))[0]).toMatchObject({ open: [] });
    expect(await shown()).toEqual(['第二稿']);
  });
});

describe('a platform that shows a post only a while after it has taken it', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is waited for once after an unanswered post, and not anew with each look', async () => {
    await test.connect(0, 1);
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('there is no toy channel');
    const limits = jest.replaceProperty(toy, 'limits', { ...toy.limits, showsAfter: 8 });
    jest.spyOn(toy, 'publish').mockImplementationOnce(async (_account, _rendition, call) => {
      await call.leave();
      throw new TypeError('nobody knows whether it landed');
    });
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('没有答复');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    const looks = (await test.history(release)).filter((event) => event.is === 'unanswered');
    expect(looks?.length).toBeLessThanOrEqual(2);
    limits.restore();
  });
});

describe('what stands although something that goes with it is still owed', () => {
  /** The line is posted, the rest of the step fails; the board says so when it is asked. */
  function halfPosted(times: number): void {
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('there is no toy channel');
    const { publish, find } = toy;
    let owed = false;
    jest.spyOn(toy, 'publish').mockImplementation(async (...asked) => {
      const acceptance = await publish.apply(toy, asked);
      owed = times > 0;
      times -= 1;
      if (owed) throw new TypeError('the other half failed');
      return acceptance;
    });
    jest.spyOn(toy, 'find').mockImplementation(async (...asked) => {
      const finding = await find.apply(toy, asked);
      return finding.outcome === 'found' && owed ? { ...finding, unfinished: true } : finding;
    });
  }
  afterEach(() => jest.restoreAllMocks());

  it('is taken back by a withdrawal', async () => {
    await test.connect(0, 1);
    halfPosted(1_000);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('只发了一半');
    await test.until('it waits', async () => (await test.rows(release))[0]?.state === 'waiting');
    expect(await shown()).toEqual(['只发了一半']);
    await test.orders.withdraw({ release, reason: '发错了', by: 'u1' });
    await test.until('withdrawn', async () => (await test.rows(release))[0]?.state === 'withdrawn');
    expect(await shown()).toEqual([]);
  });

  it('is finished by the next try at the same step', async () => {
    await test.connect(0, 1);
    halfPosted(1);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('分两次发完');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    // What stands already is not posted again: only the rest is done.
    expect(test.sandbox.accepted()).toHaveLength(1);
    expect(await shown()).toEqual(['分两次发完']);
  });
});

describe('an order that comes while the one before is being worked on', () => {
  it('is taken up as soon as that has ended', async () => {
    const [account = ''] = await test.connect(0, 1);
    test.start('dispatch', 'record', 'clock');
    const release = await test.publish('第一稿');
    await test.until('the row', async () => (await test.rows(release)).length === 1);
    // Somebody holds the claim of the first order, and the job of the second goes away again.
    const placement = placementId(release, account);
    const { claims } = test.hub;
    await claims.claim('somebody', [{ placement, seq: 1 }], 30, new Date());
    await test.revise(release, '第二稿');
    test.start('publish');
    await test.until('both jobs are done', async () =>
      [...(await test.hub.queues.depths()).values()].every((depth) => depth === 0),
    );
    expect(await shown()).toEqual([]);
    const frame = { id: 'e1', at: new Date(), by: 'publish', seq: 1, try: 'somebody' };
    await claims.say([
      {
        placement,
        token: 'somebody',
        event: { is: 'looked', asked: [1], found: [], settles: true, ...frame },
        ends: { closes: [1], settle: 0 },
      },
    ]);
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(await shown()).toEqual(['第二稿']);
  });
});

describe('an update after a correction', () => {
  it('keeps the corrected text beside it, and not the wrong one that was still there', async () => {
    const [account = ''] = await test.connect(0, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('明天停课');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    // The wrong text cannot be taken away yet.
    await test.control('/script', { call: 'remove', code: 'busy', times: 1_000 });
    await test.revise(release, '更正：照常上课');
    await test.until('both stand', async () => (await shown()).length === 2);
    await test.revise(release, '续报：午餐照常', 'update');
    await test.until('the third stands', async () => (await shown()).length === 3);
    await test.control('/reset', {});
    await test.until('verified again', async () => (await test.rows(release))[0]?.state === 'verified');
    expect(await shown()).toEqual(['更正：照常上课', '续报：午餐照常']);
    expect((await test.rows(release))[0]?.account).toBe(account);
  });
});

describe('an update right after a correction', () => {
  it('is put on no placement before the correction, so that what that puts right does not stay beside it', async () => {
    await test.connect(0, 2);
    test.start('publish', 'record', 'clock');
    const means = { ...test.hub, letPass: () => Promise.resolve() };
    const release = await test.publish('明天停课');
    const [first] = await test.hub.store.orders.find({ release }).lean();
    await runOrder(first?._id ?? '', means);
    await test.until('verified', async () => (await test.rows(release)).every((row) => row.state === 'verified'));
    for (const [text, change] of [['更正：照常上课', 'correction'] as const, ['续报：校车照常', 'update'] as const]) {
      const revision = await test.draft(release, text, change);
      await test.orders.sign(release, revision, 'u1');
      await test.orders.publish({ release, revision, audience: {}, by: 'u1' });
    }
    const [, correction, update] = await test.hub.store.orders.find({ release }).sort({ seq: 1 }).lean();
    expect(await runOrder(update?._id ?? '', means)).toBe('waits');
    expect((await test.rows(release)).map((row) => row.orders.length)).toEqual([1, 1]);
    test.start('dispatch');
    for (const order of [update, correction]) await test.hub.queues.addDispatch(order?._id ?? '', 'routine');
    await test.until('at rest', async () =>
      (await test.rows(release)).every((row) => row.state === 'verified' && row.orders.length === 3),
    );
    expect(await shown()).not.toContain('明天停课');
    expect(new Set(await shown())).toContain('续报：校车照常');
  });
});
