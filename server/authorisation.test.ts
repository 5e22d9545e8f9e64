/** An account's keeper authorises it: the hub over HTTP, and the Weibo sandbox as the platform. */
import { loadChannels } from '../channels/registry.js';
import { createOutbound, type OutboundAnswer, type OutboundOptions } from '../channels/outbound.js';
import { startSandbox, type RunningSandbox } from '../channels/sandbox.js';
import { filesInFolder } from '../channels/files.js';
import { memoryInProcess } from '../channels/memory-in-process.js';
import { recordsInProcess } from '../channels/records-in-process.js';
import type { Channel } from '../channels/channel.js';
import { boardChannel } from '../test/support/board-channel.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { join } from 'node:path';
import type { AuthorisationBody } from './contract/accounts.js';

const hubUrl = 'https://hub.example';
let weibo: Channel;
let sandbox: RunningSandbox;
let http: ReturnType<typeof createOutbound>;
let server: TestServer;
let session: string;
let next = 0;
/** What happens between the platform's yes and the storing. */
let afterExchange: () => unknown;

beforeAll(async () => {
  weibo = (await loadChannels([join(__dirname, '..', 'channels')])).get('weibo') as Channel;
  sandbox = await startSandbox(weibo.sandbox());
  http = createOutbound([sandbox.url]);
  const memory = memoryInProcess();
  server = await openTestServer({
    env: { LIANFA_URL: hubUrl },
    services: {
      channels: new Map([
        ['weibo', weibo],
        ['board', boardChannel],
      ]),
      callFor: (_, signal) => ({
        signal,
        http: { request: exchanging },
        memory,
        records: recordsInProcess(),
        media: { read: () => Promise.reject(new Error('no media')) },
        files: filesInFolder(''),
        folder: '',
        hubUrl,
        now: () => new Date(),
      }),
    },
  });
  await server.services.store.organizations.create({ _id: 'fz', name: '福州市', path: 'fz/', region: '350100' });
  session = await signedIn();
});
afterAll(async () => {
  await server.close();
  await http.close();
  await sandbox.close();
});
beforeEach(async () => {
  afterExchange = () => undefined;
  await control('reset');
});

async function exchanging(url: string, options?: OutboundOptions): Promise<OutboundAnswer> {
  const answer = await http.request(url, options);
  if (url.endsWith('/access_token')) await afterExchange();
  return answer;
}

async function control(name: string, body: unknown = {}): Promise<void> {
  await fetch(`${sandbox.controlUrl}/${name}`, { method: 'POST', body: JSON.stringify(body) });
}

const cookiesOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

async function signedIn(): Promise<string> {
  return cookiesOf(
    await request(`${server.url}/api/v1/session`, 'POST', {
      json: server.user,
      headers: { 'x-forwarded-proto': 'https', origin: hubUrl },
    }),
  );
}

/** A Weibo account whose authorisation has run out. */
async function account(): Promise<{ id: string; uid: string }> {
  const { settings, credentials } = sandbox.account(next++);
  const uid = String(settings['uid']);
  await control('expire-token', { uid });
  await server.call('POST', '/api/v1/accounts/import', {
    json: { accounts: [{ channel: 'weibo', name: `发布 ${uid}`, organization: 'fz', settings, credentials }] },
  });
  const row = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'weibo', name: `发布 ${uid}` })
    .lean();
  return { id: row?._id ?? '', uid };
}

const sealedOf = async (id: string) => (await server.services.store.accounts.findById(id).lean())?.sealed;
const begin = (id: string, headers: Record<string, string> = {}) =>
  request(`${server.url}/api/v1/accounts/${id}/authorise`, 'POST', {
    headers: { cookie: session, origin: hubUrl, ...headers },
  });

/** Begins, and presses a button on the platform's page. Answers the address that leads back, and what the browser carries there. */
async function pressed(id: string, answer: Record<string, string>): Promise<{ back: URL; proof: string }> {
  const begun = await begin(id);
  expect(begun.status).toBe(200);
  const address = new URL((begun.body as { address: string }).address);
  const { status, headers } = await fetch(`${address.origin}${address.pathname}`, {
    method: 'POST',
    body: new URLSearchParams({ ...Object.fromEntries(address.searchParams), ...answer }),
    redirect: 'manual',
  });
  expect(status).toBe(302);
  return { back: new URL(headers.get('location') ?? ''), proof: cookiesOf(begun) };
}

/** The browser comes back; what the accounts page then reads. */
async function landed(back: URL, proof: string): Promise<AuthorisationBody> {
  expect(back.origin).toBe(hubUrl);
  const { status, headers } = await request(`${server.url}${back.pathname}${back.search}`, 'GET', {
    headers: { cookie: proof },
  });
  expect(status).toBe(303);
  const [path, id] = (headers.get('location') ?? '').split('?authorisation=');
  expect(path).toBe('/accounts');
  return (await server.call('GET', `/api/v1/authorisations/${id ?? ''}`)).body as AuthorisationBody;
}

it('makes a dead account good: new credentials sealed, checked, and told with the days left', async () => {
  const { id, uid } = await account();
  expect((await server.call('POST', `/api/v1/accounts/${id}/check`)).body).toMatchObject({
    credential: { state: 'dead' },
  });
  const before = await sealedOf(id);
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  expect(await landed(back, proof)).toEqual({
    outcome: 'done',
    account: id,
    said: { zh: `“发布 ${uid}”已授权，有效期还剩 29 天。`, en: `“发布 ${uid}” is authorised; 29 days left.` },
  });
  const after = (await sealedOf(id)) ?? '';
  expect(after).not.toBe(before);
  expect(server.services.vault.open(id, after)).toMatchObject({
    accessToken: expect.stringMatching(/^2\.00NW/),
    appKey: expect.any(String),
    appSecret: expect.any(String),
    expiresAt: expect.any(String),
  });
  expect((await server.services.store.accounts.findById(id).lean())?.credential).toMatchObject({
    state: 'ok',
    daysLeft: 29,
  });
});

it('authorises an account that was imported without a token', async () => {
  const {
    settings,
    credentials: { accessToken: _, ...app },
  } = sandbox.account(next++);
  await server.call('POST', '/api/v1/accounts/import', {
    json: { accounts: [{ channel: 'weibo', name: '新账号', organization: 'fz', settings, credentials: app }] },
  });
  const row = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'weibo', name: '新账号' })
    .lean();
  const { back, proof } = await pressed(row?._id ?? '', { uid: String(settings['uid']), answer: 'agree' });
  expect(await landed(back, proof)).toMatchObject({ outcome: 'done' });
});

it("asks the platform to send the browser back to the hub's configured address, and puts no secret into any address", async () => {
  const { id } = await account();
  const begun = await begin(id);
  const address = new URL((begun.body as { address: string }).address);
  expect(address.searchParams.get('redirect_uri')).toBe(`${hubUrl}/callbacks/authorisation`);
  expect(address.href).not.toMatch(/secret|access_token|2\.00SB/);
  expect(begun.headers.get('set-cookie')).toMatch(
    /^lianfa-authorisation=[\w-]+; Max-Age=600; Path=\/callbacks\/authorisation; Expires=.*; HttpOnly; Secure; SameSite=Lax/,
  );
});

it('says that a person refused, what to do, and changes nothing', async () => {
  const { id } = await account();
  const before = await sealedOf(id);
  const { back, proof } = await pressed(id, { answer: 'deny' });
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'refused',
    account: id,
    said: { zh: expect.stringContaining('没有变化') },
    todo: { zh: expect.stringContaining('再点一次“授权”') },
  });
  expect(await sealedOf(id)).toBe(before);
});

it('takes a state once only, so that a way back cannot be walked twice', async () => {
  const { id, uid } = await account();
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  expect(await landed(back, proof)).toMatchObject({ outcome: 'done' });
  const sealed = await sealedOf(id);
  expect(await landed(back, proof)).toMatchObject({ outcome: 'stale', todo: { en: expect.stringContaining('again') } });
  expect(await sealedOf(id)).toBe(sealed);
});

it.each([
  [
    'a made-up state',
    (back: URL) => {
      back.searchParams.set('state', 'a'.repeat(32));
    },
  ],
  [
    'no state',
    (back: URL) => {
      back.searchParams.delete('state');
    },
  ],
  [
    'two states',
    (back: URL) => {
      back.searchParams.append('state', 'x');
    },
  ],
  [
    'a state that is no state',
    (back: URL) => {
      back.searchParams.set('state', '../x*');
    },
  ],
])('takes nothing that comes back with %s', async (_what, change) => {
  const { id, uid } = await account();
  const before = await sealedOf(id);
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  change(back);
  expect(await landed(back, proof)).toMatchObject({ outcome: 'stale' });
  expect(await sealedOf(id)).toBe(before);
});

it('does not let a code be planted into another browser, nor into one that has signed out', async () => {
  const { id, uid } = await account();
  const before = await sealedOf(id);
  const first = await pressed(id, { uid, answer: 'agree' });
  expect(await landed(first.back, '')).toMatchObject({ outcome: 'stale' });
  const second = await pressed(id, { uid, answer: 'agree' });
  expect(await landed(second.back, 'lianfa-authorisation=forged')).toMatchObject({ outcome: 'stale' });
  const third = await pressed(id, { uid, answer: 'agree' });
  await request(`${server.url}/api/v1/session`, 'DELETE', { headers: { cookie: session, origin: hubUrl } });
  expect(await landed(third.back, third.proof)).toMatchObject({ outcome: 'stale' });
  session = await signedIn();
  expect(await sealedOf(id)).toBe(before);
});

it('refuses the authorisation of another account than this', async () => {
  const { id } = await account();
  const before = await sealedOf(id);
  const { back, proof } = await pressed(id, { uid: '5000000999', answer: 'agree' });
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'failed',
    said: { zh: expect.stringContaining('UID 5000000999') },
    todo: { zh: expect.stringContaining('退出那个账号') },
  });
  expect(await sealedOf(id)).toBe(before);
});

it.each([
  ['21325', /授权码无效.*21325/],
  ['21322', /回调地址.*21322/],
  ['502', /HTTP 502/],
])('says why the platform gave nothing for the code (%s), and changes nothing', async (code, said) => {
  const { id, uid } = await account();
  const before = await sealedOf(id);
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  await control('script', { call: 'oauth2/access_token', code });
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'failed',
    said: { zh: expect.stringMatching(said) },
    todo: { zh: expect.stringMatching(/[\u4e00-\u9fff]/) },
  });
  expect(await sealedOf(id)).toBe(before);
});

it('says an error of the platform that is no refusal, in harmless letters', async () => {
  const { id } = await account();
  const { back, proof } = await pressed(id, { answer: 'deny' });
  back.searchParams.set('error', '<b>server_error</b>');
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'failed',
    said: { zh: expect.stringContaining('（bserver_errorb）') },
  });
});

it('keeps credentials that were imported while the keeper was away', async () => {
  const { id, uid } = await account();
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  const imported = server.services.vault.seal(id, { ...sandbox.account(0).credentials, accessToken: '2.00imported' });
  afterExchange = () => server.services.store.accounts.updateOne({ _id: id }, { $set: { sealed: imported } });
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'failed',
    said: { zh: expect.stringContaining('已被他人更换') },
  });
  expect(await sealedOf(id)).toBe(imported);
});

it('says that the new authorisation is stored where the check after it cannot be made', async () => {
  const { id, uid } = await account();
  const { back, proof } = await pressed(id, { uid, answer: 'agree' });
  await control('script', { call: 'oauth2/get_token_info', code: '10001' });
  expect(await landed(back, proof)).toMatchObject({
    outcome: 'unproven',
    account: id,
    said: { zh: expect.stringContaining('已保存') },
    todo: { zh: expect.any(String) },
  });
});

it("begins only for a signed-in browser at the hub's own address, on a channel that can be authorised", async () => {
  const { id } = await account();
  const headers = { authorization: `Bearer ${server.key}`, cookie: '' };
  expect(await server.call('POST', `/api/v1/accounts/${id}/authorise`, { headers })).toMatchObject({
    status: 409,
    body: { error: { code: 'authorisation_unavailable', message: { zh: expect.stringContaining('接口密钥') } } },
  });
  for (const origin of [server.url, 'https://evil.example'])
    expect(await begin(id, { origin })).toMatchObject({ status: 403 });
  expect(await begin('nobody')).toMatchObject({ status: 404 });
  await server.call('POST', '/api/v1/accounts/import', {
    json: {
      accounts: [
        {
          channel: 'board',
          name: '公告',
          organization: 'fz',
          settings: { site: 'https://fz.example' },
          credentials: { token: 'good-token' },
        },
      ],
    },
  });
  const board = await server.services.store.accounts
    .findOne({ organization: 'fz', channel: 'board', name: '公告' })
    .lean();
  expect(await begin(board?._id ?? '')).toMatchObject({
    status: 409,
    body: { error: { message: { zh: expect.stringContaining('公告栏') } } },
  });
});

it('tells which channels can be authorised', async () => {
  expect((await server.call('GET', '/api/v1/channels')).body).toMatchObject([
    { name: 'weibo', authorisable: true },
    { name: 'board', authorisable: false },
  ]);
  expect((await server.call('GET', '/api/v1/authorisations/unknown')).status).toBe(404);
});

it('writes no code, token or secret into the log', () => {
  expect(server.log.join('\n')).not.toMatch(/2\.00NW|sandbox0app0secret|"code":"c\d/);
  expect(server.log.join('\n')).toContain('authorisation not redeemed');
});
