import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Notice } from '../core/model/notice.js';
import type { ImportResult } from '../core/import-result.js';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { workbook } from '../test/support/xlsx.js';

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
/** Another account, with a site of its own. */
const named = (name: string, more: object = {}) => ({
  ...good,
  name,
  settings: { site: `https://${encodeURIComponent(name)}.example` },
  ...more,
});

const sendFile = async (path: string, bytes: Buffer | string, query = '') => {
  const { status, body } = await server.call('POST', `/api/v1/${path}/import${query}`, {
    bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
  return { status, result: body as ImportResult };
};
const refusedBy = ({ refused }: ImportResult) => refused.map(({ row, field }) => `${row} ${field}`);
const unit = (id: string) => server.services.store.organizations.findById(id).lean();
const account = (name: string) => server.services.store.accounts.findOne({ name }).lean();
const credentialsOf = async (name: string) => {
  const row = await account(name);
  return server.services.vault.open(row?._id ?? '', row?.sealed ?? '');
};
const noticesAbout = async (name: string): Promise<Notice[]> =>
  server.services.store.notices.find({ account: (await account(name))?._id ?? '' }).lean();
const sample = (name: string) => readFileSync(join(__dirname, '..', 'core', 'tables', 'fixtures', name));

it('imports units with parents in any order, and pages through them', async () => {
  expect((await importUnits(units)).body).toMatchObject({ created: 4, updated: 0, unchanged: 0, refused: [] });
  expect((await importUnits(units)).body).toMatchObject({ created: 0, updated: 0, unchanged: 4, refused: [] });
  expect((await unit('gulou'))?.path).toBe('fj/fz/gulou/');
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
    { id: 'e', name: '戊', parent: 'c', region: '350000' },
  ]);
  const result = body as ImportResult;
  expect(result).toMatchObject({ created: 1, updated: 0 });
  expect(refusedBy(result)).toEqual(['1 parent', '2 parent', '3 parent', '5 id', '6 parent', '7 parent']);
  const said = result.refused.map(({ message }) => message.zh);
  expect(said[0]).toContain('第 1、2 行的单位互为上下级');
  expect(said[3]).toContain('与第 4 行是同一个单位编号');
  expect(said[5]).toContain('上级单位“c”（第 3 行）未被接受');
});

it('moves units whatever the order of rows: below one that moves itself, and back up', async () => {
  const moved = [
    { id: 'p1', name: '一', region: '350000' },
    { id: 'p2', name: '二', region: '350000', parent: 'p1' },
    { id: 'p3', name: '三', region: '350000', parent: 'p2' },
    { id: 'q', name: '乙', region: '350000' },
  ];
  await importUnits(moved);
  // p2 goes under q, and p1 under p3, which is not in the file and travels with p2.
  await importUnits([
    { id: 'p1', parent: 'p3' },
    { id: 'p2', parent: 'q' },
  ]);
  const paths = await Promise.all(['p1', 'p2', 'p3'].map(async (id) => (await unit(id))?.path));
  expect(paths).toEqual(['q/p2/p3/p1/', 'q/p2/', 'q/p2/p3/']);
  expect((await importUnits([{ id: 'p2', parent: null }])).body).toMatchObject({ updated: 1 });
  expect((await unit('p1'))?.path).toBe('p2/p3/p1/');
});

it('stops a chain of units at its twentieth level, and takes the others', async () => {
  const chain = Array.from({ length: 25 }, (_, n) => ({
    id: `level-${n}`,
    name: '级',
    region: '350000',
    ...(n > 0 && { parent: `level-${n - 1}` }),
  }));
  const { created, refused } = (await importUnits(chain)).body as ImportResult;
  expect([created, refused.length]).toEqual([20, 5]);
});

it('refuses a bad region code by its row and field, and lets the others in', async () => {
  const { status, body } = await importUnits([
    { id: 'x', name: '某', region: '35' },
    { id: 'y', name: '某', region: '350000' },
    { id: 'z', name: '某', region: '350000', colour: 'red' },
    'no row',
    { id: 'w', region: '350000' },
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({ created: 1 });
  expect(refusedBy(body as ImportResult)).toEqual(['1 region', '3 colour', '4 row', '5 name']);
});

it.each([
  ['17a-units-gbk.csv', 'gbk-a', 'GBK/GB18030', 0],
  ['17d-units-semicolon.csv', 'semi-a', 'UTF-8', 0],
  ['17e-units-blankrows.csv', 'blank-a', 'UTF-8', 2],
])('takes %s as a desk saved it, and tells its encoding and its blank rows', async (name, id, encoding, blank) => {
  await importUnits([{ id: 'gutian', name: '古田县', region: '350922', parent: 'fj' }]);
  const { status, result } = await sendFile('organizations', sample(name));
  expect(status).toBe(200);
  expect(result).toMatchObject({ created: 2, refused: [], blank });
  expect(JSON.stringify(result.told)).toContain(encoding);
  expect(await unit(id)).toMatchObject({ name: '示例县教育局', path: 'fj/gutian/' + id + '/' });
});

it('says with a dry run what is new, what changes in which field, what stays and what is refused, and stores nothing', async () => {
  const file = [
    '单位编号,单位名称,上级单位编号,行政区划代码',
    'dry-a,新单位,fj,350000',
    'gulou,鼓楼区改,,',
    'xm,厦门市,fj,350200',
    'dry-b,坏,fj,35',
    ',,,',
    'dry-a,又一次,fj,350000',
  ].join('\n');
  const { result } = await sendFile('organizations', file, '?dryRun=true');
  expect(result).toMatchObject({ dryRun: true, created: 1, updated: 1, unchanged: 1, blank: 1 });
  expect(result.changes).toEqual([
    { row: 2, is: 'created', name: '新单位', fields: ['name', 'parent', 'region'] },
    { row: 3, is: 'updated', name: '鼓楼区改', fields: ['name'] },
  ]);
  expect(refusedBy(result)).toEqual(['5 region', '7 id']);
  expect(await unit('dry-a')).toBeNull();
  const applied = await sendFile('organizations', file);
  expect({ ...applied.result, dryRun: true }).toEqual(result);
  expect(await unit('dry-a')).not.toBeNull();
  expect(await unit('gulou')).toMatchObject({ name: '鼓楼区改', parent: 'fz', path: 'fj/fz/gulou/' });
});

it('leaves alone what the file has no column for, or an empty cell; a dash empties', async () => {
  const parentOf = async () => (await unit('gulou'))?.parent;
  await sendFile('organizations', 'id,name,region\ngulou,鼓楼区,350102\n');
  expect(await parentOf()).toBe('fz');
  await sendFile('organizations', 'id,parent\ngulou,\n');
  expect(await parentOf()).toBe('fz');
  await sendFile('organizations', 'id,parent\ngulou,-\n');
  expect(await parentOf()).toBeUndefined();
  await sendFile('organizations', 'id,parent\ngulou,fz\n');
  await importAccounts([named('标签', { tags: ['应急', '市级'] })]);
  const tagsOf = async () => (await account('标签'))?.tags;
  await sendFile('accounts', 'channel,name,organization\nboard,标签,fz\n');
  await sendFile('accounts', 'channel,name,organization,tags\n公告栏,标签,fz,\n');
  expect(await tagsOf()).toEqual(['应急', '市级']);
  await sendFile('accounts', 'channel,name,organization,tags\nboard,标签,fz,省级；应急\n');
  expect(await tagsOf()).toEqual(['省级', '应急']);
  await sendFile('accounts', 'channel,name,organization,tags\nboard,标签,fz,-\n');
  expect(await tagsOf()).toEqual([]);
});

it('lays the cells of a table over the settings and credentials that are stored, each as its channel takes it', async () => {
  await importAccounts([named('单元格', { settings: { site: 'https://cells.example', columns: 3 } })]);
  const head = '渠道,账号名称,单位编号,设置.columns,凭据.token\n';
  const { result } = await sendFile('accounts', `${head}board,单元格,fz,7,newer-token\n`);
  expect(result.changes).toEqual([
    { row: 2, is: 'updated', name: '单元格', fields: ['settings.columns', 'credentials'] },
  ]);
  expect((await account('单元格'))?.settings).toEqual({ site: 'https://cells.example', columns: 7 });
  expect(await credentialsOf('单元格')).toEqual({ token: 'newer-token' });
  const bad = await sendFile('accounts', `${head}board,单元格,fz,seven,\n`);
  expect(refusedBy(bad.result)).toEqual(['2 settings.columns']);
  const odd = await sendFile('accounts', 'channel,name,organization,settings.appSecret\nboard,单元格,fz,hidden\n');
  expect(refusedBy(odd.result)).toEqual(['2 settings.appSecret']);
  expect(odd.result.refused[0]?.message.zh).toContain('appSecret');
});

it('does not let a column reach the prototype of anything', async () => {
  await sendFile(
    'accounts',
    'channel,name,organization,settings.__proto__.polluted,settings.constructor.prototype.polluted\nboard,单元格,fz,1,1\n',
  );
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

it('gives empty tables to fill in, which it reads itself', async () => {
  const { body, headers } = await server.call('GET', '/api/v1/organizations/template');
  expect(headers.get('content-disposition')).toContain('units.csv');
  const filled = `${body as string}tpl,模板单位,fj,350000\r\n`;
  expect((await sendFile('organizations', filled)).result).toMatchObject({ created: 1, refused: [] });
  const accounts = await server.call('GET', '/api/v1/accounts/template?channel=board');
  expect(accounts.body).toContain('渠道,账号名称,单位编号,标签,演练账号,设置.site,设置.columns,凭据.token');
  const row = `${accounts.body as string}公告栏,模板账号,fz,市级、应急,,https://tpl.example,2,good-token\r\n`;
  expect((await sendFile('accounts', row)).result).toMatchObject({ created: 1, refused: [] });
  expect(await account('模板账号')).toMatchObject({
    tags: ['市级', '应急'],
    settings: { site: 'https://tpl.example', columns: 2 },
  });
  expect((await server.call('GET', '/api/v1/accounts/template?channel=radio')).status).toBe(404);
});

it('takes the same rows from a workbook', async () => {
  const book = workbook(
    [
      ['id', 'name', 'parent', 'region'],
      ['book-a', '工作簿单位', 'fj', 350000],
      ['book-b', '号被改', 'fj', 350922198001011200],
    ],
    [['other']],
  );
  const { result } = await sendFile('organizations', book);
  expect(result).toMatchObject({ created: 1 });
  expect(refusedBy(result)).toEqual(['3 region']);
  expect(JSON.stringify(result.told)).toContain('另有 1 张未读取');
});

it('refuses what is no table with a sentence, and stores nothing', async () => {
  for (const bytes of [
    Buffer.from([0xb2, 0xe2, 0xca, 0xd4, 0xbc]),
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.from('PK\x03\x04broken'),
  ])
    expect(await sendFile('organizations', bytes)).toMatchObject({
      status: 422,
      result: { error: { code: 'table_unreadable' } },
    });
  expect((await sendFile('organizations', '{broken')).status).toBe(400);
  expect((await sendFile('organizations', '[]')).result).toMatchObject({ created: 0, refused: [] });
});

it('imports accounts, refuses bad rows by their field in both languages, and keeps the rest', async () => {
  const { status, body } = await importAccounts([
    good,
    { ...good, channel: 'radio' },
    { ...good, organization: 'nowhere' },
    { ...good, name: '甲', settings: { site: 'no address' } },
    { ...good, name: '乙', settings: {} },
    named('丙', { credentials: { token: 'short' } }),
    named('丁'),
    named('戊', { settings: { site: 'https://e.example', token: 'misplaced' } }),
    named('己', { credentials: { token: 'good-token', site: 'misplaced' } }),
    named('庚', { cells: { 'settings.site': 'https://by-the-back.example' } }),
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({ created: 2, updated: 0 });
  const { refused } = body as ImportResult;
  expect(refusedBy(body as ImportResult)).toEqual([
    '2 channel',
    '3 organization',
    '4 settings.site',
    '5 settings.site',
    '6 credentials.token',
    '8 settings.token',
    '9 credentials.site',
    '10 cells',
  ]);
  expect(refused[3]?.message).toEqual({
    zh: '缺少必填项“账号设置（settings.site）”。',
    en: 'Required field "settings.site" is missing.',
  });
  expect(refused[5]?.message.zh).toContain('token');
});

it('keeps credentials sealed, and shows them nowhere', async () => {
  expect(JSON.stringify(await account('门户'))).not.toContain('good-token');
  expect(await credentialsOf('门户')).toEqual({ token: 'good-token' });
  const { body } = await server.call('GET', '/api/v1/accounts');
  expect(JSON.stringify(body)).not.toMatch(/good-token|sealed/);
  expect((body as { items: unknown[] }).items).toContainEqual(
    expect.objectContaining({
      channel: 'board',
      name: '门户',
      organizationName: '福州市',
      region: '350100',
      credential: { state: 'unchecked' },
    }),
  );
});

it('updates the account of the same unit, channel and name, and keeps its credentials where none are given', async () => {
  expect((await importAccounts([{ ...good, tags: ['市级', '门户'], credentials: {} }])).body).toMatchObject({
    created: 0,
    updated: 1,
    changes: [{ row: 1, fields: ['tags'] }],
    refused: [],
  });
  expect((await account('门户'))?.tags).toEqual(['市级', '门户']);
  expect(await credentialsOf('门户')).toEqual({ token: 'good-token' });
  const other = { ...good, tags: ['市级', '门户'], credentials: { token: 'better-token' } };
  expect((await importAccounts([other])).body).toMatchObject({ updated: 1 });
  expect(await credentialsOf('门户')).toEqual({ token: 'better-token' });
  expect((await importAccounts([other])).body).toMatchObject({ updated: 0, unchanged: 1 });
});

it('registers one identity once: the second row, and the second account, is refused naming the first', async () => {
  const site = { settings: { site: 'https://one.example' } };
  const { body } = await importAccounts([named('先', site), named('后', site)]);
  const { created, refused } = body as ImportResult;
  expect(created).toBe(1);
  expect(refused).toMatchObject([{ row: 2, message: { zh: expect.stringContaining('第 1 行') } }]);
  const later = (await importAccounts([named('再后', { ...site, organization: 'xm' })])).body as ImportResult;
  expect(later.refused[0]?.message.zh).toContain('board 账号“先”');
  const changed = (await importAccounts([{ ...good, ...site }])).body as ImportResult;
  expect(changed.refused[0]?.message.zh).toContain('board 账号“先”');
  expect(await server.services.store.accounts.find({ identity: 'board https://one.example' }).lean()).toHaveLength(1);
});

it('lets one of eight imports side by side register an identity', async () => {
  const site = { settings: { site: 'https://race.example' } };
  const results = await Promise.all(
    Array.from(
      { length: 8 },
      async (_, n) => (await importAccounts([named(`竞${n}`, site), named(`伴${n}`)])).body as ImportResult,
    ),
  );
  expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(9);
  expect(results.flatMap(({ refused }) => refused)).toHaveLength(7);
  for (const { refused } of results) for (const { message } of refused) expect(message.zh).toContain('board 账号“竞');
});

it('does not send kept credentials to another address: they are asked for anew, and the keeper is told both', async () => {
  await importAccounts([
    named('搬家', { settings: { site: 'https://old.example' }, credentials: { token: 'good-secret' } }),
  ]);
  const elsewhere = named('搬家', { settings: { site: 'https://evil.example' } });
  for (const credentials of [{}, undefined]) {
    const { refused } = (await importAccounts([{ ...elsewhere, credentials }])).body as ImportResult;
    expect(refused).toMatchObject([{ row: 1, field: 'credentials.token' }]);
    expect(refused[0]?.message.zh).toMatch(/https:\/\/old\.example 改为 https:\/\/evil\.example/);
  }
  const table = 'channel,name,organization,settings.site\nboard,搬家,fz,https://evil.example\n';
  expect(refusedBy((await sendFile('accounts', table)).result)).toEqual(['2 credentials.token']);
  expect((await account('搬家'))?.settings).toEqual({ site: 'https://old.example' });
  expect(await noticesAbout('搬家')).toMatchObject([
    { level: 'urgent', said: { zh: expect.stringContaining('evil.example') } },
  ]);
  const anew = { ...elsewhere, credentials: { token: 'good-newer' } };
  expect((await importAccounts([anew])).body).toMatchObject({ updated: 1, refused: [] });
  expect(await credentialsOf('搬家')).toEqual({ token: 'good-newer' });
  const told = (await noticesAbout('搬家')).map(({ said }) => said.zh);
  expect(told).toHaveLength(2);
  expect(told[1]).toContain('https://evil.example（原为 https://old.example）');
});

it('cleans names and settings of what nobody can see, and refuses it in ids and filters', async () => {
  const dirty = 'a\u0000b\u000Bc\uFFFEd\uD800e';
  const { refused } = (
    await importUnits([
      { id: 'dirty', name: dirty, region: '350000' },
      { id: 'a\u0000', name: '某', region: '350000' },
      { id: 'c', parent: 'a\u0000', name: '某', region: '350000' },
    ])
  ).body as ImportResult;
  expect(refused.map(({ row, field }) => `${row} ${field}`)).toEqual(['2 id', '3 parent']);
  expect((await unit('dirty'))?.name).toBe('ab cde');
  await importAccounts([
    named('名', {
      name: `名${dirty}`,
      tags: [dirty],
      settings: { site: 'https://dirty.example/\u0000a' },
      credentials: { token: 'good\u0000-token' },
    }),
  ]);
  expect(await account('名ab cde')).toMatchObject({ tags: ['ab cde'], settings: { site: 'https://dirty.example/a' } });
  const { result } = await sendFile('organizations', `id,name,region\ndirty,名\u0000称,350000\n`);
  expect(JSON.stringify(result.told)).toContain('第 2 行有看不见的控制字符');
  expect((await unit('dirty'))?.name).toBe('名称');
});

it('moves the subtree and the accounts of a unit along with it', async () => {
  await importUnits([{ id: 'fz', name: '福州市', parent: 'xm', region: '350199' }]);
  expect((await unit('gulou'))?.path).toBe('fj/xm/fz/gulou/');
  expect(await account('门户')).toMatchObject({ path: 'fj/xm/fz/', region: '350199' });
});

it('lists accounts by channel, unit and state of their credentials', async () => {
  const ids = async (query: string) =>
    ((await server.call('GET', `/api/v1/accounts?${query}`)).body as { items: { name: string }[] }).items
      .map(({ name }) => name)
      .sort();
  expect(await ids('channel=board&organization=fz')).toEqual(expect.arrayContaining(['丁', '门户']));
  expect(await ids('channel=app&organization=fz')).toEqual([]);
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
