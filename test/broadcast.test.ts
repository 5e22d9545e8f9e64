/** A broadcast on its way through the whole hub: its countdown, what stops it, and that it is sent once. */
import { emergencySchema } from '../channels/emergency.js';
import type { Order } from '../core/model/order.js';
import { insertPerson } from '../core/people/write.js';
import { stop } from '../core/reviews/stop.js';
import { startDue } from '../workers/clock/plans.js';
import { Sweeper } from '../workers/clock/sweep.js';
import { runOrder } from '../workers/dispatch/dispatcher.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;
beforeEach(async () => {
  test = await openTestHub();
  await test.connect(0, 3);
  for (const _id of ['u1', 'u2'])
    await insertPerson(test.hub, {
      _id,
      name: _id,
      displayName: _id,
      path: '',
      rights: 1,
      createdAt: new Date(),
      enabled: true,
    });
});
afterEach(() => test.close());

const means = () => ({ ...test.hub, orders: test.orders });
const by = (person: string) => ({ person });

async function signed(title: string): Promise<Order> {
  const written = await test.write(title);
  return test.orders.broadcast({ ...written, audience: {}, lane: 'emergency', by: 'u1' }, 'u2');
}

/** As if the second signature had been given so much earlier. When it was is no part of what is signed. */
async function over(order: Order): Promise<void> {
  const at = new Date(Date.now() - 6_000);
  const change = { 'second.at': at, notBefore: new Date(at.getTime() + 5_000) };
  await test.hub.store.orders.updateOne({ _id: order._id }, { $set: change });
}

const accepted = () => test.sandbox.accepted().length;

it('sends nothing before its countdown is over, whoever queues it or says that it runs, and once after it', async () => {
  const { store, queues } = test.hub;
  const order = await signed('红色预警');
  test.start('dispatch', 'publish', 'record');
  await queues.addDispatch(order._id, 'emergency');
  expect(await startDue(test.hub, new Date())).toBe(0);
  await store.orders.updateOne({ _id: order._id }, { $set: { state: 'running' } });
  await runOrder(order._id, { ...test.hub, letPass: () => Promise.resolve() });
  expect(await test.rows(order.release)).toEqual([]);
  await store.orders.updateOne({ _id: order._id }, { $set: { state: 'planned' } });
  // Everything stops in the middle and comes back.
  await test.stopWorkers();
  await test.until('its time', () => Promise.resolve(Date.now() > (order.notBefore?.getTime() ?? 0)));
  test.start('dispatch', 'publish', 'record');
  const senders = await Promise.all(Array.from({ length: 10 }, () => startDue(test.hub, new Date())));
  expect(senders.reduce((sum, one) => sum + one, 0)).toBe(1);
  await test.until('it is sent', () => Promise.resolve(accepted() >= 3));
  expect(accepted()).toBe(3);
});

it('begins while the clock is still at what an earlier broadcast has left to sweep', async () => {
  let swept: (acted: number) => void = () => undefined;
  const sweep = jest.spyOn(Sweeper.prototype, 'sweep').mockReturnValue(new Promise((done) => (swept = done)));
  try {
    const order = await signed('红色预警');
    await over(order);
    test.start('clock', 'dispatch', 'publish', 'record');
    await test.until('it is sent', () => Promise.resolve(accepted() >= 3));
  } finally {
    swept(0);
    sweep.mockRestore();
  }
});

it('sends nothing with one of its two signatures, nor with a second one that is not over its text', async () => {
  const { store } = test.hub;
  const other = await signed('另一件');
  // However long this takes, that one's own countdown does not end meanwhile.
  await store.orders.updateOne({ _id: other._id }, { $set: { notBefore: new Date(Date.now() + 3_600_000) } });
  test.start('dispatch', 'publish', 'record');
  for (const change of [
    { $set: { signatures: ['x'] } },
    { $unset: { second: 1 as const } },
    { $set: { signatures: other.signatures ?? [] } },
  ]) {
    const order = await signed(`红色预警 ${JSON.stringify(change).length}`);
    await over(order);
    await store.orders.updateOne({ _id: order._id }, change);
    await startDue(test.hub, new Date());
    await test.until('it is refused', async () => (await store.orders.findById(order._id).lean())?.state === 'refused');
    expect(await test.rows(order.release)).toEqual([]);
  }
  expect(accepted()).toBe(0);
});

it('is stopped between its queueing and the first delivery, and nothing of it leaves', async () => {
  const order = await signed('红色预警');
  await over(order);
  test.start('dispatch', 'record');
  await startDue(test.hub, new Date());
  await test.until('it is queued', async () => (await test.rows(order.release)).length === 3);
  // Nobody is there to bring the withdrawal to any account: what holds the text back is the door.
  await test.stopWorkers();
  await stop(means(), order._id, by('u2'));
  test.start('publish', 'record');
  await test.until('each was at the door', async () =>
    (await test.rows(order.release)).every(({ state }) => state === 'waiting'),
  );
  expect(accepted()).toBe(0);
  test.start('dispatch', 'clock');
  await test.until('all are taken back', async () =>
    (await test.rows(order.release)).every(({ state }) => state === 'cancelled' || state === 'withdrawn'),
  );
  expect(accepted()).toBe(0);
});

it('says how many are out where it is too late to stop it', async () => {
  const order = await signed('红色预警');
  await over(order);
  test.start('dispatch', 'publish', 'record');
  await startDue(test.hub, new Date());
  await test.until(
    'all are known to be out',
    async () => (await test.rows(order.release)).filter(({ standing }) => standing.length > 0).length === 3,
  );
  await expect(stop(means(), order._id, by('u1'))).rejects.toMatchObject({
    code: 'broadcast_out',
    details: { out: '3' },
  });
});

it('is looked at again as its countdown ends: who was switched off, lost their mark for drills or their credential is told, and no drill goes to a real account', async () => {
  const { store } = test.hub;
  await store.accounts.updateMany({}, { $set: { exercise: true } });
  const written = await test.write('演练');
  const emergency = emergencySchema.parse({
    ...{ category: 'Met', event: '暴雨', level: 'red', status: 'Exercise', contact: '12345' },
    ...{ areas: [{ code: '350000', name: '示例省' }], onset: '2026-11-24T13:00:00.000Z', instruction: '不要外出。' },
  });
  await store.revisions.updateOne({ _id: written.revision }, { $set: { emergency } });
  const order = await test.orders.broadcast({ ...written, audience: {}, lane: 'emergency', by: 'u1' }, 'u2');
  const [off = '', real = '', dead = ''] = (await store.accounts.find({}).sort({ _id: 1 }).lean()).map(
    ({ _id }) => _id,
  );
  await store.accounts.updateOne({ _id: off }, { $set: { enabled: false } });
  await store.accounts.updateOne({ _id: real }, { $unset: { exercise: 1 } });
  await store.accounts.updateOne({ _id: dead }, { $set: { credential: { state: 'dead', checkedAt: new Date() } } });
  await over(order);
  test.start('dispatch', 'record');
  await startDue(test.hub, new Date());
  await test.until(
    'it is told',
    async () => (await store.notices.countDocuments({ key: `audience ${order._id}` })) === 1,
  );
  const notice = await store.notices.findOne({ key: `audience ${order._id}` }).lean();
  expect(notice?.said.en).toMatch(/1 accounts are no longer.*1 are no accounts for drills.*1 have a dead credential/);
  expect((await test.rows(order.release)).map(({ account }) => account)).toEqual([dead]);
});

it('lets ten who start it at once send it once, and is stopped while nothing was handed over', async () => {
  const order = await signed('红色预警');
  await over(order);
  const started = await Promise.all(Array.from({ length: 10 }, () => startDue(test.hub, new Date())));
  expect(started.reduce((sum, one) => sum + one, 0)).toBe(1);
  await stop(means(), order._id, by('u1'));
  test.start('dispatch', 'publish', 'record');
  await test.hub.queues.addDispatch(order._id, 'emergency');
  expect((await test.hub.store.orders.findById(order._id).lean())?.state).toBe('unscheduled');
  expect(accepted()).toBe(0);
});
