/**
 * Two server processes on one store and one Redis, the requests of everybody by turns to one and the other: whatever takes
 * more than one request goes through, so nothing of it is in a process.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import sharp from 'sharp';
import { openTwoPeople, type TwoPeople } from '../bench/two-people.js';
import { freePort } from '../core/free-port.js';
import { readConfig } from '../core/hub/config.js';
import { openHub, type Hub } from '../core/hub/hub.js';
import { addPerson } from '../core/people/add.js';
import { createApiKey } from '../core/people/api-keys.js';
import { sealSecret, startFrom } from '../core/people/factor.js';
import { changePerson } from '../core/people/write.js';
import { announce } from '../core/queue/changes.js';
import { startRedisChild, type RedisChild } from '../core/queue/redis-child.js';
import { cookieOf } from './support/cookie.js';
import { request, type Answer } from './support/http.js';
import { siteAccount } from './support/site-account.js';

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

const program = join(__dirname, '..', 'dist', 'cli', 'main.js');
let folder: string;
let redis: RedisChild;
let provider: Server;
let front: Server;
let url: string;
let ports: number[];
let servers: ChildProcess[];
let hub: Hub;
let people: TwoPeople;
/** What the provider says next. */
let token = '';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const listening = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-two-'));
  [redis, provider] = [await startRedisChild(folder, () => undefined), identityProvider()];
  const issuer = `http://127.0.0.1:${await listening(provider)}`;
  ports = [await freePort(), await freePort()];
  front = byTurns(ports);
  url = `http://127.0.0.1:${await listening(front)}`;
  const env = {
    LIANFA_DATA: folder,
    LIANFA_LOG: 'silent',
    LIANFA_SECOND_FACTOR: 'optional',
    LIANFA_URL: url,
    LIANFA_OIDC_ISSUER: issuer,
    LIANFA_OIDC_CLIENT_ID: 'lianfa',
    LIANFA_OIDC_CLIENT_SECRET: 'a secret of the client',
    REDIS_URL: redis.url,
  };
  servers = ports.map((port) =>
    fork(program, ['start', '--role', 'server'], {
      env: { ...process.env, ...env, LIANFA_PORT: String(port) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  await Promise.all(servers.map((server) => once(server, 'message')));
  hub = await openHub(readConfig(env), 'test');
  await hub.store.organizations.create({ _id: 'province', name: '示例省', path: 'province/', region: '350000' });
  await account();
  people = await openTwoPeople(hub, url);
});
afterAll(async () => {
  for (const server of servers) server.kill('SIGKILL');
  front.closeAllConnections();
  provider.closeAllConnections();
  await Promise.all([front, provider].map((one) => new Promise((done) => one.close(done))));
  await hub.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Each request to the next of them. */
function byTurns(to: readonly number[]): Server {
  let turn = 0;
  return createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const port = to[(turn += 1) % to.length];
    const on = ask({ host: '127.0.0.1', port, method, path, headers, agent: false }, (come) => {
      answer.writeHead(come.statusCode ?? 500, come.headers);
      come.pipe(answer);
    });
    on.once('error', () => answer.destroy());
    asked.pipe(on);
  });
}

function identityProvider(): Server {
  return createServer((asked, answer) => {
    const issuer = `http://${asked.headers.host ?? ''}`;
    const said = asked.url?.startsWith('/.well-known')
      ? {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
        }
      : asked.url?.startsWith('/jwks')
        ? { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] }
        : { access_token: 'a', token_type: 'Bearer', id_token: token };
    answer.setHeader('content-type', 'application/json').end(JSON.stringify(said));
  });
}

function post(path: string, json: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return request(`${url}/api/v1${path}`, 'POST', { json, headers: { origin: url, ...headers } });
}

it('signs in with a code, and out everywhere', async () => {
  const secret = new Secret({ size: 20 }).base32;
  const person = await addPerson(hub, {
    name: 'coded',
    displayName: '甲',
    password: 'of-the-coded',
    roles: ['writer'],
  });
  await hub.store.connection.transaction(async (session) => {
    await changePerson(hub, person, { factor: sealSecret(hub, person._id, secret) }, session);
    await startFrom(hub, person._id, 0, session);
  });
  const first = await post('/session', { name: 'coded', password: 'of-the-coded' });
  expect(first.body).toEqual({ next: 'code' });
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  const second = await post('/session/code', { code }, { cookie: cookieOf(first) });
  expect(second).toMatchObject({ status: 200 });
  const headers = { cookie: cookieOf(second), origin: url };
  const look = (): Promise<Answer> => request(`${url}/api/v1/session`, 'GET', { headers });
  expect([(await look()).status, (await look()).status]).toEqual([200, 200]);
  await request(`${url}/api/v1/session`, 'DELETE', { headers });
  expect([(await look()).status, (await look()).status]).toEqual([401, 401]);
});

it('counts the tries of a guesser together', async () => {
  const tries: number[] = [];
  for (let n = 0; n < 11; n += 1) tries.push((await post('/session', { name: 'guessed', password: `${n}` })).status);
  expect(tries).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
});

it('signs in by the identity provider', async () => {
  const begun = await request(`${url}/api/v1/session/provider`, 'POST', { json: {}, headers: { origin: url } });
  const address = new URL((begun.body as { address: string }).address);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const times = { iat: now, exp: now + 300, nonce: address.searchParams.get('nonce') };
  const text = `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: address.origin, aud: 'lianfa', sub: '1', ...times })}`;
  token = `${text}.${createSign('RSA-SHA256').update(text).sign(keys.privateKey, 'base64url')}`;
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const state = address.searchParams.get('state') ?? '';
  // One request more, so that the return is another server's than the start.
  for (const path of ['/api/v1/session/ways', `/sign-in/return?code=c&state=${state}`]) {
    const { headers } = await request(`${url}${path}`, 'GET', { headers: { cookie } });
    if (path.startsWith('/sign-in')) expect(headers.get('location')).toMatch(/^\/sign-in\?problem=identity_waiting/);
  }
});

it('takes a picture, composes with it, previews, submits and signs', async () => {
  const bytes = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#c33' } })
    .png()
    .toBuffer();
  const admin = await addPerson(hub, {
    name: 'all',
    displayName: '全员',
    password: 'of-all',
    roles: ['writer', 'signer'],
  });
  const headers = { authorization: `Bearer ${await createApiKey(hub, 'all', admin._id)}` };
  const taken = await request(`${url}/api/v1/media`, 'POST', {
    bytes,
    headers: { ...headers, 'content-type': 'image/png' },
  });
  const { hash } = taken.body as { hash: string };
  const shown = await Promise.all([1, 2].map(() => request(`${url}/api/v1/media/${hash}`, 'GET', { headers })));
  expect([taken.status, ...shown.map(({ status }) => status)]).toEqual([201, 200, 200]);
  const body = { format: 'html', content: `<p>正文</p><figure><img src="media:${hash}" alt="红色"></figure>` };
  const json = { title: '带图的通知', source: '示例省人民政府办公室', body };
  expect(await request(`${url}/api/v1/preview`, 'POST', { json: { release: json }, headers })).toMatchObject({
    status: 200,
  });
  const saved = await people.writer.ask<{ release: { id: string; revision: { id: string } } }>('POST', '/releases', {
    ...json,
    body: { format: 'text', content: '正文' },
  });
  const { id, revision } = saved.release;
  const review = await people.writer.ask<{ id: string }>('POST', `/releases/${id}/submit`, {
    revision: revision.id,
    audience: { regions: ['350000'] },
  });
  expect(await people.first.try('POST', `/reviews/${review.id}/sign`, { password: 'signer-1' })).toMatchObject({
    status: 202,
  });
});

it('counts a broadcast down and lets it be stopped', async () => {
  const { order } = await people.broadcast(await people.write('台风红色预警'), { regions: ['350000'] });
  await people.second.ask('POST', `/orders/${order}/stop`);
  const row = await hub.store.orders.findById(order).lean();
  expect(row?.state).toBe('unscheduled');
});

it('freezes with the word of both, and thaws by two persons', async () => {
  const frozen = await people.second.ask<{ freeze: { id: string }; acknowledgement: object }>('POST', '/freezes', {
    scope: { kind: 'everything' },
    reason: '演练',
  });
  expect(JSON.stringify(frozen.acknowledgement)).toContain('server');
  const { items, processes } = await people.second.ask<{ items: object[]; processes: object[] }>('GET', '/freezes');
  expect([items.length, processes.length]).toEqual([1, 2]);
  const { id } = frozen.freeze;
  await people.second.ask('POST', `/freezes/${id}/thaw`, { reason: '演练结束' });
  expect(await people.second.try('POST', `/freezes/${id}/thaw/confirm`)).toMatchObject({ status: 403 });
});

it('tells the same event under the same id at either server, and at one what was missed at the other', async () => {
  const { release } = await people.write('续报');
  const person = await hub.store.people.findOne({ name: 'writer' }).lean();
  const key = await createApiKey(hub, 'viewer', person?._id ?? '');
  const [one = 0, other = 0] = ports;
  const streams = await Promise.all([one, other].map((port) => follow(port, release, key)));
  await announce(hub.redis, hub.settings, [{ release, ids: ['a'] }]);
  const told = await Promise.all(streams.map((stream) => stream.next('placements')));
  expect(told[0]).toEqual({ data: { release, ids: ['a'] }, id: expect.stringMatching(/^\d+-\d+-/) as string });
  expect(told[1]).toEqual(told[0]);
  for (const stream of streams) stream.close();
  await announce(hub.redis, hub.settings, [{ release, ids: ['b'] }]);
  const moved = await follow(other, release, key, told[0]?.id);
  expect(await moved.next('placements')).toMatchObject({ data: { release, ids: ['b'] } });
  moved.close();
});

async function follow(port: number, release: string, key: string, after?: string) {
  const stop = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events?release=${release}`, {
    headers: { authorization: `Bearer ${key}`, ...(after !== undefined && { 'last-event-id': after }) },
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function next(event: string): Promise<{ data: unknown; id: string }> {
    for (;;) {
      const block = text
        .split('\n\n')
        .find((one) => one.includes(`event: ${event}\n`) || one.includes(`event:${event}\n`));
      const data = /^data: ?(.*)$/m.exec(block ?? '')?.[1];
      // What is told together, a freeze of the same moment too, has its place behind the last of it.
      const id = block === undefined ? undefined : /^id: ?(.*)\n/m.exec(text.slice(text.indexOf(block)))?.[1];
      if (data !== undefined && id !== undefined && text.includes(`${block}\n\n`))
        return { data: JSON.parse(data) as unknown, id };
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error('the stream ended');
      text += value;
    }
  }
  // The state, after which all is told.
  if (after === undefined) await next('status');
  return { next, close: () => stop.abort() };
}

async function account(): Promise<void> {
  await hub.store.accounts.create(siteAccount(hub, 'two', { name: '门户' }));
}
