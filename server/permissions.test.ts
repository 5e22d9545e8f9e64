/** Every route × every role × where the object lies: own unit, below, beside, above. What each must answer is worked out from what the route declares. */
import { openTestServer, request, type TestServer } from '../test/support/http.js';
import { cookieOf } from '../test/support/cookie.js';
import { createVault } from '../core/accounts/vault.js';
import { newId } from '../core/ids.js';
import { placementId } from '../core/model/placement.js';
import { subtree } from '../core/model/organization.js';
import { makeTemplate } from '../core/event-templates/book.js';
import { templateContent } from '../core/event-templates/fixtures/templates.js';
import { addPerson } from '../core/people/add.js';
import { roleHas, roles, type Permission, type Role } from '../core/model/roles.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import { firstKnown } from '../core/placements/protocol.js';
import { openQueries } from '../core/placements/queries.js';
import { notify } from '../core/notices/notices.js';
import { comment } from '../core/reviews/comments.js';
import { submit } from '../core/reviews/reviews.js';
import { objectKinds, type Needs, type ObjectKind } from './needs.js';

const units = {
  above: { organization: 'province', path: 'province/' },
  own: { organization: 'city', path: 'province/city/' },
  below: { organization: 'county', path: 'province/city/county/' },
  beside: { organization: 'other', path: 'province/other/' },
} as const;
type Place = keyof typeof units;
const places = Object.keys(units) as Place[];
const reaches = (place: Place): boolean => place === 'own' || place === 'below';

interface Route {
  method: string;
  path: string;
  needs: Needs | undefined;
}

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let routes: Route[];
const sessions = new Map<Role, Record<string, string>>();
/** Ids by kind and place. */
const objects = new Map<Place, Record<ObjectKind, string>>();

beforeAll(async () => {
  server = await openTestServer();
  const { services } = server;
  Object.assign(services.queries, openQueries(services.store));
  for (const { organization, path } of Object.values(units)) {
    const parent = path.split('/').at(-3);
    await services.store.organizations.create({
      _id: organization,
      name: organization,
      path,
      region: '350000',
      ...(parent !== undefined && { parent }),
    });
  }
  for (const role of roles) {
    const password = newId('p');
    const name = `city-${role}`;
    await addPerson(services, { name, displayName: role, password, roles: [role], unit: units.own });
    const answer = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
    sessions.set(role, { cookie: cookieOf(answer), origin: server.url });
  }
  for (const place of places) objects.set(place, await objectsOf(place));
  const document = (await request(`${server.url}/api/openapi.json`, 'GET')).body as {
    paths: Record<string, Record<string, { 'x-needs'?: Needs }>>;
  };
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, entry]) => ({ method, path, needs: entry['x-needs'] })),
  );
});
afterAll(() => server.close());

/** One of each in a unit. */
async function objectsOf(place: Place): Promise<Record<ObjectKind, string>> {
  const { store } = server.services;
  const unit = units[place];
  const input = { title: `${place} 的通知`, source: '示例', body: { format: 'text', content: '正文' } };
  const { content } = await composeContent(store, releaseInput.parse(input));
  const { release } = await createRelease(store, content, { by: { person: 'u' }, unit });
  const account = newId('a');
  const sealed = createVault(Buffer.alloc(32)).seal(account, {});
  const common = { channel: 'board', organization: unit.organization, region: '350000' };
  await store.accounts.create({
    _id: account,
    name: `${place} 的账号`,
    path: unit.path,
    tags: [],
    enabled: true,
    settings: { site: 'https://board.example' },
    sealed,
    credential: { state: 'unchecked' },
    createdAt: new Date(),
    ...common,
  });
  const placement = placementId(release._id, account);
  await store.placements.create({
    _id: placement,
    release: release._id,
    account,
    lane: 'routine',
    state: 'failed',
    since: new Date(),
    attempts: 0,
    recent: [],
    version: 0,
    ...common,
    ...firstKnown({ seq: 1, revision: release.revision }, 'run'),
  });
  const medium = newId('m');
  await store.media.create({
    _id: medium,
    name: 'a.pdf',
    mime: 'application/pdf',
    bytes: 1,
    createdBy: 'u',
    createdAt: new Date(),
    units: [unit.organization],
    variants: [],
    state: 'ready',
  });
  await notify(store, { level: 'info', key: `n ${place}`, said: { zh: place, en: place }, account });
  const notice = await store.notices.findOne({ key: `n ${place}` }).lean();
  const submission = { release: release._id, revision: release.revision, audience: {} };
  const review = await submit(server.services, submission, { person: 'u' });
  const about = { release: release._id, revision: release.revision };
  const remark = await comment(store, about, { words: '请核对' }, { person: 'u' });
  const order = newId('d');
  await store.orders.create({
    _id: order,
    release: release._id,
    revision: release.revision,
    seq: 1,
    action: 'publish',
    audience: {},
    place: unit.path,
    reach: { audience: true, standing: false },
    lane: 'routine',
    by: 'u',
    at: new Date(),
    state: 'planned',
    walk: 'audience',
    placements: 0,
    notBefore: new Date('2027-10-01T01:00:00Z'),
  });
  const duty = newId('y');
  await sowLine(duty, place);
  const audience = newId('v');
  const saved = { name: `${place} 的范围`, audience: {}, version: 1, by: 'u', at: new Date() };
  await store.savedAudiences.create({ _id: audience, ...unit, ...saved });
  const scenario = newId('k');
  const rehearsed = {
    title: `${place} 的演练`,
    injects: [],
    audience: {},
    ...unit,
    by: 'u',
    at: new Date(),
    version: 1,
  };
  await store.drillScenarios.create({
    ...{ _id: scenario, ...rehearsed, event: '台风', level: 'red', text: '正文', instruction: '请撤离' },
    ...{ holders: 'own', everyMonths: 6, since: new Date('2020-01-01') },
  });
  const drill = newId('q');
  await store.drills.create({
    ...{ _id: drill, ...rehearsed, scenario },
    release: release._id,
    findings: [],
    owners: [],
  });
  const alert = newId('b');
  await store.alerts.create({
    _id: alert,
    origin: { by: 'http' },
    by: 'u',
    at: new Date(),
    ...unit,
    bytes: 1,
    hash: 'x',
    outcome: { is: 'refused', element: 'alert', line: 1, why: { zh: '空', en: 'empty' } },
    state: 'refused',
    lastAt: new Date(),
  });
  await store.alertRaws.create({ _id: alert, base64: 'eA==' });
  const source = newId('s');
  await store.alertSources.create({
    _id: source,
    sender: `${place}@example.cn`,
    name: place,
    ...unit,
    signed: false,
    hourly: 1,
    enabled: true,
    createdBy: 'u',
    createdAt: new Date(),
  });
  const inlet = newId('i');
  await store.alertInlets.create({
    _id: inlet,
    is: 'folder',
    name: place,
    address: place,
    every: 60,
    ...unit,
    enabled: false,
    createdBy: 'u',
    createdAt: new Date(),
  });
  const script = templateContent(`${place} 的模板`);
  const template = await makeTemplate(store, { content: script, unit }, { person: 'u' });
  const password = newId('p');
  const member = { displayName: `${place} 的人`, password, unit };
  const { _id: person } = await addPerson(server.services, { ...member, name: `member-${place}`, roles: [] });
  const { _id: holder } = await addPerson(server.services, { ...member, name: `holder-${place}`, roles: ['reviewer'] });
  const grant = await store.grants.findOne({ person: holder }).lean();
  return {
    release: release._id,
    account,
    placement,
    medium,
    alert,
    source,
    inlet,
    order,
    unit: unit.organization,
    audience,
    notice: notice?._id ?? '',
    person,
    grant: grant?._id ?? '',
    review: review._id,
    comment: remark._id,
    duty,
    scenario,
    drill,
    template: template._id,
  };
}

/** A line of a roster, also where somebody has taken it off. */
async function sowLine(_id: string, place: Place): Promise<void> {
  const { organization, path } = units[place];
  const line = {
    organization,
    path,
    step: 1,
    name: `${place} 的值班员`,
    phone: '13800000000',
    by: 'u',
    at: new Date(),
  };
  await server.services.store.dutyEntries.updateOne({ _id }, { $set: line }, { upsert: true });
}

/** What the route must answer, as a test on the status. */
function wanted(needs: Needs, role: Role, place: Place): 'hidden' | 'forbidden' | 'let in' {
  if (needs.permission === 'any') return 'let in';
  const has = (permission: Permission): boolean => roleHas(role, permission);
  switch (needs.over) {
    case 'places':
      return has(needs.permission) ? 'let in' : 'forbidden';
    case 'new':
      if (!has(needs.permission)) return 'forbidden';
      return reaches(place) ? 'let in' : 'hidden';
    default:
      if (!reaches(place) || !has(objectKinds[needs.over])) return 'hidden';
      return has(needs.permission) ? 'let in' : 'forbidden';
  }
}

function got(status: number): 'hidden' | 'forbidden' | 'let in' | 'shown the door' {
  if (status === 401) return 'shown the door';
  if (status === 404) return 'hidden';
  return status === 403 ? 'forbidden' : 'let in';
}

/** Enough of a body to get past its checks where the unit it names is read from it. */
const bodies: Readonly<Record<string, object>> = {
  'put /api/v1/chains': { steps: [] },
  'put /api/v1/chains/solo': { persons: [] },
  'put /api/v1/chains/break-glass': { persons: [] },
  'post /api/v1/releases': { title: '标题', source: '来源', body: { format: 'text', content: '正文' } },
  'post /api/v1/audiences': { name: '常用', audience: {} },
  'post /api/v1/drill-scenarios': {
    title: '台风演练',
    event: '台风',
    level: 'red',
    text: '正文',
    instruction: '请撤离',
    audience: {},
    injects: [],
    holders: 'own',
  },
  'post /api/v1/event-templates': { content: templateContent('新模板') },
  'post /api/v1/event-templates/import': { templates: [templateContent('导入的模板')] },
  'post /api/v1/alert-sources': { sender: 'new@example.cn', name: '新来源' },
  'post /api/v1/alert-inlets': { is: 'folder', name: '新收取', address: 'new' },
  'post /api/v1/accounts': {
    channel: 'board',
    name: '新账号',
    settings: { site: 'https://new.example' },
    credentials: { token: 'good-token' },
  },
};
/** Whose body is bytes, so that their unit is the caller's own; and what would end the session or the walk. */
const ownUnit = ['post /api/v1/media', 'post /api/v1/releases/import', 'post /api/v1/alerts'];
const ending = ['delete /api/v1/session', 'get /api/v1/events'];

/** Asked by POST for what they carry, and nothing is changed by them; what it is to open a text is kept with the review. */
const asking = [
  'post /api/v1/audience',
  'post /api/v1/audit/check',
  // A mark of having read.
  'post /api/v1/notices/{id}/seen',
  // Asked here to change nothing, and the orders of this test are no real ones.
  'put /api/v1/organizations/{id}',
  'post /api/v1/orders/{id}/unschedule',
  'post /api/v1/orders/{id}/send',
];

it('declares for every route what it needs, but for signing in and for what is published of the book of acts', () => {
  expect(routes.length).toBeGreaterThan(25);
  expect(routes.filter(({ needs }) => !needs).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'post /api/v1/session',
    'post /api/v1/session/code',
    'get /api/v1/session/ways',
    'post /api/v1/session/provider',
    'post /api/v1/links/look',
    'post /api/v1/links/accept',
    'get /api/v1/audit/heads',
    'post /api/v1/receipts/look',
    'post /api/v1/receipts/copy-picture',
    'post /api/v1/receipts/picture',
    'post /api/v1/receipts/confirm',
  ]);
});

it('answers every role as declared, wherever the object lies, and keeps what was done in the book of acts', async () => {
  const wrong: string[] = [];
  const done = new Set<string>();
  const kept = new Set<string>();
  const { auditEntries } = server.services.store;
  let asked = 0;
  for (const { method, path, needs } of routes) {
    const route = `${method} ${path}`;
    if (!needs || ending.includes(route)) continue;
    const over = needs.permission === 'any' ? 'places' : needs.over;
    const whose: readonly Place[] = over === 'places' || ownUnit.includes(route) ? ['own'] : places;
    for (const role of roles)
      for (const place of whose) {
        const ids = objects.get(place);
        const id = over === 'places' || over === 'new' ? 'none' : ids?.[over];
        // Several roles may take it off, one after the other.
        if (over === 'duty') await sowLine(id ?? '', place);
        const said = method === 'get' ? 0 : await auditEntries.countDocuments();
        const json = over === 'new' ? { ...bodies[route], organization: units[place].organization } : {};
        const { status, body } = await request(
          `${server.url}${path.replace(/\{\w+\}/g, id ?? '')}`,
          method.toUpperCase(),
          {
            headers: { ...sessions.get(role), ...(ownUnit.includes(route) && { 'content-type': 'text/plain' }) },
            ...(method === 'get' ? {} : ownUnit.includes(route) ? { bytes: 'x' } : { json }),
          },
        );
        asked += 1;
        if (method !== 'get' && status < 300) {
          done.add(route);
          if ((await auditEntries.countDocuments()) > said) kept.add(route);
        }
        const code = (body as { error?: { code: string; field?: string } } | undefined)?.error;
        // A unit that one may not see is no unit; what lists do with no id of theirs is another matter.
        const answer = over === 'new' && code?.field === 'organization' ? 'hidden' : got(status);
        const expected = wanted(needs, role, place);
        if (answer !== expected && !(over === 'places' && expected === 'let in' && answer === 'hidden'))
          wrong.push(`${route} as ${role}, ${place}: ${answer} (${status} ${code?.code ?? ''}), not ${expected}`);
      }
  }
  expect(wrong).toEqual([]);
  expect([...done].filter((route) => !kept.has(route) && !asking.includes(route))).toEqual([]);
  expect(asked).toBeGreaterThan(500);
});

it('names in no list what lies beside or above, whoever asks', async () => {
  // Whose unit it is below one may know, and which audiences, scenarios and templates that unit has for those below.
  const known = objects.get('above');
  const open = [units.above.organization, known?.audience, known?.scenario, known?.template];
  const foreign = (['beside', 'above'] as const)
    .flatMap((place) => [...Object.values(objects.get(place) ?? {})])
    .filter((id) => !open.includes(id));
  const lists = routes.filter(
    ({ method, path, needs }) => method === 'get' && needs && !path.includes('{') && path !== '/api/v1/events',
  );
  expect(lists.length).toBeGreaterThan(5);
  for (const role of roles)
    for (const { path } of lists)
      for (const query of [
        '?from=2027-10-01&to=2027-10-01',
        '?limit=100',
        '?limit=100&organization=other',
        '?limit=100&channel=board',
      ]) {
        // What was refused names what one's own people asked for.
        const done = path.startsWith('/api/v1/audit') ? '&outcome=done' : '';
        const { status, body } = await request(`${server.url}${path}${query}${done}`, 'GET', {
          headers: sessions.get(role) ?? {},
        });
        const text = JSON.stringify(body);
        const named = foreign.filter((id) => text.includes(`"${id}"`));
        expect({ role, path, query, status, named }).toEqual({ role, path, query, status, named: [] });
      }
});

it('counts of an audience what the caller may see, however wide it is asked', async () => {
  for (const json of [{}, { organizations: ['province'] }, { regions: ['350000'] }, { channels: ['board'] }]) {
    const headers = sessions.get('writer') ?? {};
    const { body } = await request(`${server.url}/api/v1/audience`, 'POST', { json, headers });
    const { accounts } = server.services.store;
    const mine = await accounts.countDocuments({ path: subtree(units.own.path), enabled: true });
    expect(await accounts.countDocuments({ enabled: true })).toBeGreaterThan(mine);
    expect(body).toEqual({ total: mine, byChannel: { board: mine } });
  }
});

it('takes rows of a table only for units of the importer', async () => {
  const unitsFile = {
    organizations: [
      { id: 'new-below', name: '新设', region: '350001', parent: 'city' },
      { id: 'new-beside', name: '越界', region: '350001', parent: 'other' },
      { id: 'other', name: '改名', region: '350000', parent: 'province' },
      { id: 'county', name: '迁出', region: '350000', parent: 'other' },
    ],
  };
  const { body } = await request(`${server.url}/api/v1/organizations/import`, 'POST', {
    json: unitsFile,
    headers: sessions.get('admin') ?? {},
  });
  expect(body).toMatchObject({ created: 1, refused: [{ row: 2 }, { row: 3 }, { row: 4 }] });
  const accounts = ['city', 'other'].map((organization) => ({
    channel: 'board',
    organization,
    name: `${organization} 新账号`,
    settings: { site: `https://${organization}.example` },
    credentials: { token: 'good-token' },
  }));
  const imported = await request(`${server.url}/api/v1/accounts/import`, 'POST', {
    json: { accounts },
    headers: sessions.get('operator') ?? {},
  });
  expect(imported.body).toMatchObject({ created: 1, refused: [{ row: 2 }] });
});

it('lets a person in no longer whose row or grant was written by hand', async () => {
  const { store } = server.services;
  const headers = sessions.get('writer') ?? {};
  const grant = { _id: 'g-forged', person: 'x', role: 'signer' as const, path: '', by: 'x', at: new Date(), seal: 'x' };
  const writer = await store.people.findOne({ name: 'city-writer' }).lean();
  await store.grants.create({ ...grant, person: writer?._id ?? '' });
  const before = (await request(`${server.url}/api/v1/session`, 'GET', { headers })).body as { roles: unknown[] };
  expect(before.roles).toEqual([{ role: 'writer', path: units.own.path }]);
  const reviewer = await store.people.findOne({ name: 'city-reviewer' }).lean();
  await store.people.updateOne({ name: 'city-reviewer' }, { $set: { passwordHash: writer?.passwordHash } });
  expect(
    (await request(`${server.url}/api/v1/session`, 'GET', { headers: sessions.get('reviewer') ?? {} })).status,
  ).toBe(401);
  await store.people.updateOne({ name: 'city-reviewer' }, { $set: { passwordHash: reviewer?.passwordHash } });
});
