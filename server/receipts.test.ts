/** Rosters, callouts and receipts over HTTP: what a link alone may do, and what it may not. */
import sharp from 'sharp';
import { openTestServer, request, type TestServer } from '../test/support/http.js';
import { workbook } from '../test/support/xlsx.js';
import { begun, ended, gathering, stepped, taken } from '../core/callouts/protocol.js';
import { mediaFile } from '../core/media/files.js';
import { change, itemId } from '../core/callouts/book.js';
import type { Callout } from '../core/model/callout.js';
import { receiptToken } from '../core/receipts/links.js';
import { adapter } from '../sms/aliyun/adapter.js';

let server: TestServer;
const settled: string[] = [];
beforeAll(async () => {
  server = await openTestServer({
    services: {
      smsAdapters: new Map([['aliyun', adapter]]),
      receipts: {
        settle: (id) => {
          settled.push(id);
          return Promise.resolve();
        },
      },
    },
  });
  const units = [
    { _id: 'county', name: '示例县', path: 'county/', region: '350101' },
    { _id: 'town', name: '示例镇', path: 'county/town/', parent: 'county', region: '350102' },
  ];
  await server.services.store.organizations.create(units);
});
afterAll(() => server.close());

let made = 0;
/** One that has told 甲 by text message; its placement asks still. */
async function called(): Promise<{ id: string; token: string }> {
  const { store, vault } = server.services;
  made += 1;
  const at = new Date();
  const placement = `r${made}-a1`;
  const { _id } = await store.placements.create({
    _id: placement,
    release: `r${made}`,
    channel: 'board',
    account: 'a1',
    organization: 'county',
    region: '350101',
    lane: 'emergency',
    state: 'needs_action',
    since: at,
    orders: [{ seq: 1 }],
  });
  const id = itemId({ _id, since: at });
  const names = { unitName: '示例县', organization: 'county', path: 'county/', lane: 'emergency' as const };
  const of = { placement, release: `r${made}`, title: '台风红色预警', account: 'a1', accountName: '县公告栏' };
  const to = { unit: 'county', unitName: '示例县', level: 0, step: 1, name: '甲', phone: '13800000000' };
  const rung = {
    unit: 'county',
    unitName: '示例县',
    level: 0,
    step: 1,
    people: [{ called: to, told: [{ by: 'sms' as const, after: 0 }] }],
  };
  const first = begun({
    _id: id,
    open: id,
    items: [{ id, ...of, channel: 'board', reason: 'hand', since: at, state: 'open' }],
    at: new Date(at.getTime() - gathering),
    minutes: 5,
    ...names,
  });
  const claimed = taken(stepped(first, [rung], at) ?? first, at, 't')?.row ?? first;
  const row = ended(claimed, 1, 't', { is: 'accepted' }, at) ?? claimed;
  await store.callouts.collection.insertOne(row as never);
  const [message] = row.messages;
  if (!message) throw new Error('no message');
  return { id, token: receiptToken(vault, row, message) };
}
const rowOf = async (id: string) => server.services.store.callouts.findById(id).lean<Callout>();
/** From a phone where nobody is signed in. */
const phone = (path: string, json: object) => request(`${server.url}/api/v1/receipts/${path}`, 'POST', { json });

it('confirms from a phone without signing in, with a picture that says nothing of where it was taken', async () => {
  const { id, token } = await called();
  const picture = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#c33' } })
    .jpeg()
    .withExif({ IFD0: { Copyright: 'somebody' }, IFD3: { GPSLatitude: '26/1 4/1 0/1' } })
    .toBuffer();
  expect((await phone('look', { token })).body).toMatchObject({
    items: [{ id, title: '台风红色预警', used: false, state: 'open' }],
    name: '甲',
    state: 'calling',
  });
  const sent = await request(`${server.url}/api/v1/receipts/picture`, 'POST', {
    bytes: picture,
    headers: { 'content-type': 'image/jpeg', 'x-receipt': token },
  });
  expect(sent.status).toBe(201);
  const { picture: hash } = sent.body as { picture: string };
  const kept = await sharp(await server.services.library.read(mediaFile(hash))).metadata();
  expect(kept.exif).toBeUndefined();
  const done = await phone('confirm', { token, name: '甲', picture: hash });
  expect(done.body).toEqual({ item: 'answered', state: 'answered', late: false });
  expect(settled).toContain(id);
  expect(await rowOf(id)).toMatchObject({
    receipts: [{ name: '甲', picture: hash }],
    messages: [{ openedAt: expect.any(Date), receiptAt: expect.any(Date) }],
  });
  expect((await phone('confirm', { token, name: '甲', words: '再来' })).body).toMatchObject({
    error: { code: 'receipt_used' },
  });
});

it('lets a preview of the link see and change nothing', async () => {
  const { id, token } = await called();
  const before = await rowOf(id);
  for (const path of [`/receipts#${token}`, '/receipts', '/api/v1/receipts/look', '/api/v1/receipts/confirm'])
    await request(`${server.url}${path}`, 'GET');
  await request(`${server.url}/receipts`, 'HEAD');
  expect(await rowOf(id)).toEqual(before);
});

it('takes no forged, foreign or old link, no page of somebody else, and nothing without a proof', async () => {
  const { id, token } = await called();
  const other = await called();
  const [, n, mark] = token.split('.');
  const forged = [`${other.id}.${n}.${mark}`, `${id}.2.${mark}`, `${id}.${n}.${'A'.repeat(16)}`, `${id}.${n}.`, ''];
  for (const one of forged) expect((await phone('look', { token: one })).status).toBe(404);
  expect((await phone('confirm', { token, name: '甲' })).body).toMatchObject({ error: { code: 'receipt_unproven' } });
  const bad = await phone('confirm', { token, name: '甲', url: 'javascript:alert(1)' });
  expect(bad.body).toMatchObject({ error: { field: 'url' } });
  const headers = { origin: 'https://elsewhere.example' };
  const foreign = await request(`${server.url}/api/v1/receipts/confirm`, 'POST', {
    json: { token, name: '甲', words: '好' },
    headers,
  });
  expect(foreign.body).toMatchObject({ error: { code: 'forbidden_origin' } });
  const strange = await phone('confirm', { token, name: '甲', picture: 'a'.repeat(64) });
  expect(strange.body).toMatchObject({ error: { field: 'picture' } });
  await change(server.services.store, id, (row) => ({ ...row, at: new Date(0), version: row.version + 1 }));
  expect((await phone('look', { token })).status).toBe(404);
  expect((await rowOf(id))?.receipts).toEqual([]);
});

it('keeps a receipt that comes after the placement was settled, and says that it is late', async () => {
  const { id, token } = await called();
  const row = await rowOf(id);
  await server.services.store.placements.updateOne(
    { _id: row?.items[0]?.placement ?? '' },
    { $set: { state: 'withdrawn', since: new Date() } },
  );
  expect((await phone('confirm', { token, name: '甲', words: '已发' })).body).toEqual({
    item: 'over',
    state: 'over',
    late: true,
  });
  expect(settled).not.toContain(id);
});

it('takes a roster from a spreadsheet, refuses bad rows by their number, and shows who is on duty', async () => {
  const head = ['单位编号', '顺序', '姓名', '手机', '通知方式', '开始时间', '结束时间'];
  const bytes = workbook([
    head,
    ['county', '1', '甲', '138 0000 0001', '短信', '2026-11-01 08:00', '2036-11-01 08:00'],
    ['town', '1', '乙', '12345', '', '', ''],
    ['nowhere', '1', '丙', '13800000003', '', '', ''],
    ['county', '2', '丁', '13800000004', '短信+90', '', ''],
  ]);
  const trial = await server.call('POST', '/api/v1/duty/import?dryRun=true', { bytes });
  expect(trial.body).toMatchObject({
    dryRun: true,
    created: 1,
    refused: [
      { row: 3, field: 'phone' },
      { row: 4, field: 'organization' },
      { row: 5, field: 'told' },
    ],
  });
  expect(await server.services.store.dutyEntries.countDocuments({})).toBe(0);
  await server.call('POST', '/api/v1/duty/import', { bytes });
  const again = await server.call('POST', '/api/v1/duty/import', { bytes });
  expect(again.body).toMatchObject({ created: 0, unchanged: 1 });
  const { items } = (await server.call('GET', '/api/v1/duty')).body as { items: Record<string, unknown>[] };
  expect(items).toMatchObject([
    { organization: 'county', now: [{ step: 1, names: ['甲'] }], gaps: [] },
    { organization: 'town', now: [], superior: '示例县', gaps: [{}] },
  ]);
});

it('keeps the secrets of the ways of calling to itself, and shows that of webhooks once', async () => {
  const { settings, credentials } = {
    settings: {
      signName: '示例',
      templateCode: 'SMS_1',
      template: `\${mark}\${title} ${server.url}/receipts#\${token}`,
      standDownCode: 'SMS_2',
      standDownTemplate: `\${mark} ${server.url}/receipts#\${token}`,
    },
    credentials: { accessKeyId: 'LTAI1', accessKeySecret: 'very-secret' },
  };
  const mail = {
    host: 'mail.example',
    port: 465,
    secure: true,
    from: 'duty@mail.example',
    user: 'duty',
    password: 'mail-secret',
  };
  const first = await server.call('PUT', '/api/v1/callouts/settings', {
    json: { mail, sms: { adapter: 'aliyun', settings, credentials } },
  });
  expect(first.body).toMatchObject({
    webhookSecret: expect.stringMatching(/^whsec_/),
    mail: { password: true },
    sms: { credentials: true },
  });
  const second = await server.call('PUT', '/api/v1/callouts/settings', {
    json: { sms: { adapter: 'aliyun', settings } },
  });
  expect(second.body).toMatchObject({ sms: { credentials: true, parts: 2 }, mail: { host: 'mail.example' } });
  const text = JSON.stringify([
    second.body,
    (await server.call('GET', '/api/v1/callouts/settings')).body,
    await server.services.store.calloutSettings.find({}).lean(),
    await server.services.store.auditEntries.find({ act: 'callout.settings' }).lean(),
  ]);
  for (const secret of ['very-secret', 'mail-secret', (first.body as { webhookSecret: string }).webhookSecret])
    expect(text).not.toContain(secret);
  const bad = await server.call('PUT', '/api/v1/callouts/settings', {
    json: { sms: { adapter: 'aliyun', settings: { ...settings, template: '没有链接' } } },
  });
  expect(bad.status).toBe(422);
  const elsewhere = { ...settings, template: '${mark} https://elsewhere.example/receipts#${token}' };
  const led = await server.call('PUT', '/api/v1/callouts/settings', {
    json: { sms: { adapter: 'aliyun', settings: elsewhere } },
  });
  expect(led.body).toMatchObject({ error: { field: 'settings.template' } });
});
