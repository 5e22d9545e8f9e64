import { request as ask } from 'node:http';
import { openTestServer, request, type TestServer } from '../test/support/http.js';
import { createApp } from './app.js';
import { createApiKey } from '../core/people/api-keys.js';
import type { SessionData } from 'express-session';
import { RedisSessions } from './session-store.js';
import { insertPerson } from '../core/people/write.js';
import { addPerson } from '../core/people/add.js';
import { createFirstPerson } from '../core/people/first-person.js';
import { cookieOf } from '../test/support/cookie.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const signIn = (name: string, password: string, headers: Record<string, string> = {}) =>
  request(`${server.url}/api/v1/session`, 'POST', { json: { name, password }, headers });

it('signs in with a strict cookie that scripts cannot read, and out again', async () => {
  const answer = await signIn(' Admin ', server.user.password);
  expect(answer).toMatchObject({ status: 200, body: { user: { name: 'admin', displayName: '管理员' } } });
  expect(answer.headers.getSetCookie()).toEqual(
    expect.arrayContaining([expect.stringMatching(/^lianfa=.*HttpOnly; SameSite=Strict$/)]),
  );
  const cookie = cookieOf(answer);
  const origin = server.url;
  expect((await request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie } })).status).toBe(200);
  expect((await request(`${server.url}/api/v1/session`, 'DELETE', { headers: { cookie, origin } })).status).toBe(204);
  expect((await request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie } })).status).toBe(401);
});

it('sends the cookie over https only where the public address is https', async () => {
  const secure = await openTestServer({ env: { LIANFA_URL: 'https://hub.example' } });
  const answer = await request(`${secure.url}/api/v1/session`, 'POST', {
    json: secure.user,
    headers: { 'x-forwarded-proto': 'https', origin: 'https://hub.example' },
  });
  expect(answer.headers.get('set-cookie')).toContain('Secure');
  await secure.close();
});

it('gives a new session id at sign-in, so that one planted before is worth nothing', async () => {
  const first = cookieOf(await signIn('admin', server.user.password));
  const second = cookieOf(await signIn('admin', server.user.password, { cookie: first }));
  expect(second).not.toBe(first);
  expect((await request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie: first } })).status).toBe(401);
});

it('ends a session a week after the sign-in, however busy it is', async () => {
  const cookie = cookieOf(await signIn('admin', server.user.password));
  const id =
    decodeURIComponent(cookie.split('=')[1] ?? '')
      .slice(2)
      .split('.')[0] ?? '';
  const { redis, config, vault } = server.services;
  const sessions = new RedisSessions(redis, config.redisPrefix, vault);
  const kept = await new Promise<SessionData | null | undefined>((done) => sessions.get(id, (_, data) => done(data)));
  if (!kept?.begun) throw new Error('no session');
  const is = async () => (await request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie } })).status;
  expect(await is()).toBe(200);
  const begun = { ...kept.begun, at: Date.now() - 7 * 24 * 3600 * 1000 - 1_000 };
  await new Promise((done) => sessions.set(id, { ...kept, begun }, done));
  expect(await is()).toBe(401);
});

it('says the same of a wrong name, a wrong password and a disabled user', async () => {
  const off = { name: 'off', displayName: '停用', password: server.user.password, roles: [] };
  const { seal: _seal, ...left } = await addPerson(server.services, off, 'u-off');
  await server.services.store.people.deleteOne({ _id: left._id });
  await insertPerson(server.services, { ...left, enabled: false });
  const answers = [
    await signIn('nobody', 'x'),
    await signIn('admin', 'wrong'),
    await signIn('off', server.user.password),
  ];
  for (const answer of answers)
    expect(answer).toMatchObject({
      status: 401,
      body: { error: { code: 'sign_in_failed', message: { zh: '用户名或密码不正确。' } } },
    });
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
});

it('says the same of every key that is not good, and of none', async () => {
  const { store } = server.services;
  const user = await store.people.findOne({ name: 'admin' }).lean();
  const revoked = await createApiKey(server.services, 'old', user?._id ?? '');
  await store.apiKeys.updateOne({ name: 'old' }, { $set: { revokedAt: new Date() } });
  const orphan = await createApiKey(server.services, 'orphan', 'u-off');
  const bad = [
    `${server.key.slice(0, -2)}xx`,
    revoked,
    orphan,
    'lf_k_1',
    'nonsense',
    `lf_${'k'.repeat(20)}_${'x'.repeat(43)}`,
  ].map((key) => ({ authorization: `Bearer ${key}` }));
  const answers = await Promise.all(
    [...bad, { authorization: `Basic ${server.key}` }, {}].map((headers) =>
      request(`${server.url}/api/v1/channels`, 'GET', { headers }),
    ),
  );
  for (const answer of answers) expect(answer.status).toBe(401);
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect((await server.call('GET', '/api/v1/channels')).status).toBe(200);
});

const forAnybody = [
  'post /api/v1/session',
  'post /api/v1/session/code',
  'get /api/v1/session/ways',
  'post /api/v1/session/provider',
  'post /api/v1/links/look',
  'post /api/v1/links/accept',
  'get /api/v1/audit/heads',
  // By a link of their own.
  'post /api/v1/receipts/look',
  'post /api/v1/receipts/copy-picture',
  'post /api/v1/receipts/picture',
  'post /api/v1/receipts/confirm',
];

it('needs a sign-in for everything but signing in and what is published of the audit', async () => {
  const { paths } = (await request(`${server.url}/api/openapi.json`, 'GET')).body as { paths: Record<string, object> };
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      if (forAnybody.includes(`${method} ${path}`)) continue;
      const { status } = await request(server.url + path.replace(/\{\w+\}/g, 'x'), method.toUpperCase());
      expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 401`);
    }
  }
});

it.each([['https://evil.example'], ['null'], [undefined]])(
  'does not change anything for a cookie that comes from a page at %s',
  async (origin) => {
    const cookie = cookieOf(await signIn('admin', server.user.password));
    const answer = await request(`${server.url}/api/v1/releases`, 'POST', {
      json: {},
      headers: { cookie, ...(origin !== undefined && { origin }) },
    });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden_origin' } } });
    const own = await request(`${server.url}/api/v1/releases`, 'POST', {
      json: {},
      headers: { cookie, origin: server.url },
    });
    expect(own.status).toBe(422);
  },
);

it('does not let another site sign somebody in', async () => {
  expect((await signIn('admin', server.user.password, { origin: 'https://evil.example' })).status).toBe(403);
});

it("does not take a page for its own because the request calls our host by that page's name", async () => {
  const cookie = cookieOf(await signIn('admin', server.user.password));
  const status = await new Promise<number | undefined>((done, fail) => {
    const headers = { cookie, host: 'evil.example', origin: 'http://evil.example', 'content-type': 'application/json' };
    ask(`${server.url}/api/v1/releases`, { method: 'POST', headers }, (answer) => done(answer.statusCode))
      .on('error', fail)
      .end('{}');
  });
  expect(status).toBe(403);
});

it('believes what a proxy says of its client only of loopback and of the proxies that it was told of', async () => {
  const secure = await openTestServer({ env: { LIANFA_URL: 'https://hub.example', LIANFA_PROXIES: '10.9.0.0/24' } });
  const believes = createApp(secure.services).get('trust proxy fn') as (address: string, hop: number) => boolean;
  expect(['127.0.0.1', '10.9.0.7', '10.8.0.7', '192.168.1.9'].map((address) => believes(address, 0))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const plain = createApp(server.services).get('trust proxy fn') as typeof believes;
  expect(plain('127.0.0.1', 0)).toBe(false);
  await secure.close();
});

it('tells a browser to come by https alone where that is the public address, and which devices no page may use', async () => {
  const secure = await openTestServer({ env: { LIANFA_URL: 'https://hub.example' } });
  const headers = async (url: string) => (await request(`${url}/healthz`, 'GET')).headers;
  expect((await headers(secure.url)).get('strict-transport-security')).toBe('max-age=31536000');
  expect((await headers(server.url)).get('strict-transport-security')).toBeNull();
  expect((await headers(server.url)).get('permissions-policy')).toContain('camera=()');
  await secure.close();
});

it('takes no sign-in that succeeds for a guess, however often a program signs in', async () => {
  for (let n = 0; n < 70; n += 1) expect((await signIn('admin', server.user.password)).status).toBe(200);
});

it('stops guessing at one name after ten tries, whether or not there is such a user, and says when to come back', async () => {
  const tries = async (name: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await signIn(name, `wrong ${n}`)).status);
    return statuses;
  };
  expect(await tries('guessed')).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  expect((await tries('admin')).at(-1)).toBe(429);
  const answer = await signIn('admin', server.user.password);
  expect(answer).toMatchObject({ status: 429, body: { error: { code: 'too_many_attempts' } } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('goes on serving keys while sessions cannot be read', async () => {
  const { redis } = server.services;
  jest.spyOn(redis, 'get').mockRejectedValue(Object.assign(new Error('down'), { name: 'MaxRetriesPerRequestError' }));
  const byKey = { headers: { authorization: `Bearer ${server.key}` } };
  expect((await request(`${server.url}/api/v1/channels`, 'GET', byKey)).status).toBe(200);
  const answer = await request(`${server.url}/api/v1/channels`, 'GET', { headers: { cookie: 'lianfa=s%3Ax.y' } });
  expect([401, 503]).toContain(answer.status);
  jest.restoreAllMocks();
});

it('makes the first user once only', async () => {
  expect(server.user.password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
  expect(await createFirstPerson(server.services)).toBeUndefined();
});
