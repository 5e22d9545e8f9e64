import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestServer, request, type TestServer } from '../test/support/http.js';

let server: TestServer;
let built: string;
let account: string;
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'lianfa-dashboard-'));
  mkdirSync(join(built, 'assets'));
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>联发</title>');
  writeFileSync(join(built, 'assets/app-abc123.js'), 'export {};');
  server = await openTestServer({ dashboard: built });
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
  account = ((await server.call('GET', '/api/v1/accounts')).body as { items: { id: string }[] }).items[0]?.id ?? '';
});
afterAll(async () => {
  await server.close();
  rmSync(built, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => request(server.url + path, 'GET', { headers });
/** Node's own client sends a path as it is; fetch would tidy it. */
const getRaw = (path: string) =>
  new Promise<number | undefined>((done, fail) => {
    rawRequest(server.url, { path }, (answer) => {
      answer.resume();
      done(answer.statusCode);
    })
      .on('error', fail)
      .end();
  });

it('tells programs what they may read: the public faces and the heads of the audit, and nothing else of the hub', async () => {
  const answer = await get('/robots.txt', { accept: 'text/html' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const faces = [...server.services.channels.values()].flatMap(({ publicFace }) => publicFace?.at ?? []);
  expect(faces.length).toBeGreaterThan(0);
  expect(String(answer.body).trimEnd().split('\n')).toEqual([
    'User-agent: *',
    ...faces.map((at) => `Allow: ${at}/`),
    'Allow: /audit/heads.atom',
    'Allow: /api/v1/audit/heads',
    'Disallow: /',
  ]);
});

describe('callbacks', () => {
  const call = (query: string, bytes = '') =>
    request(`${server.url}/callbacks/board/${account}?${query}`, 'POST', {
      bytes,
      headers: { 'content-type': 'text/xml' },
    });

  it('hands the news on before it says yes', async () => {
    expect(await call('token=good-token', 'publish-1')).toMatchObject({ status: 200, body: 'success' });
    expect(server.ordered.at(-1)).toMatchObject({
      channel: 'board',
      account,
      news: [{ remoteId: 'publish-1', verification: { outcome: 'pending' } }],
    });
  });

  it('answers an echo, and refuses what is forged, without any news', async () => {
    const before = server.ordered.length;
    expect((await get(`/callbacks/board/${account}?token=good-token&echo=4711`)).body).toBe('4711');
    expect((await call('token=forged', 'publish-1')).status).toBe(403);
    expect((await get('/callbacks/board/nobody?token=good-token')).status).toBe(404);
    expect((await get('/callbacks/radio/x')).status).toBe(404);
    expect(server.ordered).toHaveLength(before);
  });

  it('does not say yes to news that could not be stored', async () => {
    const spy = jest.spyOn(server.services.orders, 'callbackNews').mockRejectedValue(new Error('store away'));
    expect((await call('token=good-token', 'publish-2')).status).toBe(503);
    spy.mockRestore();
  });
});

describe('public faces', () => {
  it('hands path, query and body to the channel and gives its answer back under a policy', async () => {
    const { status, headers, body } = await request(`${server.url}/board/a/%E4%B8%80.html?q=1`, 'POST', {
      bytes: 'abc',
    });
    expect({ status, body }).toEqual({ status: 200, body: 'POST 1 3' });
    expect(decodeURIComponent(headers.get('x-path') ?? '')).toBe('/a/%E4%B8%80.html');
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await request(`${server.url}/board/`, 'HEAD')).body).toBe('');
  });

  it.each(['/board/../secret.key', '/board/%2e%2e/secret.key', '/board/a%00b', '/board/%zz', '/board/..%5csecret'])(
    'does not pass %s on',
    async (path) => {
      expect(await getRaw(path)).toBe(400);
    },
  );
});

describe('the dashboard', () => {
  it('is served with a strict policy, at any address of its own', async () => {
    for (const path of ['/', '/releases/r123']) {
      const { status, headers, body } = await get(path, { accept: 'text/html' });
      expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>联发</title>' });
      expect(headers.get('content-security-policy')).toContain("script-src 'self'; ");
      expect(headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('lets hashed files be kept for ever, and does not give a page for one that is gone', async () => {
    expect((await get('/assets/app-abc123.js')).headers.get('cache-control')).toBe(
      'public, max-age=31536000, immutable',
    );
    expect((await get('/assets/app-old.js')).status).toBe(404);
  });

  it('says so where it is not built', async () => {
    rmSync(join(built, 'index.html'));
    expect(await get('/', { accept: 'text/html' })).toMatchObject({
      status: 503,
      body: expect.stringContaining('npm run build') as string,
    });
    writeFileSync(join(built, 'index.html'), '<!doctype html><title>联发</title>');
  });
});

describe('the machine room', () => {
  it('is alive, ready and measured by route', async () => {
    await server.call('GET', '/api/v1/releases/r1');
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { ok: true, store: true, redis: true } });
    const { body } = await get('/metrics');
    expect(body).toContain('route="/api/v1/releases/:id"');
    expect(body).not.toContain('releases/r1');
  });

  it('says how long the oldest job of a queue has waited, and nothing of queues while Redis is away', async () => {
    const age = 'lianfa_queue_oldest_seconds{kind="publish",lane="routine",queue="publish-routine-board"} 12';
    expect((await get('/metrics')).body).toContain(age);
    const spy = jest.spyOn(server.services, 'queueAges').mockRejectedValue(new Error('away'));
    const { status, body } = await get('/metrics');
    spy.mockRestore();
    expect(status).toBe(200);
    expect(body).not.toContain('lianfa_queue_oldest_seconds{');
  });

  it('is not ready any more once it is told to end, and answers all the same', async () => {
    const spy = jest.spyOn(server.services.leaving, 'begun').mockReturnValue(true);
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { ok: false, leaving: true } });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    spy.mockRestore();
  });

  it('is not ready while Redis is away', async () => {
    const spy = jest.spyOn(server.services.redis, 'ping').mockRejectedValue(new Error('away'));
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { ok: false, store: true, redis: false } });
    spy.mockRestore();
  });

  it('tells a stranger nothing about what it is made of', async () => {
    const { headers } = await get('/healthz');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('errors', () => {
  it('answers an unknown address of the API in its own form', async () => {
    for (const path of ['/api/v1/nothing', '/api/nothing', '/callbacks']) {
      expect(await get(path, { accept: 'text/html' })).toMatchObject({
        status: 404,
        body: { error: { code: 'not_found', message: { zh: `没有找到“${path}”。` } } },
      });
    }
  });

  it('gives a reference for what we did not foresee, and its words to the log only', async () => {
    const spy = jest.spyOn(server.services.queries, 'counts').mockRejectedValue(new Error('secret detail at line 7'));
    const answer = await server.call('GET', '/api/v1/releases');
    spy.mockRestore();
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|at /);
    const reference = /编号 (\w+)/.exec(JSON.stringify(answer.body))?.[1] ?? 'none';
    expect(server.log.find((line) => line.includes(reference))).toContain('secret detail');
  });

  it('says that the store is away where it is', async () => {
    const spy = jest
      .spyOn(server.services.queries, 'counts')
      .mockRejectedValue(Object.assign(new Error('x'), { name: 'MongoServerSelectionError' }));
    expect(await server.call('GET', '/api/v1/releases')).toMatchObject({
      status: 503,
      body: { error: { code: 'store_unavailable' } },
    });
    spy.mockRestore();
  });
});
