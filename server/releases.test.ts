import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docx, p, r } from '../core/documents/fixtures/docx.js';
import sharp from 'sharp';
import { openTestServer, request, type TestServer } from '../test/support/http.js';
import type { ReleaseSaved } from './contract/releases.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await server.services.store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
});
afterAll(() => server.close());

const sample = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../core/documents/fixtures', name));
const input = { title: '关于放假的通知', source: '示例市人民政府', body: { format: 'html', content: '<p>正文。</p>' } };
const create = (json: unknown = input) => server.call('POST', '/api/v1/releases', { json });
const importFile = (bytes: Buffer | string, name: string, query = '', headers: Record<string, string> = {}) =>
  server.call('POST', `/api/v1/releases/import${query}`, {
    bytes,
    headers: { 'content-type': 'application/octet-stream', 'x-file-name': encodeURIComponent(name), ...headers },
  });
const saved = (answer: { body: unknown }) => answer.body as ReleaseSaved;
async function upload(): Promise<string> {
  const bytes = await sharp({ create: { width: 50, height: 40, channels: 3, background: '#a00' } })
    .png()
    .toBuffer();
  return ((await server.call('POST', '/api/v1/media', { bytes })).body as { hash: string }).hash;
}

it('makes a release, cleans it, tells what went and keeps the rest', async () => {
  const answer = await create({
    ...input,
    body: { format: 'html', content: '<h1>一</h1><p onclick="x">二<script>3</script></p>' },
  });
  expect(answer.status).toBe(201);
  const { release, dropped } = saved(answer);
  expect(release).toMatchObject({
    title: '关于放假的通知',
    kind: 'news',
    revisions: 1,
    revision: { number: 1, body: '<h2>一</h2><p>二</p>', summary: '一 二', language: 'zh-Hans' },
  });
  expect(dropped.map(({ what }) => what)).toEqual(['handler', 'script']);
  expect((await server.call('GET', `/api/v1/releases/${release.id}`)).body).toEqual(release);
});

it('makes a summary of sentences: cells and captions stay out, unless there is nothing else', async () => {
  const table = '<table><tbody><tr><td>周六</td><td>不办理</td></tr></tbody></table>';
  const summaryOf = async (content: string): Promise<string> =>
    saved(await create({ ...input, body: { format: 'html', content } })).release.revision.summary;
  expect(await summaryOf(`<p>时间调整如下：</p>${table}<p>请相互转告。</p>`)).toBe('时间调整如下： 请相互转告。');
  expect(await summaryOf(table)).toContain('不办理');
});

it.each([
  [{ ...input, title: undefined }, 'field_missing', 'title'],
  [{ ...input, title: '  ' }, 'field_missing', 'title'],
  [{ ...input, title: '字'.repeat(201) }, 'field_invalid', 'title'],
  [{ ...input, source: undefined }, 'field_missing', 'source'],
  [{ ...input, body: undefined }, 'field_missing', 'body'],
  [{ ...input, body: { format: 'doc', content: '' } }, 'field_invalid', 'body.format'],
  [{ ...input, kind: 'speech' }, 'field_invalid', 'kind'],
  [{ ...input, title: '<script>1</script>' }, 'field_missing', 'title'],
  [{ ...input, organization: 'nowhere' }, 'field_invalid', 'organization'],
  [{ ...input, pictures: [{ hash: 'ab'.repeat(32) }] }, 'field_invalid', 'pictures.0.hash'],
  [{ ...input, cover: 'ab' }, 'field_invalid', 'cover'],
  [{ ...input, attachments: [{ hash: 'ab', name: 'a' }] }, 'field_invalid', 'attachments.0.hash'],
  [{ ...input, policy: { signed: '昨天' } }, 'field_invalid', 'policy.signed'],
  [[], 'field_invalid', 'body'],
])('refuses %j by the field at fault, and stores nothing', async (json, code, field) => {
  const before = await server.services.store.releases.countDocuments({});
  const answer = await create(json);
  expect(answer).toMatchObject({ status: 422, body: { error: { code, field } } });
  expect(await server.services.store.releases.countDocuments({})).toBe(before);
});

it('says that a body is no JSON, or none', async () => {
  for (const bytes of ['{"title":', '']) {
    const answer = await server.call('POST', '/api/v1/releases', {
      bytes,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }
  expect(
    await server.call('POST', '/api/v1/releases', { bytes: 'x', headers: { 'content-type': 'text/plain' } }),
  ).toMatchObject({ status: 400, body: { error: { code: 'request_malformed' } } });
});

it('makes the next revision of what was edited, and refuses the second of two authors', async () => {
  const { release } = saved(await create());
  const edit = (title: string) =>
    server.call('PUT', `/api/v1/releases/${release.id}`, { json: { ...input, title, revision: release.revision.id } });
  const answers = await Promise.all([edit('甲'), edit('乙')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ error: { code: 'revision_stale' } });
  const winner = saved(answers.find(({ status }) => status === 200) ?? { body: {} }).release;
  expect(winner).toMatchObject({ revisions: 2, revision: { number: 2 } });
  expect(await server.services.store.revisions.countDocuments({ release: release.id })).toBe(2);
  const old = (await server.call('GET', `/api/v1/releases/${release.id}?revision=${release.revision.id}`)).body;
  expect(old).toMatchObject({ revision: release.revision });
});

it('attaches files under an ending that fits their content, and refuses another by its field', async () => {
  const { hash } = (
    await server.call('POST', '/api/v1/media', {
      bytes: Buffer.from('%PDF-1.7 x'),
      headers: { 'x-file-name': encodeURIComponent('清单.pdf') },
    })
  ).body as { hash: string };
  const attach = (name: string) => create({ ...input, attachments: [{ hash, name }] });
  expect(saved(await attach('附件1：清单')).release.revision.attachments).toEqual([
    { hash, name: '附件1：清单.pdf', mime: 'application/pdf', bytes: 10 },
  ]);
  expect(saved(await attach('附件.PDF')).release.revision.attachments).toMatchObject([{ name: '附件.PDF' }]);
  for (const name of ['附件.exe', '附件.docx', 'a.html'])
    expect(await attach(name)).toMatchObject({
      status: 422,
      body: { error: { code: 'attachment_refused', field: 'attachments.0' } },
    });
  const text = `---\ntitle: 一\nsource: 示例市\nattachments: [{hash: ${hash}, name: 清单.pdf}, 没有上传]\n---\n正文`;
  expect(await importFile(text, 'a.md')).toMatchObject({
    status: 422,
    body: { error: { code: 'document_incomplete', message: { zh: expect.stringContaining('“没有上传”') as unknown } } },
  });
  const document = await importFile(text, 'a.md', '?losses=accept');
  expect(saved(document).release.revision.attachments).toMatchObject([{ hash, name: '清单.pdf' }]);
  expect(saved(document).dropped.map(({ what }) => what)).toEqual(['attachment:没有上传']);
});

it('links an interpretation to its policy by the file it came from, keeps that through an edit, and refuses a link to nothing', async () => {
  const policy = saved(await importFile(sample('policy-2026.md'), 'policy-2026.md', '?losses=accept'));
  expect(policy.dropped.map(({ what }) => what)).toContain('interpretations:interpretation-2026.md');
  const { release } = saved(await importFile(sample('interpretation-2026.md'), 'interpretation-2026.md'));
  expect(release.revision.interprets).toEqual([policy.release.id]);
  const edited = saved(
    await server.call('PUT', `/api/v1/releases/${release.id}`, { json: { ...input, revision: release.revision.id } }),
  );
  expect(edited.release.revision.interprets).toEqual([policy.release.id]);
  const unlinked = saved(
    await server.call('PUT', `/api/v1/releases/${release.id}`, {
      json: { ...input, interprets: [], revision: edited.release.revision.id },
    }),
  );
  expect(unlinked.release.revision.interprets).toBeUndefined();
  expect(unlinked.release.revision.hash).not.toBe(edited.release.revision.hash);
  expect(await create({ ...input, interprets: [policy.release.id, 'r404'] })).toMatchObject({
    status: 422,
    body: { error: { code: 'field_invalid', field: 'interprets.1' } },
  });
});

it('does not change a release that was withdrawn', async () => {
  const { release } = saved(await create());
  await server.services.store.releases.updateOne({ _id: release.id }, { $set: { withdrawnAt: new Date() } });
  expect(
    await server.call('PUT', `/api/v1/releases/${release.id}`, { json: { ...input, revision: release.revision.id } }),
  ).toMatchObject({ status: 409, body: { error: { code: 'already_withdrawn' } } });
});

it('gives the same content the same hash, and other content another', async () => {
  const hash = async (json: unknown) => saved(await create(json)).release.revision.hash;
  const one = await hash({ ...input, columns: ['要闻'] });
  expect(await hash({ columns: ['要闻'], ...input })).toBe(one);
  expect(await hash({ ...input, columns: ['通知'] })).not.toBe(one);
});

it('takes pictures of the library only, and the first as cover', async () => {
  const hash = await upload();
  const { release, dropped } = saved(
    await create({
      ...input,
      body: { format: 'markdown', content: `![图](media:${hash})\n\n![外](http://169.254.169.254/x.png)` },
    }),
  );
  expect(release.revision).toMatchObject({
    body: `<p><img src="media:${hash}" alt="图"></p>`,
    pictures: [{ hash, alt: '图', width: 50, height: 40 }],
    cover: hash,
  });
  expect(dropped.map(({ what }) => what)).toEqual(['picture:169.254.169.254/x.png']);
});

it('imports the hostile notice clean and says everything that went', async () => {
  const name = 'notice-bad.md';
  expect((await importFile(sample(name), name)).body).toMatchObject({ error: { code: 'document_incomplete' } });
  const answer = await importFile(sample(name), name, '?losses=accept');
  expect(answer.status).toBe(201);
  const { release, dropped } = saved(answer);
  expect(release.title).toMatch(/^关于示例市政务服务中心调整办公时间的通知（示例）这个标题故意写得很长/);
  expect(release.revision).toMatchObject({ kind: 'notice', author: '示例市政务服务局', columns: ['通知公告'] });
  expect(JSON.stringify(release)).not.toMatch(/script|onclick|onerror|169\.254|iframe|evil|javascript/);
  expect(dropped.map(({ what }) => what).sort()).toEqual([
    'embed:iframe',
    'handler',
    'link',
    'markup:title',
    'picture:169.254.169.254/meta-data',
  ]);
  for (const { said } of dropped) expect(said.zh && said.en).toBeTruthy();
});

it.each(['keynote-2020.md', 'policy-2026.md', 'interpretation-2026.md'])('imports %s', async (name) => {
  expect((await importFile(sample(name), name, '?losses=accept')).status).toBe(201);
});

it('imports a Word document with its picture, which is prepared', async () => {
  const { release } = saved(
    await importFile(sample('notice.docx'), '通知.docx', '?source=%E5%B8%82%E6%94%BF%E5%BA%9C'),
  );
  expect(release).toMatchObject({
    title: '关于调整办公时间的通知',
    revision: { source: '市政府', pictures: [{ width: 40, height: 30, alt: '示意图' }] },
  });
  expect(server.prepared).toContain(release.revision.pictures[0]?.hash);
});

it('takes the source from a header where the document has none', async () => {
  expect(
    saved(await importFile('# 甲\n\n乙', 'a.md', '', { 'x-source': encodeURIComponent('市政府') })).release.revision
      .source,
  ).toBe('市政府');
  expect(await importFile('# 甲\n\n乙', 'a.md')).toMatchObject({
    status: 422,
    body: { error: { code: 'field_missing', field: 'source', message: { zh: '缺少必填项“来源（source）”。' } } },
  });
});

it.each([
  ['a.pdf', Buffer.from('%PDF-1.4'), 415, 'document_of_other_program'],
  ['a.md', Buffer.from([0xb9, 0xff]), 422, 'document_not_utf8'],
  ['a.docx', Buffer.from('PK'), 422, 'document_unreadable'],
  ['a.md', Buffer.alloc(0), 422, 'field_missing'],
])('refuses %s and keeps nothing of it', async (name, bytes, status, code) => {
  const before = await server.services.store.releases.countDocuments({});
  expect(await importFile(bytes, name, '?source=x')).toMatchObject({ status, body: { error: { code } } });
  expect(await server.services.store.releases.countDocuments({})).toBe(before);
});

describe('a Word document', () => {
  const tracked = docx({
    body:
      p(r('关于水价的通知')) +
      p(
        r('水价为') +
          `<w:ins w:id="1" w:author="甲">${r('2.80')}</w:ins>` +
          `<w:del w:id="2" w:author="乙"><w:r><w:delText>1.80</w:delText></w:r></w:del>` +
          r('元。'),
      ),
  });
  const importDocx = (bytes: Buffer, query: string) => importFile(bytes, '通知.docx', `?source=x${query}`);

  it('with tracked changes waits for a choice: all accepted or all undone', async () => {
    expect(await importDocx(tracked, '')).toMatchObject({ status: 409, body: { error: { code: 'document_tracked' } } });
    expect(saved(await importDocx(tracked, '&revisions=accept')).release.revision.body).toBe('<p>水价为2.80元。</p>');
    expect(saved(await importDocx(tracked, '&revisions=reject')).release.revision.body).toBe('<p>水价为1.80元。</p>');
    expect((await importDocx(tracked, '&revisions=some')).status).toBe(422);
  });

  it('of which something would be missing stops, unless a person agrees', async () => {
    const chart =
      '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图" descr="用水量"/><a:graphic><a:graphicData><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>';
    const bytes = docx({ body: p(r('关于用水的通知')) + p(r('用水量见下图：') + chart) });
    expect(await importDocx(bytes, '')).toMatchObject({
      status: 422,
      body: {
        error: {
          code: 'document_incomplete',
          message: { zh: expect.stringContaining('图表“用水量”不能显示') as string },
        },
      },
    });
    const { dropped } = saved(await importDocx(bytes, '&losses=accept'));
    expect(dropped).toMatchObject([{ what: 'wordChart:用水量', stops: true, places: ['用水量见下图：'] }]);
  });

  it('says its number and issuer as a policy does', async () => {
    const bytes = docx({
      body:
        p(r('古田县人民政府文件', '<w:color w:val="FF0000"/><w:sz w:val="72"/>')) +
        p(r('古政〔2026〕12号')) +
        p(r('关于供水的通知'), '<w:jc w:val="center"/>') +
        p(r('各乡镇：')),
    });
    const { release } = saved(await importDocx(bytes, ''));
    expect(release.title).toBe('关于供水的通知');
    expect(release.revision.policy).toEqual({ number: '古政〔2026〕12号', issuer: '古田县人民政府' });
  });
});

it('refuses a document of 30 MB, and a JSON body over 5 MB, with the limit', async () => {
  expect(await importFile(Buffer.alloc(30 * 1024 * 1024, 'a'), 'a.md')).toMatchObject({
    status: 413,
    body: { error: { code: 'body_too_large', message: { zh: '内容过大（上限 20 MB）。' } } },
  });
  expect(await create({ ...input, body: { format: 'text', content: 'a'.repeat(6 * 1024 * 1024) } })).toMatchObject({
    status: 413,
    body: { error: { message: { en: 'The content is too large (limit 5 MB).' } } },
  });
});

/** A warning that is over would be stopped. */
const drillToCome = Buffer.from(
  readFileSync('samples/typhoon-drill.md', 'utf8').replaceAll(': 2026-11-2', ': 2096-11-2'),
);

it('says in the list which warning is an exercise', async () => {
  const { release } = saved(await importFile(drillToCome, 'typhoon-drill.md'));
  const { items } = (await server.call('GET', '/api/v1/releases?limit=5')).body as {
    items: { id: string; drill?: true }[];
  };
  expect(items.filter(({ drill }) => drill).map(({ id }) => id)).toEqual([release.id]);
});

it('lists releases newest first, a page at a time, with their counts', async () => {
  const { release } = saved(await create({ ...input, title: '最新' }));
  const first = (await server.call('GET', '/api/v1/releases?limit=2')).body as {
    items: { id: string; counts: unknown[] }[];
    next: string;
  };
  expect(first.items[0]).toMatchObject({
    id: release.id,
    title: '最新',
    counts: [{ channel: 'board', state: 'verified', count: 2 }],
  });
  const ids = new Set<string>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = (await server.call('GET', `/api/v1/releases?limit=7${after && `&after=${after}`}`)).body as {
      items: { id: string }[];
      next?: string;
    };
    for (const { id } of page.items) ids.add(id);
    after = page.next;
  }
  expect(ids.size).toBe(await server.services.store.releases.countDocuments({}));
});

const sign = (release: string, revision: string) => server.send(release, revision);

it('signs the newest revision in the name of the signer, and no other', async () => {
  const { release } = saved(await create());
  const newer = saved(
    await server.call('PUT', `/api/v1/releases/${release.id}`, {
      json: { ...input, title: '改过的标题', revision: release.revision.id },
    }),
  ).release.revision;
  expect(await sign(release.id, release.revision.id)).toMatchObject({
    status: 409,
    body: { error: { code: 'revision_stale' } },
  });
  const other = await server.services.store.people.findOne({ name: server.other.name }).lean();
  expect(await sign(release.id, newer.id)).toMatchObject({ status: 202, body: { state: 'signed', order: 'd1' } });
  expect(await sign('none', newer.id)).toMatchObject({ status: 404 });
  expect((await server.call('GET', `/api/v1/releases/${release.id}/revisions`)).body).toMatchObject([
    { id: release.revision.id, number: 1 },
    { id: newer.id, number: 2, signed: { by: other?._id } },
  ]);
});

it('takes an edit of what is signed as a correction unless told that it is an update; an edit before that is neither', async () => {
  const { release } = saved(await create());
  const edit = async (revision: string, title: string, change?: string) =>
    saved(await server.call('PUT', `/api/v1/releases/${release.id}`, { json: { ...input, title, revision, change } }))
      .release.revision;
  const draft = await edit(release.revision.id, '第二稿', 'update');
  expect(draft.change).toBeUndefined();
  await sign(release.id, draft.id);
  expect(await edit(draft.id, '第二稿', 'update')).toMatchObject({ id: draft.id, number: 2 });
  const correction = await edit(draft.id, '第三稿');
  expect(correction.change).toBe('correction');
  expect(await edit(correction.id, '第三稿', 'update')).toMatchObject({ number: 4, change: 'update' });
});

it('imports a document as the next revision of the release that the request or its front matter names', async () => {
  const policy = saved(await importFile(sample('policy-2026.md'), 'policy-2026.md', '?losses=accept')).release;
  const { release } = saved(await importFile(sample('interpretation-2026.md'), 'interpretation-2026.md'));
  await sign(release.id, release.revision.id);
  const asked = saved(await importFile('# 甲\n\n乙', 'b.md', `?source=x&release=${release.id}&change=update`)).release;
  expect(asked).toMatchObject({ id: release.id, revisions: 2, revision: { number: 2, title: '甲', change: 'update' } });
  // As with an edit, what the document does not link stays linked.
  expect(asked.revision.interprets).toEqual([policy.id]);
  const named = await importFile(`---\nrelease: ${release.id}\nchange: 更正\n---\n# 丙\n\n丁`, 'c.md', '?source=x');
  expect(saved(named).release).toMatchObject({ id: release.id, revision: { number: 3, change: 'correction' } });
  expect(saved(named).dropped).toEqual([]);
});

it.each([
  ['', '?release=r404', 404, 'not_found', 'release'],
  ['release: r404', '', 404, 'not_found', 'release'],
  ['release: r404', '?release=r405', 422, 'field_invalid', 'release'],
  ['change: 更正', '', 422, 'field_missing', 'release'],
  ['', '?change=update', 422, 'field_missing', 'release'],
  ['release: r404\nchange: 改', '', 422, 'field_invalid', 'change'],
])('refuses the next revision of %j %s and makes no release of it', async (front, query, status, code, field) => {
  const before = await server.services.store.releases.countDocuments({});
  const answer = await importFile(`---\ntitle: 甲\nsource: 乙\n${front}\n---\n丙`, 'a.md', query);
  expect(answer).toMatchObject({ status, body: { error: { code, field } } });
  expect(await server.services.store.releases.countDocuments({})).toBe(before);
});

it('makes the next message of a warning refer to the one before, in the preview too', async () => {
  const { release } = saved(await importFile(drillToCome, 'typhoon-drill.md'));
  await sign(release.id, release.revision.id);
  const { emergency } = release.revision;
  const lifted = { ...input, kind: 'emergency', emergency: { ...emergency, msgType: 'Cancel', references: [] } };
  const preview = (of?: unknown) => server.call('POST', '/api/v1/preview', { json: { release: lifted, of } });
  expect(await preview()).toMatchObject({ status: 422, body: { error: { field: 'emergency.references' } } });
  expect((await preview({ release: release.id })).status).toBe(200);
  const next = saved(
    await server.call('PUT', `/api/v1/releases/${release.id}`, { json: { ...lifted, revision: release.revision.id } }),
  ).release.revision;
  expect(next.emergency?.references).toMatchObject([{ release: release.id, revision: release.revision.id }]);
  expect(next.change).toBeUndefined();
});

it('says before anybody signs where only a person can take the older text away', async () => {
  await server.call('POST', '/api/v1/organizations/import', {
    json: { organizations: [{ id: 'bound', name: '不能删', region: '350100' }] },
  });
  const account = {
    channel: 'board',
    name: '门户',
    organization: 'bound',
    settings: { site: 'https://bound.example', columns: 9 },
    credentials: { token: 'good-token' },
  };
  await server.call('POST', '/api/v1/accounts/import', { json: { accounts: [account] } });
  const { release } = saved(await create());
  const codes = async (): Promise<string[]> => {
    const json = { release: input, organization: 'bound', channels: ['board'], of: { release: release.id } };
    const { body } = await server.call('POST', '/api/v1/preview', { json });
    const [shown] = (body as { renditions: { warnings: { code: string }[] }[] }).renditions;
    return shown?.warnings.map(({ code }) => code) ?? [];
  };
  expect(await codes()).not.toContain('old_stays');
  await sign(release.id, release.revision.id);
  expect(await codes()).toContain('old_stays');
});

it('orders publishing in the name of the signer, and a withdrawal with the password again', async () => {
  const { release } = saved(await create());
  const other = await server.services.store.people.findOne({ name: server.other.name }).lean();
  expect(await server.send(release.id, release.revision.id, { audience: { channels: ['board'] } })).toMatchObject({
    status: 202,
    body: { order: 'd1', state: 'signed' },
  });
  expect(server.ordered.at(-1)).toMatchObject({
    release: release.id,
    revision: release.revision.id,
    audience: { channels: ['board'] },
    lane: 'routine',
    by: other?._id,
  });
  const withdraw = (password: string) =>
    server.call('POST', `/api/v1/releases/${release.id}/withdraw`, { json: { reason: '内容有误', password } });
  expect(await withdraw('wrong')).toMatchObject({ status: 403, body: { error: { code: 'proof_failed' } } });
  expect(await withdraw(server.user.password)).toMatchObject({ status: 202, body: { id: 'd1', action: 'withdraw' } });
  expect(await server.call('POST', `/api/v1/releases/${release.id}/withdraw`, { json: {} })).toMatchObject({
    body: { error: { code: 'field_missing', field: 'reason' } },
  });
  expect((await server.call('POST', '/api/v1/audience', { json: { channels: ['board'] } })).body).toEqual({
    total: 3,
    byChannel: { board: 3 },
  });
});

it('shows the preview that the channel itself renders, with small pictures inside, and a specimen where the unit has no account', async () => {
  const hash = await upload();
  const release = { ...input, body: { format: 'html', content: `<p><img src="media:${hash}"></p><script>1</script>` } };
  const { status, body } = await server.call('POST', '/api/v1/preview', { json: { release } });
  expect(status).toBe(200);
  const { renditions, dropped } = body as {
    renditions: { html: string; warnings: unknown[] }[];
    dropped: { what: string }[];
  };
  expect(renditions[0]?.html).toContain('示例账号 https://specimen.example');
  expect(renditions[0]?.html).toContain('src="data:image/webp;base64,');
  expect(renditions[0]?.warnings).toEqual([
    { code: 'short', field: 'title', said: { zh: '标题较短', en: 'The title is short' } },
  ]);
  expect(dropped.map(({ what }) => what)).toEqual(['script']);

  await server.call('POST', '/api/v1/organizations/import', {
    json: { organizations: [{ id: 'fz', name: '福州市', region: '350100' }] },
  });
  await server.call('POST', '/api/v1/accounts/import', {
    json: {
      accounts: [
        {
          channel: 'board',
          name: '门户',
          organization: 'fz',
          settings: { site: 'https://fz.example' },
          credentials: { token: 'good-token' },
        },
      ],
    },
  });
  const own = (
    await server.call('POST', '/api/v1/preview', { json: { release, organization: 'fz', channels: ['board'] } })
  ).body;
  expect(JSON.stringify(own)).toContain('门户 https://fz.example');
  expect(await server.call('POST', '/api/v1/preview', { json: { release, channels: ['radio'] } })).toMatchObject({
    status: 422,
    body: { error: { code: 'channel_unknown', field: 'channels' } },
  });
});

it('says which channel cannot show a preview instead of showing none', async () => {
  const { body } = await server.call('POST', '/api/v1/preview', { json: { release: { ...input, title: '坏' } } });
  expect(body).toMatchObject({ renditions: [{ channel: 'board', html: '', warnings: [{ code: 'render_failed' }] }] });
});

it('does not say anything to somebody without a key', async () => {
  expect((await request(`${server.url}/api/v1/releases`, 'POST', { json: input })).status).toBe(401);
});
