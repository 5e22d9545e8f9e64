/** The library of drills over HTTP: pushed down the tree, begun, held, overdue; and that an exercise shows marked pictures alone. */
import { firstKnown } from '../core/placements/protocol.js';
import { mediaFile } from '../core/media/files.js';
import { placementId } from '../core/model/placement.js';
import { openQueries } from '../core/placements/queries.js';
import { bearsMark, ground } from '../test/support/drill-pixels.js';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { personWith, type TestPerson } from '../test/support/people.js';
import type { DrillBody, DrillRow, OverdueDrills, ScenarioBody } from './contract/drills.js';
import type { ReleaseBody, ReleaseSaved } from './contract/releases.js';
import type { TasksBody } from './contract/reviews.js';

let server: TestServer;
let province: TestPerson;
let city: TestPerson;
let writer: TestPerson;
beforeAll(async () => {
  server = await openTestServer();
  const { store } = server.services;
  Object.assign(server.services.queries, openQueries(store));
  for (const [_id, parent, region] of [
    ['province', undefined, '350000'],
    ['city', 'province', '350100'],
    ['town', 'province', '350200'],
    ['village', 'city', '350102'],
  ] as const) {
    const path = { province: 'province/', city: 'province/city/', town: 'province/town/' }[_id as string];
    const unit = { _id, name: `单位${_id}`, path: path ?? 'province/city/village/', region };
    await store.organizations.create({ ...unit, ...(parent !== undefined && { parent }) });
  }
  const unit = { organization: 'city', path: 'province/city/' };
  province = await personWith(server, ['commander'], { organization: 'province', path: 'province/' });
  city = await personWith(server, ['commander'], unit);
  writer = await personWith(server, ['writer'], unit);
  for (const person of [province, city, writer]) await person.signIn();
});
afterAll(() => server.close());

const text = {
  title: '防台风演练',
  event: '台风',
  level: 'red',
  text: '假定台风将在我市登陆。',
  instruction: '按预案转移。',
  audience: { channels: ['board'] },
  injects: ['微信凭据失效', '第一值班人不接'],
  holders: 'all',
  everyMonths: 6,
};

async function scenario(more: object = {}): Promise<ScenarioBody> {
  const answer = await province.call('POST', '/drill-scenarios', { ...text, ...more });
  expect(answer.status).toBe(201);
  return answer.body as ScenarioBody;
}
const listed = async (person: TestPerson, query = '') =>
  ((await person.call('GET', `/drill-scenarios${query}`)).body as { items: ScenarioBody[] }).items;

/** As if it had gone out at that instant. */
async function wentOut(release: string, publishedAt: Date): Promise<void> {
  await server.services.store.releases.updateOne({ _id: release }, { $set: { publishedAt } });
}
/** As if the months of the scenario had long begun. */
async function longAgo(id: string): Promise<void> {
  await server.services.store.drillScenarios.updateOne({ _id: id }, { $set: { since: new Date('2020-01-01') } });
}
async function began(person: TestPerson, id: string): Promise<DrillRow> {
  const answer = await person.call('POST', `/drill-scenarios/${id}/start`, {});
  expect(answer.status).toBe(201);
  return answer.body as DrillRow;
}

describe('a scenario', () => {
  it('is pushed down: units below read and begin it, and only its own unit changes or closes it', async () => {
    const made = await scenario();
    expect((await listed(city)).map(({ id }) => id)).toContain(made.id);
    for (const [path, json] of [
      ['', { ...text, version: 1 }],
      ['/close', {}],
    ] as const)
      expect((await city.call(path ? 'POST' : 'PUT', `/drill-scenarios/${made.id}${path}`, json)).status).toBe(404);
    const changed = await province.call('PUT', `/drill-scenarios/${made.id}`, {
      ...text,
      title: '新名称',
      version: 1,
    });
    expect(changed).toMatchObject({ status: 200, body: { title: '新名称', version: 2 } });
    const stale = { ...text, version: 1 };
    expect(await province.call('PUT', `/drill-scenarios/${made.id}`, stale)).toMatchObject({
      body: { error: { code: 'changed_meanwhile' } },
    });
    expect((await province.call('POST', `/drill-scenarios/${made.id}/close`, {})).status).toBe(200);
    expect((await listed(city)).map(({ id }) => id)).not.toContain(made.id);
    expect((await city.call('POST', `/drill-scenarios/${made.id}/start`, {})).status).toBe(404);
  });

  it('begins as the draft of an exercise, with an identity of its own, in the unit of whoever begins it', async () => {
    const made = await scenario();
    const [first, second] = [await began(writer, made.id), await began(city, made.id)];
    expect(first.release).not.toBe(second.release);
    for (const row of [first, second]) {
      expect(row).toMatchObject({ scenario: made.id, organization: 'city', organizationName: '单位city' });
      expect(row.held).toBeUndefined();
      expect(row.release).toMatch(/x$/);
      const { body } = await writer.call('GET', `/releases/${row.release}`);
      expect((body as ReleaseBody).revision).toMatchObject({
        title: '防台风演练',
        emergency: { status: 'Exercise', msgType: 'Alert', event: '台风', areas: [{ code: '350100' }] },
      });
    }
    const acts = await server.services.store.auditEntries.find({ act: 'drill.start' }).lean();
    expect(acts.length).toBeGreaterThanOrEqual(2);
  });

  it('of a unit beside or below is none of one’s own', async () => {
    const answer = await city.call('POST', '/drill-scenarios', { ...text, title: '市里的' });
    const { id } = answer.body as ScenarioBody;
    const town = await personWith(server, ['commander'], { organization: 'town', path: 'province/town/' });
    await town.signIn();
    expect((await listed(town)).map((one) => one.id)).not.toContain(id);
    expect((await town.call('POST', `/drill-scenarios/${id}/start`, {})).status).toBe(404);
    // The superior reads it, and holds none of its own by it.
    expect((await listed(province)).map((one) => one.id)).toContain(id);
    expect((await province.call('POST', `/drill-scenarios/${id}/start`, {})).status).toBe(404);
  });
});

describe('who is overdue', () => {
  const overdue = async (person: TestPerson, id: string, query = '') =>
    ((await person.call('GET', `/drills/overdue${query}`)).body as OverdueDrills).items
      .filter((row) => row.scenario === id)
      .map(({ organization }) => organization);

  it.each([
    ['own', ['province']],
    ['below', ['city', 'town']],
    ['all', ['province', 'city', 'village', 'town']],
  ])('is, where a scenario is held by %s, each of %j, by region, once its months are over', async (holders, units) => {
    const made = await scenario({ holders });
    expect(await overdue(province, made.id)).toEqual([]);
    await longAgo(made.id);
    expect(await overdue(province, made.id)).toEqual(units);
    expect(await overdue(city, made.id)).toEqual(units.filter((unit) => ['city', 'village'].includes(unit)));
    expect(await overdue(province, made.id, '?region=350200')).toEqual(units.filter((unit) => unit === 'town'));
  });

  it('is nobody who has held it within its months; a draft that never went out is no drill', async () => {
    const made = await scenario();
    await longAgo(made.id);
    const { release } = await began(city, made.id);
    expect(await overdue(city, made.id)).toContain('city');
    await wentOut(release, new Date(Date.now() - 30 * 24 * 3_600_000));
    expect(await overdue(city, made.id)).toEqual(['village']);
    await wentOut(release, new Date(Date.now() - 200 * 24 * 3_600_000));
    expect(await overdue(city, made.id)).toEqual(['city', 'village']);
  });

  it('waits among the tasks of the commander nearest to the unit, and of nobody else', async () => {
    const made = await scenario();
    await longAgo(made.id);
    const unitsFor = async (person: TestPerson) =>
      ((await person.call('GET', '/tasks')).body as TasksBody).drills
        .filter((row) => row.scenario === made.id)
        .map(({ organization }) => organization);
    expect(await unitsFor(city)).toEqual(['city', 'village']);
    expect(await unitsFor(province)).toContain('province');
    expect(await unitsFor(province)).not.toContain('city');
    expect(await unitsFor(writer)).toEqual([]);
  });
});

describe('a drill that was held', () => {
  it('says what the ledger says: reached, times to 99 %, who was late; and stands beside the next start', async () => {
    const { store } = server.services;
    const made = await scenario();
    const { id, release } = await began(city, made.id);
    const { revision } = (await writer.call('GET', `/releases/${release}`)).body as ReleaseBody;
    const at = Date.parse('2026-11-01T00:00:00Z');
    const later = (seconds: number): Date => new Date(at + seconds * 1_000);
    await store.orders.create({
      ...{ _id: `d-${id}`, release, seq: 1, revision: revision.id, action: 'publish', audience: {} },
      ...{ place: 'province/city/', reach: { audience: true, standing: false }, lane: 'emergency', by: city.id },
      ...{ at: later(-5), notBefore: later(0), expires: later(600), state: 'done', walk: 'audience', placements: 2 },
    });
    for (const [account, seconds] of [
      ['quick', 30],
      ['slow', 900],
    ] as const)
      await store.placements.create({
        _id: placementId(release, account),
        ...{ release, account, channel: 'board', organization: 'city', region: '350100', lane: 'emergency' },
        ...{ state: 'verified', since: later(seconds), attempts: 1, version: 3 },
        ...firstKnown({ seq: 1, revision: revision.id }, 'run'),
        recent: [
          {
            is: 'accepted',
            seq: 1,
            at: later(seconds - 10),
            by: 'publish',
            revision: revision.id,
            remote: { id: 'x' },
          },
          { is: 'read', seq: 1, at: later(seconds), by: 'publish', outcome: 'verified', remote: { id: 'x' } },
        ],
      } as never);
    await wentOut(release, later(0));
    const { body } = await city.call('GET', `/drills/${id}`);
    expect((body as DrillBody).figures).toMatchObject({
      ...{ placements: 2, reached: 2, verified: 2, reached99: 890, verified99: 900, lateCount: 1 },
      late: [{ placement: placementId(release, 'slow'), lateMinutes: 5 }],
    });
    const due = '2026-12-31';
    const finding = { text: '第二值班人电话停机', owner: writer.id, due };
    const found = await city.call('POST', `/drills/${id}/findings`, finding);
    expect(found).toMatchObject({ status: 201, body: { openFindings: 1, findings: [finding] } });
    const [one] = (found.body as DrillBody).findings;
    const nobody = { ...finding, owner: 'nobody' };
    expect(await city.call('POST', `/drills/${id}/findings`, nobody)).toMatchObject({
      body: { error: { code: 'field_invalid', field: 'owner' } },
    });
    const mine = async () => ((await writer.call('GET', '/tasks')).body as TasksBody).findings;
    expect(await mine()).toEqual([{ drill: id, title: text.title, text: finding.text, due }]);
    const last = async () => (await listed(city)).find((row) => row.id === made.id)?.last;
    expect(await last()).toMatchObject({ id, reached: 2, placements: 2, reached99: 890, openFindings: 1 });
    // Of another unit it says nothing.
    expect((await listed(province)).find((row) => row.id === made.id)?.last).toBeUndefined();
    await city.call('POST', `/drills/${id}/settle`, { finding: one?.id });
    expect(await last()).toMatchObject({ openFindings: 0, findings: [{ done: { by: city.id } }] });
    expect(await mine()).toEqual([]);
  });
});

describe('a unit whose accounts were in another unit’s drill', () => {
  it('took part, by that word and with who held it; that is no drill of its own, so it stays overdue', async () => {
    const { store } = server.services;
    const made = await scenario();
    await longAgo(made.id);
    const { id, release } = await began(city, made.id);
    const at = new Date(Date.now() - 24 * 3_600_000);
    for (const [account, organization, state] of [
      ['own', 'city', 'verified'],
      ['there', 'village', 'verified'],
      ['missed', 'village', 'failed'],
      ['never', 'town', 'failed'],
    ] as const)
      await store.placements.create({
        _id: placementId(release, `${made.id}-${account}`),
        ...{ release, account, channel: 'board', organization, region: '350100', lane: 'emergency' },
        ...{ state, since: at, attempts: 1, version: 1, ...firstKnown({ seq: 1, revision: 'v' }, 'run') },
      } as never);
    await wentOut(release, at);
    const { items } = (await province.call('GET', '/drills/overdue')).body as OverdueDrills;
    const overdue = items.filter((row) => row.scenario === made.id);
    const tookPart = { drill: id, at: at.toISOString(), organizationName: '单位city' };
    expect(overdue.map(({ organization, tookPart: part }) => [organization, part])).toEqual([
      ['province', undefined],
      ['village', tookPart],
      ['town', undefined],
    ]);
    const village = await personWith(server, ['commander'], {
      organization: 'village',
      path: 'province/city/village/',
    });
    await village.signIn();
    const line = (await listed(village)).find((row) => row.id === made.id);
    expect([line?.last, line?.tookPart]).toEqual([undefined, tookPart]);
    // Whoever held it did not take part in it.
    expect((await listed(city)).find((row) => row.id === made.id)?.tookPart).toBeUndefined();
    expect((await city.call('GET', `/drills/${id}`)).body).toMatchObject({
      participants: {
        total: 2,
        items: [
          { organization: 'village', name: '单位village', placements: 2, reached: 1 },
          { organization: 'town', placements: 1, reached: 0 },
        ],
      },
    });
  });
});

it('an exercise bears its mark in my tasks and in the list of reviews, before anybody has signed it, and nothing else does', async () => {
  const { store } = server.services;
  const made = await scenario();
  const { release } = await began(writer, made.id);
  const row = await store.releases.findById(release).lean();
  const audience = { channels: ['board'], organizations: ['city'] };
  const plain = {
    title: '停水通知',
    source: '市政府',
    kind: 'notice',
    body: { format: 'text', content: '今晚停水。' },
  };
  const saved = (await writer.call('POST', '/releases', plain)).body as ReleaseSaved;
  for (const [id, revision] of [
    [release, row?.revision],
    [saved.release.id, saved.release.revision.id],
  ])
    expect((await writer.call('POST', `/releases/${id}/submit`, { revision, audience })).status).toBe(201);
  const marks = (rows: { release: string; drill?: true | undefined }[]) =>
    [release, saved.release.id].map((id) => rows.find((one) => one.release === id)?.drill);
  const { mine } = (await writer.call('GET', '/tasks')).body as TasksBody;
  expect(marks(mine)).toEqual([true, undefined]);
  const list = (await server.call('GET', '/api/v1/reviews?limit=100')).body as {
    items: { release: string; drill?: true }[];
  };
  expect(marks(list.items)).toEqual([true, undefined]);
  // What lies with a person of it, too.
  await store.placements.create({
    _id: placementId(release, 'hand'),
    ...{ release, account: 'hand', channel: 'board', organization: 'city', region: '350100', lane: 'emergency' },
    ...{ state: 'needs_action', since: new Date(), attempts: 1, version: 1 },
    ...firstKnown({ seq: 1, revision: row?.revision ?? '' }, 'run'),
  } as never);
  await wentOut(release, new Date());
  const { placements } = (await server.call('GET', '/api/v1/tasks')).body as TasksBody;
  expect(placements.find((one) => one.release === release)?.drill).toBe(true);
});

describe('pictures of an exercise', () => {
  const emergency = {
    ...{ status: 'Exercise', level: 'red', event: '台风', areas: [{ name: '示例市' }] },
    ...{ onset: '2026-11-24T13:00:00Z', instruction: '转移' },
  };
  let hash: string;
  let other: string;
  beforeAll(async () => {
    const upload = async (bytes: Buffer, name: string): Promise<string> => {
      const headers = { 'content-type': 'application/octet-stream', 'x-file-name': encodeURIComponent(name) };
      const answer = await server.call('POST', '/api/v1/media', { bytes, headers });
      expect(answer.status).toBe(201);
      return (answer.body as { hash: string }).hash;
    };
    hash = await upload(await ground('light', 640, 400), 'a.png');
    other = await upload(await ground('dark', 300, 300), 'b.png');
  });
  const input = (more: object = {}) => ({
    title: '台风演练',
    kind: 'emergency',
    source: '示例',
    body: { format: 'html', content: `<p>正文</p><figure><img src="media:${hash}" alt="图"></figure>` },
    cover: hash,
    attachments: [{ hash: other, name: '附图.png' }],
    emergency,
    ...more,
  });
  const hashesOf = ({ cover = '', pictures, attachments, body }: ReleaseBody['revision']): string[] => [
    ...[cover, ...pictures.map((one) => one.hash), ...attachments.map((one) => one.hash)],
    ...Array.from(body.matchAll(/[0-9a-f]{64}/g), ([found]) => found),
  ];
  const bytesOf = async (one: string) =>
    (await server.services.library.read(mediaFile(one))) ?? Buffer.from('not there');
  async function onlyMarked(hashes: readonly string[]): Promise<void> {
    expect(hashes.length).toBeGreaterThan(0);
    for (const one of new Set(hashes)) {
      expect([hash, other]).not.toContain(one);
      expect(await bearsMark(await bytesOf(one))).toBe(true);
    }
  }
  const saved = async (method: 'POST' | 'PUT', path: string, json: object) => {
    const answer = await server.call(method, path, { json });
    expect([path, answer.status < 300]).toEqual([path, true]);
    return (answer.body as ReleaseSaved).release;
  };

  it('are copies that say so by every road on which a text comes in, the originals untouched', async () => {
    const made = await saved('POST', '/api/v1/releases', input());
    expect(hashesOf(made.revision)).toHaveLength(4);
    await onlyMarked(hashesOf(made.revision));
    const again = { ...input({ title: '台风演练二' }), revision: made.revision.id };
    const next = await saved('PUT', `/api/v1/releases/${made.id}`, again);
    await onlyMarked(hashesOf(next.revision));
    // The copies themselves, as an editor hands them in again.
    expect(hashesOf(next.revision)).toEqual(hashesOf(made.revision));
    const compare = { ...input({ title: '三' }), revision: next.revision.id };
    expect((await server.call('POST', `/api/v1/releases/${made.id}/compare`, { json: compare })).status).toBe(200);
    const shown = await server.call('POST', '/api/v1/preview', { json: { release: input() } });
    expect([shown.status, JSON.stringify(shown.body).includes(hash)]).toEqual([200, false]);
    const document = [
      ...['---', 'title: 导入的演练', 'source: 示例', 'kind: emergency', 'emergency:', '  status: 演练', '  level: 红'],
      ...['  event: 台风', '  onset: 2026-11-24 21:00', '  areas:', '    - 350100 福建省福州市', '  instruction: 转移'],
      ...['---', '', `![图](media:${hash})`, '', '正文'],
    ].join('\n');
    const imported = await server.call('POST', '/api/v1/releases/import?losses=accept', {
      bytes: document,
      headers: { 'content-type': 'text/markdown', 'x-file-name': 'drill.md' },
    });
    expect(imported.status).toBe(201);
    const { revision } = (imported.body as ReleaseSaved).release;
    expect(revision.emergency?.status).toBe('Exercise');
    if (revision.pictures.length > 0) await onlyMarked(hashesOf(revision));
    const original = await bytesOf(hash);
    expect(await bearsMark(original)).toBe(false);
  });

  it('are the originals again where the text is none, whichever of them is named', async () => {
    const drill = await saved('POST', '/api/v1/releases', input());
    const { pictures, body, cover } = drill.revision;
    const real = await saved(
      'POST',
      '/api/v1/releases',
      input({
        body: { format: 'html', content: body },
        pictures,
        cover,
        emergency: { ...emergency, status: 'Actual' },
      }),
    );
    expect(new Set(hashesOf(real.revision))).toEqual(new Set([hash, other]));
  });

  it('stop what was written before they were marked: it is to be saved once more', async () => {
    const drill = await saved('POST', '/api/v1/releases', input());
    const { store } = server.services;
    const { composeContent } = await import('../core/releases/compose.js');
    const { releaseInput } = await import('../core/releases/input.js');
    const { refuseUnmarkedIn } = await import('../core/releases/stand-ins.js');
    const row = await store.revisions.findById(drill.revision.id).lean();
    if (!row) throw new Error('gone');
    await expect(refuseUnmarkedIn(store, row)).resolves.toBeUndefined();
    const old = { ...row, pictures: row.pictures.map((one) => ({ ...one, hash })) };
    await expect(refuseUnmarkedIn(store, old)).rejects.toMatchObject({ code: 'drill_picture_unmarked' });
    await store.media.updateOne({ _id: other }, { $unset: { drill: 1 } });
    const unmarked = composeContent(store, releaseInput.parse(input()));
    await expect(unmarked).rejects.toMatchObject({ code: 'drill_picture_unmarked' });
  });
});
