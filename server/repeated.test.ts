/** What went out lately asks before it goes out again; what is over goes out no more. */
import { openOrders } from '../core/placements/orders.js';
import type { ClaimBook } from '../core/queue/claims.js';
import type { Queues } from '../core/queue/queues.js';
import { openTestServer, type Answer, type TestServer } from '../test/support/http.js';
import type { ReleaseSaved } from './contract/releases.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const { store, channels, orders, vault, config } = server.services;
  const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
  server.services.orders = Object.assign(
    orders,
    openOrders({ store, queues, channels, vault, config, claims: {} as ClaimBook }),
  );
  await store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
  const account = (name: string, tag: string) => ({
    channel: 'board',
    name,
    organization: 'sz',
    tags: [tag],
    exercise: true,
    settings: { site: `https://${tag}.example` },
    credentials: { token: 'good-token' },
  });
  const accounts = [account('门户', 'portal'), account('政务', 'affairs')];
  expect(await server.call('POST', '/api/v1/accounts/import', { json: { accounts } })).toMatchObject({ status: 200 });
});
afterEach(async () => {
  await server.services.store.orders.deleteMany({});
});
afterAll(() => server.close());

const input = {
  title: '关于停水的通知',
  organization: 'sz',
  source: '示例州水务局',
  body: { format: 'html', content: '<p>12月1日<strong>停水</strong>。</p><p>请储水。</p>' },
};
const emergency = {
  level: 'red',
  event: '台风',
  areas: [{ name: '福州市' }],
  onset: '2020-11-24T13:00:00.000Z',
  instruction: '停止户外活动。',
};
const warning = { ...input, kind: 'emergency', emergency };
const idsOf = ({ body }: Answer) => {
  const { release } = body as ReleaseSaved;
  return { id: release.id, revision: release.revision.id };
};
/** An emergency says whom it is for. */
const whole = { organizations: ['sz'] };
type Ids = ReturnType<typeof idsOf>;

const written = async (json: object = input): Promise<Ids> =>
  idsOf(await server.call('POST', '/api/v1/releases', { json }));

const revised = async ({ id, revision }: Ids, json: object): Promise<Ids> =>
  idsOf(await server.call('PUT', `/api/v1/releases/${id}`, { json: { ...json, revision } }));

const order = ({ id, revision }: Ids, audience: object = whole, more: object = {}) =>
  server.send(id, revision, { audience, ...more });

async function ordered(json: object = input, audience: object = whole): Promise<Ids> {
  const ids = await written(json);
  expect(await order(ids, audience)).toMatchObject({ status: 202 });
  return ids;
}

const refused = (code: string) => ({ status: 409, body: { error: { code } } });
const repeated = refused('already_published_lately');

it('asks before the words of another release go out again, naming it and its hour, and sends them when told to', async () => {
  const first = await ordered();
  await server.services.store.orders.updateMany({}, { $set: { at: new Date(Date.now() - 3_600_000) } });
  const second = await written();
  const answer = await order(second);
  expect(answer).toMatchObject(repeated);
  const { message, todo } = (answer.body as { error: { message: { zh: string; en: string }; todo: { zh: string } } })
    .error;
  const hour = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 13).replace('T', ' ');
  for (const said of [message.zh, message.en])
    for (const word of ['关于停水的通知', first.id, hour]) expect(said).toContain(word);
  expect(todo.zh).toContain('--again');
  expect(await server.services.store.orders.countDocuments({})).toBe(1);
  expect(await order(second, {}, { again: true })).toMatchObject({ status: 202 });
});

it.each([
  ['laid out otherwise', '<div>12月1日停水。</div>\n\n<blockquote>请储水。 </blockquote>', repeated],
  ['in other words', '<p>12月2日停水。</p><p>请储水。</p>', { status: 202 }],
  ['with a figure raised', '<p>12月<sup>1</sup>日停水。</p><p>请储水。</p>', { status: 202 }],
])('compares what people read: %s', async (_how, content, expected) => {
  await ordered();
  expect(await order(await written({ ...input, body: { format: 'html', content } }))).toMatchObject(expected);
});

it('compares titles as well', async () => {
  await ordered();
  expect(await order(await written({ ...input, title: ' 关于停水的通知　' }))).toMatchObject(repeated);
  expect(await order(await written({ ...input, title: '关于停电的通知' }))).toMatchObject({ status: 202 });
});

it('asks only where an account would get them twice, however the audiences are said', async () => {
  await ordered(input, { tags: ['portal'] });
  const next = await written();
  expect(await order(next, { tags: ['affairs'] })).toMatchObject({ status: 202 });
  expect(await order(next, { regions: ['360000'] })).toMatchObject(repeated);
  const portal = await server.services.store.accounts.findOne({ name: '门户' }).lean();
  expect(await order(next, { accounts: [portal?._id] })).toMatchObject(repeated);
});

it('finds the one that meets the audience behind newer ones that do not', async () => {
  const met = await ordered(input, { tags: ['portal'] });
  await ordered(input, { tags: ['affairs'] });
  const answer = await order(await written(), { tags: ['portal'] });
  expect(answer).toMatchObject(repeated);
  expect(JSON.stringify(answer.body)).toContain(met.id);
});

it('asks nothing of the same release: ordered once more, or revised', async () => {
  const first = await ordered();
  expect(await order(first)).toMatchObject({ status: 202 });
  expect(await order(await revised(first, { ...input, source: '示例州人民政府' }))).toMatchObject({ status: 202 });
});

it('asks nothing after a day, nor of what was withdrawn', async () => {
  const { orders } = server.services.store;
  const first = await ordered();
  const second = await written();
  await orders.updateMany({}, { $set: { at: new Date(Date.now() - 23.9 * 3_600_000) } });
  expect(await order(second)).toMatchObject(repeated);
  await orders.updateMany({}, { $set: { at: new Date(Date.now() - 24.1 * 3_600_000) } });
  expect(await order(second)).toMatchObject({ status: 202 });
  const third = await written();
  expect(await order(third)).toMatchObject(repeated);
  for (const { id } of [first, second])
    await server.call('POST', `/api/v1/releases/${id}/withdraw`, {
      json: { reason: '有误', password: server.user.password },
    });
  expect(await order(third)).toMatchObject({ status: 202 });
});

it('asks of an emergency too, but never of a real one after its drill, nor of an update or a cancel', async () => {
  const drill = await ordered({ ...warning, emergency: { ...emergency, status: 'Exercise' } });
  const first = await ordered(warning);
  expect(await order(await written(warning))).toMatchObject(repeated);
  const references = [{ release: first.id }];
  for (const msgType of ['Update', 'Cancel']) {
    const message = await written({ ...warning, emergency: { ...emergency, msgType, references } });
    expect(await order(message)).toMatchObject({ status: 202 });
  }
  const own = await revised(drill, { ...warning, emergency: { ...emergency, status: 'Exercise', msgType: 'Cancel' } });
  expect(await order(own)).toMatchObject({ status: 202 });
});

it('neither signs nor sends a warning that is over, and lets its cancel pass', async () => {
  const { revisions } = server.services.store;
  const over = { ...emergency, expires: '2020-11-24T22:00:00.000Z' };
  const late = await server.call('POST', '/api/v1/releases', { json: { ...warning, emergency: over } });
  const answer = await order(idsOf(late));
  expect(answer).toMatchObject(refused('warning_expired'));
  expect(JSON.stringify(answer.body)).toContain('2020-11-25 06:00');

  const signed = await ordered({ ...warning, emergency: { ...emergency, expires: '2099-11-24T22:00:00.000Z' } });
  await revisions.updateOne({ _id: signed.revision }, { $set: { 'emergency.expires': over.expires } });
  expect(await order(signed, whole, { again: true })).toMatchObject(refused('warning_expired'));

  const lifted = await revised(signed, { ...warning, emergency: { ...over, msgType: 'Cancel' } });
  expect(await order(lifted)).toMatchObject({ status: 202 });
});
