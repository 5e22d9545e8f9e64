import { addPerson } from '../core/people/add.js';
import { newId } from '../core/ids.js';
import { cookieOf } from '../test/support/cookie.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';

let server: TestServer;
const sessions = new Map<string, Record<string, string>>();
const units = {
  city: { organization: 'city', path: 'province/city/' },
  other: { organization: 'other', path: 'province/other/' },
};

beforeAll(async () => {
  server = await openTestServer();
  const { organizations } = server.services.store;
  await organizations.create({ _id: 'province', name: '示例省', path: 'province/', region: '350000' });
  for (const { organization, path } of Object.values(units))
    await organizations.create({ _id: organization, name: organization, parent: 'province', path, region: '350100' });
  await signUp('commander');
  await signUp('second');
  await signUp('mayor', units.city);
  await signUp('writer', units.other, 'writer');
});
afterAll(() => server.close());

async function signUp(
  name: string,
  unit?: { organization: string; path: string },
  role: 'commander' | 'writer' = 'commander',
): Promise<void> {
  const password = newId('p');
  const newcomer = { name, displayName: `${name} 先生`, password, roles: [role] };
  await addPerson(server.services, { ...newcomer, ...(unit && { unit }) });
  const answer = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
  sessions.set(name, { cookie: cookieOf(answer), origin: server.url });
}

const as = (name: string, method: string, path: string, json?: object): Promise<Answer> =>
  request(`${server.url}/api/v1${path}`, method, { headers: sessions.get(name) ?? {}, ...(json && { json }) });

interface One {
  id: string;
  said: { zh: string };
  by: { name: string };
  held?: number;
  asked?: { by: { name: string } };
  thawed?: { by: { name: string } };
}
const list = async (name: string): Promise<One[]> =>
  ((await as(name, 'GET', '/freezes')).body as { items: One[] }).items;
const order = { scope: { kind: 'everything' }, reason: '数据有误' };

it('freezes, says who and why to everybody whom it holds, and thaws by a second person', async () => {
  const { status, body } = await as('commander', 'POST', '/freezes', order);
  const { freeze, acknowledgement } = body as { freeze: One; acknowledgement: object };
  expect(status).toBe(201);
  expect(acknowledgement).toMatchObject({ acknowledged: true, inFlight: 0, remaining: 0, processes: [] });
  expect(await list('writer')).toMatchObject([
    { id: freeze.id, said: { zh: '全部' }, by: { name: 'commander 先生' }, held: 0 },
  ]);
  expect((await as('commander', 'POST', `/freezes/${freeze.id}/thaw`, { reason: '已更正' })).status).toBe(200);
  expect((await as('commander', 'POST', `/freezes/${freeze.id}/thaw/confirm`)).status).toBe(403);
  expect((await as('mayor', 'POST', `/freezes/${freeze.id}/thaw/confirm`)).status).toBe(403);
  const { body: thawed } = await as('second', 'POST', `/freezes/${freeze.id}/thaw/confirm`);
  expect(thawed).toMatchObject({ asked: { by: { name: 'commander 先生' } }, thawed: { by: { name: 'second 先生' } } });
  expect((await as('second', 'POST', `/freezes/${freeze.id}/thaw/confirm`)).status).toBe(409);
});

it('names a freeze of one part to nobody beside it', async () => {
  const { body } = await as('mayor', 'POST', '/freezes', order);
  const { freeze } = body as { freeze: One };
  expect((await list('mayor')).map(({ id }) => id)).toContain(freeze.id);
  expect((await list('commander')).map(({ id }) => id)).toContain(freeze.id);
  expect((await list('writer')).map(({ id }) => id)).not.toContain(freeze.id);
});

it('names the processes to whoever may freeze alone', async () => {
  expect((await as('mayor', 'GET', '/freezes')).body).toHaveProperty('processes', []);
  expect((await as('writer', 'GET', '/freezes')).body).not.toHaveProperty('processes');
});

it.each([
  ['a channel that is not installed', { ...order, scope: { kind: 'channel', channel: 'fax' } }, 'freeze_scope_unknown'],
  [
    'a unit that does not exist',
    { ...order, scope: { kind: 'organization', organization: 'x' } },
    'freeze_scope_unknown',
  ],
  ['no reason', { scope: order.scope }, 'field_missing'],
  ['a region that is no code', { ...order, scope: { kind: 'region', region: '35' } }, 'field_invalid'],
])('refuses %s', async (_, json, code) => {
  const before = (await list('commander')).length;
  expect((await as('commander', 'POST', '/freezes', json)).body).toMatchObject({ error: { code } });
  expect(await list('commander')).toHaveLength(before);
});

it('takes a person: a key freezes nothing, and neither does a writer', async () => {
  const headers = { authorization: `Bearer ${server.key}` };
  expect((await request(`${server.url}/api/v1/freezes`, 'POST', { json: order, headers })).status).toBe(403);
  expect((await as('writer', 'POST', '/freezes', order)).status).toBe(403);
});
