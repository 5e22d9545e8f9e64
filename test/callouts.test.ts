/** From a placement that no machine can prove to a person's word for it: real store, real workers, real webhook, mail and text messages. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { askForHands } from '../core/callouts/asking.js';
import { change, itemId } from '../core/callouts/book.js';
import { answered, begun, ended, gathering, lease, stepped, taken } from '../core/callouts/protocol.js';
import { figuresOf } from '../core/callouts/figures.js';
import { saveSettings } from '../core/callouts/settings.js';
import { ladderOf, rostersOf, unitsWithoutDuty } from '../core/duty/book.js';
import type { Rung } from '../core/duty/roster.js';
import { dutyRow } from '../core/duty/input.js';
import { importDuty, setRule } from '../core/duty/write.js';
import { noDuty } from '../core/gaps/no-duty.js';
import { surveyAudience } from '../core/gaps/survey.js';
import { givenOf } from '../core/import-given.js';
import type { Callout } from '../core/model/callout.js';
import { receiptToken } from '../core/receipts/links.js';
import { takeReceipt } from '../core/receipts/take.js';
import { settleReceipt } from '../core/receipts/settle.js';
import { openCaller, type Caller } from '../workers/callouts/caller.js';
import { openSteadyClock, type Machine, type SteadyClock } from '../workers/callouts/steady-clock.js';
import { adapter as sms } from '../sms/aliyun/adapter.js';
import { openTestHub, type TestHub } from './support/hub.js';

interface Delivery {
  id: string;
  signature: string;
  timestamp: string;
  body: string;
}

let test: TestHub;
let hooks: Server;
let hookUrl: string;
let mails: SMTPServer;
let texts: RunningSandbox;
let secret = '';
const delivered: Delivery[] = [];
const letters: { to: string; text: string }[] = [];
/** How the webhook answers, by path. */
const answers = new Map<string, number>();
const by = { person: 'u1' };
/** The mail server takes so many letters, then cuts every line without a word. */
let cutEvery = Infinity;
const connectionsOf = (server: SMTPServer): Set<{ _socket: { destroy(): void } }> =>
  (server as unknown as { connections: Set<{ _socket: { destroy(): void } }> }).connections;

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const status = answers.get(request.url ?? '') ?? 200;
      // Never answered, until whoever asks gives up.
      if (status === 0) return;
      const header = (name: string): string => String(request.headers[name]);
      if (status < 300)
        delivered.push({
          id: header('webhook-id'),
          signature: header('webhook-signature'),
          timestamp: header('webhook-timestamp'),
          body: Buffer.concat(parts).toString(),
        });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => hooks.listen(0, '127.0.0.1', done));
  hookUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
  mails = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      const refusal = Object.assign(new Error('no such mailbox'), { responseCode: 550 });
      done(address.startsWith('nobody') ? refusal : null);
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo[0];
        letters.push({ to: to ? to.address : '', text: Buffer.concat(parts).toString() });
        if (letters.length % cutEvery === 0) for (const { _socket } of connectionsOf(mails)) _socket.destroy();
        else done();
      });
    },
  });
  await new Promise<void>((done) => mails.listen(0, '127.0.0.1', done));
  const mailPort = (mails.server.address() as AddressInfo).port;
  texts = await startSandbox(sms.sandbox());
  test = await openTestHub([hookUrl, `http://127.0.0.1:${mailPort}`, texts.url]);
  const { settings, credentials } = texts.account(1);
  const set = await saveSettings(test.hub, by, {
    mail: { host: '127.0.0.1', port: mailPort, secure: false, from: 'duty@hub.example' },
    sms: { adapter: 'aliyun', settings, credentials },
  });
  secret = set.webhookSecret ?? '';
  await test.hub.store.organizations.create([
    { _id: 'city', name: '示例市', path: 'province/city/', parent: 'province', region: '350100' },
    { _id: 'county', name: '示例县', path: 'province/city/county/', parent: 'city', region: '350101' },
  ]);
});
afterAll(async () => {
  await test.close();
  await texts.close();
  await new Promise((done) => {
    hooks.close(done);
    hooks.closeAllConnections();
  });
  await new Promise<void>((done) => mails.close(() => done()));
});
afterEach(async () => {
  const { store } = test.hub;
  await store.dutyEntries.deleteMany({});
  await store.callouts.deleteMany({});
  await store.askings.deleteMany({});
  [delivered, letters].forEach((list) => list.splice(0));
  answers.clear();
  cutEvery = Infinity;
});

async function roster(...rows: object[]): Promise<void> {
  const given = await givenOf(
    rows.map((row) => ({ organization: 'county', ...row })),
    dutyRow,
  );
  const { refused } = await importDuty(test.hub.store, given, { by });
  expect(refused).toEqual([]);
}

let wall = Date.now();
const forward = (ms: number): void => {
  wall += ms;
};
function caller(faults: unknown[] = []): Caller {
  return openCaller(test.hub, (error) => faults.push(error), clock);
}
const clock: SteadyClock = {
  now: () => new Date(wall),
  wall: () => new Date(wall),
  ready: () => Promise.resolve(),
  keep: () => Promise.resolve(),
};

/** Looks, and again when what came has been gathered. */
async function look(one: Caller = caller()): Promise<void> {
  await one.once('emergency');
  forward(gathering);
  await one.once('emergency');
}

let made = 0;
/** A placement that asks for a person, without the channel that left it so. */
async function asking(organization = 'county'): Promise<string> {
  const { store } = test.hub;
  made += 1;
  const [release, account, name] = [`r0000000000000000000${made}`, `a${made}`, `公告栏 ${made}`];
  const path = (await store.organizations.findById(organization).lean())?.path ?? '';
  const at = new Date();
  await store.releases.create({
    _id: release,
    title: '台风红色预警',
    kind: 'emergency',
    path: '',
    revision: 'v',
    revisions: 1,
    createdBy: 'u1',
    createdAt: at,
    updatedAt: at,
  });
  await store.accounts.create({
    _id: account,
    channel: 'toy',
    name,
    organization,
    path,
    region: '350101',
    settings: {},
    sealed: '-',
    createdAt: at,
  });
  const row = await store.placements.create({
    _id: `${release}-${account}`,
    release,
    channel: 'toy',
    account,
    organization,
    region: '350101',
    lane: 'emergency',
    orders: [{ seq: 1, revision: 'v' }],
    state: 'needs_action',
    since: at,
    halt: 'needs_action',
  });
  await askForHands(store, [row.toObject()]);
  return itemId(row);
}

async function calloutOf(id: string): Promise<Callout> {
  const row = await test.hub.store.callouts.findById(id).lean<Callout>();
  if (!row) throw new Error(`no callout ${id}`);
  return row;
}
const states = ({ messages }: Callout) => messages.map(({ to, way, state }) => `${to.name} ${way} ${state}`);

it('takes a text that only a person can publish to a person, by all ways, and their word back into the ledger', async () => {
  const { hub } = test;
  await roster({
    organization: 'province',
    name: '王五',
    phone: '13800000001',
    mail: 'wang@hub.example',
    webhook: `${hookUrl}/wang`,
  });
  await test.connect(1, 1);
  await test.control('/script', { call: 'post', code: 'full', times: 1 });
  test.start('dispatch', 'publish', 'record');
  const release = await test.publish('停水通知', {}, 'emergency');
  const [placement] = await test.settled(release, 1);
  expect(placement?.state).toBe('needs_action');
  await test.until('the asking', async () => (await hub.store.askings.countDocuments({})) === 1);
  await look();
  const [row] = await hub.store.callouts.find({ releases: { $in: [release] } }).lean<Callout[]>();
  expect(row && states(row).sort()).toEqual(['王五 mail accepted', '王五 sms accepted', '王五 webhook accepted']);

  const [hook] = delivered;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const own = createHmac('sha256', key).update(`${hook?.id}.${hook?.timestamp}.${hook?.body}`).digest('base64');
  expect(hook?.signature).toBe(`v1,${own}`);
  expect(letters).toMatchObject([{ to: 'wang@hub.example' }]);
  expect(texts.accepted()).toMatchObject([{ account: '13800000001' }]);

  const { link } = JSON.parse(hook?.body ?? '{}') as { link: string };
  const token = link.split('#')[1] ?? '';
  const { row: after } = await takeReceipt(hub, token, { name: '王五', words: '已在公告栏张贴' }, undefined);
  expect(after.state).toBe('answered');
  await settleReceipt(hub, after._id, new Date());
  await test.until('the confirmation', async () => (await test.rows(release))[0]?.state === 'confirmed');
  const [confirmed] = await test.rows(release);
  expect(confirmed?.evidence).toMatchObject({
    by: 'person',
    who: '王五（示例省）',
    note: '值班回执 王五：已在公告栏张贴',
  });
  await test.stopWorkers();
  await expect(takeReceipt(hub, token, { name: '王五', words: '再按一次' }, undefined)).rejects.toMatchObject({
    code: 'receipt_used',
  });
  for (const forged of [
    `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    token.replace(/\.\d+\./, '.2.'),
    'x',
  ])
    await expect(takeReceipt(hub, forged, { name: '谁', words: '假的' }, undefined)).rejects.toMatchObject({
      code: 'receipt_link_over',
    });
});

it('moves on at once where a bounced mail, a refusing provider and a broken webhook are all that a person has', async () => {
  answers.set('/broken', 400);
  await roster(
    { name: '甲', mail: 'nobody@hub.example', webhook: `${hookUrl}/broken`, phone: '13800000002' },
    { name: '乙', step: 2, webhook: `${hookUrl}/b` },
  );
  await fetch(`${texts.controlUrl}/script`, {
    method: 'POST',
    body: JSON.stringify({ call: 'SendSms', code: 'isv.AMOUNT_NOT_ENOUGH' }),
  });
  const id = await asking();
  const one = caller();
  await look(one);
  await one.once('emergency');
  const row = await calloutOf(id);
  expect(states(row).sort()).toEqual(['乙 webhook accepted', '甲 mail failed', '甲 sms failed', '甲 webhook failed']);
  expect(row.messages.every(({ state, cause }) => state === 'accepted' || cause !== undefined)).toBe(true);
});

it('keeps nobody waiting for a webhook that hangs', async () => {
  answers.set('/hangs', 0);
  await roster({ name: '甲', webhook: `${hookUrl}/hangs` }, { name: '乙', mail: 'b@hub.example' });
  const id = await asking();
  const one = caller();
  await one.once('emergency');
  forward(gathering);
  one.look();
  await test.until('the other', async () => states(await calloutOf(id)).includes('乙 mail accepted'));
  expect(states(await calloutOf(id))).toContain('甲 webhook sending');
  hooks.closeAllConnections();
  await one.close();
});

it('goes on where it stopped when the mail server cuts the line every so many letters, and a copy bears the same number', async () => {
  const { store } = test.hub;
  const units = Array.from({ length: 30 }, (_, n) => `village${n}`);
  await store.organizations.create(
    units.map((_id) => ({ _id, name: _id, path: `province/city/${_id}/`, parent: 'city', region: '350101' })),
  );
  await roster(
    ...units.map((organization) => ({ organization, name: organization, mail: `${organization}@hub.example` })),
  );
  for (const unit of units) await asking(unit);
  cutEvery = 12;
  const one = caller();
  await look(one);
  for (let n = 0; n < 6; n += 1) {
    forward(25_000);
    await one.once('emergency');
  }
  const rows = await store.callouts.find({}).lean<Callout[]>();
  expect(rows.flatMap(states).filter((state) => state.endsWith('accepted'))).toHaveLength(30);
  const numbers = new Map<string, Set<string>>();
  for (const { to, text } of letters)
    numbers.set(to, (numbers.get(to) ?? new Set()).add(/^Message-ID: (.*)$/im.exec(text)?.[1] ?? ''));
  expect([...numbers.keys()].sort()).toEqual(units.map((unit) => `${unit}@hub.example`).sort());
  expect([...numbers.values()].every((ids) => ids.size === 1)).toBe(true);
  // What had been taken with a word was never handed over again.
  const tries = rows.flatMap(({ messages }) => messages.map((message) => message.tries));
  expect(letters.length).toBeLessThanOrEqual(tries.reduce((sum, count) => sum + count, 0));
  expect(tries.filter((count) => count > 1).length).toBeGreaterThan(0);
  await store.organizations.deleteMany({ _id: { $in: units } });
});

describe('where somebody sets the clock of the machine', () => {
  /** By its own clock nothing happens but that time passes. */
  const machine = { wall: Date.parse('2026-10-25T00:58:00Z'), up: 5_000_000 };
  const named = (boot: string | undefined): Machine => ({
    ...{ name: 'duty-1', boot },
    ...{ wall: () => machine.wall, up: () => machine.up },
  });
  const pass = (ms: number): void => {
    machine.wall += ms;
    machine.up += ms;
  };
  const minute = 60_000;

  it.each([
    ['back by an hour', -60 * minute],
    ['forth by an hour', 60 * minute],
  ])('%s, with the process ending and beginning in between, each is told once and at their time', async (_, set) => {
    const { store } = test.hub;
    await store.records.deleteMany({});
    await roster(
      { name: '甲', webhook: `${hookUrl}/a` },
      { name: '乙', step: 2, webhook: `${hookUrl}/b` },
      { name: '丙', step: 3, webhook: `${hookUrl}/c` },
    );
    const id = await asking();
    const looks = async (): Promise<string[]> => {
      // Another process, each time.
      const one = openCaller(test.hub, (error) => expect(error).toBeUndefined(), openSteadyClock(store, named('b1')));
      await one.once('emergency');
      await one.close();
      return (await store.callouts.findById(id).lean())?.messages.map(({ to }) => to.name) ?? [];
    };
    await looks();
    pass(gathering);
    expect(await looks()).toEqual(['甲']);
    machine.wall += set;
    pass(4 * minute);
    expect(await looks()).toEqual(['甲']);
    pass(minute);
    expect(await looks()).toEqual(['甲', '乙']);
    machine.wall -= set;
    pass(4 * minute);
    expect(await looks()).toEqual(['甲', '乙']);
    pass(minute + 1);
    expect(await looks()).toEqual(['甲', '乙', '丙']);
    expect(delivered).toHaveLength(3);
  });

  it('takes the time of the wall again where nobody is being called, and after the machine was started anew', async () => {
    const { records } = test.hub.store;
    await records.deleteMany({});
    const open = async (boot: string | undefined): Promise<SteadyClock> => {
      const one = openSteadyClock({ records }, named(boot));
      await one.ready();
      return one;
    };
    await (await open('b1')).keep(false);
    machine.wall -= 60 * minute;
    const later = await open('b1');
    expect(later.now().getTime() - machine.wall).toBe(60 * minute);
    for (const boot of ['b2', undefined]) expect((await open(boot)).now().getTime()).toBe(machine.wall);
    await later.keep(true);
    expect(later.now().getTime()).toBe(machine.wall);
    expect((await open('b1')).now().getTime()).toBe(machine.wall);
    expect(await records.countDocuments({})).toBe(0);
  });
});

it('goes nowhere inside that is not named, whatever a roster says', async () => {
  await roster({ name: '甲', webhook: 'http://127.0.0.1:9/metadata' });
  const id = await asking();
  await look();
  expect((await calloutOf(id)).messages).toMatchObject([
    { state: 'failed', cause: { en: expect.stringContaining('inner address') } },
  ]);
});

it('counts four truths, and zero as zero: a seam that takes and drops is accepted and nothing more', async () => {
  answers.set('/down', 500);
  await roster({ name: '甲', phone: '13800000003' }, { name: '乙', webhook: `${hookUrl}/down` });
  await fetch(`${texts.controlUrl}/accept-and-drop`, { method: 'POST', body: '{"times":1}' });
  const [told, nobody] = [await asking(), await asking('city')];
  await look();
  const truths = (row: Callout) =>
    (['sentAt', 'acceptedAt', 'openedAt', 'receiptAt'] as const).map(
      (name) => row.messages.filter((one) => one[name]).length,
    );
  expect(truths(await calloutOf(told))).toEqual([2, 1, 0, 0]);
  expect(truths(await calloutOf(nobody))).toEqual([0, 0, 0, 0]);
  expect(await calloutOf(nobody)).toMatchObject({ exhausted: true });
  const figures = async (id: string) => figuresOf(test.hub.store, (await calloutOf(id)).releases[0] ?? '');
  expect(await figures(told)).toEqual({
    ...{ callouts: 1, items: 1, answered: 0, calls: 2, sent: 2, accepted: 1, opened: 0, receipts: 0, nobody: 0 },
  });
  expect(await figures(nobody)).toMatchObject({ calls: 0, sent: 0, accepted: 0, nobody: 1 });
});

it('lists three things of a unit in one message, though two clocks look at the same time and every asking is noted twice', async () => {
  await roster({ name: '甲', webhook: `${hookUrl}/a` });
  const ids = [await asking(), await asking(), await asking()];
  const rows = await test.hub.store.placements
    .find({ _id: { $in: (await test.hub.store.askings.find({}).lean()).map(({ placement }) => placement) } })
    .lean();
  await askForHands(test.hub.store, rows);
  const faults: unknown[] = [];
  await Promise.all([caller(faults).once('emergency'), caller(faults).once('emergency')]);
  forward(gathering);
  await Promise.all([caller(faults).once('emergency'), caller(faults).once('emergency')]);
  await askForHands(test.hub.store, rows);
  await look(caller(faults));
  expect(faults).toEqual([]);
  expect(delivered).toHaveLength(1);
  const { items, text } = JSON.parse(delivered[0]?.body ?? '{}') as { items: { id: string }[]; text: string };
  expect(items.map(({ id }) => id).sort()).toEqual(ids.sort());
  expect(text).toContain('等 3 项');
  expect(await test.hub.store.callouts.countDocuments({})).toBe(1);
});

it('takes a receipt for one thing of the list alone, and tells the ledger of that one', async () => {
  await roster({ name: '甲', webhook: `${hookUrl}/a` });
  const { hub } = test;
  const [one, other] = [await asking(), await asking()];
  await look();
  const [row] = await hub.store.callouts.find({}).lean<Callout[]>();
  const [first] = row?.messages ?? [];
  if (!row || !first) throw new Error('nobody was called');
  const token = receiptToken(hub.vault, row, first);
  const given = { name: '甲', words: '已发' };
  await expect(takeReceipt(hub, token, given, undefined)).rejects.toMatchObject({ code: 'field_missing' });
  await expect(takeReceipt(hub, token, { ...given, item: 'k0' }, undefined)).rejects.toMatchObject({ field: 'item' });
  expect(await takeReceipt(hub, token, { ...given, item: other }, undefined)).toMatchObject({
    row: { state: 'calling' },
    item: { id: other, state: 'answered' },
  });
  await expect(takeReceipt(hub, token, { ...given, item: other }, undefined)).rejects.toMatchObject({
    code: 'receipt_used',
  });
  const told: string[] = [];
  const claims = {
    on: () => ({
      tell: (list: { placement: string }[]) => (
        told.push(...list.map(({ placement }) => placement)),
        Promise.resolve()
      ),
    }),
  };
  await settleReceipt({ store: hub.store, claims: claims as never }, row._id, new Date());
  expect(told).toEqual([row.items.find(({ id }) => id === other)?.placement]);
  expect(await takeReceipt(hub, token, { ...given, item: one }, undefined)).toMatchObject({
    row: { state: 'answered' },
  });
});

it('asks a provider that may have taken a message before it sends again', async () => {
  await roster({ name: '甲', phone: '13800000004' });
  const id = await asking();
  await fetch(`${texts.controlUrl}/drop`, { method: 'POST', body: JSON.stringify({ call: 'SendSms' }) });
  const one = caller();
  await look(one);
  expect((await calloutOf(id)).messages).toMatchObject([{ state: 'queued', doubted: true }]);
  forward(6_000);
  await one.once('emergency');
  expect((await calloutOf(id)).messages).toMatchObject([{ state: 'accepted', platform: { code: 'found' } }]);
  expect(texts.accepted().filter(({ account }) => account === '13800000004')).toHaveLength(1);
});

it('takes over what a dead clock had claimed', async () => {
  await roster({ name: '甲', webhook: `${hookUrl}/a` });
  const id = await asking();
  const { store } = test.hub;
  const one = openCaller(
    { ...test.hub, http: { request: () => new Promise(() => undefined) } },
    () => undefined,
    clock,
  );
  await one.once('emergency');
  forward(gathering);
  void one.once('emergency');
  await test.until(
    'the claim',
    async () => (await store.callouts.findById(id).lean())?.messages[0]?.state === 'sending',
  );
  const other = caller();
  await other.once('emergency');
  expect(delivered).toHaveLength(0);
  forward(lease + 1);
  await other.once('emergency');
  expect(states(await calloutOf(id))).toEqual(['甲 webhook accepted']);
});

it('calls nobody any more for what was settled meanwhile, and keeps a late receipt without reopening anything', async () => {
  await roster({ name: '甲', webhook: `${hookUrl}/a` }, { name: '乙', step: 2, webhook: `${hookUrl}/b` });
  const { hub } = test;
  const id = await asking();
  await look();
  const row = await calloutOf(id);
  await hub.store.placements.updateOne(
    { _id: row.items[0]?.placement ?? '' },
    { $set: { state: 'withdrawn', since: new Date() } },
  );
  forward(3_600_000);
  await caller().once('emergency');
  const [first] = row.messages;
  if (!first) throw new Error('no message');
  await takeReceipt(hub, receiptToken(hub.vault, row, first), { name: '甲', words: '已发' }, undefined);
  await caller().once('emergency');
  expect(await calloutOf(id)).toMatchObject({ state: 'over', receipts: [{ name: '甲', late: true }] });
  expect(delivered).toHaveLength(1);
  expect(await hub.store.placements.findById(row.items[0]?.placement ?? '').lean()).toMatchObject({
    state: 'withdrawn',
  });
});

/** A task that lies with a person, of a warning that ends in an hour. */
async function held(): Promise<{ id: string; placement: string }> {
  const { store } = test.hub;
  const id = await asking();
  const [row] = await store.placements.find({ account: `a${made}` }).lean();
  const revision = `w${made}`;
  const expires = new Date(wall + 3_600_000).toISOString();
  await store.revisions.collection.insertOne({
    ...{ _id: revision, release: row?.release, number: 1, kind: 'emergency', title: '台风红色预警', hash: 'h' },
    emergency: { status: 'Actual', msgType: 'Alert', level: 'red', event: '台风', areas: [], expires, references: [] },
  } as never);
  const standing = [{ seq: 1, revision, seen: 'held', remote: { id: 'k' }, at: new Date(wall) }];
  const set = { orders: [{ seq: 1, revision }], standing };
  await store.placements.collection.updateOne({ _id: row?._id as never }, { $set: set as never });
  return { id, placement: row?._id ?? '' };
}

it('calls off once, by each way, whoever was told to put out what ends before they have, and nobody else', async () => {
  await roster(
    { name: '甲', webhook: `${hookUrl}/a`, mail: 'a@hub.example' },
    { name: '乙', step: 2, webhook: `${hookUrl}/b` },
    { name: '丙', step: 3, webhook: `${hookUrl}/c` },
  );
  const { id, placement } = await held();
  await look();
  forward(5 * 60_000 + 1);
  await caller().once('emergency');
  expect(states(await calloutOf(id))).toEqual(['甲 webhook accepted', '甲 mail accepted', '乙 webhook accepted']);
  [delivered, letters].forEach((list) => list.splice(0));
  forward(3_600_000);
  // Two clocks look, and again later: it is told once.
  await Promise.all([caller().once('emergency'), caller().once('emergency')]);
  forward(3_600_000);
  await caller().once('emergency');
  const row = await calloutOf(id);
  expect(row).toMatchObject({ state: 'over', items: [{ state: 'over', ended: expect.any(Date) as Date }] });
  const told = delivered.map(({ body }) => JSON.parse(body) as { type: string; to: string; text: string });
  expect(told.map(({ type, to }) => `${type} ${to}`).sort()).toEqual([
    'callout.stand-down 乙',
    'callout.stand-down 甲',
  ]);
  expect(told[0]?.text).toContain('预警已失效，不要再发布');
  expect(letters).toHaveLength(1);
  // On the timeline, and the task itself still says so to whoever opens it.
  const happened = row.happened.map(({ is, name, cause }) => `${is} ${name ?? cause?.zh.slice(0, 5) ?? ''}`.trim());
  expect(happened.filter((line) => line.startsWith('over'))).toEqual(['over 预警已失效']);
  expect(happened.filter((line) => line.startsWith('withdrawn')).sort()).toEqual([
    'withdrawn 乙',
    'withdrawn 甲',
    'withdrawn 甲',
  ]);
  expect(await test.hub.store.placements.findById(placement).lean()).toMatchObject({ state: 'needs_action' });
});

it('goes on calling for what is left of a list when one thing on it has ended, and calls nobody for what ended before', async () => {
  await roster({ name: '甲', webhook: `${hookUrl}/a` });
  const [one, other] = [await held(), await asking()];
  await look();
  const { _id: list } = await calloutOf((await test.hub.store.callouts.findOne({}).lean())?._id ?? '');
  delivered.splice(0);
  forward(3_600_000);
  await caller().once('emergency');
  const row = await calloutOf(list);
  expect(row.items.map(({ id, state }) => [id, state]).sort()).toEqual(
    [
      [one.id, 'over'],
      [other, 'open'],
    ].sort(),
  );
  expect(delivered.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toContain('callout.stand-down');
  await test.hub.store.callouts.deleteMany({});
  delivered.splice(0);
  const late = await held();
  forward(3_600_001);
  await look();
  expect(delivered).toEqual([]);
  expect(await test.hub.store.callouts.findById(late.id).lean()).toBeNull();
});

it('leaves no superior waiting where a receipt and the step up come together, two hundred times', async () => {
  await roster(
    { name: '甲', webhook: `${hookUrl}/a` },
    { organization: 'city', name: '市', webhook: `${hookUrl}/city` },
  );
  const { store } = test.hub;
  const ladder: Rung[] = ladderOf(await rostersOf(store, ['county']), 'county', new Date(wall));
  const at = new Date(wall);
  const later = new Date(wall + 5 * 60_000);
  const whose = { unitName: '县', organization: 'county', path: 'province/city/county/', lane: 'emergency' as const };
  const of = { placement: 'p', release: 'r', title: '台风', account: 'a', accountName: '号', channel: 'toy' };
  const outcomes = new Set<string>();
  for (let n = 0; n < 200; n += 1) {
    const first = begun({
      _id: `k${String(n).padStart(13, '0')}`,
      ...whose,
      open: `county ${n}`,
      items: [{ id: 'k', ...of, reason: 'hand', since: at, state: 'open' }],
      at: new Date(wall - gathering),
      minutes: 5,
    });
    const claimed = taken(stepped(first, ladder, at) ?? first, at, 't')?.row ?? first;
    const row = ended(claimed, 1, 't', { is: 'accepted' }, at) ?? claimed;
    await store.callouts.collection.insertOne(row as never);
    const acts = [
      () => change(store, row._id, (known) => answered(known, 1, 'k', { name: '甲' }, later)),
      async () => {
        await change(store, row._id, (known) => stepped(known, ladder, later));
        await change(store, row._id, (known) => taken(known, later, 'u')?.row);
        await change(store, row._id, (known) => ended(known, 2, 'u', { is: 'accepted' }, later));
      },
    ];
    await Promise.all((n % 2 === 0 ? acts : acts.reverse()).map((one) => one()));
    const { state, messages } = await calloutOf(row._id);
    const superior = messages.filter(({ to }) => to.level > 0).map(({ kind, state: is }) => `${kind} ${is}`);
    expect(state).toBe('answered');
    expect([[], ['call withdrawn'], ['call accepted', 'stand-down queued']]).toContainEqual(superior);
    outcomes.add(superior.join());
  }
  expect(outcomes.size).toBeGreaterThan(0);
});

it('tells which units have nobody, and who would be told in their place', async () => {
  const { store } = test.hub;
  await roster({ organization: 'city', name: '市', phone: '13800000005' });
  await store.dutyEntries.create({
    _id: 'y1',
    organization: 'county',
    path: 'province/city/county/',
    step: 1,
    name: '走了',
    person: 'gone',
    phone: '138',
    by: 'u1',
    at: new Date(),
  });
  expect(await unitsWithoutDuty(store, ['county', 'city', 'province'], new Date())).toEqual([
    { organization: 'county', unitName: '示例县', instead: '示例市' },
    { organization: 'province', unitName: '示例省' },
  ]);
});

it('puts units without a duty officer on the gap list, with one next act', async () => {
  const { store, channels } = test.hub;
  await asking();
  const now = new Date();
  const given = { store, channels, audience: { organizations: ['county'] }, areas: [], place: '', places: [''], now };
  const found = async () => (await surveyAudience(given, [noDuty])).gaps[0]?.items ?? [];
  expect(await found()).toMatchObject([
    { of: { organization: 'county' }, name: '示例县', act: { link: '/duty?organization=county' } },
  ]);
  await roster({ name: '甲', phone: '13800000007' });
  expect(await found()).toEqual([]);
});

it('refuses a way that would come only after the next person has been told, whichever is saved last', async () => {
  const { store } = test.hub;
  const row = {
    organization: 'county',
    name: '甲',
    phone: '13800000006',
    mail: 'a@hub.example',
    told: ['邮件', '短信+6'],
  };
  const first = await importDuty(store, await givenOf([row], dutyRow), { by });
  expect(first.refused).toMatchObject([{ row: 1, field: 'told' }]);
  await setRule(store, by, 'county', { emergency: 10, routine: 60 });
  await roster(row);
  await expect(setRule(store, by, 'county', { emergency: 6, routine: 60 })).rejects.toMatchObject({ field: 'told' });
  await store.dutyRules.deleteMany({});
});
