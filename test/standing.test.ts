/** What stands follows what is wanted: counted where the public looks, on the toy channel's boards. */
import { queueSteps } from '../workers/hand-outs.js';
import { handOut } from '../workers/publish/hand-out.js';
import { newestWords } from '../core/placements/history.js';
import { placementId, stepKey } from '../core/model/placement.js';
import { openLane } from '../workers/publish/turns.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

const all = ['dispatch', 'publish', 'record', 'clock'] as const;

/** The lines that the public sees, by board. */
async function boards(): Promise<Map<string, string[]>> {
  const page = await (await fetch(test.sandbox.url)).text();
  const shown = new Map<string, string[]>();
  for (const [, board = '', line = ''] of page.matchAll(/<p data-board="([^"]*)">([^<]*)<\/p>/g))
    shown.set(board, [...(shown.get(board) ?? []), line]);
  return shown;
}

async function allVerified(release: string, seq: number): Promise<void> {
  await test.until(`order ${seq} verified everywhere`, async () => {
    const rows = await test.rows(release);
    return rows.length > 0 && rows.every((row) => row.state === 'verified' && row.orders.at(-1)?.seq === seq);
  });
}

describe('a correction', () => {
  it('takes the place of the wrong text on every account, and counts each account once', async () => {
    await test.connect(0, 4);
    test.start(...all);
    const release = await test.publish('明天停课');
    await allVerified(release, 1);
    await test.revise(release, '更正：照常上课');
    await allVerified(release, 2);
    expect([...(await boards()).values()]).toEqual(Array.from({ length: 4 }, () => ['更正：照常上课']));
    expect(await test.queries.status(release)).toMatchObject({ total: 4, counts: [{ state: 'verified', count: 4 }] });
  });

  it('reaches accounts that have left the audience since', async () => {
    const [gone = ''] = await test.connect(0, 2);
    test.start(...all);
    const release = await test.publish('明天停课');
    await allVerified(release, 1);
    await test.hub.store.accounts.updateOne({ _id: gone }, { $set: { tags: ['旧'] } });
    const before = await test.hub.store.releases.findById(release).lean();
    const stays = await test.connect(5, 1, () => ({ tags: ['新'] }));
    await test.revise(release, '更正：照常上课', 'correction', { tags: ['新'] });
    await allVerified(release, 2);
    expect(before?.signed).toBeDefined();
    expect((await test.rows(release)).map((row) => row.account).sort()).toContain(stays[0]);
    expect([...(await boards()).values()].flat()).toEqual(['更正：照常上课', '更正：照常上课', '更正：照常上课']);
  });

  it('never lets the old text out after it was ordered, however long that waited for its retry', async () => {
    await test.connect(0, 3);
    await test.control('/script', { call: 'post', code: 'busy', times: 6 });
    test.start('dispatch', 'record', 'publish');
    const release = await test.publish('明天停课');
    await test.until('all wait', async () => {
      const rows = await test.rows(release);
      return rows.length === 3 && rows.every((row) => row.state === 'waiting');
    });
    await test.control('/reset', {});
    await test.revise(release, '更正：照常上课');
    test.start('clock');
    await allVerified(release, 2);
    expect([...(await boards()).values()].flat()).toEqual(Array.from({ length: 3 }, () => '更正：照常上课'));
    expect(test.sandbox.accepted()).toHaveLength(3);
  });

  it('waits for nothing but the answer where the old text is already on its way', async () => {
    await test.connect(0, 3);
    await test.control('/latency', { call: 'post', ms: 3_000 });
    test.start(...all);
    const release = await test.publish('明天停课');
    await test.until('all are on their way', async () => {
      const rows = await test.rows(release);
      return rows.length === 3 && rows.every((row) => row.state === 'sending');
    });
    await test.control('/reset', {});
    await test.revise(release, '更正：照常上课');
    await allVerified(release, 2);
    expect([...(await boards()).values()].flat()).toEqual(Array.from({ length: 3 }, () => '更正：照常上课'));
  });

  it('keeps what stood where it is an update, and shows both', async () => {
    await test.connect(0, 2);
    test.start(...all);
    const release = await test.publish('第一次通报');
    await allVerified(release, 1);
    await test.revise(release, '第二次通报', 'update');
    await allVerified(release, 2);
    expect([...(await boards()).values()]).toEqual([
      ['第一次通报', '第二次通报'],
      ['第一次通报', '第二次通报'],
    ]);
    await test.orders.withdraw({ release, reason: '结束', by: 'u1' });
    await test.until('all withdrawn', async () => (await test.rows(release)).every((row) => row.state === 'withdrawn'));
    expect((await boards()).size).toBe(0);
  });
});

describe('a publisher that stood still', () => {
  it('does not post when another has taken over, though it was already inside its step', async () => {
    const [account = ''] = await test.connect(0, 1);
    const release = await test.publish('停了一会儿');
    test.start('dispatch', 'record');
    await test.until('the row', async () => (await test.rows(release)).length === 1);
    const [row] = await test.rows(release);
    let goOn = (): void => undefined;
    const asleep = new Promise<void>((wake) => {
      goOn = wake;
    });
    let atDoor = false;
    const { claims } = test.hub;
    const sleepy = {
      ...claims,
      door: async (...asked: Parameters<typeof claims.door>) => {
        atDoor = true;
        await asleep;
        return claims.door(...asked);
      },
      // A process that stands still renews nothing.
      renew: () => Promise.resolve(),
    };
    const { orders = [], run = '' } = row ?? {};
    const [wanted] = orders;
    if (!wanted) throw new Error('nothing is wanted');
    const fresh = {
      release,
      channel: 'toy',
      lane: 'routine' as const,
      wanted,
      to: [{ account, organization: 'province', region: '350000' }],
    };
    const means = { ...test.hub, claims: sleepy, turns: openLane(), giveBack: () => Promise.resolve(), settle: 0 };
    const paused = await handOut({ run, fresh }, false, means, (outcomes) => claims.say(outcomes));
    await test.until('it is at the door', async () => Promise.resolve(atDoor));
    await expire(release, account);
    test.start('publish', 'clock');
    await test.until('another has posted', async () => test.sandbox.accepted().length === 1);
    goOn();
    await paused.told;
    await allVerified(release, 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  /** Its claim runs out now instead of in half a minute. */
  async function expire(release: string, account: string): Promise<void> {
    const key = `{${test.hub.settings.prefix}}:claims:${release}`;
    const claim = (await test.hub.redis.hget(key, account)) ?? '';
    const [fence, token, , ...rest] = claim.split('|');
    await test.hub.redis.hset(key, account, [fence, token, '1', ...rest].join('|'));
    await test.hub.store.placements.updateOne({ release }, { $set: { dueAt: new Date() } });
  }
});

describe('what only a person can mend', () => {
  it('is not sent by a job that is handed out again after the person gave it up', async () => {
    const [account = ''] = await test.connect(0, 1);
    await test.control('/script', { call: 'post', code: 'full', times: 1 });
    test.start(...all);
    const release = await test.publish('不发了');
    const [row] = await test.settled(release, 1);
    expect(row?.state).toBe('needs_action');
    await test.orders.resolve(row?._id ?? '', { outcome: 'cancelled', note: '不再发布' }, 'u1');
    await test.until('it is given up', async () => (await test.rows(release))[0]?.state === 'cancelled');
    const [wanted] = row?.orders ?? [];
    if (!wanted) throw new Error('nothing is wanted');
    const to = [{ account, organization: 'province', region: '350000' }];
    const fresh = { release, channel: 'toy', lane: 'routine' as const, wanted, to };
    const means = { ...test.hub, turns: openLane(), giveBack: () => Promise.resolve(), settle: 0 };
    const claimed = await handOut({ run: row?.run ?? '', fresh }, true, means, (outcomes) =>
      test.hub.claims.say(outcomes),
    );
    await claimed.told;
    expect(test.sandbox.accepted()).toHaveLength(0);
    await test.until('the try has its outcome', async () => (await test.history(release)).at(-1)?.is === 'nothing');
    // Nothing is open there: whoever orders something new has nothing to wait for, and what was said of it stays.
    expect((await test.rows(release))[0]).toMatchObject({ state: 'cancelled', open: [] });
  });

  it('keeps its words, and nothing open, when a job of what lies with a person is handed out again', async () => {
    const [account = ''] = await test.connect(0, 1);
    await test.control('/script', { call: 'post', code: 'full', times: 1 });
    test.start(...all);
    const release = await test.publish('满了');
    const [before] = await test.settled(release, 1);
    const [wanted] = before?.orders ?? [];
    if (!wanted) throw new Error('nothing is wanted');
    const to = [{ account, organization: 'province', region: '350000' }];
    const fresh = { release, channel: 'toy', lane: 'routine' as const, wanted, to };
    const means = { ...test.hub, turns: openLane(), settle: 0, giveBack: () => Promise.resolve() };
    const said = (outcomes: Parameters<typeof test.hub.claims.say>[0]) => test.hub.claims.say(outcomes);
    await (
      await handOut({ run: before?.run ?? '', fresh }, true, means, said)
    ).told;
    await test.until(
      'the try has its outcome',
      async () => ((await test.rows(release))[0]?.version ?? 0) > (before?.version ?? 0),
    );
    await test.until('nothing is open', async () => (await test.rows(release))[0]?.open.length === 0);
    const [after] = await test.rows(release);
    expect(after).toMatchObject({ state: 'needs_action', why: before?.why, since: before?.since });
    const words = (await test.queries.placement(after?._id ?? '')).cause;
    expect(words).toBeDefined();
    expect(words).toEqual((before && newestWords(before))?.cause);
    // What comes next does not have to look first: it stands without waiting for what was never under way.
    await test.revise(release, '更正：有地方了');
    await allVerified(release, 2);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('shows both places where one text stands twice, and keeps the one that the person names', async () => {
    const [account = ''] = await test.connect(0, 1);
    test.start(...all);
    const release = await test.publish('出现了两份');
    await allVerified(release, 1);
    const placement = placementId(release, account);
    const url = `${test.sandbox.url}/b0/again`;
    await fetch(url, { method: 'POST', headers: { authorization: 'open' }, body: '出现了两份' });
    const [row] = await test.rows(release);
    const revision = row?.orders[0]?.revision ?? '';
    // A request that outlived everything tells of its success at last.
    const late = { id: 'late', at: new Date(), by: 'publish', seq: 1, try: 'an old claim' };
    const remote = { id: 'again', url };
    await test.hub.claims.tell([
      { placement, event: { is: 'accepted', revision, remote, seen: 'published', ...late } },
    ]);
    await test.until('a person is asked', async () => (await test.rows(release))[0]?.state === 'needs_action');
    const asked = await test.queries.placement(placement);
    expect(asked.cause?.zh).toContain(url);
    expect(asked.cause?.zh).toContain(stepKey(placement, 1));
    await fetch(`${test.sandbox.url}/b0/${stepKey(placement, 1)}`, {
      method: 'DELETE',
      headers: { authorization: 'open' },
    });
    await test.orders.resolve(placement, { outcome: 'published', url, note: '删除了一份' }, 'u1');
    await test.until('verified', async () => (await test.rows(release))[0]?.state === 'verified');
    expect([...(await boards()).values()]).toEqual([['出现了两份']]);
  });

  it('is read back once where its reading was queued again while it waited', async () => {
    await test.connect(0, 2);
    test.start(...all);
    const release = await test.publish('已核验的通知');
    await allVerified(release, 1);
    const toy = test.hub.channels.get('toy');
    if (!toy) throw new Error('there is no toy channel');
    const read = jest.spyOn(toy, 'verify');
    const { queues } = test.hub;
    await queueSteps(queues, await test.rows(release), await queues.run(), 'verify');
    await test.until('the job has ended', async () => (await queues.depths()).get('verify-routine-toy') === 0);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  it('finds by a later reading that the public sees something else', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const release = await test.publish('原来的内容');
    await allVerified(release, 1);
    const [row] = await test.rows(release);
    expect(row?.dueAt).toBeDefined();
    await fetch(row?.standing[0]?.remote.url ?? '', {
      method: 'POST',
      headers: { authorization: 'open' },
      body: '被人改了',
    });
    await test.hub.store.placements.updateOne(
      { release },
      { $set: { dueAt: new Date(), version: (row?.version ?? 0) + 1 } },
    );
    await test.until('a person is asked', async () => (await test.rows(release))[0]?.state === 'needs_action');
    expect((await test.queries.placement(row?._id ?? '')).standing).toMatchObject([{ changed: true }]);
  });
});

describe('signing', () => {
  it('signs the newest revision alone: an edit saved meanwhile is told', async () => {
    await test.connect(0, 1);
    const { release, revision } = await test.write('签发');
    const draft = await test.draft(release, '签发前又改了');
    const order = { release, revision: draft, audience: {}, by: 'u1' };
    const prepared = await test.orders.publication(order);
    await test.draft(release, '又被别人改了');
    const { connection } = test.hub.store;
    const authority = { chain: { id: 'c', version: 1, steps: [{ id: 'sign', role: 'signer' }] }, decisions: [] };
    await expect(connection.transaction((session) => prepared.place(authority, session))).rejects.toMatchObject({
      code: 'revision_stale',
    });
    await expect(test.orders.publish(order)).rejects.toMatchObject({ code: 'revision_stale' });
    await expect(test.orders.sign(release, revision, 'u1')).rejects.toMatchObject({ code: 'revision_stale' });
  });
});

jest.setTimeout(60_000);

describe('an order during an order', () => {
  it('lets nothing of the older text out to accounts that the older order had not reached yet', async () => {
    await test.connect(0, 229, () => ({ tags: ['全部'] }));
    await test.connect(229, 1, () => ({ tags: ['全部', '甲'] }));
    const release = await test.publish('明天停课', { tags: ['全部'] });
    const older = await test.hub.store.orders.findOne({ release }).lean();
    // The older order has written its first page when the correction, to a narrower audience, is ordered.
    const { audiencePage } = await import('../workers/dispatch/pages.js');
    if (!older) throw new Error('no order');
    const page = await audiencePage(older, await test.sealed(older), await test.hub.queues.run(), test.hub);
    await test.hub.store.orders.updateOne({ release }, { $set: { cursor: page.cursor ?? '' } });
    await test.revise(release, '更正：照常上课', 'correction', { tags: ['甲'] });
    test.start(...all);
    await test.until('both orders done', async () =>
      (await test.hub.store.orders.find({ release }).lean()).every((order) => order.state === 'done'),
    );
    await allVerified(release, 2);
    expect(new Set([...(await boards()).values()].flat())).toEqual(new Set(['更正：照常上课']));
    expect((await boards()).size).toBe(230);
  });
});

describe('a text that is out while what goes with it is refused', () => {
  const outAndOwed = async (): Promise<string> => {
    await test.connect(500, 1);
    await test.control('/script', { call: 'bell', code: 'broken' });
    test.start(...all);
    const release = await test.publish('铃没有响');
    await test.until('a person is asked', async () => (await test.rows(release))[0]?.state === 'needs_action');
    return release;
  };

  it('is told as standing, and a withdrawal takes it back', async () => {
    const release = await outAndOwed();
    const [row] = await test.rows(release);
    expect(row?.standing).toMatchObject([{ seen: 'published', owed: true }]);
    expect((await test.history(release)).at(-1)).toMatchObject({
      is: 'owed',
      todo: { zh: '请修改内容。' },
      platform: { code: 'broken' },
    });
    expect([...(await boards()).values()]).toEqual([['铃没有响']]);
    await test.orders.withdraw({ release, reason: '撤下', by: 'u1' });
    await test.until('withdrawn', async () => (await test.rows(release))[0]?.state === 'withdrawn');
    expect((await boards()).size).toBe(0);
  });

  it('goes on waiting for a person though it can be read, and a retry does what is owed and nothing else', async () => {
    const release = await outAndOwed();
    const { hub } = test;
    const [before] = await test.rows(release);
    const asked = (await test.history(release)).at(-1)?.todo;
    await hub.store.placements.updateOne({ _id: before?._id ?? '' }, { $set: { dueAt: new Date() } });
    await test.until('it was looked at', async () => (await test.history(release)).at(-1)?.is === 'read');
    const [looked] = await test.rows(release);
    expect(looked).toMatchObject({ state: 'needs_action', standing: [{ owed: true }] });
    expect((await test.history(release)).at(-1)?.todo).toEqual(asked);
    await test.orders.retry(looked?._id ?? '', 'u1');
    await allVerified(release, 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
    expect((await test.rows(release))[0]?.standing[0]?.owed).toBeUndefined();
  });

  it('is verified when a person gives up what is owed: what is out cannot be given up', async () => {
    const release = await outAndOwed();
    const [row] = await test.rows(release);
    await test.orders.resolve(row?._id ?? '', { outcome: 'cancelled', note: '不再响铃' }, 'u1');
    await allVerified(release, 1);
    expect([...(await boards()).values()]).toEqual([['铃没有响']]);
  });

  it('goes on by itself where the refusal passes', async () => {
    await test.connect(500, 1);
    await test.control('/script', { call: 'bell', code: 'busy', times: 2 });
    test.start(...all);
    const release = await test.publish('铃正忙');
    await allVerified(release, 1);
    expect((await test.history(release)).filter(({ is }) => is === 'owed')).toHaveLength(2);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });
});
