/** Units and accounts made, changed, moved, closed and opened again one by one, over HTTP. */
import { openTestServer, type Answer, type TestServer } from '../test/support/http.js';
import type { EntryBody } from '../core/audit/entry.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const call = (method: string, path: string, json: object = {}): Promise<Answer> =>
  server.call(method, `/api/v1${path}`, method === 'GET' ? {} : { json });
const idOf = ({ body }: Answer): string => (body as { id: string }).id;

async function acts(act: string): Promise<EntryBody[]> {
  const rows = await server.services.store.auditEntries.find({ act }).sort({ n: 1 }).lean();
  return rows.map(({ body }) => JSON.parse(body) as EntryBody);
}

const settings = { site: 'https://county.example' };
const credentials = { token: 'good-token' };

it('makes a unit below another, changes it and moves it with its accounts, and says so in the book', async () => {
  await call('POST', '/organizations', { id: 'prov', name: '示例省', region: '350000' });
  await call('POST', '/organizations', { id: 'city', name: '示例市', region: '350100', parent: 'prov' });
  const made = await call('POST', '/organizations', { name: '示例县', region: '350102', parent: 'prov' });
  expect(made).toMatchObject({ status: 201, body: { name: '示例县', parent: 'prov' } });
  const county = idOf(made);
  const account = await call('POST', '/accounts', {
    channel: 'board',
    organization: county,
    name: '县公告',
    settings,
    credentials,
  });
  expect(account).toMatchObject({
    status: 201,
    body: { name: '县公告', organization: county, credential: { state: 'unchecked' } },
  });
  expect(await call('PUT', `/organizations/${county}`, { name: '示例县政府', parent: 'city' })).toMatchObject({
    status: 200,
    body: { name: '示例县政府', parent: 'city' },
  });
  const row = await server.services.store.accounts.findById(idOf(account)).lean();
  expect(row?.path).toBe(`prov/city/${county}/`);
  expect((await acts('unit.change')).at(-1)).toMatchObject({
    on: { unit: county },
    before: { name: '示例县' },
    after: { name: '示例县政府' },
    who: { person: expect.any(String) },
  });
  expect(JSON.stringify(await acts('account.save'))).not.toContain('good-token');
});

it('names the field of what it refuses, and changes nothing', async () => {
  const twice = await call('POST', '/organizations', { id: 'city', name: '又一个', region: '350100' });
  expect(twice).toMatchObject({ status: 409, body: { error: { code: 'name_taken', field: 'id' } } });
  expect(await call('PUT', '/organizations/prov', { parent: 'city' })).toMatchObject({
    status: 422,
    body: { error: { field: 'parent' } },
  });
  expect(
    await call('POST', '/accounts', { channel: 'board', organization: 'city', name: '甲', settings: {}, credentials }),
  ).toMatchObject({
    status: 422,
    body: { error: { field: 'settings.site' } },
  });
});

it('renames, moves and switches an account, and keeps its credentials out of the book', async () => {
  const made = await call('POST', '/accounts', {
    channel: 'board',
    organization: 'city',
    name: '市公告',
    settings: { site: 'https://city.example' },
    credentials,
  });
  const id = idOf(made);
  expect(
    await call('PUT', `/accounts/${id}`, { name: '市政府公告', organization: 'prov', tags: ['应急'] }),
  ).toMatchObject({
    status: 200,
    body: { id, name: '市政府公告', organization: 'prov', tags: ['应急'] },
  });
  expect(await call('POST', `/accounts/${id}/disable`, { reason: '机构改革' })).toMatchObject({
    body: { enabled: false },
  });
  expect((await call('POST', `/accounts/${id}/disable`)).status).toBe(422);
  expect(await call('POST', `/accounts/${id}/enable`)).toMatchObject({ body: { enabled: true } });
  expect((await acts('account.disable')).at(-1)).toMatchObject({ on: { account: id }, note: '机构改革' });
  const other = await call('POST', '/accounts', {
    channel: 'board',
    organization: 'prov',
    name: '市政府公告',
    settings: { site: 'https://prov.example' },
    credentials,
  });
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'account_taken' } } });
});

it('writes nothing for a closed unit and reaches none of its accounts, until it is open again', async () => {
  const { store } = server.services;
  const enabledIn = async (): Promise<string[]> =>
    (await store.accounts.find({ enabled: true }, { name: 1 }).lean()).map(({ name }) => name).sort();
  const before = await enabledIn();
  const county = (await store.organizations.findOne({ name: '示例县政府' }).lean())?._id ?? '';
  expect(await call('POST', '/organizations/city/close', { reason: '合并' })).toMatchObject({
    body: { closedAt: expect.any(String) },
  });
  expect(await enabledIn()).toEqual(before.filter((name) => name !== '县公告'));
  const draft = { title: '标题', source: '来源', body: { format: 'text', content: '正文' }, organization: county };
  expect(await call('POST', '/releases', draft)).toMatchObject({
    status: 409,
    body: { error: { code: 'unit_closed' } },
  });
  expect(await call('POST', '/organizations/city/reopen')).toMatchObject({
    body: expect.not.objectContaining({ closedAt: expect.anything() }),
  });
  expect(await enabledIn()).toEqual(before);
  expect((await call('POST', '/releases', draft)).status).toBe(201);
});
