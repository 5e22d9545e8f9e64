import { openTestServer, type TestServer } from '../test/support/http.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const units = [
  { id: 'fz', name: '福州市', parent: 'fj', region: '350100' },
  { id: 'fj', name: '福建省', region: '350000' },
  { id: 'gulou', name: '鼓楼区', parent: 'fz', region: '350102' },
  { id: 'xm', name: '厦门市', parent: 'fj', region: '350200' },
];
const importUnits = (organizations: unknown[]) =>
  server.call('POST', '/api/v1/organizations/import', { json: { organizations } });
const importAccounts = (accounts: unknown[]) => server.call('POST', '/api/v1/accounts/import', { json: { accounts } });
const good = {
  channel: 'board',
  name: '门户',
  organization: 'fz',
  tags: ['市级'],
  settings: { site: 'https://fz.example' },
  credentials: { token: 'good-token' },
};

it('imports units with parents in any order, and pages through them', async () => {
  expect((await importUnits(units)).body).toEqual({ created: 4, updated: 0, refused: [] });
  expect((await importUnits(units)).body).toEqual({ created: 0, updated: 0, refused: [] });
  expect((await server.services.store.organizations.findById('gulou').lean())?.path).toBe('fj/fz/gulou/');
  const first = (await server.call('GET', '/api/v1/organizations?limit=3')).body as {
    items: { id: string }[];
    next: string;
  };
  const second = (await server.call('GET', `/api/v1/organizations?after=${first.next}`)).body as {
    items: { id: string }[];
    next?: string;
  };
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['fj', 'fz', 'gulou', 'xm']);
  expect(second.next).toBeUndefined();
});

it('refuses a unit below itself, one without a known parent and one named twice, and lets the others in', async () => {
  const { body } = await importUnits([
    { id: 'a', name: '甲', parent: 'b', region: '350000' },
    { id: 'b', name: '乙', parent: 'a', region: '350000' },
    { id: 'c', name: '丙', parent: 'gone', region: '350000' },
    { id: 'd', name: '丁', region: '350000' },
    { id: 'd', name: '丁', region: '350000' },
    { id: 'fj', name: '福建省', parent: 'gulou', region: '350000' },
  ]);
  expect(body).toMatchObject({ created: 1, updated: 0 });
  expect(
    (body as { refused: { row: number; field: string }[] }).refused.map(({ row, field }) => `${row} ${field}`),
  ).toEqual(['1 parent', '2 parent', '3 parent', '5 id', '6 parent']);
});

it('names a bad region code of a unit', async () => {
  expect(await importUnits([{ id: 'x', name: '某', region: '35' }])).toMatchObject({
    status: 422,
    body: { error: { code: 'field_invalid', field: 'organizations.0.region' } },
  });
});

it('imports accounts, refuses bad rows by their field in both languages, and keeps the rest', async () => {
  const { status, body } = await importAccounts([
    good,
    { ...good, channel: 'radio' },
    { ...good, organization: 'nowhere' },
    { ...good, name: '甲', settings: { site: 'no address' } },
    { ...good, name: '乙', settings: {} },
    { ...good, name: '丙', credentials: { token: 'short' } },
    { ...good, name: '丁' },
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({ created: 2, updated: 0 });
  const { refused } = body as { refused: { row: number; field: string; message: { zh: string; en: string } }[] };
  expect(refused.map(({ row, field }) => `${row} ${field}`)).toEqual([
    '2 channel',
    '3 organization',
    '4 settings.site',
    '5 settings.site',
    '6 credentials.token',
  ]);
  expect(refused[3]?.message).toEqual({
    zh: '缺少必填项“账号设置（settings.site）”。',
    en: 'Required field "settings.site" is missing.',
  });
});

it('keeps credentials sealed, and shows them nowhere', async () => {
  const row = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'board', name: '门户' })
    .lean();
  expect(JSON.stringify(row)).not.toContain('good-token');
  expect(server.services.vault.open(row?._id ?? '', row?.sealed ?? '')).toEqual({ token: 'good-token' });
  const { body } = await server.call('GET', '/api/v1/accounts');
  expect(JSON.stringify(body)).not.toMatch(/good-token|sealed/);
  expect((body as { items: unknown[] }).items[0]).toMatchObject({
    channel: 'board',
    organizationName: '福州市',
    region: '350100',
    credential: { state: 'unchecked' },
  });
});

it('updates the account of the same unit, channel and name, and keeps its credentials where none are given', async () => {
  expect((await importAccounts([{ ...good, tags: ['市级', '门户'], credentials: {} }])).body).toMatchObject({
    created: 0,
    updated: 1,
    refused: [],
  });
  const row = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'board', name: '门户' })
    .lean();
  expect(row?.tags).toEqual(['市级', '门户']);
  expect(server.services.vault.open(row?._id ?? '', row?.sealed ?? '')).toEqual({ token: 'good-token' });
  expect((await importAccounts([{ ...good, credentials: { token: 'better-token' } }])).body).toMatchObject({
    updated: 1,
  });
  const after = await server.services.store.accounts.findById(row?._id ?? '').lean();
  expect(server.services.vault.open(row?._id ?? '', after?.sealed ?? '')).toEqual({ token: 'better-token' });
});

it('moves the subtree and the accounts of a unit along with it', async () => {
  await importUnits([{ id: 'fz', name: '福州市', parent: 'xm', region: '350199' }]);
  expect((await server.services.store.organizations.findById('gulou').lean())?.path).toBe('fj/xm/fz/gulou/');
  const row = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'board', name: '门户' })
    .lean();
  expect(row).toMatchObject({ path: 'fj/xm/fz/', region: '350199' });
});

it('lists accounts by channel, unit and state of their credentials', async () => {
  const ids = async (query: string) =>
    ((await server.call('GET', `/api/v1/accounts?${query}`)).body as { items: { name: string }[] }).items
      .map(({ name }) => name)
      .sort();
  expect(await ids('channel=board&organization=fz')).toEqual(['丁', '门户']);
  expect(await ids('organization=fj')).toEqual([]);
  expect(await ids('credential=dead')).toEqual([]);
  expect((await server.call('GET', '/api/v1/accounts?limit=0')).body).toMatchObject({
    error: { code: 'field_invalid', field: 'limit' },
  });
});

it('checks the credentials of an account and keeps the answer', async () => {
  const { items } = (await server.call('GET', '/api/v1/accounts?organization=fz')).body as {
    items: { id: string; name: string }[];
  };
  const check = async (name: string) =>
    (await server.call('POST', `/api/v1/accounts/${items.find((item) => item.name === name)?.id ?? ''}/check`)).body;
  expect(await check('丁')).toMatchObject({ credential: { state: 'ok', daysLeft: 5 } });
  expect(await check('门户')).toMatchObject({
    credential: { state: 'dead', cause: { zh: '令牌失效' }, todo: { zh: '请更换' } },
  });
  expect((await server.call('GET', '/api/v1/accounts?credential=dead')).body).toMatchObject({
    items: [{ name: '门户' }],
  });
  expect((await server.call('POST', '/api/v1/accounts/nobody/check')).status).toBe(404);
});

it('tells what an account on each channel needs, as JSON Schema', async () => {
  expect((await server.call('GET', '/api/v1/channels')).body).toMatchObject([
    {
      name: 'board',
      label: { zh: '公告栏' },
      settings: { type: 'object', required: ['site'], properties: { site: { type: 'string', format: 'uri' } } },
      credentials: { required: ['token'] },
    },
  ]);
});
