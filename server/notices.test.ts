import { notify } from '../core/notices/notices.js';
import { openTestServer, type TestServer } from '../test/support/http.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

interface Page {
  items: { id: string; level: string; said: { zh: string }; seen?: { by: string; at: string } }[];
  next?: string;
  unseen: number;
}
const list = async (query = '') => (await server.call('GET', `/api/v1/notices${query}`)).body as Page;
const tell = (n: number, key = `k${n}`) =>
  notify(
    server.services.store,
    { key, level: 'warning', said: { zh: `第 ${n} 条`, en: `No. ${n}` } },
    new Date(Date.UTC(2026, 10, 24, 0, n)),
  );

it('has nothing to tell at first', async () => {
  expect(await list()).toEqual({ items: [], unseen: 0 });
});

it('lists notices newest first, a page at a time, each thing once', async () => {
  for (const n of [1, 2, 3]) await tell(n);
  await tell(4, 'k1');
  const first = await list('?limit=2');
  const second = await list(`?limit=2&after=${first.next}`);
  expect([...first.items, ...second.items].map(({ said }) => said.zh)).toEqual(['第 3 条', '第 2 条', '第 1 条']);
  expect([first.unseen, second.next]).toEqual([3, undefined]);
});

it('remembers who has seen a notice, and counts the others', async () => {
  const [newest] = (await list()).items;
  expect((await server.call('POST', `/api/v1/notices/${newest?.id}/seen`)).status).toBe(204);
  const { items, unseen } = await list();
  expect(unseen).toBe(2);
  expect(items[0]?.seen).toEqual({ by: expect.stringMatching(/^u/), at: expect.stringMatching(/Z$/) });
  await server.call('POST', `/api/v1/notices/${newest?.id}/seen`);
  expect((await list()).items[0]?.seen).toEqual(items[0]?.seen);
});

it('lets all up to one be seen at once, and none that came later', async () => {
  const [, middle] = (await list()).items;
  await tell(9);
  expect((await server.call('POST', '/api/v1/notices/seen', { json: { upTo: middle?.id } })).status).toBe(204);
  expect((await list()).items.map(({ seen }) => seen !== undefined)).toEqual([false, true, true, true]);
});

it('says that there is no such notice', async () => {
  expect(await server.call('POST', '/api/v1/notices/n0/seen')).toMatchObject({
    status: 404,
    body: { error: { code: 'not_found' } },
  });
});
