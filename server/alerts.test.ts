/** Alerts come in by HTTP, and each has its stated outcome: what the page, the command and the program are told. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { finishTaking } from '../core/alerts/take-in.js';
import { refuseUnready } from '../core/releases/from-alert.js';
import { readRelease } from '../core/releases/revisions.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { updateRelease } from '../core/releases/revisions.js';
import type { AlertBody, AlertWhole, SourceBody } from './contract/alerts.js';
import type { ReleaseBody, ReleaseSaved } from './contract/releases.js';

jest.setTimeout(120_000);

const folder = join(import.meta.dirname, '../core/alerts/fixtures');
const files = readdirSync(folder);
const bytesOf = (name: string): Buffer =>
  readFileSync(join(folder, files.find((file) => file.startsWith(name)) ?? name));
const textOf = (name: string): string => bytesOf(name).toString('utf8');

let server: TestServer;
let next = 0;
const senders = new Set<string>();

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

type Answer = AlertBody & { again: boolean };

async function register(sender: string, more: object = {}): Promise<SourceBody> {
  senders.add(sender);
  const json = { sender, name: '青屿气象台', ...more };
  const { status, body } = await server.call('POST', '/api/v1/alert-sources', { json });
  expect(status).toBe(201);
  return body as SourceBody;
}

async function post(bytes: Buffer | string, name?: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/cap+xml', ...(name !== undefined && { 'x-file-name': name }) };
  return server.call('POST', '/api/v1/alerts', { bytes, headers });
}

async function take(bytes: Buffer | string): Promise<Answer> {
  const { status, body } = await post(bytes);
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as Answer;
}

/** A sample under names of its own, so that no test meets another's. */
function own(
  name: string,
  changes: readonly [string | RegExp, string][] = [],
  sender = `s${++next}@example.cn`,
): string {
  const text = changes.reduce((all, [from, to]) => all.replace(from, to), textOf(name));
  return text.replaceAll(/350100\.warn@alert\.example|duty@alert\.example/g, sender);
}

async function known(
  name: string,
  changes: readonly [string | RegExp, string][] = [],
): Promise<{ sender: string; text: string }> {
  const sender = `s${++next}@example.cn`;
  await register(sender);
  return { sender, text: own(name, changes, sender) };
}

async function read(id: string | undefined): Promise<ReleaseBody> {
  return (await server.call('GET', `/api/v1/releases/${id ?? ''}`)).body as ReleaseBody;
}

async function gate(id: string | undefined): Promise<string> {
  const { release, revision } = await readRelease(server.services.store, id ?? '');
  return refuseUnready(server.services.store, release, revision).then(
    () => 'may go',
    (error: unknown) => (error as { code: string }).code,
  );
}

const encodingOf = (file: string): string =>
  file.startsWith('v08') ? 'gb18030' : file.startsWith('v07') ? 'latin1' : 'utf8';

it('makes of every valid sample an emergency draft, and refuses every invalid one by element and line', async () => {
  for (const file of files.filter((name) => /^[vq]/.test(name))) {
    const bytes = bytesOf(file);
    const sender = /sender>([^<]+)</.exec(iconv.decode(bytes, encodingOf(file)))?.[1] ?? '';
    if (!senders.has(sender)) await register(sender);
    const taken = await take(bytes);
    expect([file, taken.outcome]).toEqual([file, /^v1[56]/.test(file) ? 'revised' : 'drafted']);
    const [release] = taken.releases;
    const { kind, revision, title } = await read(release);
    expect([file, kind, title.length > 0]).toEqual([file, 'emergency', true]);
    expect(revision.emergency).toBeDefined();
    const whole = (await server.call('GET', `/api/v1/alerts/${taken.id}`)).body as AlertWhole;
    expect(whole.text).toContain('<');
  }
  for (const file of files.filter((name) => name.startsWith('x'))) {
    const { status, body } = await post(bytesOf(file));
    const { error } = body as { error: { code: string; field: string; message: { en: string } } };
    expect([file, status, error.code]).toEqual([file, 422, 'alert_refused']);
    expect(error.message.en).toMatch(/line \d+:/);
  }
  const { body } = await server.call('GET', '/api/v1/alerts?limit=200');
  const rows = (body as { items: AlertBody[] }).items;
  expect(rows.filter(({ outcome }) => outcome === 'refused')).toHaveLength(
    files.filter((name) => name.startsWith('x')).length,
  );
  for (const { said, todo } of rows)
    for (const words of [said.zh, said.en, todo.zh, todo.en]) expect(words).not.toBe('');
});

it('keeps the bytes as they came', async () => {
  const taken = await take(bytesOf('v08'));
  expect(taken.again).toBe(true);
  const { headers } = await server.call('GET', `/api/v1/alerts/${taken.id}/raw`);
  expect(headers.get('content-disposition')).toContain('attachment');
  const raw = await server.services.store.alertRaws.findById(taken.id).lean();
  expect(Buffer.from(raw?.base64 ?? '', 'base64').equals(bytesOf('v08'))).toBe(true);
});

it('follows a warning through its update to its lifting, as one release', async () => {
  const { sender, text } = await known('v02');
  const alert = await take(text);
  const first = await read(alert.releases[0]);
  expect(first.revision).toMatchObject({
    title: '青屿气象台发布台风橙色预警',
    emergency: {
      level: 'orange',
      severity: 'Severe',
      category: 'Met',
      event: '台风',
      urgency: 'Immediate',
      certainty: 'Likely',
      responseType: 'Shelter',
      onset: '2026-12-01T06:00:00.000Z',
      expires: '2026-12-02T00:30:00.000Z',
      contact: '值班室 000-00000000',
      areas: [{ name: '青屿区、白礁县（虚构）', code: '350100', geocodes: [{ name: 'CN-GB2260', value: '350128' }] }],
    },
  });
  const left = alert.remarks.map(({ said }) => said.zh).join('\n');
  for (const words of [
    'TY2699',
    'CN-WARN-1.0',
    'CN-EVENT=11B01',
    'https://alert.example/v02',
    'Avoid',
    '青屿气象台（虚构）',
  ])
    expect(left).toContain(words);
  const update = await take(own('v15', [], sender));
  expect(update).toMatchObject({ outcome: 'revised', releases: alert.releases });
  const second = await read(alert.releases[0]);
  expect(second).toMatchObject({
    revisions: 2,
    revision: { emergency: { level: 'red', severity: 'Extreme', msgType: 'Alert' } },
  });
  expect(await gate(alert.releases[0])).toBe('warning_incomplete');
  const cancel = await take(own('v16', [], sender));
  expect(cancel).toMatchObject({ outcome: 'revised', releases: alert.releases });
  const third = await read(alert.releases[0]);
  expect(third).toMatchObject({ revisions: 3, revision: { emergency: { msgType: 'Cancel', level: 'red' } } });
  const late = await take(
    own(
      'v15',
      [
        ['<identifier>35010041600000_20261201093000', '<identifier>late'],
        [/<sent>.*<\/sent>/, '<sent>2026-12-01T12:00:00+08:00</sent>'],
      ],
      sender,
    ),
  );
  expect(late).toMatchObject({ outcome: 'late', releases: alert.releases });
  expect((await read(alert.releases[0])).revisions).toBe(3);
});

/** What the newest revision says, signed: as the public has it. */
async function sign(release: string | undefined): Promise<void> {
  const { store } = server.services;
  const row = await store.releases.findById(release).lean();
  await store.revisions.updateOne({ _id: row?.revision ?? '' }, { $set: { signed: { by: 'u1', at: new Date() } } });
  await store.releases.updateOne({ _id: release ?? '' }, { $set: { signed: row?.revision, publishedAt: new Date() } });
}

it('refers to what was signed: the update of a published warning is an update, its cancel a lifting that may go out', async () => {
  const { sender, text } = await known('v02');
  const { releases } = await take(text);
  expect(await gate(releases[0])).toBe('may go');
  await sign(releases[0]);
  await take(own('v15', [], sender));
  expect((await read(releases[0])).revision.emergency).toMatchObject({
    msgType: 'Update',
    references: [{ release: releases[0] }],
  });
  await take(own('v16', [], sender));
  expect((await read(releases[0])).revision.emergency).toMatchObject({
    msgType: 'Cancel',
    references: [{ release: releases[0] }],
  });
  expect((await read(releases[0])).revision.emergency).not.toHaveProperty('unsaid');
  expect(await gate(releases[0])).toBe('may go');
});

it('lets an update and a cancel wait for their alert, and takes them in order when it comes', async () => {
  const { sender, text } = await known('v02');
  const cancel = await take(own('v16', [], sender));
  const update = await take(own('v15', [], sender));
  expect([update.outcome, cancel.outcome]).toEqual(['waits', 'waits']);
  const alert = await take(text);
  expect(alert.outcome).toBe('drafted');
  expect(await read(alert.releases[0])).toMatchObject({ revisions: 3, revision: { emergency: { msgType: 'Cancel' } } });
  const { body } = await server.call('GET', `/api/v1/alerts/${update.id}`);
  expect(body).toMatchObject({ outcome: 'revised', releases: alert.releases });
});

it('honours a cancel whose clock is off, and shows a fork instead of dropping it', async () => {
  const { sender, text } = await known('v02');
  const { releases } = await take(text);
  await take(own('v15', [], sender));
  const fork = await take(
    own(
      'v15',
      [
        ['<identifier>35010041600000_20261201093000', '<identifier>fork'],
        [/<sent>.*<\/sent>/, '<sent>2026-12-01T10:00:00+08:00</sent>'],
      ],
      sender,
    ),
  );
  expect(fork.outcome).toBe('revised');
  expect(fork.remarks.map(({ said }) => said.zh).join()).toContain('分叉');
  const early = own(
    'v16',
    [
      [/<sent>.*<\/sent>/, '<sent>2026-12-01T09:58:00+08:00</sent>'],
      [/<references>[\s\S]*<\/references>/, `<references>${sender},fork,2026-12-01T10:00:00+08:00</references>`],
      [/<expires>.*<\/expires>/, '<expires>2026-12-01T09:58:00+08:00</expires>'],
    ],
    sender,
  );
  const cancel = await take(early);
  expect(cancel).toMatchObject({ outcome: 'revised', releases });
  expect(cancel.said.en).not.toContain('expired');
  expect(cancel.remarks.map(({ said }) => said.zh).join()).toContain('时钟不准');
  // What comes after it changes nothing.
  const after = await take(own('v15', [['<identifier>35010041600000_20261201093000', '<identifier>after']], sender));
  expect(after.outcome).toBe('late');
});

it('ends by one cancel every warning that it names and that lives, and asks where an update names several', async () => {
  const sender = `s${++next}@example.cn`;
  await register(sender);
  const named = (name: string): string => own('d1', [['LF-D1', name]], sender);
  const one = await take(named('one'));
  const two = await take(named('two'));
  const three = await take(named('three'));
  const refers = (type: string, id: string, ...names: string[]): string =>
    own(
      'd1',
      [
        ['LF-D1', id],
        ['>Alert<', `>${type}<`],
        [/<sent>.*<\/sent>/, '<sent>2026-12-01T09:00:00+08:00</sent>'],
        [
          '</scope>',
          `</scope><references>${names.map((name) => `${sender},${name},2026-12-01T08:30:00+08:00`).join(' ')}</references>`,
        ],
      ],
      sender,
    );
  expect(await take(refers('Cancel', 'c1', 'one'))).toMatchObject({ outcome: 'revised', releases: one.releases });
  expect(await take(refers('Update', 'u1', 'two', 'three'))).toMatchObject({ outcome: 'ask', may: true });
  const both = await take(refers('Cancel', 'c2', 'one', 'two', 'three'));
  expect(both.outcome).toBe('revised');
  expect([...both.releases].sort()).toEqual([...two.releases, ...three.releases].sort());
  expect(await take(refers('Cancel', 'c3', 'two'))).toMatchObject({ outcome: 'late' });
  const four = await take(named('four'));
  const drill = refers('Update', 'u2', 'four').replace('>Actual<', '>Exercise<');
  expect(await take(drill)).toMatchObject({ outcome: 'ask', releases: four.releases });
  const stranger = `s${++next}@example.cn`;
  await register(stranger);
  const foreign = refers('Cancel', 'c4', 'four').replace(`<sender>${sender}`, `<sender>${stranger}`);
  expect(await take(foreign)).toMatchObject({ outcome: 'ask', releases: four.releases });
});

it('knows what came before: the same is counted, another under its name is held, and a race makes one draft', async () => {
  const { sender, text } = await known('d1');
  const all = await Promise.all(Array.from({ length: 6 }, () => take(text)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  const { store } = server.services;
  expect(await store.releases.countDocuments({ alert: all[0]?.id ?? '' })).toBe(1);
  const wide = Buffer.from(`\ufeff${text.replace('UTF-8', 'UTF-16')}`, 'utf16le');
  expect(await take(wide)).toMatchObject({ id: all[0]?.id, again: true, repeats: 6 });
  const other = await take(own('d5', [], sender));
  expect(other).toMatchObject({ outcome: 'conflict', may: true });
  const vouched = await server.call('POST', `/api/v1/alerts/${other.id}/vouch`, { json: {} });
  expect(vouched.body).toMatchObject({ outcome: 'drafted', vouched: {} });
  expect((await server.call('POST', `/api/v1/alerts/${other.id}/vouch`, { json: {} })).status).toBe(409);
});

it('holds what comes from a stranger or without its signature, until the source is known or a person vouches', async () => {
  const sender = `s${++next}@example.cn`;
  const held = await take(own('d1', [], sender));
  expect(held).toMatchObject({ outcome: 'unknown_sender', releases: [], may: true });
  const source = await register(sender, { signed: true });
  expect(await take(own('d1', [], sender))).toMatchObject({ id: held.id, outcome: 'unsigned' });
  const json = { sender, name: '青屿', signed: false };
  expect((await server.call('PUT', `/api/v1/alert-sources/${source.id}`, { json })).status).toBe(200);
  const again = await server.call('POST', `/api/v1/alerts/${held.id}/take`, { json: {} });
  expect(again.body).toMatchObject({ id: held.id, outcome: 'drafted' });
  const { body } = await server.call('POST', '/api/v1/alert-sources', { json });
  expect(body).toMatchObject({ error: { code: 'field_invalid', field: 'sender' } });
});

it('holds a flood beyond the bound of its source, and loses none', async () => {
  const sender = `s${++next}@example.cn`;
  await register(sender, { hourly: 2 });
  const taken = [];
  for (const n of [1, 2, 3, 4]) taken.push(await take(own('d1', [['LF-D1', `flood-${n}`]], sender)));
  expect(taken.map(({ outcome }) => outcome)).toEqual(['drafted', 'drafted', 'flood', 'flood']);
  expect(taken[1]?.like).toEqual(taken[0]?.releases);
  const { body } = await server.call('POST', `/api/v1/alerts/${taken[2]?.id ?? ''}/vouch`, { json: {} });
  expect(body).toMatchObject({ outcome: 'drafted' });
});

it("records another system's answer and makes nothing of it", async () => {
  const { sender } = await known('d1');
  const ack = own(
    'd1',
    [
      ['>Alert<', '>Ack<'],
      ['</scope>', `</scope><references>a@b.cn,x,2026-12-01T08:30:00+08:00</references>`],
    ],
    sender,
  );
  expect(await take(ack)).toMatchObject({ outcome: 'answer', releases: [] });
});

it.each([
  ['v01', 'warning_incomplete', ['事件', '级别', '影响区域']],
  ['v34', 'warning_incomplete', ['影响区域', '失效时间', '应对措施']],
  ['v19', 'alert_not_public', ['仅限应急值班人员']],
  ['v20', 'alert_not_public', ['desk two', 'duty desk one']],
  ['v22', 'alert_not_public', ['Test']],
  ['v23', 'alert_not_public', ['System']],
])('does not let the draft of %s go out, and says why', async (name, code, words) => {
  const { text } = await known(name);
  const { releases, remarks } = await take(text);
  expect(await gate(releases[0])).toBe(code);
  const told = remarks.map(({ said }) => said.zh).join('\n');
  expect(words.some((word) => told.includes(word))).toBe(true);
  const { revision } = await read(releases[0]);
  const json = { revision: revision.id, audience: {} };
  const submitted = await server.call('POST', `/api/v1/releases/${releases[0] ?? ''}/submit`, { json });
  expect(submitted.body).toMatchObject({ error: { code } });
});

it('keeps an exercise one, whoever edits it, and flags words that would be believed or doubted', async () => {
  const { text } = await known('v21');
  const { releases, remarks } = await take(text);
  const before = await read(releases[0]);
  expect(before.revision.emergency?.status).toBe('Exercise');
  expect(remarks.map(({ said }) => said.zh).join()).toContain('会被当真');
  const { store } = server.services;
  const { emergency } = before.revision;
  const real = releaseInput.parse({
    title: '改成真的',
    kind: 'emergency',
    source: '示例',
    body: { format: 'text', content: '文' },
    emergency: {
      ...emergency,
      status: 'Actual',
      unsaid: undefined,
      instruction: '避险',
      areas: [{ name: '青屿区' }],
      expires: '2099-01-01T00:00:00Z',
    },
  });
  const { content } = await composeContent(store, real, undefined, { release: releases[0] ?? '' });
  const edit = updateRelease(store, releases[0] ?? '', before.revision.id, content, { by: { person: 'u1' } });
  await expect(edit).rejects.toMatchObject({ code: 'field_invalid', field: 'emergency.status' });
  const doubted = await known('v02', [['预计今天下午起沿海风力10至12级。', '仅供测试']]);
  expect((await take(doubted.text)).remarks.map(({ said }) => said.zh).join()).toContain('仅供测试');
});

it('may go once a person has said what was unsaid', async () => {
  const { text } = await known('v34');
  const { releases } = await take(text);
  const { revision } = await read(releases[0]);
  const { unsaid, ...emergency } = revision.emergency ?? { unsaid: [] };
  expect(unsaid).toEqual(['areas', 'expires', 'instruction']);
  const json = {
    ...revision,
    revision: revision.id,
    body: { format: 'html', content: '<p>震感明显。</p>' },
    emergency: {
      ...emergency,
      areas: [{ name: '青屿区', code: '350100' }],
      expires: '2099-01-01T00:00:00Z',
      instruction: '远离海边。',
    },
  };
  const { expires: _end, ...endless } = json.emergency;
  const put = (given: object) => server.call('PUT', `/api/v1/releases/${releases[0] ?? ''}`, { json: given });
  const between = (await put({ ...json, emergency: endless })).body as ReleaseSaved;
  expect(await gate(releases[0])).toBe('warning_incomplete');
  const { body } = await put({ ...json, revision: between.release.revision.id });
  expect((body as ReleaseSaved).release.revision.emergency).not.toHaveProperty('unsaid');
  expect(await gate(releases[0])).toBe('may go');
});

it('marks what had expired on arrival, or before it was sent, and carries shapes and further codes along', async () => {
  const expired = await known('v02', [[/<expires>.*<\/expires>/, '<expires>2026-10-01T08:30:00+08:00</expires>']]);
  const taken = await take(expired.text);
  expect(taken.outcome).toBe('drafted');
  expect(taken.remarks.map(({ said }) => said.zh).join()).toContain('失效时间早于它的发送时间');
  expect(await gate(taken.releases[0])).toBe('warning_incomplete');
  const mixed = await known('v14');
  const { releases, remarks } = await take(mixed.text);
  const { areas = [] } = (await read(releases[0])).revision.emergency ?? {};
  expect(areas).toHaveLength(4);
  expect(areas[0]).toMatchObject({ code: '350128', circles: ['26.07,119.30 5.5'] });
  expect(areas[0]?.polygons).toHaveLength(2);
  expect(areas[2]).toMatchObject({ code: '350600', geocodes: [{ name: 'CN-GB2260', value: '350623' }] });
  expect(remarks.map(({ said }) => said.zh).join()).toContain('1640.4');
  const bow = await known('q03');
  expect((await take(bow.text)).remarks.map(({ said }) => said.zh).join()).toContain('自己与自己相交');
  const blank = await known('v02', [
    ['<valueName>CN-GB2260</valueName>\n        <value>350128</value>', '<valueName/><value/>'],
  ]);
  expect((await take(blank.text)).remarks.map(({ said }) => said.zh).join()).toContain('空的区划码');
});

it('takes a first alert that names earlier ones as a draft of its own, and flags that', async () => {
  const { sender, text } = await known('d1');
  const { releases } = await take(text);
  const odd = own(
    'd1',
    [
      ['LF-D1', 'odd'],
      ['</scope>', `</scope><references>${sender},LF-D1,2026-12-01T08:30:00+08:00</references>`],
    ],
    sender,
  );
  const taken = await take(odd);
  expect(taken.outcome).toBe('drafted');
  expect(taken.releases).not.toEqual(releases);
  expect(taken.remarks.find(({ is }) => is === 'flag')?.said.zh).toContain(`${sender},LF-D1`);
});

it('leaves a late update without effect once its warning was lifted, though the clock of the lifting was behind (case 69)', async () => {
  const { sender, text } = await known('v02');
  const { releases } = await take(text);
  await take(own('v15', [], sender));
  await take(own('v16', [[/<sent>.*<\/sent>/, '<sent>2026-12-01T09:28:00+08:00</sent>']], sender));
  const late = own('v15', [['<identifier>35010041600000_20261201093000', '<identifier>later']], sender);
  expect(await take(late)).toMatchObject({ outcome: 'late', releases });
  expect((await read(releases[0])).revisions).toBe(3);
});

it('keeps three issues of one hazard apart, each showing what it looks like (case 61), and a test as bad as a real one out (case 9)', async () => {
  const { sender } = await known('v02');
  const issues = [];
  for (const n of [1, 2, 3])
    issues.push(
      await take(own('v02', [['<identifier>35010041600000_20261201083000', `<identifier>issue-${n}`]], sender)),
    );
  const drafts = issues.flatMap(({ releases }) => releases);
  expect(new Set(drafts).size).toBe(3);
  expect(issues.map(({ like }) => like.length)).toEqual([0, 1, 2]);
  expect(drafts).toEqual(expect.arrayContaining(issues[2]?.like ?? []));
  const test = textOf('x03').replace('>Actual<', '>Test<');
  const { body } = await post(test);
  expect(body).toMatchObject({ error: { code: 'alert_refused', field: 'severity' } });
});

it('lets one without an expiry stand in nobody’s way (case 20), and none without an audience be signed (case 21)', async () => {
  const { sender } = await known('v34');
  const names = ['v02', 'v34', 'v12'];
  const taken = [];
  for (const name of names) {
    const text = own(name, [[/<identifier>[^<]*/, `<identifier>beside-${name}`]], sender);
    taken.push(await take(text.replace(/<sender>[^<]*/, `<sender>${sender}`)));
  }
  expect(taken.map(({ outcome }) => outcome)).toEqual(['drafted', 'drafted', 'drafted']);
  for (const name of ['v01', 'v34']) {
    const { text } = await known(name);
    const { releases } = await take(text);
    const { revision } = await read(releases[0]);
    const json = { revision: revision.id, audience: {} };
    expect((await server.call('POST', `/api/v1/releases/${releases[0] ?? ''}/submit`, { json })).status).toBe(422);
  }
});

it('finishes what a crash left between the decision and the draft, once', async () => {
  const { text } = await known('d1');
  const { id, releases } = await take(text);
  const { store } = server.services;
  const outcome = { is: 'taking', releases: [] } as const;
  await store.alerts.updateOne({ _id: id }, { $set: { outcome, state: 'taking' } });
  expect(await finishTaking(store, new Date(Date.now() + 1_000))).toBe(1);
  expect((await store.alerts.findById(id).lean())?.outcome).toEqual({ is: 'drafted', release: releases[0] });
  expect(await store.releases.countDocuments({ alert: id })).toBe(1);
});

it('comes in by the import of the composer, too, and tells what the draft does not carry', async () => {
  const { text } = await known('v02');
  const bring = (bytes: string, name: string) =>
    server.call('POST', '/api/v1/releases/import', {
      bytes,
      headers: { 'content-type': 'application/xml', 'x-file-name': name },
    });
  const { status, body } = await bring(text, 'v02.cap.xml');
  expect(status).toBe(201);
  expect((body as ReleaseSaved).release.kind).toBe('emergency');
  expect((body as ReleaseSaved).dropped.map(({ said }) => said.zh).join()).toContain('TY2699');
  const held = await bring(own('d1'), 'd1.xml');
  expect(held.body).toMatchObject({ error: { code: 'alert_held' } });
  const bad = await bring(textOf('x07'), 'x07.xml');
  expect(bad.body).toMatchObject({ error: { code: 'alert_refused', field: 'polygon' } });
});

it('tells whoever is on duty by a notice', async () => {
  const { body } = await server.call('GET', '/api/v1/notices?limit=200');
  const said = (body as { items: { said: { zh: string } }[] }).items.map((row) => row.said.zh).join('\n');
  for (const words of ['已成为新的草稿', '发送者没有登记', '先扣下', '不是有效的 CAP']) expect(said).toContain(words);
});
