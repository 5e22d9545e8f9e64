/** A broadcast in mid-flight, its templates and its receipts from the terminal: what each command prints, for people and with --json, and when it ends well. */
import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstKnown } from '../core/placements/protocol.js';
import { openOrders } from '../core/placements/orders.js';
import { openOwnWord } from '../core/placements/own-word.js';
import { openQueries } from '../core/placements/queries.js';
import { placementId } from '../core/model/placement.js';
import type { ClaimBook } from '../core/queue/claims.js';
import type { Queues } from '../core/queue/queues.js';
import { begun } from '../core/callouts/protocol.js';
import type { OutBody } from '../server/contract/flight.js';
import type { ReleaseSaved } from '../server/contract/releases.js';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { openTerminal, type Said } from '../test/support/terminal.js';
import * as broadcast from './broadcast.js';
import * as freeze from './freeze.js';
import * as receipt from './receipt.js';
import * as report from './report.js';
import * as template from './template.js';

let server: TestServer;
let folder: string;
let release = '';
let placement = '';
const resolved: unknown[] = [];
const lianfa = openTerminal(() => server, [broadcast, freeze, receipt, report, template]);

beforeAll(async () => {
  server = await openTestServer();
  folder = mkdtempSync(join(tmpdir(), 'lianfa-cli-'));
  const { store, channels, orders, vault, config } = server.services;
  const queues = { addDispatch: () => Promise.resolve() } as unknown as Queues;
  const claims = { on: () => ({ tell: () => Promise.resolve() }) } as unknown as ClaimBook;
  Object.assign(orders, openOrders({ store, queues, channels, vault, config, claims }));
  orders.resolve = (id, given) => {
    resolved.push({ id, given });
    return Promise.resolve();
  };
  Object.assign(server.services.queries, openQueries(store));
  await store.organizations.create({ _id: 'sz', name: '示例州', path: 'sz/', region: '360000' });
  const account = {
    ...{ channel: 'board', name: '门户', organization: 'sz' },
    ...{ settings: { site: 'https://portal.example' }, credentials: { token: 'good-token' } },
  };
  await server.call('POST', '/api/v1/accounts/import', { json: { accounts: [account] } });
  const input = {
    ...{ title: '台风红色预警', source: '省应急指挥中心', kind: 'emergency' },
    body: { format: 'text', content: '台风将登陆。' },
    emergency: {
      ...{ level: 'red', event: '台风', areas: [{ name: '示例州' }] },
      ...{ onset: '2020-11-24T13:00:00.000Z', instruction: '停止户外活动。' },
    },
  };
  const saved = (await server.call('POST', '/api/v1/releases', { json: input })).body as ReleaseSaved;
  release = saved.release.id;
  await openOwnWord(store, orders).publish({
    ...{ release, revision: saved.release.revision.id, audience: { regions: ['360000'] }, by: 'u1', again: true },
  });
  const [row] = await store.accounts.find({}).lean();
  placement = placementId(release, row?._id ?? '');
  await store.placements.create({
    ...{ _id: placement, release, channel: 'board', account: row?._id ?? '', organization: 'sz', region: '360000' },
    ...{ lane: 'emergency', state: 'needs_action', why: 'full', since: new Date(), attempts: 1, version: 1 },
    ...firstKnown({ seq: 1, revision: saved.release.revision.id }, 'run'),
  } as never);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const jsonOf = ({ out }: Said): unknown => JSON.parse(out);
/** What it says for machines is one line of JSON, also where it is refused. */
async function both(args: string[], env?: Record<string, string>): Promise<{ people: Said; machines: unknown }> {
  const people = await lianfa(args, env);
  const said = await lianfa([...args, '--json'], env);
  expect(said.out.trim().split('\n')).toHaveLength(1);
  return { people, machines: jsonOf(said) };
}

it('tells where every account of a release is, by channel and region', async () => {
  const { people, machines } = await both(['broadcast', 'out', release]);
  expect(people).toMatchObject({ code: 0, out: expect.stringContaining('未成功 failed 1') as string });
  expect((machines as OutBody).counts).toMatchObject({ stuck: 1, out: 0 });
  expect((await lianfa(['broadcast', 'out', 'none'])).err).toContain('没有找到“none”');
});

it('pauses by one person and resumes by two, and says which of it has happened', async () => {
  const reason = ['--reason', '数字有误'];
  expect(jsonOf(await lianfa(['broadcast', 'resume', release, ...reason, '--json']))).toMatchObject({
    error: { code: 'not_paused' },
  });
  const paused = await lianfa(['broadcast', 'pause', release, ...reason, '--json']);
  expect(paused.code).toBe(0);
  expect(jsonOf(paused)).toMatchObject({ freeze: { reason: '数字有误' }, acknowledgement: { acknowledged: true } });
  expect((await lianfa(['broadcast', 'out', release])).out).toContain('⏸ 已暂停');
  expect((await lianfa(['broadcast', 'resume', release, ...reason])).out).toContain('仍在暂停');
  const { name, password } = server.other;
  const other = { LIANFA_USER: name, LIANFA_PASSWORD: password };
  const resumed = await lianfa(['broadcast', 'resume', release, ...reason, '--json'], other);
  expect(jsonOf(resumed)).toMatchObject({ resumed: true });
  expect((await lianfa(['broadcast', 'pause', release, ...reason])).out).toContain('已暂停，各发布进程均已确认');
  await lianfa(['broadcast', 'resume', release, ...reason]);
  expect((await lianfa(['broadcast', 'resume', release, ...reason], other)).out).toContain('已恢复');
});

it('sends again to those not reached, and takes accounts out under the password', async () => {
  const again = await both(['broadcast', 'resend', release]);
  expect(again.people.out).toMatch(/再试 \d+ 个，重新送审 \d+ 个/);
  const { people, machines } = await both([
    'broadcast',
    'narrow',
    release,
    '--channels',
    'board',
    '--reason',
    '不归这里发',
  ]);
  expect(people).toMatchObject({ code: 0, out: expect.stringContaining('已下达移出') as string });
  expect(machines).toMatchObject({ release });
  // What was named is what is taken out: not less, and not everything.
  const { order } = machines as { order: string };
  expect((await server.services.store.orders.findById(order).lean())?.audience).toEqual({ channels: ['board'] });
  const refused = await lianfa(['broadcast', 'narrow', release, '--channels', 'none', '--reason', '错的', '--json']);
  expect([refused.code, jsonOf(refused)]).toEqual([
    1,
    expect.objectContaining({ error: expect.any(Object) as object }),
  ]);
});

it('lists whom a release has called out and what was answered, and takes a person’s word for an account', async () => {
  const at = new Date();
  const of = { placement, release, title: '台风红色预警', account: 'a', accountName: '门户', channel: 'board' };
  const row = begun({
    ...{ _id: 'kcallout', open: 'x', organization: 'sz', unitName: '示例州', path: 'sz/', lane: 'emergency' },
    ...{ items: [{ id: 'k1', ...of, reason: 'hand', since: at, state: 'open' }], at, minutes: 5, exercise: true },
  });
  await server.services.store.callouts.collection.insertOne(row as never);
  const { people, machines } = await both(['receipt', 'list', release]);
  expect(people.out).toContain('待办 1 项，已有人答复 0 项');
  expect(people.out).toMatch(new RegExp(`演练 Exercise 示例州[^]*未确认 open  ${placement}  门户《台风红色预警》`));
  expect(machines).toMatchObject({ release, figures: { items: 1 }, callouts: [{ unit: '示例州' }] });
  const url = 'https://portal.example/1';
  const done = await lianfa(['receipt', 'confirm', placement, '--note', '已张贴', '--url', url, '--json']);
  expect([done.code, jsonOf(done)]).toEqual([0, expect.objectContaining({ id: placement })]);
  await lianfa(['receipt', 'deny', placement, '--note', '没有发']);
  expect(resolved).toEqual([
    { id: placement, given: { outcome: 'published', note: '已张贴', url } },
    { id: placement, given: { outcome: 'not_published', note: '没有发' } },
  ]);
});

it('freezes and lists what is frozen without a server, and says so to machines', async () => {
  const { config, store } = server.services;
  const machine = {
    ...{ LIANFA_DATA: config.dataFolder, LIANFA_REDIS_PREFIX: config.redisPrefix, LIANFA_SECOND_FACTOR: 'optional' },
    REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
    ...(process.env['MONGODB_URI'] && { MONGODB_URI: sameServer(process.env['MONGODB_URI'], store.connection.name) }),
  };
  const done = await lianfa(['freeze', '--channel', 'board', '--reason', '措辞有误', '--json'], machine);
  expect(jsonOf(done)).toMatchObject({ freeze: { scope: { kind: 'channel', channel: 'board' }, reason: '措辞有误' } });
  const listed = await lianfa(['freeze', '--list', '--json'], machine);
  expect(jsonOf(listed)).toMatchObject({
    freezes: expect.arrayContaining([expect.objectContaining({ reason: '措辞有误' })]) as unknown,
  });
  expect((await lianfa(['freeze', '--list'], machine)).out).toContain('措辞有误');
  const nothing = await lianfa(['freeze', '--reason', '没有范围', '--json'], machine);
  expect([nothing.code, jsonOf(nothing)]).toEqual([
    1,
    expect.objectContaining({ error: expect.any(Object) as object }),
  ]);
});

function sameServer(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}

it('writes the report to files and tells machines which', async () => {
  const csv = join(folder, 'report.csv');
  const done = await lianfa(['report', release, '--csv', csv, '--json']);
  expect(jsonOf(done)).toMatchObject({ release, files: [{ file: csv }] });
  expect(jsonOf(await lianfa(['report', 'none', '--csv', csv, '--json']))).toMatchObject({
    error: { code: 'not_found' },
  });
});

describe('event templates', () => {
  const id = async (): Promise<string> => {
    const rows = jsonOf(await lianfa(['template', 'list', '--event', '台风红色预警', '--json'])) as { id: string }[];
    return rows[0]?.id ?? '';
  };

  it('are imported, listed and shown', async () => {
    const tried = await lianfa(['template', 'import', '--dry-run', '--json']);
    expect(jsonOf(tried)).toMatchObject({ dryRun: true });
    expect(jsonOf(await lianfa(['template', 'list', '--json']))).toEqual([]);
    expect((await lianfa(['template', 'import'])).code).toBe(0);
    expect((await lianfa(['template', 'list'])).out.trim().split('\n').length).toBeGreaterThan(10);
    const { people, machines } = await both(['template', 'show', await id()]);
    expect(people.out).toMatch(/标题 title：[^]*口播 spoken[^]*red: /);
    expect(machines).toMatchObject({ id: await id(), version: 1 });
    const bad = join(folder, 'bad.json');
    await writeFile(bad, JSON.stringify({ templates: [{ name: '不完整' }] }));
    expect((await lianfa(['template', 'import', bad, '--json'])).code).toBe(1);
  });

  it('make a whole draft of a few facts, and name what is missing', async () => {
    const of = await id();
    const missing = await lianfa(['template', 'fill', of, '--fact', '级别=红色', '--json']);
    expect([missing.code, jsonOf(missing)]).toEqual([
      1,
      expect.objectContaining({ error: expect.any(Object) as object }),
    ]);
    const facts = ['级别=红色', '影响区域=360000 示例州', '截止时间=2099-12-02 08:00'].flatMap((fact) => [
      '--fact',
      fact,
    ]);
    const file = join(folder, 'filled.json');
    const made = await lianfa([
      'template',
      'fill',
      of,
      ...facts,
      '--source',
      '示例州',
      '--exercise',
      '--save',
      '--out',
      file,
      '--json',
    ]);
    expect(made.err + made.out).toContain('"id"');
    const { id: draft } = jsonOf(made) as { id: string };
    const row = await server.services.store.releases.findById(draft).lean();
    const text = await server.services.store.revisions.findById(row?.revision ?? '').lean();
    expect(text?.emergency).toMatchObject({ status: 'Exercise', level: 'red', event: '台风' });
    expect((await lianfa(['template', 'fill', of, ...facts, '--source', '示例州'])).out).toContain('示例州');
  });

  it('are withdrawn with a reason, as on the page', async () => {
    const of = await id();
    const refused = await lianfa(['template', 'withdraw', 'none', '--reason', '改版', '--json']);
    expect([refused.code, jsonOf(refused)]).toEqual([
      1,
      expect.objectContaining({ error: expect.any(Object) as object }),
    ]);
    const done = await lianfa(['template', 'withdraw', of, '--reason', '改版', '--json']);
    expect(jsonOf(done)).toMatchObject({ id: of, withdrawn: { reason: '改版' } });
    expect(await id()).not.toBe(of);
    expect((await lianfa(['template', 'list', '--withdrawn'])).out).toContain('已停用：改版');
  });
});
