/** Signing in by an identity provider: a real one in a process of its own, and one that signs whatever it is told. */
import { fork } from 'node:child_process';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cookieOf } from '../test/support/cookie.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { book, makeUnits, personWith, type TestPerson } from '../test/support/people.js';
import { freePort } from '../core/free-port.js';
import { ownPath } from './provider.js';

interface Case {
  n: number;
  why: string;
  claims: Record<string, unknown>;
}
const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../core/people/fixtures/oidc-claims.json'), 'utf8'),
) as { cases: Case[] };
/** What the claims call now. */
const then = 1_796_000_000;
const issuerThere = 'https://idp.example.org/realms/gov';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object, alg: 'RS256' | 'none' | 'HS256' = 'RS256'): string {
  const text = `${part({ alg, kid: 'k' })}.${part(claims)}`;
  if (alg === 'none') return `${text}.`;
  if (alg === 'RS256') return `${text}.${createSign('RSA-SHA256').update(text).sign(keys.privateKey, 'base64url')}`;
  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' });
  return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
}

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let fake: Server;
let issuer: string;
/** What the provider says next. */
let token: string;
let folder: string;
let server: TestServer;
let admin: TestPerson;

beforeAll(async () => {
  fake = createServer((asked, answer) => {
    const json = (value: object): void => {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify(value));
    };
    if (asked.url?.endsWith('/.well-known/openid-configuration'))
      json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      });
    else if (asked.url?.endsWith('/jwks'))
      json({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] });
    else json({ access_token: 'a', token_type: 'Bearer', id_token: token });
  });
  await new Promise<void>((done) => fake.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(fake.address() as { port: number }).port}/realms/gov`;
  folder = mkdtempSync(join(tmpdir(), 'lianfa-groups-'));
  const map = [
    { group: 'fuhai-writers', role: 'writer', organization: 'fuhai' },
    { group: 'fuhai-auditors', role: 'auditor', organization: 'fuhai' },
    { group: 'fuhai-signers', role: 'signer', organization: 'fuhai' },
    { group: 'lianfa-admins', role: 'admin' },
    { group: 'f', role: 'reviewer', organization: 'fuhai' },
  ];
  writeFileSync(join(folder, 'groups.json'), JSON.stringify(map));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  fake.closeAllConnections();
  await new Promise((done) => fake.close(done));
});

async function openWith(address: string): Promise<void> {
  server = await openTestServer({
    env: {
      LIANFA_OIDC_ISSUER: address,
      LIANFA_OIDC_CLIENT_ID: 'lianfa',
      LIANFA_OIDC_CLIENT_SECRET: 'a secret of the client',
      LIANFA_OIDC_GROUPS: join(folder, 'groups.json'),
    },
  });
  await makeUnits(server, 'province/', 'province/fuhai/', 'province/quanwan/');
  admin = await personWith(server, ['admin']);
}
afterEach(() => server.close());

interface Begun {
  address: URL;
  way: string;
}
async function begin(json: object = {}): Promise<Begun> {
  const answer = await request(`${server.url}/api/v1/session/provider`, 'POST', {
    json,
    headers: { origin: server.url },
  });
  expect(answer.status).toBe(200);
  return {
    address: new URL((answer.body as { address: string }).address),
    way: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '',
  };
}
async function back({ address, way }: Begun, change: Record<string, string> = {}): Promise<Answer> {
  const query = new URLSearchParams({ code: 'c', state: address.searchParams.get('state') ?? '', ...change });
  return request(`${server.url}/sign-in/return?${query}`, 'GET', { headers: { cookie: way } });
}
/** The provider's claims about now, for this sign-in. */
function claimsFor({ claims }: Case, { address }: Begun): object {
  const shift = Math.floor(Date.now() / 1000) - then;
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => {
      if (typeof value === 'number' && name !== 'sub') return [name, value + shift];
      if (name === 'iss') return [name, String(value).replace(issuerThere, issuer)];
      if (name === 'nonce' && value !== 'other') return [name, address.searchParams.get('nonce')];
      return [name, value];
    }),
  );
}
const caseOf = (n: number): Case => cases.find((one) => one.n === n) as Case;
async function comeBy(n: number, json: object = {}): Promise<Answer> {
  const begun = await begin(json);
  token = signed(claimsFor(caseOf(n), begun));
  return back(begun);
}
const went = (answer: Answer): string => answer.headers.get('location') ?? '';
async function invite(address: string): Promise<{ id: string; link: string }> {
  const { body } = await admin.call('POST', '/people', { displayName: '测试甲', address, organization: 'fuhai' });
  const { person, link } = body as { person: { id: string }; link: string };
  return { id: person.id, link: link.split('#')[1] ?? '' };
}
async function whoIn(answer: Answer): Promise<{ user?: { id: string }; roles: { role: string }[] }> {
  const { body } = await request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie: cookieOf(answer) } });
  return body as never;
}

describe('with claims as they come', () => {
  let bound: string;
  let local: TestPerson;
  beforeEach(async () => {
    await openWith(issuer);
    local = await personWith(server, ['admin'], undefined, 'd.admin@example.org');
    const { id, link } = await invite('a.writer@example.org');
    bound = id;
    const answer = await comeBy(1, { link });
    expect([went(answer), await whoIn(answer)]).toMatchObject(['/', { user: { id }, roles: [{ role: 'writer' }] }]);
    await admin.call('POST', `/people/${id}/grants`, { role: 'reviewer', organization: 'quanwan' });
  });

  const refusedAs: Record<string, number[]> = {
    provider_refused: [7, 8, 9, 10, 20, 21, 22, 24],
    // Somebody of the provider's whom nobody here knows, whatever they are called: they wait for an admin.
    identity_waiting: [3, 4, 5, 6, 23],
    provider_clock: [17, 18, 19],
  };
  it.each(Object.entries(refusedAs).flatMap(([word, list]) => list.map((n) => [n, caseOf(n).why, word] as const)))(
    'refuses case %d, %s: no session, nothing bound, and an entry (%s)',
    async (n, _why, word) => {
      if (n === 22) {
        const gone = await invite('gone@example.org');
        const begun = await begin({ link: gone.link });
        token = signed({ ...claimsFor(caseOf(1), begun), sub: 'u-disabled' });
        expect(went(await back(begun))).toBe('/');
        await admin.call('POST', `/people/${gone.id}/disable`, {});
      }
      const identities = await server.services.store.identities.countDocuments();
      const answer = await comeBy(n);
      expect(went(answer).replace(/&number=[A-Z0-9]{6}$/, '')).toBe(`/sign-in?problem=${word}`);
      expect(cookieOf(answer)).toBe('');
      expect(await server.services.store.identities.countDocuments()).toBe(identities);
      expect((await book(server)).at(-1)).toMatchObject({
        act: 'session.open',
        outcome: 'refused',
        code: word,
        on: {},
      });
      expect((await local.call('GET', '/session')).status).toBe(200);
    },
  );

  it.each(['none', 'HS256'] as const)('refuses a token under the algorithm %s whatever it claims', async (alg) => {
    const begun = await begin();
    token = signed(claimsFor(caseOf(1), begun), alg);
    expect(went(await back(begun))).toBe('/sign-in?problem=provider_refused');
  });

  it.each([
    [2, ['writer', 'reviewer']],
    [11, ['writer', 'reviewer']],
    [12, ['reviewer']],
    [13, ['auditor', 'reviewer']],
    [14, ['reviewer']],
    [15, ['writer', 'reviewer']],
    [16, ['writer', 'reviewer']],
  ])('lets case %d in as the same person, with the roles %j before the first page', async (n, roles) => {
    const answer = await comeBy(n);
    expect(went(answer)).toBe('/');
    const { user, roles: held } = await whoIn(answer);
    expect(user?.id).toBe(bound);
    expect(held.map(({ role }) => role).sort()).toEqual([...roles].sort());
    const entry = (await book(server)).filter(({ act }) => act === 'person.groups').at(-1);
    if (n === 11) expect(entry).toMatchObject({ note: expect.stringContaining('no groups') as string });
    if (n !== 14) return;
    expect(entry?.after).toMatchObject({
      added: ['signer fuhai'],
      leftOut: [{ role: 'admin', reason: 'roles_apart' }],
    });
    // There are two admins: what weighs waits for one of them, wherever it comes from.
    const waiting = await server.services.store.grants.findOne({ person: bound, role: 'signer' }).lean();
    expect(waiting).toMatchObject({ provider: true, asked: true });
  });

  it('takes what came by a group from sessions that are open, at once', async () => {
    const open = await comeBy(2);
    await comeBy(12);
    expect(await whoIn(open)).toMatchObject({ error: { code: 'sign_in_required' } });
  });

  it('still asks for the second step, and takes no way that another browser began or that was used', async () => {
    const begun = await begin();
    token = signed(claimsFor(caseOf(2), begun));
    expect(went(await back({ ...begun, way: 'lianfa-way=other' }))).toBe('/sign-in?problem=provider_refused');
    expect(went(await back(begun))).toBe('/sign-in?problem=provider_refused');
    const again = await begin();
    token = signed(claimsFor(caseOf(2), again));
    expect(went(await back(again))).toBe('/');
    expect(went(await back(again))).toBe('/sign-in?problem=provider_refused');
  });

  it('binds nobody by a link that is over, nor an identity twice', async () => {
    const { link, id } = await invite('b@example.org');
    await admin.call('POST', `/people/${id}/link`);
    expect(
      (
        await request(`${server.url}/api/v1/session/provider`, 'POST', {
          json: { link },
          headers: { origin: server.url },
        })
      ).status,
    ).toBe(410);
    const other = await invite('c@example.org');
    expect(went(await comeBy(1, { link: other.link }))).toBe('/sign-in?problem=provider_refused');
  });
});

describe('without an invitation', () => {
  interface Waiting {
    identities: { id: string; number: string; name?: string; issuer: string }[];
  }
  let second: TestPerson;
  let known: TestPerson;
  beforeEach(async () => {
    await openWith(issuer);
    second = await personWith(server, ['admin']);
    known = await personWith(server, ['reviewer'], { organization: 'fuhai', path: 'province/fuhai/' });
  });
  /** Comes by the provider; answers the number that the page shows. */
  async function come(claims: object): Promise<string> {
    const begun = await begin();
    token = signed({ ...claimsFor(caseOf(1), begun), ...claims });
    const answer = await back(begun);
    expect(cookieOf(answer)).toBe('');
    return new URL(went(answer), server.url).searchParams.get('number') ?? '';
  }
  const waiting = async (by = admin) => ((await by.call('GET', '/tasks')).body as Waiting).identities;

  it('waits with a number to read out, and comes in once an admin has said who it is', async () => {
    const number = await come({ name: '王\u202E审\n核' });
    expect(await come({ name: '换个名字' })).toBe(number);
    const [row, ...others] = await waiting();
    expect([row, others]).toMatchObject([{ number, name: '王审 核', issuer }, []]);
    const path = `/identities/${row?.id}/confirm`;
    // Nobody gives themselves a way in, and below nobody sees who waits.
    expect(await admin.call('POST', path, { person: admin.id })).toMatchObject({
      body: { error: { code: 'own_account' } },
    });
    const local = await personWith(server, ['admin'], { organization: 'fuhai', path: 'province/fuhai/' });
    expect(await waiting(local)).toEqual([]);
    expect((await local.call('POST', path, { person: known.id })).status).toBe(404);
    expect((await admin.call('POST', path, { person: known.id })).status).toBe(204);
    expect((await admin.call('POST', path, { person: known.id })).status).toBe(404);
    const answer = await comeBy(1);
    expect([went(answer), await whoIn(answer)]).toMatchObject(['/', { user: { id: known.id } }]);
    expect((await book(server)).filter(({ act }) => act.startsWith('identity.'))).toMatchObject([
      { act: 'identity.ask', outcome: 'done', after: { number } },
      { act: 'identity.ask', outcome: 'done', after: { number } },
      { act: 'identity.confirm', outcome: 'refused', code: 'own_account' },
      { act: 'identity.confirm', outcome: 'done', on: { person: known.id }, after: { number, issuer } },
      { act: 'identity.confirm', outcome: 'refused', code: 'not_found' },
    ]);
    await known.signIn();
    expect((await known.call('GET', '/account/notices')).body).toMatchObject({
      items: [{}, { said: { zh: expect.stringContaining('把一个统一身份绑定到了您的账户') as string } }],
    });
  });

  it('waits no more where an admin said no, and may still come by an invitation', async () => {
    await come({});
    const [row] = await waiting(second);
    expect((await second.call('DELETE', `/identities/${row?.id}`)).status).toBe(204);
    expect(await waiting()).toEqual([]);
    expect(went(await comeBy(1))).toBe('/sign-in?problem=provider_refused');
    const { link, id } = await invite('a.writer@example.org');
    expect(await whoIn(await comeBy(1, { link }))).toMatchObject({ user: { id } });
  });

  it('lets a hundred wait and no more, and shows none that was written into the database', async () => {
    await come({ sub: 'n0' });
    const { identitiesAsked } = server.services.store;
    const [row] = await identitiesAsked.find({}).lean();
    if (!row) throw new Error('nobody waits');
    const copies = Array.from({ length: 99 }, (_, index) => ({ ...row, _id: `forged-${index}` }));
    await identitiesAsked.insertMany(copies);
    expect(await waiting()).toHaveLength(1);
    expect((await admin.call('POST', '/identities/forged-1/confirm', { person: known.id })).status).toBe(404);
    expect(await come({ sub: 'n100' })).toBe('');
    await identitiesAsked.updateMany({}, { $set: { until: new Date(0) } });
    expect(await waiting()).toEqual([]);
    expect(await come({ sub: 'n100' })).toMatch(/^[A-Z0-9]{6}$/);
  });
});

const elsewhere = [
  ...['https://evil.example', '//evil.example', '/\\evil.example', '/%5Cevil.example', '/%2F%2Fevil.example'],
  ...['javascript:alert(1)', '/a\r\nb', '/%0d%0aSet-Cookie:x', '', '/%zz'],
];
const ways: [string, string][] = [
  ['/releases/r1?tab=a', '/releases/r1?tab=a'],
  ...elsewhere.map((asked): [string, string] => [asked, '/']),
];

it.each(ways)('after signing in goes from %j to %s', async (asked, path) => {
  expect(ownPath(asked)).toBe(path);
  await openWith(issuer);
  const { link } = await invite('a@example.org');
  const begun = await begin({ returnTo: asked, link });
  token = signed(claimsFor(caseOf(1), begun));
  expect(went(await back(begun, { returnTo: 'https://evil.example' }))).toBe(path);
});

it.each(['host', 'x-forwarded-host', 'forwarded'])(
  'has the provider lead back to the configured address, whatever %s says',
  async (header) => {
    await openWith(issuer);
    const { config } = server.services;
    const text = await new Promise<string>((done, fail) => {
      const headers = { origin: config.url, 'content-type': 'application/json', [header]: 'evil.example' };
      ask(`${server.url}/api/v1/session/provider`, { method: 'POST', headers }, (answer) => {
        let all = '';
        answer.on('data', (part) => (all += String(part))).on('end', () => done(all));
      })
        .on('error', fail)
        .end('{}');
    });
    const address = new URL((JSON.parse(text) as { address: string }).address);
    expect(address.searchParams.get('redirect_uri')).toBe(`${config.url}/sign-in/return`);
    expect(text).not.toContain('evil');
  },
);

it('signs in by a real provider, from the link in the invitation on', async () => {
  const port = await freePort();
  await openWith(`http://127.0.0.1:${port}`);
  const provider = fork(join(import.meta.dirname, '../test/fixtures/provider.mjs'), {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      PORT: String(port),
      SECRET: 'a secret of the client',
      REDIRECT: `${server.url}/sign-in/return`,
      LOGIN: 'real-1',
      GROUPS: 'fuhai-writers',
    },
  });
  try {
    await once(provider, 'message');
    const { link, id } = await invite('real@example.org');
    for (const json of [{ link }, {}]) {
      const { address, way } = await begin({ ...json, returnTo: '/releases' });
      const jar = new Map<string, string>();
      let at = address;
      while (at.origin !== server.url) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
          jar.set(name, value);
        }
        at = new URL(answer.headers.get('location') ?? '', at);
      }
      const answer = await request(at.href, 'GET', { headers: { cookie: way } });
      expect(went(answer)).toBe('/releases');
      expect(await whoIn(answer)).toMatchObject({ user: { id }, roles: [{ role: 'writer' }] });
    }
  } finally {
    provider.kill();
  }
});
