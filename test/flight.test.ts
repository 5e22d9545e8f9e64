/** A release in mid-flight, over a whole hub: paused, resumed, narrowed, cancelled; counted where the public looks. */
import { emergencySchema } from '../channels/emergency.js';
import { outOf } from '../core/command/out.js';
import { openFreezeDesk, type FreezeDesk } from '../core/freezes/desk.js';
import { placementId, wantedOf } from '../core/model/placement.js';
import { addPerson } from '../core/people/add.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease, updateRelease } from '../core/releases/revisions.js';
import { resend } from '../core/reviews/resend.js';
import { factsOf } from '../core/report/facts.js';
import { troubledRows } from '../core/report/rows.js';
import { openTestHub, type TestHub } from './support/hub.js';

let test: TestHub;
let desk: FreezeDesk;
beforeEach(async () => {
  test = await openTestHub();
  desk = openFreezeDesk(test.hub, test.hub.connect('producer'), test.hub.settings);
});
afterEach(() => test.close());

const all = ['dispatch', 'publish', 'record', 'clock'] as const;
const audience = { tags: ['甲', '乙', '丙'] };

/** The warning, or what lifts it, signed. */
async function write(title: string, of?: { release: string; revision: string }) {
  const { store } = test.hub;
  const emergency = emergencySchema.parse({
    category: 'Met',
    event: '暴雨',
    level: 'red',
    areas: [{ code: '350000', name: '示例省' }],
    contact: '12345',
    ...(of
      ? { msgType: 'Cancel' }
      : { onset: '2026-11-24T13:00:00.000Z', expires: '2099-01-01T00:00:00.000Z', instruction: '不要外出。' }),
  });
  const body = { format: 'text' as const, content: title };
  const input = releaseInput.parse({ title, kind: 'emergency', source: '示例省', body, emergency });
  const { content } = await composeContent(store, input, undefined, of && { release: of.release });
  const by = { person: 'u1' };
  const saved = of
    ? await updateRelease(store, of.release, of.revision, content, { by })
    : await createRelease(store, content, { by });
  await test.orders.sign(saved.release._id, saved.revision._id, 'u1');
  return { release: saved.release._id, revision: saved.revision._id };
}

/** Lines on the public's boards. */
async function shown(): Promise<string[]> {
  const page = await (await fetch(test.sandbox.url)).text();
  return Array.from(page.matchAll(/<p data-board="[^"]*">([^<]*)<\/p>/g), ([, line = '']) => line).sort();
}

async function three(): Promise<string[]> {
  return [
    ...(await test.connect(0, 2, () => ({ tags: ['甲'] }))),
    ...(await test.connect(2, 2, () => ({ tags: ['乙'] }))),
    ...(await test.connect(4, 2, () => ({ tags: ['丙'] }))),
  ];
}

const pause = (release: string, person: string) =>
  desk.freeze({ scope: { kind: 'release', release }, emergencyToo: false, reason: '数字有误' }, { person });

async function signers(): Promise<void> {
  for (const id of ['s1', 's2'])
    await addPerson(test.hub, { name: id, displayName: id, password: 'a long enough one', roles: ['signer'] }, id);
}

it('is paused by one and resumed by two; what was taken out meanwhile never leaves, what was public stays; and its cancel goes to exactly those that it reached', async () => {
  const [first = '', ...others] = await three();
  await signers();
  const written = await write('暴雨红色预警');
  const { release } = written;
  const order = { ...written, lane: 'emergency' as const, by: 'u1' };
  test.start(...all);
  await test.orders.publish({ ...order, audience: { tags: ['甲'] } });
  await test.settled(release, 2);
  const other = await test.publish('照常发布的一件', { tags: ['甲'] });
  // One person's word stops it, though it is an emergency.
  const { freeze, acknowledgement } = await pause(release, 's1');
  expect(acknowledgement).toMatchObject({ acknowledged: true, remaining: 0 });
  await test.orders.publish({ ...order, audience });
  await test.until('four wait', async () => (await outOf(test.hub.store, release)).counts.held === 4);
  // Beside it everything goes on.
  await test.settled(other, 2);
  await test.orders.narrow({ release, audience: { tags: ['甲', '乙'] }, reason: '这里雨已停', by: 'u1' });
  await test.until('two are out of it', async () => (await outOf(test.hub.store, release)).counts.takenOut === 2);
  expect(await outOf(test.hub.store, release)).toMatchObject({
    total: 6,
    counts: { out: 2, inFlight: 0, held: 2, toGo: 0, stuck: 0, takenOut: 2, calledOff: 0 },
    channels: [{ id: 'toy', counts: { out: 2, held: 2, takenOut: 2 } }],
    regions: [{ id: '350000', counts: { out: 2, held: 2, takenOut: 2 } }],
  });

  await desk.askThaw(freeze._id, '已核实', { person: 's1' });
  await expect(desk.confirmThaw(freeze._id, { person: 's1' })).rejects.toMatchObject({
    code: 'thaw_needs_second_person',
  });
  await desk.confirmThaw(freeze._id, { person: 's2' });
  await test.until('the last two are out', async () => (await outOf(test.hub.store, release)).counts.out === 4);
  // Nobody can send it there by hand any more.
  await test.orders.retry(placementId(release, others[1] ?? ''), 'u1');
  expect((await shown()).filter((line) => line === '暴雨红色预警')).toHaveLength(4);

  // One has left the audience since, and a pause does not hold the all-clear.
  await test.hub.store.accounts.updateOne({ _id: first }, { $set: { tags: [] } });
  await pause(release, 's2');
  const lifted = await write('解除暴雨红色预警', written);
  await test.orders.publish({ ...lifted, audience, lane: 'emergency', by: 'u1' });
  await test.until('it is lifted where it was', async () =>
    (await test.rows(release)).every(({ state }) => state === 'verified' || state === 'cancelled'),
  );
  expect((await shown()).filter((line) => line !== '照常发布的一件')).toEqual(Array(4).fill('解除暴雨红色预警'));
  expect((await outOf(test.hub.store, release)).counts).toMatchObject({ out: 4, takenOut: 2 });
});

it('tells where it was taken out too late: what was in flight stays public, is read back, and a withdrawal takes it away', async () => {
  const [account = ''] = await test.connect(0, 1);
  await test.control('/latency', { call: 'post', ms: 3_000 });
  const written = await test.write('明天停课');
  const { release } = written;
  test.start(...all);
  await test.orders.publish({ ...written, audience: {}, by: 'u1' });
  await test.until('it is under way', async () => (await outOf(test.hub.store, release)).counts.inFlight === 1);
  await test.orders.narrow({ release, audience: { accounts: [account] }, reason: '地址有误', by: 'u1' });
  const [row] = await test.settled(release, 1);
  expect(row).toMatchObject({ state: 'verified', standing: [{ seen: 'published' }] });
  expect(row && wantedOf(row)).toMatchObject({ stops: true });
  expect((await outOf(test.hub.store, release)).counts).toMatchObject({ out: 1, takenOut: 0 });
  await test.orders.withdraw({ release, reason: '撤回', by: 'u1' });
  await test.until('it is away', async () => (await test.rows(release))[0]?.state === 'withdrawn');
  expect(await shown()).toEqual([]);
});

it('takes nobody out by an order that is not the one that was signed, nor where it does not go', async () => {
  const [one = '', two = ''] = await test.connect(0, 2);
  const written = await test.write('明天停课');
  const { release } = written;
  await test.orders.publish({ ...written, audience: { accounts: [one] }, by: 'u1' });
  await expect(
    test.orders.narrow({ release, audience: { accounts: [two] }, reason: '错', by: 'u1' }),
  ).rejects.toMatchObject({ code: 'narrow_empty' });
  await expect(test.orders.narrow({ release, audience: {}, reason: '错', by: 'u1' })).rejects.toMatchObject({
    code: 'audience_unnamed',
  });
  const order = await test.orders.narrow({ release, audience: { accounts: [one] }, reason: '错', by: 'u1' });
  await test.hub.store.orders.updateOne({ _id: order._id }, { $set: { action: 'withdraw' } });
  test.start(...all);
  await test.settled(release, 1);
  await test.until(
    'it is refused',
    async () => (await test.hub.store.orders.findById(order._id).lean())?.state === 'refused',
  );
  expect(await shown()).toEqual(['明天停课']);
});

it('lists by place who has not got it and why, sends again to exactly these, and to nobody after the all-clear', async () => {
  const ids = await three();
  await test.control('/script', { call: 'post', code: 'full', times: 3 });
  const written = await write('暴雨红色预警');
  const { release } = written;
  test.start(...all);
  await test.orders.publish({ ...written, audience, lane: 'emergency', by: 'u1' });
  await test.settled(release, 6);
  const listed = [];
  for await (const row of troubledRows(test.hub.store, await factsOf(test.hub.store, test.queries, release)))
    listed.push(row);
  expect(listed.map(({ region, cause }) => ({ region, why: cause?.zh }))).toEqual(
    Array(3).fill({ region: '350000', why: expect.stringMatching(/./) }),
  );
  const means = { ...test.hub, orders: test.orders };
  const [stays, ...again] = listed.map(({ placement }) => placement);
  await test.hub.store.placements.updateOne({ _id: stays ?? '' }, { $set: { open: [1] } });
  expect(await resend(means, { release }, { person: 'u1' })).toMatchObject({ retried: 2, submitted: 0, unknown: 1 });
  await test.until(
    'they have it',
    async () => (await test.rows(release)).filter(({ state }) => state === 'verified').length === 5,
  );
  expect(again).toHaveLength(2);
  expect((await shown()).length).toBe(5);
  await test.hub.store.placements.updateOne({ _id: stays ?? '' }, { $set: { open: [] } });
  // Under a new signature it goes to those alone, too.
  const anew = await resend(means, { release, anew: true }, { person: 'u1' });
  expect(anew.review?.audience).toEqual({ accounts: ids.filter((id) => stays === placementId(release, id)) });
  // Lifted, it cannot be sent there any more, whoever tries; and why it had not gone is still told.
  const lifted = await write('解除暴雨红色预警', written);
  await test.orders.publish({ ...lifted, audience, lane: 'emergency', by: 'u1' });
  await test.until('it is lifted', async () => (await shown()).every((line) => line.startsWith('解除')));
  await test.until(
    'the rest is off',
    async () => (await test.hub.store.placements.findById(stays ?? '').lean())?.state === 'cancelled',
  );
  expect((await test.hub.store.placements.findById(stays ?? '').lean())?.why).toBeDefined();
  await test.orders.retry(stays ?? '', 'u1');
  await test.until('it was looked at', async () => (await test.rows(release)).every(({ state }) => state !== 'queued'));
  expect(await shown()).toEqual(Array(5).fill('解除暴雨红色预警'));
});
