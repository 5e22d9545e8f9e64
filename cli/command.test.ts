import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { openTerminal } from '../test/support/terminal.js';
import { openOrders } from '../core/placements/orders.js';
import type { ReleaseStatus } from '../core/placements/report.js';
import type { ClaimBook } from '../core/queue/claims.js';
import type { Queues } from '../core/queue/queues.js';
import * as accounts from './accounts.js';
import * as audience from './audience.js';
import * as organizations from './organizations.js';
import { docx, p, r } from '../core/documents/fixtures/docx.js';
import * as broadcast from './broadcast.js';
import * as calendar from './calendar.js';
import * as cap from './cap.js';
import * as pending from './pending.js';
import * as publish from './publish.js';
import * as regions from './regions.js';
import * as report from './report.js';
import * as status from './status.js';
import * as withdraw from './withdraw.js';

let server: TestServer;
let folder: string;
let counts: ReleaseStatus['counts'];
let drill = false;
beforeAll(async () => {
  server = await openTestServer();
  folder = await mkdtemp(join(tmpdir(), 'lianfa-cli-'));
  server.services.queries.status = (release) =>
    Promise.resolve({
      release,
      at: new Date().toISOString(),
      title: '台风红色预警',
      ...(drill && { exercise: true as const }),
      toCome: 0,
      counts,
      total: counts.reduce((sum, { count }) => sum + count, 0),
      finished: true,
      orders: [
        {
          id: 'd1',
          seq: 1,
          action: 'publish',
          lane: 'routine',
          state: 'done',
          placements: 2,
          at: new Date(0).toISOString(),
          by: 'u',
        },
      ],
    });
});
beforeEach(() => {
  counts = [{ channel: 'board', state: 'verified', count: 2 }];
});
beforeAll(async () => {
  const me = await server.services.store.people.findOne({ name: server.user.name }).lean();
  expect(await server.call('PUT', '/api/v1/chains/solo', { json: { persons: [me?._id] } })).toMatchObject({
    status: 200,
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const lianfa = openTerminal(
  () => server,
  [publish, status, report, withdraw, pending, calendar, accounts, organizations, regions, audience, broadcast, cap],
);

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

const document = '---\ntitle: 通知\nsource: 市政府\n---\n正文<script>1</script> ![图](图.png)';
const warning = `---
title: 台风橙色预警
source: 气象台
kind: emergency
emergency: { level: 橙, event: 台风, areas: [青屿区], onset: 2026-12-01 09:00, expires: 2099-12-01 09:00, instruction: 停止户外活动。 }
---
阵风12级。`;
const plainDocument = '---\ntitle: 通知\nsource: 市政府\n---\n正文';

it('checks alerts without a server by element and line, and hands them in with their outcome', async () => {
  const sample = (name: string) => join(import.meta.dirname, '../core/alerts/fixtures', `${name}.xml`);
  const nowhere = { LIANFA_URL: 'http://127.0.0.1:9' };
  const checked = await lianfa(
    ['cap', 'validate', sample('v05-au-style-line-breaks'), sample('x07-polygon-not-closed')],
    nowhere,
  );
  expect(checked.code).toBe(1);
  expect(checked.out).toContain('AU-LF-V05');
  expect(checked.out).toMatch(/x07-polygon-not-closed\.xml:20 polygon .*没有闭合/);
  const one = await lianfa(['cap', 'validate', sample('x33-unknown-element'), '--json'], nowhere);
  expect(JSON.parse(one.out)).toMatchObject({ valid: false, element: 'colour', line: 16 });
  const held = await lianfa(['cap', 'take', sample('v08-gb18030'), '--json']);
  expect(held.code).toBe(1);
  expect(JSON.parse(held.out)).toMatchObject({
    outcome: 'unknown_sender',
    origin: { by: 'command', name: 'v08-gb18030.xml' },
  });
  await server.call('POST', '/api/v1/alert-sources', { json: { sender: 'duty@alert.example', name: '值班室' } });
  const taken = await lianfa(['cap', 'take', sample('v08-gb18030')]);
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining('已成为新的草稿') as string });
  const bad = await lianfa(['cap', 'take', sample('x07-polygon-not-closed'), '--json']);
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.out)).toMatchObject({ error: { code: 'alert_refused', field: 'polygon' } });
});

it('says of whom and from where alerts are taken, changes that, pauses and resumes it', async () => {
  const add = async (...options: string[]): Promise<Record<string, unknown>> => {
    const { code, out } = await lianfa(['cap', 'source', 'add', ...options, '--name', '市气象台', '--json']);
    expect(code).toBe(0);
    return JSON.parse(out) as Record<string, unknown>;
  };
  const sender = await add('--sender', 'cli@alert.example', '--hourly', '9');
  const feed = await add('--feed', 'https://alert.example/feed.atom');
  expect(feed).toMatchObject({ is: 'feed', every: 60, enabled: true, plainEvery: 3_600 });
  const folder = await add('--folder', 'city', '--every', '10');
  expect(folder).toMatchObject({
    is: 'folder',
    every: 10,
    folders: { in: expect.stringMatching(/city\/in$/) as string },
  });
  for (const wrong of [['--folder', '../x'], [], ['--feed', 'https://a.example', '--folder', 'b']])
    expect((await lianfa(['cap', 'source', 'add', '--name', 'x', ...wrong])).code).toBe(1);
  const again = await lianfa(['cap', 'source', 'add', '--folder', 'city', '--name', 'x', '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ error: { code: 'field_invalid', field: 'address' } });
  for (const { id } of [sender, feed]) {
    const paused = await lianfa(['cap', 'source', 'pause', String(id), '--json']);
    expect(JSON.parse(paused.out)).toMatchObject({ enabled: false });
  }
  const resumed = await lianfa(['cap', 'source', 'resume', String(feed['id']), '--json']);
  expect(JSON.parse(resumed.out)).toMatchObject({ enabled: true, nextAt: expect.any(String) as string });
  const changed = await lianfa(['cap', 'source', 'change', String(feed['id']), '--every', '300', '--json']);
  expect(JSON.parse(changed.out)).toMatchObject({ every: 300, name: '市气象台', enabled: true });
  const { out } = await lianfa(['cap', 'source', 'list']);
  for (const words of ['cli@alert.example', '9/h 已停收', 'https://alert.example/feed.atom', '300s', '还没有成功过'])
    expect(out).toContain(words);
  expect((await lianfa(['cap', 'source', 'pause', 'nothing'])).code).toBe(1);
});

it('broadcasts an alert from its file, and makes an exercise of it where it is told to, which leaves the true one to come', async () => {
  const { store } = server.services;
  const bytes = await readFile(join(import.meta.dirname, '../core/alerts/fixtures/v02-cn-typhoon.xml'), 'utf8');
  const name = await file('v02.cap.xml', bytes.replace('350100.warn@alert.example', 'drill@alert.example'));
  const drill = await lianfa(['broadcast', name, '--exercise', '--channels', 'board', '--json']);
  expect(drill.out + drill.err).toContain('"review"');
  const made = JSON.parse(drill.out) as { release: string; revision: string };
  expect(made.release).toMatch(/x$/);
  const revision = await store.revisions.findById(made.revision).lean();
  expect(revision?.emergency).toMatchObject({ status: 'Exercise', level: 'orange', event: '台风' });
  expect(await store.alerts.countDocuments({ sender: 'drill@alert.example' })).toBe(0);
  expect((await lianfa(['broadcast', name, '--exercise', '--release', made.release])).code).toBe(1);
  // The true one comes in by the door of all alerts.
  const held = await lianfa(['broadcast', name, '--channels', 'board', '--json']);
  expect(JSON.parse(held.out)).toMatchObject({ error: { code: 'alert_held' } });
  await server.call('POST', '/api/v1/alert-sources', { json: { sender: 'drill@alert.example', name: '气象台' } });
  const taken = JSON.parse((await lianfa(['cap', 'take', name, '--json'])).out) as { releases: string[] };
  const real = await lianfa(['broadcast', name, '--channels', 'board', '--json']);
  expect(JSON.parse(real.out)).toMatchObject({ release: taken.releases[0] });
  expect(taken.releases[0]).not.toBe(made.release);
  // Its own areas become part of whom it goes to, as by one press on the page; what it names elsewhere is told.
  await store.organizations.create({ _id: 'lane', name: '示例巷', path: 'lane/', region: '350102' });
  const there = await lianfa(['broadcast', name, '--exercise', '--areas', '--channels', 'board', '--json']);
  const { audience: within } =
    (await store.reviews.findById((JSON.parse(there.out) as { review: string }).review).lean()) ?? {};
  expect(within).toMatchObject({ channels: ['board'], regions: expect.arrayContaining(['350100']) as string[] });
  const nowhere = await lianfa(['broadcast', await file('a.md', warning), '--areas', '--channels', 'board', '--json']);
  expect(JSON.parse(nowhere.out)).toMatchObject({ error: { code: 'areas_unknown' } });
  // A document does not have to say it either; what is no warning cannot be made a drill.
  const written = await file('w.md', warning);
  const said = JSON.parse(
    (await lianfa(['broadcast', written, '--exercise', '--channels', 'board', '--json'])).out,
  ) as {
    release: string;
  };
  expect(said.release).toMatch(/x$/);
  const plain = await lianfa([
    'broadcast',
    await file('n.md', plainDocument),
    '--exercise',
    '--channels',
    'board',
    '--json',
  ]);
  expect(JSON.parse(plain.out)).toMatchObject({ error: { code: 'field_missing', field: 'emergency' } });
});

it('uploads a document with its pictures, waits until they are prepared, signs it and orders it out', async () => {
  await file(
    '图.png',
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#000' } })
      .png()
      .toBuffer(),
  );
  const { store } = server.services;
  const signing: number[] = [];
  const plain = globalThis.fetch;
  const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const answer = await plain(url, init);
    if (!(typeof url === 'string' && url.endsWith('/sign'))) return answer;
    // Prepared only once the command has asked in vain.
    if (signing.push(answer.status) === 1)
      for (const { _id } of await store.media.find({}).lean())
        await store.media.updateOne({ _id }, { $set: { state: 'ready' } });
    return answer;
  });
  const { out, err, code } = await lianfa([
    'publish',
    await file('a.md', document),
    '--channels',
    'board,website',
    '--regions',
    '350000',
    '--lane',
    'emergency',
  ]);
  spy.mockRestore();
  expect(code).toBe(0);
  expect(signing).toEqual([409, 202]);
  expect(out).toMatch(/已下达发布：通知（r\w+）/);
  expect(err).toContain('已去掉 1 处脚本');
  expect(err).toContain('已导入第 1 版');
  expect(err).toContain('已提交审签');
  expect(err).toContain('已签发');
  expect(server.ordered.at(-1)).toMatchObject({
    audience: { channels: ['board', 'website'], regions: ['350000'] },
    lane: 'emergency',
  });
  const { release } = server.ordered.at(-1) as { release: string };
  const saved = await store.revisions.findOne({ release, number: 1 }).lean();
  expect(saved?.pictures).toHaveLength(1);
  expect(saved?.signed).toBeDefined();
});

it('publishes the next revision of a release as what it is to the one before', async () => {
  const first = JSON.parse((await lianfa(['publish', await file('n.md', plainDocument), '--json'])).out) as {
    release: string;
  };
  let edition = 1;
  const next = async (...rest: string[]) => {
    edition += 1;
    const path = await file('n.md', `${plainDocument}，第 ${edition} 稿`);
    return lianfa(['publish', path, '--release', first.release, '--json', ...rest]);
  };
  expect(JSON.parse((await next()).out)).toMatchObject({ release: first.release, order: 'd1' });
  await next('--change', 'update');
  const revisions = await server.services.store.revisions.find({ release: first.release }).sort({ number: 1 }).lean();
  expect(revisions.map(({ change }) => change)).toEqual([undefined, 'correction', 'update']);
  expect(revisions.every(({ signed }) => signed !== undefined)).toBe(true);
  expect(server.ordered.at(-1)).toMatchObject({ release: first.release, revision: revisions[2]?._id });
  const gone = await lianfa(['publish', join(folder, 'n.md'), '--release', 'r404']);
  expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('没有找到“r404”') as string });
});

it('plans by what the document itself says, unless it is told otherwise, and keeps nothing of one whose time has passed', async () => {
  const dated = (time: string) => plainDocument.replace('---\n正文', `发布时间: ${time}\n---\n正文`);
  const submitted = async (...more: string[]) => {
    const path = await file('dated.md', dated('2099-12-01 09:00'));
    const { review } = JSON.parse((await lianfa(['publish', path, '--again', '--json', ...more])).out) as {
      review: string;
    };
    return (await server.services.store.reviews.findById(review).lean())?.notBefore;
  };
  expect(await submitted()).toEqual(new Date('2099-12-01T01:00:00Z'));
  expect(await submitted('--at', '2099-12-02 09:00')).toEqual(new Date('2099-12-02T01:00:00Z'));
  const before = await server.services.store.releases.countDocuments({});
  const late = await lianfa(['publish', await file('late.md', dated('2020-01-01 09:00'))]);
  expect(late).toMatchObject({ code: 1, err: expect.stringContaining('第 4 行') as string });
  expect(await server.services.store.releases.countDocuments({})).toBe(before);
});

it('tells whoever may not sign who can, and with --wait goes on once they have', async () => {
  const { store } = server.services;
  const me = (await store.people.findOne({ name: server.user.name }).lean())?._id ?? '';
  const alone = (persons: string[]) => server.call('PUT', '/api/v1/chains/solo', { json: { persons } });
  await alone([]);
  try {
    const path = await file('waits.md', plainDocument);
    const told = await lianfa(['publish', path, '--json']);
    expect(told.code).toBe(0);
    expect(JSON.parse(told.out)).toMatchObject({ state: 'open', review: expect.any(String) as string });
    const before = server.ordered.length;
    const waiting = lianfa(['publish', path, '--wait', '--json']);
    for (;;) {
      const [row] = await store.reviews.find({ by: me, state: 'open' }).sort({ _id: -1 }).limit(1).lean();
      const done = row && (JSON.parse(told.out) as { review: string }).review !== row._id;
      if (done) {
        const json = { password: server.other.password };
        expect(await server.callAsOther('POST', `/api/v1/reviews/${row._id}/sign`, { json })).toMatchObject({
          status: 202,
        });
        break;
      }
      await new Promise((wait) => setTimeout(wait, 20));
    }
    expect(JSON.parse((await waiting).out)).toMatchObject({ order: 'd1', verified: 2 });
    expect(server.ordered).toHaveLength(before + 1);
    const words = await lianfa(['publish', path]);
    expect(words.err).toContain('等待“签发”，可由 另一位 办理');
  } finally {
    await alone([me]);
  }
});

it('ends well after waiting only where it stands on every account', async () => {
  const path = await file('b.md', plainDocument);
  const good = await lianfa(['publish', path, '--wait', '--json']);
  expect(JSON.parse(good.out)).toMatchObject({ placements: 2, verified: 2, confirmed: 0 });
  expect(good.code).toBe(0);
  counts = [
    { channel: 'board', state: 'verified', count: 1 },
    { channel: 'board', state: 'needs_action', count: 1 },
  ];
  const bad = await lianfa(['publish', path, '--wait']);
  expect(bad).toMatchObject({ code: 1, err: expect.stringContaining('1 个账号未核验') as string });
  expect(bad.out).toContain('已核验 verified 1 · 需人工处理 needs action 1');
  counts = [
    { channel: 'board', state: 'verified', count: 1 },
    { channel: 'board', state: 'confirmed', count: 1 },
  ];
  const word = await lianfa(['publish', path, '--wait', '--json']);
  expect(word.code).toBe(0);
  expect(JSON.parse(word.out)).toMatchObject({ placements: 2, verified: 1, confirmed: 1 });
});

it('asks what to do with tracked changes, and obeys', async () => {
  const change = `<w:ins w:id="1" w:author="甲">${r('内容。')}</w:ins>`;
  const path = await file('修订.docx', docx({ body: p(r('关于水价的通知')) + p(change) }));
  const asked = await lianfa(['publish', path, '--source', '甲', '--json']);
  expect(asked.err + asked.out).toContain('document_tracked');
  const done = await lianfa(['publish', path, '--source', '甲', '--revisions', 'accept', '--json']);
  expect(JSON.parse(done.out)).toMatchObject({ dropped: [] });
});

it('says what is wrong with a document, and what to do', async () => {
  expect(await lianfa(['publish', await file('c.md', '# 甲\n\n乙')])).toMatchObject({
    code: 1,
    err: '✗ 缺少必填项“来源（source）”。 Required field "source" is missing.\n  → 请补充该项后重新提交。 Fill in this field and send again.\n',
  });
  const gbk = await lianfa(['publish', await file('d.md', Buffer.from([0xb9, 0xff])), '--json']);
  expect(gbk.code).toBe(1);
  expect(JSON.parse(gbk.out)).toMatchObject({ error: { code: 'document_not_utf8' } });
  expect(await lianfa(['publish', join(folder, 'gone.md')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('无法读取文件') as string,
  });
});

describe('a document whose files are not all there', () => {
  const incomplete =
    '---\ntitle: 缺文件\nsource: 市政府\nattachments:\n  - 26/没有这个.pdf\n---\n前文。\n\n![现场](16-missing.jpg)\n\n<img src="图.png">';
  const all = async (): Promise<[number, number]> => {
    const { media, releases } = server.services.store;
    return [(await media.find({}).lean()).length, (await releases.find({}).lean()).length];
  };

  it('is refused before anything is uploaded or made, each file by its name and line', async () => {
    await file(
      '图.png',
      await sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
        .png()
        .toBuffer(),
    );
    const before = await all();
    const { err, code } = await lianfa(['publish', await file('incomplete.md', incomplete), '--channels', 'board']);
    expect(code).toBe(1);
    expect(err).toContain('第 5 行“26/没有这个.pdf”没有找到这个文件；第 9 行“16-missing.jpg”没有找到这个文件');
    expect(await all()).toEqual(before);
  });

  it('goes on without them where a person has agreed, and is told what is missing', async () => {
    const [media, releases] = await all();
    const { err } = await lianfa([
      'publish',
      await file('incomplete.md', incomplete.replace('<img src="图.png">', '')),
      '--channels',
      'board',
      '--accept-losses',
    ]);
    expect(await all()).toEqual([media, releases + 1]);
    expect(err).toContain('附件“26/没有这个.pdf”没有上传');
  });
});

it('asks before the same words go out again, and sends them with --again', async () => {
  const { store, channels, orders, vault, config } = server.services;
  await lianfa(['organizations', 'import', await file('u.csv', 'id,name,region\ndesk,市政府,350000\n')]);
  const row =
    'channel,name,organization,settings.site,credentials.token\nboard,门户,desk,https://d.example,good-token\n';
  await lianfa(['accounts', 'import', await file('a.csv', row)]);
  const before = { ...orders };
  const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
  Object.assign(orders, openOrders({ store, queues, channels, vault, config, claims: {} as ClaimBook }));
  try {
    const path = await file('twice.md', '---\ntitle: 停水通知\nsource: 市政府\n---\n正文');
    const { release } = JSON.parse((await lianfa(['publish', path, '--json'])).out) as { release: string };
    const asked = await lianfa(['publish', path]);
    expect(asked).toMatchObject({ code: 1, out: '' });
    expect(asked.err).toContain(`《停水通知》（${release}）`);
    expect(asked.err).toContain('--again');
    expect(await lianfa(['publish', path, '--again'])).toMatchObject({ code: 0 });
  } finally {
    Object.assign(orders, before);
  }
});

it('publishes no draft', async () => {
  const { err, code } = await lianfa([
    'publish',
    await file('draft.md', '---\ntitle: 甲\nsource: 乙\ndraft: true\n---\n正文'),
    '--channels',
    'board',
  ]);
  expect(code).toBe(1);
  expect(err).toContain('文件头写明这是草稿');
});

it('says that the key is not good, or that no server answers', async () => {
  expect((await lianfa(['status', 'r1'], { LIANFA_API_KEY: 'wrong' })).err).toContain('请先登录');
  expect((await lianfa(['status', 'r1'], { LIANFA_URL: 'http://127.0.0.1:1' })).err).toContain('lianfa start');
});

it('imports units and accounts from files, and tells refused rows by their place', async () => {
  expect(
    await lianfa([
      'organizations',
      'import',
      await file('units.csv', 'id,name,parent,region\nfj,福建省,,350000\nfz,福州市,fj,350100\n'),
    ]),
  ).toMatchObject({ code: 0, out: expect.stringContaining('新建 2') as string });
  const csv =
    'channel,name,organization,tags,settings.site,credentials.token\nboard,门户,fz,市级,https://fz.example,good-token\nboard,坏,fz,,nowhere,good-token\n';
  const result = await lianfa(['accounts', 'import', await file('accounts.csv', csv)]);
  expect(result).toMatchObject({
    code: 1,
    out: expect.stringContaining('新建 1') as string,
    err: expect.stringContaining('第 3 行：“账号设置（settings.site）”') as string,
  });
  expect((await lianfa(['accounts', 'list'])).out).toMatch(/board +福州市 · 门户 {2}凭据未检查 unchecked/);
  expect((await lianfa(['accounts', 'import', await file('x.json', '{}')])).err).toContain('“accounts”');
});

it('checks accounts, and fails where a credential is dead', async () => {
  expect(await lianfa(['accounts', 'check'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/门户 {2}凭据有效 ok（剩 5 天/) as string,
  });
  const csv =
    'channel,name,organization,settings.site,credentials.token\nboard,旧站,fz,https://old.example,dead-token\n';
  await lianfa(['accounts', 'import', await file('dead.csv', csv)]);
  const result = await lianfa(['accounts', 'check', '--channel', 'board']);
  expect(result).toMatchObject({
    code: 1,
    out: expect.stringMatching(/旧站 {2}凭据失效 dead\n {2}令牌失效 The token is dead\n {2}→ 请更换/) as string,
  });
  expect(result.out).toContain('门户  凭据有效');
  expect((await lianfa(['accounts', 'check', '--account', 'nobody'])).err).toContain('没有找到“nobody”');
});

it('shows how far a release is, and withdraws it', async () => {
  await lianfa(['publish', await file('e.md', plainDocument), '--json']);
  const { release } = server.ordered.at(-1) as { release: string };
  expect((await lianfa(['status', release])).out).toContain(`台风红色预警（${release}）\n已全部完成 finished  2/2`);
  drill = true;
  for (const options of [[], ['--watch']])
    expect((await lianfa(['status', release, ...options])).out).toContain(`演练 Exercise 台风红色预警（${release}）`);
  drill = false;
  expect(JSON.parse((await lianfa(['status', release, '--json'])).out)).toMatchObject({ release, total: 2 });
  expect(await lianfa(['withdraw', release, '--reason', '内容有误'])).toMatchObject({ code: 0 });
  expect(server.ordered.at(-1)).toMatchObject({ release, reason: '内容有误' });
  expect((await lianfa(['status', 'none'])).err).toContain('没有找到“none”');
  const still = await lianfa(['withdraw', release, '--reason', '内容有误', '--wait']);
  expect(still).toMatchObject({ code: 1, err: expect.stringContaining('2 个账号尚未撤下') as string });
  counts = [
    { channel: 'board', state: 'withdrawn', count: 1 },
    { channel: 'board', state: 'cancelled', count: 1 },
  ];
  const away = await lianfa(['withdraw', release, '--reason', '内容有误', '--wait', '--json']);
  expect(away.code).toBe(0);
  expect(JSON.parse(away.out)).toMatchObject({ release, placements: 2, withdrawn: 2 });
});

it('watches a release until nothing moves, and ends well only where all is well', async () => {
  await lianfa(['publish', await file('w.md', plainDocument), '--json', '--again']);
  const { release } = server.ordered.at(-1) as { release: string };
  const well = await lianfa(['status', release, '--watch']);
  expect(well).toMatchObject({ code: 0, out: expect.stringContaining('已核验 verified 2/2') as string });
  // What the wall shows: the clocks, and the chain of messages.
  expect(well.out).toMatch(/首次签发已过 \d+:\d\d[^]*1\. +《通知》/);
  counts = [
    { channel: 'board', state: 'verified', count: 1 },
    { channel: 'board', state: 'failed', count: 1 },
  ];
  const bad = await lianfa(['status', release, '--watch', '--json']);
  expect(bad.code).toBe(1);
  const [change = '', refusal = ''] = bad.out.trim().split('\n');
  expect(JSON.parse(change)).toMatchObject({ release, total: 2, counts });
  expect(JSON.parse(refusal)).toMatchObject({ error: { code: 'not_well' } });
});

it('writes the report to files, and nothing where it is refused', async () => {
  await lianfa(['publish', await file('r.md', plainDocument), '--json', '--again']);
  const { release } = server.ordered.at(-1) as { release: string };
  const target = join(folder, 'report.csv');
  expect(await lianfa(['report', release, '--csv', target])).toMatchObject({ code: 0 });
  expect(await readFile(target, 'utf8')).toContain('地区代码 region');
  const missing = join(folder, 'missing.csv');
  expect((await lianfa(['report', 'none', '--csv', missing])).err).toContain('没有找到“none”');
  await expect(readFile(missing)).rejects.toThrow('ENOENT');
  expect((await lianfa(['report', release])).err).toContain('--csv');
});

describe('a planned release', () => {
  it('is ordered for its time, told with its hour, and a day off is said', async () => {
    const document = await file('plan.md', plainDocument);
    const { out, err, code } = await lianfa([
      'publish',
      document,
      '--at',
      '2027-10-02 9:00',
      '--expires',
      '2027-10-02',
    ]);
    expect(code).toBe(0);
    expect(server.ordered.at(-1)).toMatchObject({
      notBefore: new Date('2027-10-02T01:00:00Z'),
      expires: new Date('2027-10-02T16:00:00Z'),
    });
    expect(out).toContain('2027年10月2日 09:00（北京时间）发出');
    expect(err).toContain('2027-10-02 休息（周六；2027 年放假安排尚未录入');
  });

  it.each([
    ['明天九点', 'field_invalid'],
    ['2026-01-05 09:00', 'plan_in_past'],
  ])('is refused before anything is uploaded where the time is %s', async (at, code) => {
    const before = await server.services.store.releases.countDocuments({});
    const { out, code: exit } = await lianfa(['publish', await file('plan.md', plainDocument), '--at', at, '--json']);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code } });
    expect(await server.services.store.releases.countDocuments({})).toBe(before);
  });

  it('is not waited for', async () => {
    await expect(lianfa(['publish', 'x.md', '--at', '2027-10-02 9:00', '--wait'])).rejects.toMatchObject({
      code: 'commander.conflictingOption',
    });
  });

  const statusWith = (order: object) =>
    jest.spyOn(server.services.queries, 'status').mockResolvedValue({
      release: 'r1',
      at: new Date().toISOString(),
      title: '停水通知',
      counts: [],
      total: 0,
      toCome: 0,
      finished: false,
      orders: [
        {
          id: 'd9',
          seq: 1,
          action: 'publish',
          lane: 'routine',
          state: 'planned',
          placements: 0,
          at: new Date(0).toISOString(),
          by: 'u',
          ...order,
        },
      ],
    });
  afterEach(() => jest.restoreAllMocks());

  it('says in its status when it goes, why it is held, and how late it began', async () => {
    await server.services.store.releases.create({
      _id: 'r1',
      title: '通知',
      kind: 'notice',
      revision: 'v1',
      revisions: 1,
      createdBy: 'u',
      createdAt: new Date(),
      updatedAt: new Date(),
    });
    const notBefore = '2027-10-02T09:00:00+08:00';
    statusWith({ notBefore });
    expect((await lianfa(['status', 'r1'])).out).toContain('已排期：2027年10月2日 09:00（北京时间）');
    const said = { zh: '已过排定时间 42 分钟', en: 'late by 42 minutes' };
    statusWith({
      state: 'held',
      notBefore,
      held: { at: new Date(0).toISOString(), reason: 'late', minutes: 42, said, todo: { zh: '请核对', en: 'check' } },
    });
    expect((await lianfa(['status', 'r1'])).out).toContain('已过排定时间 42 分钟');
    statusWith({ state: 'done', notBefore, late: 5 });
    expect((await lianfa(['status', 'r1'])).out).toContain('晚了 5 分钟');
  });

  it('is taken back and sent by the id of its release', async () => {
    await server.services.store.orders.create({
      _id: 'd9',
      release: 'r1',
      seq: 9,
      action: 'publish',
      audience: {},
      place: '',
      reach: { audience: true, standing: false },
      lane: 'routine',
      by: 'u',
      at: new Date(),
      state: 'planned',
      walk: 'audience',
      placements: 0,
    });
    statusWith({ notBefore: '2027-10-02T09:00:00+08:00' });
    for (const act of ['unschedule', 'send']) expect((await lianfa([act, 'r1'])).code).toBe(0);
    expect(server.ordered.slice(-2)).toMatchObject([{ unschedule: 'd9' }, { send: 'd9' }]);
    statusWith({ state: 'done' });
    expect(JSON.parse((await lianfa(['send', 'r1', '--json'])).out)).toMatchObject({ error: { code: 'not_planned' } });
  });
});

describe('the calendar', () => {
  it('says of each day 上班 or 休息, and what goes out on it', async () => {
    const { store } = server.services;
    await store.revisions.create({
      _id: 'vc',
      release: 'rc',
      number: 1,
      kind: 'notice',
      language: 'zh-Hans',
      title: '国庆安排',
      source: '示例',
      createdBy: 'u',
      createdAt: new Date(),
      hash: 'h',
    });
    await store.orders.create({
      _id: 'dc',
      release: 'rc',
      revision: 'vc',
      seq: 1,
      action: 'publish',
      audience: {},
      reach: { audience: true, standing: false },
      lane: 'routine',
      by: 'u',
      at: new Date(),
      state: 'planned',
      walk: 'audience',
      placements: 0,
      notBefore: new Date('2026-10-05T16:30:00Z'),
    });
    const { out } = await lianfa(['calendar', '--from', '2026-09-20', '--to', '2026-10-10']);
    expect(out).toContain('2026-09-20  上班（周日，因国庆节放假补班）');
    expect(out).toContain('2026-10-06  休息（周二，国庆节）');
    expect(out).toMatch(/2026-10-06 .*\n {2}00:30 {2}国庆安排（rc） {2}正等待排定的时间/);
    expect(out).toContain('2026-10-10  上班（周六，因国庆节放假补班）');
    expect(out).toContain('依据 by 国务院办公厅关于2026年部分节假日安排的通知');
    expect(out).not.toContain('调休');
    const machine = JSON.parse(
      (await lianfa(['calendar', '--from', '2026-10-06', '--to', '2026-10-06', '--json'])).out,
    ) as object;
    expect(machine).toMatchObject({
      days: [{ day: '2026-10-06', working: false }],
      plans: [{ release: 'rc' }],
      more: false,
    });
  });

  it('takes a year from its notice, and says what is wrong with a file', async () => {
    const notice = '国务院办公厅关于2028年部分节假日安排的通知';
    const good = await file(
      '2028.json',
      JSON.stringify({ notice, off: [{ day: '2028-01-03', holiday: '元旦' }], working: [] }),
    );
    expect((await lianfa(['calendar', 'enter', '2028', good])).out).toContain('已录入 2028 年：休息 1 天，上班 0 天');
    expect((await lianfa(['calendar', '--from', '2028-01-03', '--to', '2028-01-03'])).out).toContain(
      '休息（周一，元旦）',
    );
    const bad = await lianfa(['calendar', 'enter', '2028', await file('bad.json', '{"notice":"通知通知"}')]);
    expect([bad.code, bad.err.includes('off')]).toEqual([1, true]);
  });
});

describe('audience', () => {
  /** A sign-in for each command is more than one person may in a minute. */
  const byKey = (args: string[]) => lianfa(args, { LIANFA_API_KEY: server.key });

  it('tells of a shape whom it reaches and its gaps, keeps it under a name, and publishes to what the name says', async () => {
    const units = '编号,名称,地区,上级,纬度,经度\nisle,平潭,350128,,25.5,119.8\nbay,海湾,350128,isle,,\n';
    expect((await byKey(['organizations', 'import', await file('u.csv', units)])).out).toContain('新建 2');
    const rows = ['isle', 'bay'].map((organization) => ({
      channel: 'board',
      organization,
      name: `${organization} 公告栏`,
      settings: { site: `https://${organization}.cli.example` },
      credentials: { token: 'good-token' },
    }));
    await byKey(['accounts', 'import', await file('a.json', JSON.stringify(rows))]);
    const shape = ['--circle', '25.5,119.8 3', '--regions', '359999'];
    const shown = await byKey(['audience', 'show', ...shape]);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('账号 1 个');
    expect(shown.out).toContain('图形内 1，代码内 0，合计 1');
    expect(shown.out).toContain('unknown_code');
    expect(shown.out).toContain('lianfa regions import FILE');
    const gaps = await byKey(['audience', 'gaps', 'no_position', ...shape, '--json']);
    const listed = gaps.out.trim().split('\n');
    expect(listed.map((line) => (JSON.parse(line) as { name: string }).name)).toContain('bay');

    const square = '[[[119,25],[120,25],[120,26],[119,26],[119,25]]]';
    const map = `{"features":[{"properties":{"gb":"350128","name":"平潭"},"geometry":{"type":"Polygon","coordinates":${square}}},{}]}`;
    const trial = await byKey(['regions', 'import', await file('m.geojson', map), '--dry-run']);
    expect([trial.code, trial.out]).toEqual([1, expect.stringContaining('新建 1，更新 0，未变 0，未导入 1')]);
    expect(trial.err).toContain('第 2 行');
    expect((await byKey(['regions', 'list'])).out).toBe('');
    const imported = await byKey(['regions', 'import', await file('m.geojson', map)]);
    expect([imported.code, imported.err.split('\n')[0], imported.out]).toEqual([
      1,
      expect.stringContaining('第 2 行'),
      expect.stringContaining('新建 1，更新 0，未变 0，未导入 1'),
    ]);
    expect(await byKey(['regions', 'list'])).toMatchObject({ err: '', out: '350128  平潭  5\n' });
    const found = JSON.parse((await byKey(['audience', 'show', ...shape, '--json'])).out) as { total: number };
    expect(found.total).toBe(2);

    const except = ['--except-organizations', 'bay', '--because', '停电'];
    const saved = await lianfa([
      'audience',
      'save',
      '平潭沿海',
      '--organization',
      'isle',
      '--circle',
      '25.5,119.8 3',
      ...except,
    ]);
    expect([saved.code, saved.err]).toEqual([0, '']);
    expect((await byKey(['audience', 'list'])).out).toContain('平潭沿海');
    await lianfa(['publish', await file('s.md', plainDocument.replace('通知', '沿海通知')), '--audience', '平潭沿海']);
    expect(server.ordered.at(-1)).toMatchObject({
      audience: { circles: ['25.5,119.8 3'], except: [{ organizations: ['bay'], reason: '停电' }] },
    });
    const releases = await server.services.store.releases.countDocuments({});
    const unknown = await lianfa(['publish', await file('s.md', plainDocument), '--audience', '没有的']);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('没有叫“没有的”的常用范围')]);
    expect(await server.services.store.releases.countDocuments({})).toBe(releases);
    expect((await byKey(['audience', 'close', '平潭沿海'])).code).toBe(0);
    expect((await byKey(['audience', 'list'])).out).toBe('');
  });
});
