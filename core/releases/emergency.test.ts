import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTestServer, type TestServer } from '../../test/support/http.js';
import type { ReleaseSaved } from '../../server/contract/releases.js';
import { contentOf } from './content.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const emergency = {
  level: 'red',
  category: 'Met',
  event: '台风',
  areas: [{ code: '350100', name: '福州市' }],
  onset: '2026-11-24T13:00:00.000Z',
  expires: '2026-11-24T22:00:00.000Z',
  instruction: '停止户外活动。',
};
const input = {
  title: '福州市发布台风红色预警',
  kind: 'emergency',
  source: '示例市应急管理局',
  body: { format: 'html', content: '<p>阵风14级。</p>' },
  emergency,
};
const create = (json: unknown = input) => server.call('POST', '/api/v1/releases', { json });
const saved = (answer: { body: unknown }) => answer.body as ReleaseSaved;
const importText = (text: string | Buffer) =>
  server.call('POST', '/api/v1/releases/import', {
    bytes: text,
    headers: { 'content-type': 'text/markdown', 'x-file-name': 'a.md' },
  });

async function signedWarning(block: object = emergency): Promise<{ release: string; revision: string }> {
  const { release } = saved(await create({ ...input, emergency: block }));
  const { releases, revisions } = server.services.store;
  const signed = { by: 'u1', at: new Date('2026-11-24T10:00:00Z') };
  await revisions.updateOne({ _id: release.revision.id }, { $set: { signed } });
  await releases.updateOne({ _id: release.id }, { $set: { signed: release.revision.id } });
  return { release: release.id, revision: release.revision.id };
}

it('keeps the block with the revision, and gives it back', async () => {
  const answer = await create();
  expect(answer.status).toBe(201);
  const { release } = saved(answer);
  expect(release.revision.emergency).toEqual({ ...emergency, status: 'Actual', msgType: 'Alert', references: [] });
  expect(
    saved({ body: { release: (await server.call('GET', `/api/v1/releases/${release.id}`)).body } }).release.revision
      .emergency,
  ).toEqual(release.revision.emergency);
});

it('covers every field of the block by the hash that is signed', async () => {
  const hashes = await Promise.all(
    [
      {},
      { level: 'orange' },
      { status: 'Exercise' },
      { category: 'Other' },
      { event: '暴雨' },
      { areas: [{ name: '福州市' }] },
      { onset: '2026-11-24T13:00:01.000Z' },
      { expires: undefined },
      { responseType: 'Avoid' },
      { instruction: '转移。' },
      { contact: '12345' },
      { urgency: 'Immediate' },
      { certainty: 'Likely' },
      { note: '防台 1 号' },
    ].map(
      async (change) => saved(await create({ ...input, emergency: { ...emergency, ...change } })).release.revision.hash,
    ),
  );
  expect(new Set(hashes).size).toBe(hashes.length);
});

it.each([
  ['a block on other kinds', { kind: 'news' }, {}, 'field_invalid', 'emergency'],
  ['a level that is none', {}, { level: '紫' }, 'field_invalid', 'emergency.level'],
  ['no level', {}, { level: undefined }, 'field_missing', 'emergency.level'],
  ['no area', {}, { areas: [] }, 'field_invalid', 'emergency.areas'],
  [
    'an area code of another length',
    {},
    { areas: [{ code: '3501', name: '福州市' }] },
    'field_invalid',
    'emergency.areas.0.code',
  ],
  ['no beginning', {}, { onset: undefined }, 'field_missing', 'emergency.onset'],
  ['a beginning that is no instant', {}, { onset: '今晚' }, 'field_invalid', 'emergency.onset'],
  ['an end before the beginning', {}, { expires: '2026-11-24T12:00:00Z' }, 'field_invalid', 'emergency.expires'],
  ['an urgency that is none', {}, { urgency: '马上' }, 'field_invalid', 'emergency.urgency'],
  ['a certainty that is none', {}, { certainty: '也许' }, 'field_invalid', 'emergency.certainty'],
  [
    'an end that has no year of four digits',
    {},
    { expires: '9999-12-31T16:00:00Z' },
    'field_invalid',
    'emergency.expires',
  ],
  ['nothing to do', {}, { instruction: undefined }, 'field_missing', 'emergency.instruction'],
  ['a mistyped name', {}, { expire: '2026-11-25T12:00:00Z' }, 'field_invalid', 'emergency.expire'],
  [
    'a first alert that refers to another',
    {},
    { references: [{ release: 'r1' }] },
    'field_invalid',
    'emergency.references',
  ],
  ['an update of nothing', {}, { msgType: 'Update' }, 'field_missing', 'emergency.references'],
  [
    'an update of what never went out',
    {},
    { msgType: 'Update', references: [{ release: 'r1' }] },
    'field_invalid',
    'emergency.references.0.release',
  ],
])('refuses %s by the field at fault, in both languages', async (_, release, block, code, field) => {
  const answer = await create({ ...input, ...release, emergency: { ...emergency, ...block } });
  expect(answer).toMatchObject({ status: 422, body: { error: { code, field } } });
  const { message } = (answer.body as { error: { message: { zh: string; en: string } } }).error;
  expect(message.zh).toContain(`预警信息（${field}）`);
  expect(message.en).toMatch(/^[\x20-\x7e]+$/);
});

it('ties a lifting to the signed revision that it lifts, and to when that was signed', async () => {
  const earlier = await signedWarning();
  const answer = await create({
    ...input,
    emergency: {
      level: 'red',
      event: '台风',
      msgType: 'Cancel',
      areas: emergency.areas,
      references: [{ release: earlier.release }],
    },
  });
  expect(answer.status).toBe(201);
  expect(saved(answer).release.revision.emergency?.references).toEqual([
    { ...earlier, sent: '2026-11-24T10:00:00.000Z', expires: emergency.expires },
  ]);
});

it('keeps what a lifting leaves unsaid as the warning said it, and takes another word where there is one', async () => {
  const earlier = await signedWarning({ ...emergency, category: 'Geo', certainty: 'Observed' });
  const lift = async (more: object) =>
    saved(
      await create({
        ...input,
        emergency: {
          level: 'red',
          event: '滑坡',
          msgType: 'Cancel',
          areas: emergency.areas,
          references: [{ release: earlier.release }],
          ...more,
        },
      }),
    ).release.revision.emergency;
  expect(await lift({})).toMatchObject({ category: 'Geo', certainty: 'Observed' });
  expect(await lift({ category: 'Met', certainty: 'Unlikely' })).toMatchObject({
    category: 'Met',
    certainty: 'Unlikely',
  });
  const { category: _, ...bare } = emergency;
  expect(saved(await create({ ...input, emergency: bare })).release.revision.emergency).toMatchObject({
    category: 'Other',
  });
});

it.each([
  ['9999-12-31T23:59:59+08:00', '9999-12-31T15:59:59.000Z'],
  ['2026-11-25T05:00:00-05:30', '2026-11-25T10:30:00.000Z'],
  ['2026-11-25T05:00:00Z', '2026-11-25T05:00:00Z'],
])('takes a time with its offset, up to the year 9999: %s', async (expires, kept) => {
  const answer = await create({ ...input, emergency: { ...emergency, expires } });
  expect(saved(answer).release.revision.emergency?.expires).toBe(kept);
});

describe('the next message of a warning', () => {
  const cancelled = { msgType: 'Cancel', level: 'red', event: '台风', areas: emergency.areas };

  /** The next revision of a release, handed in as an author does. */
  async function next(release: string, block: object): Promise<{ status: number; body: unknown }> {
    const { revision } = (await server.services.store.releases.findById(release).lean()) ?? {};
    const json = { ...input, revision, emergency: block };
    return server.call('PUT', `/api/v1/releases/${release}`, { json });
  }

  it('refers by itself to the signed one before it', async () => {
    const earlier = await signedWarning();
    const answer = await next(earlier.release, cancelled);
    expect(answer.status).toBe(200);
    expect(saved(answer).release.revision.emergency).toMatchObject({
      msgType: 'Cancel',
      references: [{ ...earlier, sent: '2026-11-24T10:00:00.000Z' }],
    });
  });

  it('is an update where the author left it an alert: nobody is alarmed twice', async () => {
    const earlier = await signedWarning();
    const answer = await next(earlier.release, { ...emergency, instruction: '更正：转移。' });
    expect(saved(answer).release.revision.emergency).toMatchObject({
      msgType: 'Update',
      references: [{ release: earlier.release, revision: earlier.revision }],
    });
    expect(saved(answer).release.revision).not.toHaveProperty('change');
  });

  it('is still the first where the one before it was never signed', async () => {
    const { release } = saved(await create());
    const answer = await next(release.id, { ...emergency, level: 'orange' });
    expect(saved(answer).release.revision.emergency).toMatchObject({ msgType: 'Alert', references: [] });
    expect(await next(release.id, cancelled)).toMatchObject({
      status: 422,
      body: { error: { code: 'field_missing' } },
    });
  });

  it("keeps the other releases' warnings that it names, beside its own", async () => {
    const [own, foreign] = [await signedWarning(), await signedWarning()];
    const references = [{ release: foreign.release }, { release: own.release }];
    const answer = await next(own.release, { ...cancelled, references });
    const sent = '2026-11-24T10:00:00.000Z';
    expect(saved(answer).release.revision.emergency?.references).toEqual([
      { ...own, sent, expires: emergency.expires },
      { ...foreign, sent, expires: emergency.expires },
    ]);
  });
});

it('reads the block of a front matter in the words and clock of a Chinese office', async () => {
  const drill = readFileSync(join(import.meta.dirname, '../documents/fixtures/typhoon-drill.md'), 'utf8');
  const answer = await importText(drill.replaceAll(': 2026-11-2', ': 2096-11-2'));
  expect(answer.status).toBe(201);
  const { release, dropped } = saved(answer);
  expect(dropped).toEqual([]);
  expect(release.revision.emergency).toEqual({
    status: 'Exercise',
    msgType: 'Alert',
    level: 'red',
    category: 'Met',
    event: '台风',
    onset: '2096-11-24T13:00:00.000Z',
    expires: '2096-11-24T22:00:00.000Z',
    areas: [
      { code: '350100', name: '福建省福州市' },
      { code: '350900', name: '福建省宁德市' },
    ],
    responseType: 'Shelter',
    instruction: '停止一切户外集会和高空、海上作业；低洼地区居民按社区通知转移；关注官方渠道后续通报。',
    contact: '12345',
    references: [],
  });
});

it.each([
  ['特别重大', 'red'],
  ['重大', 'orange'],
  ['较大', 'yellow'],
  ['一般', 'blue'],
  ['橙色预警', 'orange'],
  ['Ⅲ级', 'yellow'],
  ['blue', 'blue'],
])('takes %s for the level %s', async (word, level) => {
  const answer = await importText(
    `---\ntitle: 甲\nsource: 乙\nkind: emergency\nemergency:\n  level: ${word}\n  event: 暴雨\n  areas: 福州市\n  onset: "2026-11-24T21:00:00+08:00"\n  instruction: 避险\n---\n正文`,
  );
  expect(saved(answer).release.revision.emergency).toMatchObject({
    level,
    areas: [{ name: '福州市' }],
    onset: '2026-11-24T13:00:00.000Z',
  });
});

it.each([
  ['立即', '已发生', 'Immediate', 'Observed'],
  ['尽快', '很可能', 'Expected', 'Likely'],
  ['将来', '可能', 'Future', 'Possible'],
  ['已过', '不太可能', 'Past', 'Unlikely'],
  ['未知', '未知', 'Unknown', 'Unknown'],
  ['immediate', 'OBSERVED', 'Immediate', 'Observed'],
])('takes %s and %s for how soon and how sure, and a number for a drill', async (urgency, certainty, soon, sure) => {
  const answer = await importText(
    `---\ntitle: 甲\nsource: 乙\nkind: emergency\nemergency:\n  status: 演练\n  level: 红\n  event: 暴雨\n  areas: 福州市\n  onset: "2026-11-24T21:00:00+08:00"\n  instruction: 避险\n  urgency: ${urgency}\n  certainty: ${certainty}\n  note: 20261\n---\n正文`,
  );
  expect(saved(answer).release.revision.emergency).toMatchObject({ urgency: soon, certainty: sure, note: '20261' });
});

describe('a warning that is over when it comes in', () => {
  const over = (msgType: string, losses = '') =>
    server.call('POST', `/api/v1/releases/import${losses}`, {
      bytes: `---\ntitle: 大风蓝色预警\nsource: 乙\nkind: emergency\nemergency:\n  msgType: ${msgType}\n  level: 蓝色\n  event: 大风\n  areas: 350922 古田县、350981 福安市\n  onset: 2020年11月25日9时\n  expires: 18时\n  instruction: 避险\n---\n正文`,
      headers: { 'content-type': 'text/markdown', 'x-file-name': 'a.md' },
    });

  it('stops, and says until when it was in force', async () => {
    const answer = await over('发布');
    expect(answer).toMatchObject({ status: 422, body: { error: { code: 'document_incomplete' } } });
    expect(JSON.stringify(answer.body)).toContain('2020-11-25 18:00');
  });

  it('comes in where a person has agreed', async () => {
    const answer = await over('发布', '?losses=accept');
    expect(answer.status).toBe(201);
    expect(saved(answer).dropped.map(({ what }) => what)).toEqual(['expired:2020-11-25 18:00']);
    expect(saved(answer).release.revision.emergency).toMatchObject({
      onset: '2020-11-25T01:00:00.000Z',
      expires: '2020-11-25T10:00:00.000Z',
      areas: [
        { code: '350922', name: '古田县' },
        { code: '350981', name: '福安市' },
      ],
    });
  });
});

it('asks for a time in a form that is certain', async () => {
  const answer = await importText(
    '---\ntitle: 甲\nsource: 乙\nkind: emergency\nemergency:\n  level: 红\n  event: 暴雨\n  areas: 福州市\n  onset: 今晚\n  instruction: 避险\n---\n正文',
  );
  expect(answer).toMatchObject({
    status: 422,
    body: {
      error: {
        field: 'emergency.onset',
        message: {
          zh: '“预警信息（emergency.onset）”填写有误：“今晚”不是能确定的时间，请写成“2026-11-27 18:00”或“2026年11月27日18时”（北京时间）。（第 9 行）',
        },
      },
    },
  });
});

it('names the field of a front matter that it cannot read', async () => {
  const answer = await importText(
    '---\ntitle: 甲\nsource: 乙\nkind: emergency\nemergency: { level: 紫, event: 暴雨, areas: 福州市 }\n---\n正文',
  );
  expect(answer).toMatchObject({ status: 422, body: { error: { code: 'field_invalid', field: 'emergency.level' } } });
});

it('lets a drill say so first, whatever the author wrote', async () => {
  const { store } = server.services;
  const titleOf = async (title: string, status: string) => {
    const row = await store.revisions
      .findById(saved(await create({ ...input, title, emergency: { ...emergency, status } })).release.revision.id)
      .lean();
    return row && contentOf(row).title;
  };
  expect(await titleOf('福州市发布台风红色预警', 'Exercise')).toBe('演练：福州市发布台风红色预警');
  expect(await titleOf('【演练】台风红色预警', 'Exercise')).toBe('【演练】台风红色预警');
  expect(await titleOf('福州市发布台风红色预警', 'Actual')).toBe('福州市发布台风红色预警');
});
