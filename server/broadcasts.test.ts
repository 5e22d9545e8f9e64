/** A broadcast over HTTP: what its signers see and do, and that everybody who watches sees it stopped. */
import { openOrders } from '../core/placements/orders.js';
import { openQueries } from '../core/placements/queries.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import type { ClaimBook } from '../core/queue/claims.js';
import type { Queues } from '../core/queue/queues.js';
import { openTestServer, type Answer, type TestServer } from '../test/support/http.js';
import type { ReleaseSaved } from './contract/releases.js';
import type { ReviewBody } from './contract/reviews.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const { store, channels, orders, vault, config } = server.services;
  const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
  Object.assign(orders, openOrders({ store, queues, channels, vault, config, claims: {} as ClaimBook }));
  Object.assign(server.services.queries, openQueries(store));
  await store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
  const accounts = ['portal', 'affairs'].map((name) => ({
    channel: 'board',
    name,
    organization: 'sz',
    settings: { site: `https://${name}.example` },
    credentials: { token: 'good-token' },
  }));
  expect(await server.call('POST', '/api/v1/accounts/import', { json: { accounts } })).toMatchObject({ status: 200 });
});
afterAll(() => server.close());

const warning = {
  title: '台风红色预警',
  source: '省应急指挥中心',
  kind: 'emergency',
  body: { format: 'text', content: '台风将登陆。' },
  emergency: {
    level: 'red',
    event: '台风',
    areas: [{ name: '示例州' }],
    onset: '2020-11-24T13:00:00.000Z',
    instruction: '停止户外活动。',
  },
};

async function submitted(more: object = {}): Promise<ReviewBody> {
  const { release } = (await server.call('POST', '/api/v1/releases', { json: warning })).body as ReleaseSaved;
  const json = { revision: release.revision.id, audience: { organizations: ['sz'] }, again: true, ...more };
  const answer = await server.call('POST', `/api/v1/releases/${release.id}/submit`, { json });
  expect(answer.status).toBe(201);
  return answer.body as ReviewBody;
}

const consentsOf = async (call: TestServer['call'], id: string) =>
  ((await call('GET', `/api/v1/reviews/${id}`)).body as ReviewBody).broadcast?.consents;

async function looksAndSigns(call: TestServer['call'], id: string, password: string, more = {}): Promise<Answer> {
  await call('POST', `/api/v1/reviews/${id}/looks`, { json: { channel: 'board' } });
  const consents = await consentsOf(call, id);
  const json = { password, counts: { total: 2 }, consents, ...more };
  return call('POST', `/api/v1/reviews/${id}/sign`, { json });
}

async function watch(release: string) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${server.key}` };
  const answer = await fetch(`${server.url}/api/v1/events?release=${release}`, { headers, signal: stop.signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    /** The next status that shows the order in this state. */
    async until(state: string): Promise<ReleaseStatus> {
      for (;;) {
        for (const [, data = ''] of text.matchAll(/event: ?status\n(?:id:.*\n)?data: ?(.*)\n/g)) {
          const status = JSON.parse(data) as ReleaseStatus;
          if (status.orders.some((order) => order.state === state)) return status;
        }
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error('the stream ended');
        text += value;
      }
    },
    close: () => stop.abort(),
  };
}

it('shows what a signature takes, and refuses it by name until it was done', async () => {
  const { id, broadcast, may } = await submitted();
  expect(may.sign).toBe(true);
  expect(broadcast).toMatchObject({
    next: 'first',
    countdown: 5,
    words: [],
    channels: [{ channel: 'board', accounts: 2, seen: false }],
  });
  const { password } = server.user;
  const refused = await server.call('POST', `/api/v1/reviews/${id}/sign`, {
    json: { password, counts: { total: 2 }, consents: ['night'] },
  });
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'not_looked_at' } } });
  expect(await server.call('POST', `/api/v1/reviews/${id}/looks`, { json: { channel: 'board' } })).toMatchObject({
    status: 200,
    body: { channel: 'board', html: expect.stringContaining('台风红色预警') as string },
  });
  expect((await server.call('GET', `/api/v1/reviews/${id}`)).body).toMatchObject({
    broadcast: { channels: [{ seen: true }] },
  });
  const typed = await looksAndSigns(server.call, id, password, { counts: { total: 3 } });
  expect(typed).toMatchObject({ status: 422, body: { error: { code: 'number_wrong', field: 'counts' } } });
});

it('counts down on every screen after the second signature, and all show that it was stopped', async () => {
  const { id, release } = await submitted();
  // Who wrote it signs first.
  expect(await looksAndSigns(server.call, id, server.user.password)).toMatchObject({
    status: 202,
    body: { state: 'open', broadcast: { next: 'second' } },
  });
  const screens = await Promise.all(Array.from({ length: 10 }, () => watch(release)));
  const signed = await looksAndSigns(server.callAsOther, id, server.other.password);
  expect(signed).toMatchObject({ status: 202, body: { state: 'signed' } });
  const { order = '' } = signed.body as ReviewBody;
  for (const { orders } of await Promise.all(screens.map((screen) => screen.until('planned')))) {
    expect(orders).toMatchObject([{ broadcast: { signers: [expect.any(String), expect.any(String)] } }]);
    expect(orders[0]?.broadcast?.leavesIn).toBeGreaterThan(0);
  }
  const began = Date.now();
  expect(await server.call('POST', `/api/v1/orders/${order}/stop`)).toMatchObject({
    status: 200,
    body: { state: 'unscheduled' },
  });
  await Promise.all(screens.map((screen) => screen.until('unscheduled')));
  expect(Date.now() - began).toBeLessThan(20_000);
  for (const screen of screens) screen.close();
  const listed = await server.call('GET', '/api/v1/broadcasts');
  expect(listed.body).toMatchObject({
    items: [{ id, linked: true, signedOrder: { state: 'unscheduled' } }, { state: 'open' }],
  });
});

it('is sent by one person where an admin has named them, and waits for somebody else’s finding', async () => {
  const me = (await server.services.store.people.findOne({ name: 'admin' }).lean())?._id ?? '';
  await server.call('PUT', '/api/v1/chains/break-glass', { json: { persons: [me] } });
  const { id } = await submitted();
  const sent = await looksAndSigns(server.call, id, server.user.password, { glass: '夜间只有一人' });
  expect(sent).toMatchObject({ status: 202, body: { state: 'signed', solo: true, glass: { reason: '夜间只有一人' } } });
  const tasks = await server.callAsOther('GET', '/api/v1/tasks');
  expect(tasks.body).toMatchObject({ glass: [{ id }], counts: { glass: 1 } });
  const finding = { json: { finding: '内容属实，直发妥当。' } };
  expect(await server.call('POST', `/api/v1/reviews/${id}/finding`, finding)).toMatchObject({ status: 403 });
  expect(await server.callAsOther('POST', `/api/v1/reviews/${id}/finding`, finding)).toMatchObject({
    status: 200,
    body: { glass: { closed: { finding: '内容属实，直发妥当。' } } },
  });
});
