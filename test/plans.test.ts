/** Planned orders: what is due starts once, what is late or can come to nothing asks, and one plan a release stands. */
import { randomUUID } from 'node:crypto';
import type { EntryBody } from '../core/audit/entry.js';
import type { Order } from '../core/model/order.js';
import { holdAhead, startDue } from '../workers/clock/plans.js';
import { insertPerson } from '../core/people/write.js';
import { runOrder } from '../workers/dispatch/dispatcher.js';
import { openSeals } from '../core/signatures/seals.js';
import { openTestHub, type TestHub } from './support/hub.js';
import { resealed } from './support/resealed.js';

let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
  await signer({ enabled: true });
});

/** Whoever signs here. */
async function signer(more: { enabled: boolean; removed?: true }): Promise<void> {
  await test.hub.store.people.deleteOne({ _id: 'u1' });
  const row = { _id: 'u1', name: 's', displayName: '李签', path: '', rights: 1, createdAt: new Date(), ...more };
  await insertPerson(test.hub, row);
}
afterEach(() => test.close());

const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

async function accepted(): Promise<string[]> {
  const page = await (await fetch(test.sandbox.url)).text();
  return [...page.matchAll(/<p data-board="[^"]*">([^<]*)<\/p>/g)].map(([, line = '']) => line);
}

async function orderOf(id: string): Promise<Order> {
  const order = await test.hub.store.orders.findById(id).lean();
  if (!order) throw new Error(`no order ${id}`);
  return order;
}

const ordersOf = (release: string) => test.hub.store.orders.find({ release }).sort({ seq: 1 }).lean();

/** As if its time had come so many minutes ago. */
async function dueSince(order: Order, minutes: number): Promise<void> {
  await resealed(test.hub, await orderOf(order._id), { notBefore: inMinutes(-minutes) });
}

async function plan(title: string, at = inMinutes(60)): Promise<Order> {
  const written = await test.write(title);
  return test.orders.publish({ ...written, audience: {}, notBefore: at, by: 'u1' });
}

async function verified(release: string, count: number): Promise<void> {
  await test.until('verified', async () => {
    const rows = await test.rows(release);
    return rows.length === count && rows.every((row) => row.state === 'verified');
  });
}

const person = (id: string) => ({ person: id });

/** What the book of acts says of a release beside its saves: the act, and who did it. */
async function booked(release: string): Promise<[string, string | undefined][]> {
  const entries = await test.hub.store.auditEntries.find({ release }).sort({ n: 1 }).lean();
  const acts = entries.filter(({ act }) => act !== 'release.save');
  return acts.map(({ act, person: who, body }) => [act, who ?? (JSON.parse(body) as EntryBody).who.process]);
}

const notices = () => test.hub.store.notices.find({}).lean();

describe('a planned order', () => {
  it('leaves nothing before its time, and once at it with two clocks and a killed one between', async () => {
    await test.connect(0, 2);
    test.start('dispatch', 'publish', 'record');
    const order = await plan('明早九点');
    expect(order.state).toBe('planned');
    expect((await test.hub.store.releases.findById(order.release).lean())?.publishedAt).toBeUndefined();
    expect(await startDue(test.hub, new Date())).toBe(0);
    expect(await test.rows(order.release)).toEqual([]);
    await dueSince(order, 1);
    // The first has written and dies before it queues; two more come by at the same moment.
    await test.hub.queues.addDispatch(randomUUID(), 'routine');
    const dying = {
      ...test.hub,
      queues: { ...test.hub.queues, addDispatch: () => Promise.reject(new Error('killed')) },
    };
    const moved = await Promise.all([dying, test.hub, test.hub].map((means) => startDue(means, new Date())));
    expect(moved.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await booked(order.release)).toEqual([['order.start', 'clock']]);
    test.start('clock');
    await verified(order.release, 2);
    expect(await accepted()).toEqual(['明早九点', '明早九点']);
    expect(test.sandbox.accepted()).toHaveLength(2);
    const done = await orderOf(order._id);
    expect(done).toMatchObject({ state: 'done', begun: true });
    expect((await test.hub.store.releases.findById(order.release).lean())?.publishedAt).toEqual(done.startedAt);
  });

  it('survives the loss of Redis before its time', async () => {
    await test.connect(0, 1);
    const order = await plan('不怕丢');
    await test.hub.redis.del(...(await test.hub.redis.keys(`{${test.hub.settings.prefix}}*`)));
    await dueSince(order, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('is found again where its start was written and the queue never heard of it', async () => {
    await test.connect(0, 1);
    const order = await plan('起步时断电');
    await dueSince(order, 1);
    const deaf = {
      ...test.hub,
      queues: { ...test.hub.queues, addDispatch: () => Promise.reject(new Error('killed')) },
    };
    expect(await startDue(deaf, new Date())).toBe(1);
    await resealed(test.hub, await orderOf(order._id), { at: inMinutes(-5) });
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
  });

  it('goes before routine ones that are due with it, where it is an emergency', async () => {
    await test.connect(0, 1);
    const routine = await plan('常规');
    const written = await test.write('应急');
    const urgent = await test.orders.publish({
      ...written,
      audience: {},
      lane: 'emergency',
      notBefore: inMinutes(60),
      by: 'u1',
    });
    await dueSince(routine, 1.5);
    await dueSince(urgent, 1);
    const queued: string[] = [];
    const queues = { ...test.hub.queues, addDispatch: (id: string) => Promise.resolve(void queued.push(id)) };
    await startDue({ ...test.hub, queues }, new Date());
    expect(queued).toEqual([urgent._id, routine._id]);
  });

  it('does not stand behind one that fails', async () => {
    await test.connect(0, 1);
    const [bad, good] = [await plan('坏的'), await plan('好的')];
    await dueSince(bad, 2);
    await dueSince(good, 1);
    const { store } = test.hub;
    const find = jest.spyOn(store.revisions, 'findById').mockImplementationOnce(() => {
      throw new Error('the store stumbles');
    });
    await expect(startDue(test.hub, new Date())).rejects.toThrow('stumbles');
    find.mockRestore();
    expect([(await orderOf(bad._id)).state, (await orderOf(good._id)).state]).toEqual(['planned', 'running']);
  });
});

describe('an order that was due while the hub was down', () => {
  it('goes late within its tolerance, and says by how much', async () => {
    await test.connect(0, 1);
    const order = await plan('晚五分钟');
    await dueSince(order, 5);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
    expect((await test.queries.status(order.release)).orders[0]).toMatchObject({ state: 'done', late: 5 });
  });

  it('asks beyond it, once, however often the hub starts, and goes when a person says so', async () => {
    await test.connect(0, 1);
    const order = await plan('晚两小时');
    await dueSince(order, 120);
    test.start('dispatch', 'publish', 'record');
    for (let start = 0; start < 3; start += 1) await startDue(test.hub, new Date());
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason: 'late', minutes: 120 } });
    const [notice, ...others] = await notices();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ level: 'urgent', unseen: true, path: order.place });
    expect(notice?.said.zh).toContain('已过排定时间 120 分钟');
    expect(test.sandbox.accepted()).toEqual([]);
    const { orders, finished } = await test.queries.status(order.release);
    expect(finished).toBe(false);
    expect(orders[0]?.held?.said.en).toContain('late by 120 minutes');
    // Two people press at once: one order starts.
    const pressed = await Promise.allSettled([
      test.orders.send(order._id, person('c1')),
      test.orders.send(order._id, person('c2')),
    ]);
    expect(pressed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    test.start('clock');
    await verified(order.release, 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('asks where the hub stopped between its start and its first page', async () => {
    await test.connect(0, 1);
    const order = await plan('停在中间');
    await dueSince(order, 1);
    await startDue(test.hub, new Date());
    await dueSince(order, 180);
    await runOrder(order._id, { ...test.hub, letPass: () => Promise.resolve() });
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason: 'late', minutes: 180 } });
    expect(await test.rows(order.release)).toEqual([]);
    expect(await notices()).toHaveLength(1);
  });

  it('is finished where it had begun, however late', async () => {
    await test.connect(0, 1);
    const order = await plan('已经开始');
    await dueSince(order, 1);
    await startDue(test.hub, new Date());
    await test.hub.store.orders.updateOne({ _id: order._id }, { $set: { begun: true } });
    await dueSince(order, 180);
    await runOrder(order._id, { ...test.hub, letPass: () => Promise.resolve() });
    expect((await test.rows(order.release)).map((row) => row.state)).toEqual(['queued']);
  });

  it('goes nowhere when a person drops it', async () => {
    await test.connect(0, 1);
    const order = await plan('不发了');
    await dueSince(order, 120);
    await startDue(test.hub, new Date());
    await test.orders.unschedule(order._id, person('c1'));
    await expect(test.orders.send(order._id, person('c1'))).rejects.toMatchObject({ code: 'plan_settled' });
    expect(await orderOf(order._id)).toMatchObject({ state: 'unscheduled', unscheduled: { by: 'c1' } });
    expect(await startDue(test.hub, new Date())).toBe(0);
    expect((await test.queries.status(order.release)).orders[0]).toMatchObject({ unscheduled: { by: 'c1' } });
    expect(await booked(order.release)).toEqual([
      ['order.hold', 'clock'],
      ['order.unschedule', 'c1'],
    ]);
  });
});

describe('one plan a release', () => {
  it('A, B, A gives one delivery', async () => {
    await test.connect(0, 1);
    const written = await test.write('改来改去');
    const [a, b] = [inMinutes(60), inMinutes(65)];
    for (const notBefore of [a, b, a]) await test.orders.publish({ ...written, audience: {}, notBefore, by: 'u1' });
    const all = await ordersOf(written.release);
    expect(all.map(({ state }) => state)).toEqual(['unscheduled', 'unscheduled', 'planned']);
    expect(all[0]?.unscheduled).toMatchObject({ by: 'u1', instead: all[1]?._id });
    expect(await booked(written.release)).toEqual([
      ['order.replace', 'u1'],
      ['order.replace', 'u1'],
    ]);
    for (const order of all) await dueSince(order, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(written.release, 1);
    expect(test.sandbox.accepted()).toHaveLength(1);
  });

  it('ten changes at once leave one', async () => {
    await test.connect(0, 1);
    const written = await test.write('十个人一起改');
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        test.orders.publish({ ...written, audience: {}, notBefore: inMinutes(60 + n), by: `u${n}` }),
      ),
    );
    const states = (await ordersOf(written.release)).map(({ state }) => state);
    expect(states.filter((state) => state === 'planned')).toHaveLength(1);
    expect(states.filter((state) => state === 'unscheduled')).toHaveLength(9);
  });

  it('a newer revision planned for later takes the place of the one planned before: that never leaves', async () => {
    await test.connect(0, 1);
    const first = await plan('第三版');
    const revision = await test.draft(first.release, '第四版');
    await test.orders.sign(first.release, revision, 'u1');
    const second = await test.orders.publish({
      release: first.release,
      revision,
      audience: {},
      notBefore: inMinutes(120),
      by: 'u1',
    });
    await dueSince(first, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await startDue(test.hub, new Date());
    expect((await orderOf(first._id)).state).toBe('unscheduled');
    expect(await test.rows(first.release)).toEqual([]);
    await dueSince(second, 1);
    await verified(first.release, 1);
    expect(await accepted()).toEqual(['第四版']);
  });

  it('a release that is published at once, or withdrawn, is not published again at the time planned', async () => {
    await test.connect(0, 1);
    const written = await test.write('提前发');
    const planned = await test.orders.publish({ ...written, audience: {}, notBefore: inMinutes(60), by: 'u1' });
    await test.orders.publish({ ...written, audience: {}, by: 'u1' });
    expect((await orderOf(planned._id)).state).toBe('unscheduled');
    const again = await test.orders.publish({ ...written, audience: {}, notBefore: inMinutes(60), by: 'u1' });
    await test.orders.withdraw({ release: written.release, reason: '不发了', by: 'u1' });
    expect((await orderOf(again._id)).state).toBe('unscheduled');
  });

  it('a withdrawal from some accounts leaves the plan alone, and wins on those', async () => {
    const [one = '', two = ''] = await test.connect(0, 2);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('第一稿');
    await verified(release, 2);
    const revision = await test.draft(release, '第二稿', 'correction');
    await test.orders.sign(release, revision, 'u1');
    const planned = await test.orders.publish({ release, revision, audience: {}, notBefore: inMinutes(60), by: 'u1' });
    await test.orders.withdraw({ release, audience: { accounts: [two] }, reason: '这里不该发', by: 'u1' });
    await test.until('withdrawn from one', async () =>
      (await test.rows(release)).some((row) => row.state === 'withdrawn'),
    );
    await dueSince(planned, 1);
    await test.until('replaced', async () => (await accepted()).includes('第二稿'));
    const states = new Map((await test.settled(release, 2)).map((row) => [row.account, row.state]));
    expect([states.get(one), states.get(two)]).toEqual(['verified', 'withdrawn']);
  });

  it('taking back the plan of a new version leaves the one that is public verified', async () => {
    await test.connect(0, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    const release = await test.publish('第二版');
    await verified(release, 1);
    const revision = await test.draft(release, '第三版', 'correction');
    await test.orders.sign(release, revision, 'u1');
    const planned = await test.orders.publish({ release, revision, audience: {}, notBefore: inMinutes(60), by: 'u1' });
    // A release whose next version is planned is finished as far as it goes.
    expect((await test.queries.status(release)).finished).toBe(true);
    await test.orders.unschedule(planned._id, person('u1'));
    await dueSince(planned, 1);
    await startDue(test.hub, new Date());
    expect((await test.rows(release)).map((row) => row.state)).toEqual(['verified']);
    expect(await accepted()).toEqual(['第二版']);
  });

  it('what is saved after planning never goes out: the signed revision does', async () => {
    await test.connect(0, 1);
    const order = await plan('签发的一版');
    await test.draft(order.release, '之后保存的一版');
    await dueSince(order, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
    expect(await accepted()).toEqual(['签发的一版']);
  });

  it('a planned correction reaches nobody while an earlier order still walks', async () => {
    await test.connect(0, 1);
    const release = await test.publish('第一稿');
    const revision = await test.draft(release, '更正稿', 'correction');
    await test.orders.sign(release, revision, 'u1');
    const [first] = await ordersOf(release);
    await test.orders.publish({ release, revision, audience: {}, notBefore: inMinutes(60), by: 'u1' });
    await runOrder(first?._id ?? '', { ...test.hub, letPass: () => Promise.resolve() });
    expect((await test.rows(release)).map((row) => row.orders.map(({ seq }) => seq))).toEqual([[1]]);
  });
});

describe('a plan that can come to nothing', () => {
  it.each([
    ['audience_empty', '没有可用账号', () => test.hub.store.accounts.updateMany({}, { $set: { enabled: false } })],
    ['audience_empty', '没有可用账号', () => test.hub.store.accounts.updateMany({}, { $set: { channel: 'gone' } })],
    [
      'not_signed',
      '没有有效的签发',
      (order: Order) => test.hub.store.revisions.updateOne({ _id: order.revision ?? '' }, { $unset: { signed: 1 } }),
    ],
    [
      'expired',
      '截止时间',
      async ({ _id }: Order) => resealed(test.hub, await orderOf(_id), { expires: inMinutes(-0.5) }),
    ],
  ] as const)('is held as %s, told once, and no person can send it', async (reason, words, spoil) => {
    await test.connect(0, 1);
    const order = await plan('发不出去');
    await dueSince(order, 1);
    await spoil(order);
    for (let start = 0; start < 3; start += 1) await startDue(test.hub, new Date());
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason } });
    const told = await notices();
    expect(told).toHaveLength(1);
    expect(told[0]?.said.zh).toContain(words);
    await expect(test.orders.send(order._id, person('c1'))).rejects.toMatchObject({ code: 'plan_hopeless' });
    await test.orders.unschedule(order._id, person('c1'));
    expect((await orderOf(order._id)).state).toBe('unscheduled');
  });

  it('is refused while it is made: for a time past, for an end before it, for a warning that will be over', async () => {
    await test.connect(0, 1);
    const written = await test.write('时间不对');
    const asked = { ...written, audience: {}, by: 'u1' };
    await expect(test.orders.publish({ ...asked, notBefore: inMinutes(-1) })).rejects.toMatchObject({
      code: 'plan_in_past',
    });
    await expect(
      test.orders.publish({ ...asked, notBefore: inMinutes(10), expires: inMinutes(5) }),
    ).rejects.toMatchObject({ code: 'field_invalid', field: 'expires' });
    await expect(test.orders.publish({ ...asked, expires: inMinutes(-5) })).rejects.toMatchObject({ field: 'expires' });
    await expect(test.orders.publish({ ...asked, tolerance: 5 })).rejects.toMatchObject({ field: 'notBefore' });
    await test.hub.store.revisions.updateOne(
      { _id: written.revision },
      { $set: { emergency: { msgType: 'Alert', expires: inMinutes(30).toISOString() } } },
    );
    await expect(test.orders.publish({ ...asked, notBefore: inMinutes(60) })).rejects.toMatchObject({
      field: 'notBefore',
    });
    expect(await ordersOf(written.release)).toEqual([]);
  });

  it('an order that expires before it is begun is held, and does not leave', async () => {
    await test.connect(0, 1);
    const written = await test.write('过期不发');
    const order = await test.orders.publish({ ...written, audience: {}, expires: inMinutes(60), by: 'u1' });
    expect(order.state).toBe('running');
    await resealed(test.hub, order, { expires: inMinutes(-1) });
    await runOrder(order._id, { ...test.hub, letPass: () => Promise.resolve() });
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason: 'expired' } });
    expect(await test.rows(order.release)).toEqual([]);
  });
});

describe('the end that was signed with an order', () => {
  /** As it would be had it been signed so; the processes that publish know it by nothing else. */
  async function endsAt(order: Order, expires: Date): Promise<void> {
    await test.stopWorkers();
    await resealed(test.hub, await orderOf(order._id), { expires });
    test.hub.seals = openSeals(test.hub);
  }
  const asked = async (release: string) => {
    const [row] = await test.settled(release, 1);
    return { state: row?.state, last: row?.recent.at(-1), accepted: await accepted() };
  };
  const all = ['dispatch', 'record', 'publish', 'clock'] as const;

  it.each(['routine', 'emergency'] as const)('stops what is queued already and asks: %s', async (lane) => {
    await test.connect(0, 1);
    test.start('dispatch', 'record');
    const written = await test.write('过时不发');
    const order = await test.orders.publish({ ...written, audience: {}, lane, expires: inMinutes(60), by: 'u1' });
    await test.until('it is queued', async () => (await test.rows(order.release)).length === 1);
    await endsAt(order, inMinutes(-1));
    // The clock comes later: as it begins it queues again whatever is open.
    test.start('dispatch', 'record', 'publish');
    const { state, last, accepted: out } = await asked(order.release);
    test.start('clock');
    expect([state, out]).toEqual(['failed', []]);
    expect(last?.cause?.zh).toMatch(/^签发时定的截止时间（.*）已过，没有再发出。$/);
    expect(last?.todo?.en).toContain('sign it again');
    // Only a signature can say otherwise, and it can.
    await test.orders.publish({ ...written, audience: {}, again: true, expires: inMinutes(5), by: 'u1' });
    await verified(order.release, 1);
    expect(await accepted()).toEqual(['过时不发']);
  });

  it('stops what waited for another try', async () => {
    await test.connect(0, 1);
    await test.control('/script', { call: 'post', code: 'busy', times: 1_000 });
    test.start(...all);
    const written = await test.write('忙时等待');
    const order = await test.orders.publish({ ...written, audience: {}, expires: inMinutes(60), by: 'u1' });
    await test.until('it waits', async () => (await test.rows(order.release))[0]?.state === 'waiting');
    await endsAt(order, inMinutes(-1));
    await test.control('/reset', {});
    test.start(...all);
    expect(await asked(order.release)).toMatchObject({ state: 'failed', accepted: [] });
  });

  it('does not keep the old text standing beside a correction that is out', async () => {
    await test.connect(0, 1);
    test.start(...all);
    const release = await test.publish('旧稿');
    await verified(release, 1);
    await test.control('/script', { call: 'remove', code: 'busy', times: 1_000 });
    const revision = await test.draft(release, '新稿', 'correction');
    const order = await test.orders.publish({ release, revision, audience: {}, expires: inMinutes(60), by: 'u1' });
    await test.until('both stand', async () => (await accepted()).length === 2);
    await test.until('it waits', async () => (await test.rows(release))[0]?.state === 'waiting');
    await endsAt(order, inMinutes(-1));
    await test.control('/reset', {});
    test.start(...all);
    await verified(release, 1);
    expect(await accepted()).toEqual(['新稿']);
  });

  it('holds no word that a warning is over', async () => {
    await test.connect(0, 1);
    test.start('dispatch', 'record');
    const written = await test.write('解除大风预警');
    await test.hub.store.revisions.updateOne(
      { _id: written.revision },
      {
        $set: {
          emergency: { status: 'Actual', msgType: 'Cancel', level: 'red', event: '大风', references: [], areas: [] },
        },
      },
    );
    const order = await test.orders.publish({ ...written, audience: {}, expires: inMinutes(60), by: 'u1' });
    await test.until('it is queued', async () => (await test.rows(order.release)).length === 1);
    await endsAt(order, inMinutes(-1));
    test.start(...all);
    await verified(order.release, 1);
    expect(await accepted()).toEqual([expect.stringContaining('解除大风预警')]);
  });
});

describe('somebody who signed and is disabled meanwhile', () => {
  it('holds the plan before its time and tells it once, where it was for cause; a person may send it', async () => {
    await test.connect(0, 1);
    await signer({ enabled: false, removed: true });
    const order = await plan('因故停用', inMinutes(600));
    expect(await holdAhead(test.hub, new Date())).toBe(1);
    expect(await holdAhead(test.hub, new Date())).toBe(0);
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason: 'signer_removed' } });
    expect((await notices()).map(({ said }) => said.zh)).toEqual([expect.stringContaining('签发人因故被停用')]);
    // Its time has not come: said to be sent, it waits on.
    expect(await test.orders.send(order._id, person('c1'))).toMatchObject({
      state: 'planned',
      sent: { by: 'c1', over: ['signer_removed'] },
    });
    expect(await holdAhead(test.hub, new Date())).toBe(0);
    await dueSince(order, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
  });

  it('holds it, whatever a person says, where their row was taken out of the database by hand', async () => {
    await test.connect(0, 1);
    const order = await plan('签发人的记录被删');
    await test.hub.store.people.deleteOne({ _id: 'u1' });
    expect(await holdAhead(test.hub, new Date())).toBe(1);
    expect(await orderOf(order._id)).toMatchObject({ state: 'held', held: { reason: 'signer_missing' } });
    expect((await notices()).map(({ said }) => said.zh)).toEqual([expect.stringContaining('直接改动了数据库')]);
    await expect(test.orders.send(order._id, person('c1'))).rejects.toMatchObject({ code: 'plan_hopeless' });
  });

  it('changes nothing where they left in the ordinary way: the signature counts as of its moment', async () => {
    await test.connect(0, 1);
    await signer({ enabled: false });
    const order = await plan('正常离任', inMinutes(600));
    expect(await holdAhead(test.hub, new Date())).toBe(0);
    await dueSince(order, 1);
    test.start('dispatch', 'publish', 'record', 'clock');
    await verified(order.release, 1);
    expect(await notices()).toEqual([]);
  });
});

it('asks before the same words are planned twice, and not for those that were taken back', async () => {
  await test.connect(0, 1);
  const first = await plan('同样的话');
  const second = await test.write('同样的话');
  const asked = { ...second, audience: {}, notBefore: inMinutes(90), by: 'u1' };
  await expect(test.orders.publish(asked)).rejects.toMatchObject({ code: 'already_published_lately' });
  await test.orders.unschedule(first._id, person('u1'));
  expect(await test.orders.publish(asked)).toMatchObject({ state: 'planned' });
});
