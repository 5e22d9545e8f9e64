/** Whom an audience reaches and whom not, told before anything is signed: shapes, codes, exceptions, gaps, saved audiences, over HTTP. */
import type { Channel } from '../channels/channel.js';
import type { ImportResult } from '../core/import-result.js';
import { newId } from '../core/ids.js';
import type { AccountRow } from '../core/model/account.js';
import { firstKnown } from '../core/placements/protocol.js';
import { boardChannel } from '../test/support/board-channel.js';
import { openTestServer, type Answer, type TestServer } from '../test/support/http.js';
import type { GapPage, SavedAudienceBody, SurveyBody } from './contract/audiences.js';

let server: TestServer;
beforeAll(async () => {
  // A channel that stages something.
  const board = { ...boardChannel, prepare: () => Promise.resolve() } as unknown as Channel;
  server = await openTestServer({ services: { channels: new Map([['board', board]]) } });
  const { store } = server.services;
  for (const [id, region, parent] of [
    ['fujian', '350000', ''],
    ['fuzhou', '350100', 'fujian'],
    ['bureau', '350100', 'fuzhou'],
    ['pingtan', '350128', 'fuzhou'],
    ['island', '350128', 'pingtan'],
    ['xiamen', '350200', 'fujian'],
    ['quiet', '350600', 'fujian'],
  ] as const) {
    const above = parent === '' ? '' : ((await store.organizations.findById(parent).lean())?.path ?? '');
    await store.organizations.create({
      _id: id,
      name: `单位${id}`,
      region,
      path: `${above}${id}/`,
      ...(parent !== '' && { parent }),
    });
  }
  for (const unit of ['fujian', 'fuzhou', 'bureau', 'pingtan', 'island', 'xiamen']) await sow(unit);
  // Of xiamen the roster is empty.
  for (const organization of ['fuzhou', 'bureau']) {
    const { path = '' } = (await store.organizations.findById(organization).lean()) ?? {};
    const line = { step: 1, name: '值班员', phone: '13800000000', by: 'u1', at: new Date() };
    await store.dutyEntries.create({ _id: `y-${organization}`, organization, path, ...line });
  }
});
afterAll(() => server.close());

const day = 86_400_000;

/** An account that has nothing wrong with it, unless told. */
async function sow(unit: string, more: Partial<AccountRow> = {}): Promise<string> {
  const { store } = server.services;
  const { path, region, position } = (await store.organizations.findById(unit).lean()) ?? { path: '', region: '' };
  const _id = newId('a');
  await store.accounts.create({
    _id,
    channel: 'board',
    name: `${unit} ${_id}`,
    organization: unit,
    path,
    region,
    ...position,
    tags: [],
    enabled: true,
    settings: { site: `https://${_id}.example` },
    sealed: server.services.vault.seal(_id, {}),
    credential: { state: 'ok', checkedAt: new Date() },
    prepared: { at: new Date() },
    createdAt: new Date(),
    ...more,
  });
  return _id;
}

const call = (method: string, path: string, json?: object): Promise<Answer> =>
  server.call(method, `/api/v1${path}`, json === undefined ? {} : { json });

async function surveyed(audience: object, more: object = {}): Promise<SurveyBody> {
  const { status, body } = await call('POST', '/audiences/survey', { audience, ...more });
  expect([status, status === 200 ? '' : body]).toEqual([200, '']);
  return body as SurveyBody;
}
const listOf = ({ gaps }: SurveyBody, kind: string) => gaps.find((one) => one.kind === kind);
const namesOf = (found: SurveyBody, kind: string) => listOf(found, kind)?.items.map(({ name }) => name) ?? [];

const square = (low: number, high: number): number[][] => [
  [low, low],
  [high, low],
  [high, high],
  [low, high],
  [low, low],
];
const feature = (code: unknown, coordinates: unknown, type = 'Polygon') => ({
  type: 'Feature',
  properties: { adcode: code, name: `地区${String(code)}` },
  geometry: { type, coordinates },
});
/** 350128 lies wholly in a hole of 350100. */
const map = {
  type: 'FeatureCollection',
  features: [
    feature(350100, [square(0, 10), square(4, 6)]),
    feature('350128000000', [[square(4, 6)]], 'MultiPolygon'),
    feature('Hainan', [square(0, 1)]),
    feature('350200', [square(0, 1)], 'Point'),
    feature('350300', [
      [
        [0, 0],
        [1, 1],
        [0, 0],
      ],
    ]),
    feature('350400', [square(170, 190)]),
  ],
};
async function importMap(query = ''): Promise<ImportResult> {
  const { status, body } = await server.call('POST', `/api/v1/regions/import${query}`, { bytes: JSON.stringify(map) });
  expect(status).toBe(200);
  return body as ImportResult;
}

it('lists every unit of which nobody knows whether it lies in a shape, until an outline or a position says so', async () => {
  const inHole = { polygons: ['4.5,4.5 4.5,5.5 5.5,5.5 5.5,4.5 4.5,4.5'] };
  const before = await surveyed(inHole);
  expect(before.total).toBe(0);
  expect(listOf(before, 'no_position')).toMatchObject({ count: 6 });
  expect(listOf(before, 'no_position')?.items[0]?.act).toMatchObject({ command: 'lianfa regions import FILE' });

  const refused = [3, 4, 5, 6].map((row) => expect.objectContaining({ row }) as unknown);
  expect(await importMap('?dryRun=true')).toMatchObject({ dryRun: true, created: 2, unchanged: 0, refused });
  expect((await call('GET', '/regions')).body).toEqual({ items: [] });
  expect(await importMap()).toMatchObject({ created: 2, refused });
  expect(await importMap()).toMatchObject({ created: 0, updated: 0, unchanged: 2, refused });
  expect((await call('GET', '/regions')).body).toMatchObject({ items: [{ code: '350100' }, { code: '350128' }] });

  // A polygon in the hole reaches the region that fills it, and nothing of the one around it.
  const now = await surveyed(inHole);
  expect(now.byRegion).toEqual([{ region: '350128', total: 2, byChannel: { board: 2 } }]);
  expect(namesOf(now, 'no_position').sort()).toEqual(['fujian', 'xiamen']);
  const overEdge = await surveyed({ polygons: ['4.5,4.5 4.5,6.5 5.5,6.5 5.5,4.5 4.5,4.5'] });
  expect(overEdge.byRegion.map(({ region, total }) => [region, total])).toEqual([
    ['350100', 2],
    ['350128', 2],
  ]);
});

it('reads positions of units by form and by table, hands them on to their accounts, and refuses what is no place', async () => {
  const position = { lat: 26.05, lon: 119.25 };
  expect(await call('PUT', '/organizations/bureau', { position })).toMatchObject({ status: 200, body: { position } });
  expect(await call('PUT', '/organizations/bureau', { position: { lat: 119.25, lon: 26 } })).toMatchObject({
    status: 422,
    body: { error: { field: 'position.lat' } },
  });
  const table =
    '单位编号,单位名称,行政区划代码,纬度,经度\nxiamen,厦门,350200,24.48,118.09\nisland,,,,119.8\nquiet,,,24.5N,117.6\n';
  const { body } = await server.call('POST', '/api/v1/organizations/import', {
    bytes: table,
    headers: { 'content-type': 'text/csv' },
  });
  expect(body).toMatchObject({
    updated: 1,
    changes: [{ name: '厦门', fields: ['name', 'position'] }],
    refused: [
      { row: 3, field: 'position.lat' },
      { row: 4, field: 'position.lat' },
    ],
  });
  const { accounts } = server.services.store;
  expect(await accounts.findOne({ organization: 'bureau' }).lean()).toMatchObject(position);
  // Where a unit's position is known, the outline of its region says nothing of it.
  const near = await surveyed({ polygons: ['26.00,119.20 26.15,119.20 26.15,119.40 26.00,119.40 26.00,119.20'] });
  expect(near.total).toBe(1);
  expect((await surveyed({ circles: ['24.48,118.09 0'] })).total).toBe(1);
  expect((await surveyed({ circles: ['24.48,118.0901 0.001'] })).total).toBe(0);

  const elsewhere = await sow('bureau');
  expect(await call('PUT', `/accounts/${elsewhere}`, { organization: 'island' })).toMatchObject({ status: 200 });
  expect(await accounts.findById(elsewhere).lean()).not.toHaveProperty('lat');
  await accounts.deleteOne({ _id: elsewhere });
  expect(await call('PUT', '/organizations/bureau', { position: null })).toMatchObject({ status: 200 });
  expect(await accounts.findOne({ organization: 'bureau' }).lean()).not.toHaveProperty('lat');
});

it('refuses a shape that cannot be read, by its place in the list, wherever an audience is taken', async () => {
  for (const [audience, field] of [
    [{ polygons: ['1,1 1,2 2,2 1,1', '1,1 1,2 2,2 2,1'] }, 'audience.polygons.1'],
    [{ circles: ['1,1 -5'] }, 'audience.circles.0'],
    [{ except: [{ organizations: ['bureau'] }] }, 'audience.except.0.reason'],
    [{ except: [{ reason: '停电' }] }, 'audience.except.0'],
  ] as const)
    expect(await call('POST', '/audiences/survey', { audience })).toMatchObject({
      status: 422,
      body: { error: { field } },
    });
  expect(
    await call('POST', '/audiences/survey', { audience: { except: [{ organizations: ['nobody'], reason: '停电' }] } }),
  ).toMatchObject({ status: 422, body: { error: { code: 'account_unknown', field: 'audience.except' } } });
});

it('tells the number by shape, by code and together, and which rule counts', async () => {
  const small = { polygons: ['24.4,118.0 24.4,118.2 24.6,118.2 24.6,118.0 24.4,118.0'], regions: ['350100'] };
  const found = await surveyed(small);
  expect(found.both).toMatchObject({ byShape: 1, byCode: 4, together: 5 });
  expect(found.both?.rule.zh).toContain('合在一起');
  expect(found.total).toBe(5);
  expect((await surveyed({ regions: ['350100'] })).both).toBeUndefined();
  const crossing = await surveyed({ polygons: ['26.00,119.20 26.15,119.40 26.00,119.40 26.15,119.20 26.00,119.20'] });
  expect(crossing.shapes).toEqual([{ pairs: 5, crosses: { lat: expect.closeTo(26.075), lon: expect.closeTo(119.3) } }]);
});

it('counts as many places as codes were given, and lists each unknown one by its code and each area without a place by its name', async () => {
  const regions = ['350100', '359999', '350128101203'];
  const areas = [
    { name: '某海域' },
    { name: '空码', code: ' ' },
    { name: '外地', geocodes: [{ name: 'UGC', value: 'ZZC001' }] },
    { name: '有图', circles: ['1,1 2'] },
  ];
  const found = await surveyed({ regions }, { areas });
  expect(found.codes).toEqual([
    { code: '350100', accounts: 4 },
    { code: '359999', accounts: 0 },
    { code: '350128101203', accounts: 0 },
  ]);
  expect(namesOf(found, 'unknown_code')).toEqual(['359999', '350128101203', 'ZZC001']);
  expect(listOf(found, 'unknown_code')?.items[1]?.act.said.zh).toContain('350128');
  expect(namesOf(found, 'no_place')).toEqual(['某海域', '空码']);
});

it('leaves out whom the exceptions name, and tells how many', async () => {
  const except = [{ organizations: ['pingtan'], reason: '全岛停电，另行通知' }];
  const found = await surveyed({ regions: ['350100'], except });
  expect([found.total, found.excepted]).toEqual([2, 2]);
  // Who was left out on purpose is no gap.
  expect(found.gaps.filter(({ count }) => count > 0)).toEqual([]);
});

it('finds each kind of gap with one next act, and none where nothing is wrong', async () => {
  const { store } = server.services;
  const ids = {
    dead: await sow('xiamen', { credential: { state: 'dead', cause: { zh: '已过期', en: 'expired' } } }),
    ending: await sow('xiamen', {
      credential: { state: 'ok', checkedAt: new Date(Date.now() - 3 * day), daysLeft: 8 },
    }),
    unstaged: await sow('xiamen', { prepared: { at: new Date(), failed: { zh: '素材已满', en: 'full' } } }),
    stale: await sow('xiamen', { prepared: { at: new Date(Date.now() - 5 * day) } }),
    silent: await sow('xiamen', { createdAt: new Date(Date.now() - 60 * day) }),
    spoken: await sow('xiamen', { createdAt: new Date(Date.now() - 60 * day) }),
    off: await sow('xiamen', { enabled: false }),
  };
  const spoke = {
    account: ids.spoken,
    organization: 'xiamen',
    channel: 'board',
    region: '350200',
    lane: 'routine' as const,
  };
  await store.placements.create({
    _id: newId('p'),
    release: 'r1',
    ...spoke,
    state: 'verified',
    since: new Date(Date.now() - day),
    attempts: 1,
    version: 1,
    recent: [],
    ...firstKnown({ seq: 1, revision: 'v1' }, 'run'),
  });
  const found = await surveyed({ regions: ['350200', '350600'] });
  const told = Object.fromEntries(
    found.gaps
      .filter(({ count }) => count > 0)
      .map(({ kind, items }) => [kind, items.map(({ of }) => of.account ?? of.organization ?? of.region)]),
  );
  expect(told).toEqual({
    no_account: ['350600', 'quiet'],
    switched_off: [ids.off],
    credential_dead: [ids.dead],
    credential_ending: [ids.ending],
    not_staged: [ids.unstaged, ids.stale],
    no_duty: ['xiamen'],
    silent: [ids.silent],
  });
  for (const { items } of found.gaps) for (const { act } of items) expect([act.said.zh, act.link]).not.toContain('');
  expect(found.total).toBe(7);
  await call('POST', '/organizations/pingtan/close', { reason: '撤并' });
  const closed = await surveyed({ regions: ['350128'] });
  expect(closed.total).toBe(0);
  expect(listOf(closed, 'switched_off')).toMatchObject({
    count: 2,
    items: [{ act: { link: '/units?words=pingtan' } }, {}],
  });
  await call('POST', '/organizations/pingtan/reopen');
  await store.accounts.deleteMany({ _id: { $in: Object.values(ids) } });
});

it('reaches whoever comes after thousands that are switched off, and gives their gaps by page', async () => {
  const { store } = server.services;
  const one = await store.accounts.findOne({ organization: 'xiamen' }).lean();
  const rows = Array.from({ length: 3_200 }, (_, n) => ({
    ...one,
    _id: `a0many${String(n).padStart(5, '0')}`,
    name: `many ${n}`,
    enabled: n >= 3_000,
    tags: ['many'],
  }));
  await store.accounts.insertMany(rows);
  const asked = { audience: { tags: ['many'] } };
  const found = await surveyed(asked.audience);
  expect(found.total).toBe(200);
  expect(listOf(found, 'switched_off')).toMatchObject({ count: 3_000 });
  expect(listOf(found, 'switched_off')?.items).toHaveLength(20);
  const page = async (from: number): Promise<GapPage> =>
    (await call('POST', '/audiences/gaps', { ...asked, kind: 'switched_off', from, limit: 500 })).body as GapPage;
  const all: string[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const { items, next }: GapPage = await page(from);
    all.push(...items.map(({ of }) => of.account ?? ''));
    from = next;
  }
  expect(all).toEqual(rows.slice(0, 3_000).map(({ _id }) => _id));
  expect(await call('POST', '/audiences/gaps', { ...asked, kind: 'none' })).toMatchObject({ status: 404 });
  await store.accounts.deleteMany({ tags: 'many' });
});

it('keeps an audience under a name for a unit and those below, changed only by who saw it as it is', async () => {
  const audience = {
    regions: ['350128'],
    circles: ['25.5,119.8 30'],
    except: [{ organizations: ['island'], reason: '停电' }],
  };
  const made = await call('POST', '/audiences', { name: '平潭沿海', organization: 'pingtan', audience });
  expect(made).toMatchObject({
    status: 201,
    body: { name: '平潭沿海', organization: 'pingtan', audience, version: 1 },
  });
  const { id } = made.body as SavedAudienceBody;
  const taken = { name: '平潭沿海', organization: 'pingtan', audience: {} };
  expect(await call('POST', '/audiences', taken)).toMatchObject({ status: 422, body: { error: { field: 'name' } } });
  const unknown = { name: '别的', organization: 'pingtan', audience: { channels: ['telex'] } };
  expect(await call('POST', '/audiences', unknown)).toMatchObject({
    status: 422,
    body: { error: { code: 'channel_unknown' } },
  });

  const change = { name: '平潭全境', audience: { regions: ['350128'] }, version: 1 };
  const [one, other] = await Promise.all([1, 2].map(() => call('PUT', `/audiences/${id}`, change)));
  expect([one?.status, other?.status].sort()).toEqual([200, 409]);
  expect((await call('GET', '/audiences')).body).toMatchObject({ items: [{ id, name: '平潭全境', version: 2 }] });
  expect(await call('POST', `/audiences/${id}/close`)).toMatchObject({ status: 200 });
  expect((await call('GET', '/audiences')).body).toEqual({ items: [] });
  expect(await call('PUT', `/audiences/${id}`, { ...change, version: 2 })).toMatchObject({ status: 404 });
  const acts = await server.services.store.auditEntries
    .find({ act: { $in: ['saved-audience.save', 'saved-audience.change', 'saved-audience.close'] } })
    .lean();
  expect(acts.map(({ act, outcome }) => `${act} ${outcome}`).sort()).toEqual(
    expect.arrayContaining(['saved-audience.change done', 'saved-audience.close done', 'saved-audience.save done']),
  );
});
