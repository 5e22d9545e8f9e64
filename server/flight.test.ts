/** A release in mid-flight, over HTTP: who may stop it, who goes on, what is said, and what is refused. */
import type { Order } from '../core/model/order.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import type { ClaimBook } from '../core/queue/claims.js';
import type { Queues } from '../core/queue/queues.js';
import { openTestServer, type TestServer } from '../test/support/http.js';
import type { OutBody } from './contract/flight.js';
import type { ReleaseSaved } from './contract/releases.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const { store, channels, orders, vault, config } = server.services;
  const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
  Object.assign(orders, openOrders({ store, queues, channels, vault, config, claims: {} as ClaimBook }));
  await store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
  const account = {
    ...{ channel: 'board', name: '门户', organization: 'sz' },
    ...{ settings: { site: 'https://portal.example' }, credentials: { token: 'good-token' } },
  };
  await server.call('POST', '/api/v1/accounts/import', { json: { accounts: [account] } });
});
afterAll(() => server.close());

const input = {
  title: '台风红色预警',
  source: '省应急指挥中心',
  kind: 'emergency',
  body: { format: 'text', content: '台风将登陆。' },
  emergency: {
    ...{ level: 'red', event: '台风', areas: [{ name: '示例州' }] },
    ...{ onset: '2020-11-24T13:00:00.000Z', instruction: '停止户外活动。' },
  },
};

async function written() {
  const { release } = (await server.call('POST', '/api/v1/releases', { json: input })).body as ReleaseSaved;
  return { release: release.id, revision: release.revision.id };
}

it('refuses an emergency that names nobody, and takes the deadline of a broadcast alone', async () => {
  const { release, revision } = await written();
  const submit = (json: object) =>
    server.call('POST', `/api/v1/releases/${release}/submit`, { json: { revision, again: true, ...json } });
  for (const audience of [{}, { channels: ['board'] }])
    expect(await submit({ audience })).toMatchObject({ status: 422, body: { error: { code: 'audience_unnamed' } } });
  const audience = { regions: ['360000'] };
  expect(await submit({ audience })).toMatchObject({ status: 201, body: { broadcast: { deadline: 10 } } });
  expect(await submit({ audience, deadline: 25 })).toMatchObject({
    status: 201,
    body: { broadcast: { deadline: 25 } },
  });
  expect(await submit({ audience, deadline: 0 })).toMatchObject({ status: 422 });
});

it('is paused by one, resumed by two, narrowed under a password, and tells how it stands', async () => {
  const { store } = server.services;
  const of = await written();
  const path = `/api/v1/releases/${of.release}`;
  const ordered: Order = await openOwnWord(store, server.services.orders).publish({
    ...{ ...of, audience: { regions: ['360000'] }, by: 'u1', again: true },
  });
  const json = { reason: '数字有误' };
  expect(await server.call('POST', `${path}/resume`, { json })).toMatchObject({
    body: { error: { code: 'not_paused' } },
  });
  expect(await server.call('POST', `${path}/pause`, { json })).toMatchObject({
    status: 201,
    body: {
      freeze: { emergencyToo: true, said: { zh: '《台风红色预警》（暂停）' } },
      acknowledgement: { acknowledged: true },
    },
  });
  const out = async () => (await server.call('GET', `${path}/out`)).body as OutBody;
  expect((await out()).paused).toMatchObject([{ reason: '数字有误' }]);
  expect(await server.call('POST', `${path}/resume`, { json })).toMatchObject({ body: { resumed: false } });
  expect(await server.call('POST', `${path}/resume`, { json })).toMatchObject({ body: { resumed: false } });
  expect(await server.callAsOther('POST', `${path}/resume`, { json })).toMatchObject({ body: { resumed: true } });
  expect((await out()).paused).toEqual([]);
  const narrowing = { ...json, audience: { channels: ['board'] } };
  expect(await server.call('POST', `${path}/narrow`, { json: { ...narrowing, password: 'wrong' } })).toMatchObject({
    status: 403,
  });
  const proven = { ...narrowing, password: server.user.password };
  expect(await server.call('POST', `${path}/narrow`, { json: proven })).toMatchObject({
    status: 202,
    body: { action: 'narrow', seq: ordered.seq + 1 },
  });
  expect((await out()).narrowed).toMatchObject([{ reason: '数字有误', accounts: 1 }]);
  const acts = (await store.auditEntries.find({}).lean()).map(({ act }) => act);
  expect(acts).toEqual(expect.arrayContaining(['freeze.set', 'freeze.thaw', 'release.narrow']));
  expect(await server.call('POST', `${path}/resend`, { json: {} })).toMatchObject({
    body: { error: { code: 'resend_nobody' } },
  });
});
