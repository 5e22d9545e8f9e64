/** Signing in in two steps, what is asked for again, what ends what. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server } from 'node:http';
import { Secret, TOTP } from 'otpauth';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { cookieOf } from '../test/support/cookie.js';
import { book, makeUnits, personWith, unitAt, type TestPerson } from '../test/support/people.js';
import { newRecoveryCodes, sealSecret, startFrom } from '../core/people/factor.js';
import { changePerson } from '../core/people/write.js';
import { createApp } from './app.js';

interface Vectors {
  secrets_ascii: { sha1: string };
  vectors: { unix_seconds: number; sha1_6: string }[];
  window_and_replay: {
    secret_base32: string;
    clock_fixed_at: number;
    script: { n: number; send: string; must: string }[];
  };
}
const rfc = JSON.parse(
  readFileSync(join(import.meta.dirname, '../core/people/fixtures/totp-rfc6238.json'), 'utf8'),
) as Vectors;
const secret = rfc.window_and_replay.secret_base32;

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let admin: TestPerson;
let person: TestPerson;
/** A second process over the same store and Redis. */
let beside: Server;
let besideUrl: string;
let now: number;
let recovery: string[];

beforeEach(async () => {
  server = await openTestServer();
  await makeUnits(server, 'province/', 'province/fuhai/');
  admin = await personWith(server, ['admin']);
  person = await personWith(server, ['signer'], unitAt('province/fuhai/'));
  await factorOn();
  beside = createServer(createApp(server.services));
  await new Promise<void>((done) => beside.listen(0, '127.0.0.1', done));
  besideUrl = `http://127.0.0.1:${(beside.address() as { port: number }).port}`;
  now = rfc.window_and_replay.clock_fixed_at * 1000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(async () => {
  jest.restoreAllMocks();
  beside.closeAllConnections();
  await new Promise((done) => beside.close(done));
  await server.close();
});

/** As if the person had set it up long ago. */
async function factorOn(): Promise<void> {
  const { store } = server.services;
  recovery = await store.connection.transaction(async (session) => {
    const row = await store.people.findById(person.id, null, { session }).lean();
    if (!row) throw new Error('nobody');
    await changePerson(server.services, row, { factor: sealSecret(server.services, row._id, secret) }, session);
    await startFrom(server.services, row._id, 0, session);
    return newRecoveryCodes(server.services, row._id, session);
  });
}

const code = ({ body }: Answer): string | undefined => (body as { error?: { code: string } }).error?.code;
/** The code that the app shows after so many more steps. */
const shown = (steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now + steps * 30_000 });
async function firstStep(url = server.url): Promise<string> {
  const { name, password } = person;
  const answer = await request(`${url}/api/v1/session`, 'POST', {
    json: { name, password },
    headers: { origin: server.url },
  });
  expect(answer).toMatchObject({ status: 200, body: { next: 'code' } });
  return cookieOf(answer);
}
const step2 = (cookie: string, typed: string, url = server.url) =>
  request(`${url}/api/v1/session/code`, 'POST', { json: { code: typed }, headers: { cookie, origin: server.url } });
async function signInWith(typed: string, url = server.url): Promise<Answer> {
  return step2(await firstStep(url), typed, url);
}
const me = (cookie: string) => request(`${server.url}/api/v1/session`, 'GET', { headers: { cookie } });
const get = (cookie: string, path: string) => request(`${server.url}/api/v1${path}`, 'GET', { headers: { cookie } });
const post = (cookie: string, path: string, json: object) =>
  request(`${server.url}/api/v1${path}`, 'POST', { json, headers: { cookie, origin: server.url } });

it.each(rfc.vectors)('takes the code $sha1_6 of RFC 6238 at $unix_seconds', async ({ unix_seconds, sha1_6 }) => {
  now = unix_seconds * 1000;
  expect((await signInWith(sha1_6)).status).toBe(200);
});

it('takes each code once, none older than the last, one step of drift, over processes, and speaks plainly', async () => {
  const answers: [number, number, string | undefined][] = [];
  for (const [place, { n, send }] of rfc.window_and_replay.script.entries()) {
    const answer = await signInWith(send, place % 2 === 0 ? server.url : besideUrl);
    answers.push([n, answer.status, code(answer)]);
  }
  expect(answers).toEqual([
    [1, 200, undefined],
    [2, 401, 'code_wrong'],
    [3, 401, 'code_wrong'],
    [4, 200, undefined],
    [5, 401, 'code_wrong'],
    [6, 401, 'code_wrong'],
    [7, 422, 'code_full_width'],
    [8, 401, 'code_wrong'],
  ]);
});

it('says how many seconds it is to a code that was not used, of those who have a second step', async () => {
  const secondsOf = ({ body }: Answer) => (body as { code?: { inSeconds: number } }).code?.inSeconds;
  expect(secondsOf(await admin.call('GET', '/session'))).toBeUndefined();
  const entered = await signInWith(shown());
  const left = 30 - (Math.floor(now / 1000) % 30);
  expect(secondsOf(entered)).toBe(left);
  const seconds = async () => secondsOf(await me(cookieOf(entered)));
  now += (left - 1) * 1000;
  expect(await seconds()).toBe(1);
  now += 1000;
  expect(await seconds()).toBe(0);
});

it('lets nobody in by the password alone, and gives a new session id at each step', async () => {
  const before = await firstStep();
  expect((await me(before)).status).toBe(401);
  const after = cookieOf(await step2(before, shown()));
  expect(after).not.toBe(before);
  expect((await me(after)).status).toBe(200);
  expect((await me(before)).status).toBe(401);
  expect(code(await step2(before, shown(1)))).toBe('sign_in_required');
});

it('ends the first step after five wrong codes or five minutes', async () => {
  const cookie = await firstStep();
  for (let n = 0; n < 5; n += 1) expect(code(await step2(cookie, '000000'))).toBe('code_wrong');
  expect(code(await step2(cookie, shown()))).toBe('sign_in_required');
  const late = await firstStep();
  now += 5 * 60_000 + 1;
  expect(code(await step2(late, shown()))).toBe('sign_in_required');
});

it('takes a recovery code once, of two at the same moment one, says how many are left, and keeps all in the book', async () => {
  const [k1 = '', k2 = ''] = recovery;
  expect((await signInWith(k1)).body).toMatchObject({ recoveryCodesLeft: 9 });
  expect(code(await signInWith(k1.toUpperCase().replace('-', ' ')))).toBe('code_wrong');
  const [one, other] = [await firstStep(), await firstStep(besideUrl)];
  const both = await Promise.all([step2(one, k2), step2(other, k2, besideUrl)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  expect(both.find(({ status }) => status === 200)?.body).toMatchObject({ recoveryCodesLeft: 8 });
  const entries = (await book(server)).filter(
    ({ on, act }) => on['person'] === person.id && act.startsWith('session.'),
  );
  const steps = entries.map(({ act, outcome, after }) => `${act} ${outcome} ${String(after?.['by'] ?? '')}`);
  expect(steps.filter((one) => one === 'session.open done recovery')).toHaveLength(2);
  expect(steps.filter((one) => one === 'session.code refused ')).toHaveLength(2);
  expect(JSON.stringify(await book(server))).not.toContain(k1.slice(0, 5));
});

it('loses the old recovery codes with the second step and with new ones', async () => {
  const cookie = cookieOf(await signInWith(shown()));
  now += 30_000;
  const made = await post(cookie, '/account/recovery-codes', { proof: { password: person.password, code: shown() } });
  expect((made.body as { codes: string[] }).codes).toHaveLength(10);
  expect(code(await signInWith(recovery[3] ?? ''))).toBe('code_wrong');
  const [fresh = ''] = (made.body as { codes: string[] }).codes;
  const again = cookieOf(await signInWith(fresh));
  now += 30_000;
  const off = await post(again, '/account/factor/off', { proof: { password: person.password, code: shown() } });
  expect(off.status).toBe(204);
  await factorOn();
  expect(code(await signInWith((made.body as { codes: string[] }).codes[1] ?? ''))).toBe('code_wrong');
});

describe('asking again', () => {
  const acts: [string, string, object][] = [
    ['new recovery codes', '/account/recovery-codes', {}],
    ['the second step off', '/account/factor/off', {}],
    ['a renewed second step', '/account/factor', {}],
    ['a new password', '/account/password', { password: 'three plain words 7' }],
    ['a new address', '/account/address', { address: 'new@example.org' }],
    ['a new key', '/account/keys', { name: 'k' }],
  ];
  it.each(acts)(
    'is done for %s: not without a proof, not with an old code, with a right one under a new session id',
    async (_what, path, json) => {
      const typed = shown();
      const cookie = cookieOf(await signInWith(typed));
      const { password } = person;
      for (const proof of [
        undefined,
        {},
        { password },
        { password: 'wrong', code: shown(1) },
        { password, code: typed },
      ]) {
        const answer = await post(cookie, path, { ...json, ...(proof && { proof }) });
        expect([JSON.stringify(proof), answer.status]).toEqual([JSON.stringify(proof), proof ? 403 : 422]);
      }
      now += 60_000;
      const answer = await post(cookie, path, { ...json, proof: { password, code: shown() } });
      expect(answer.status).toBeLessThan(300);
      expect(cookieOf(answer)).not.toBe('');
      expect((await me(cookie)).status).toBe(401);
      expect((await me(cookieOf(answer))).status).toBe(200);
      const refusals = (await book(server)).filter(
        ({ outcome, on }) => outcome === 'refused' && on['person'] === person.id,
      );
      expect(refusals.map((entry) => entry.code)).toEqual(Array(4).fill('proof_failed'));
      const log = (await get(cookieOf(answer), '/account/log')).body as { act: string; outcome: string }[];
      const own = path === '/account/factor' ? ['session.open done'] : [`account.`];
      expect(`${log[0]?.act} ${log[0]?.outcome}`).toContain(own[0]);
    },
  );
});

it('leaves the old secret in force until a code of the new one is confirmed, and lets a set-up run out', async () => {
  const { password } = person;
  let cookie = cookieOf(await signInWith(shown()));
  const begin = async () => {
    now += 60_000;
    const answer = await post(cookie, '/account/factor', { proof: { password, code: shown() } });
    cookie = cookieOf(answer);
    return Secret.fromBase32((answer.body as { secret: string }).secret);
  };
  const codeOf = (of: Secret) => new TOTP({ secret: of }).generate({ timestamp: now });
  const first = await begin();
  const newer = await begin();
  expect(code(await post(cookie, '/account/factor/confirm', { code: codeOf(first) }))).toBe('code_wrong');
  now += 30_000;
  expect((await signInWith(shown())).status).toBe(200);
  const kept = cookie;
  now += 11 * 60_000;
  expect(code(await post(kept, '/account/factor/confirm', { code: codeOf(newer) }))).toBe('factor_pending_over');
  const third = await begin();
  const confirmed = await post(cookie, '/account/factor/confirm', { code: codeOf(third) });
  expect((confirmed.body as { codes: string[] }).codes).toHaveLength(10);
  expect(code(await signInWith(shown()))).toBe('code_wrong');
  now += 30_000;
  expect((await signInWith(codeOf(third))).status).toBe(200);
});

it('asks for the second step also where a new password comes by a link, whose older ones are dead', async () => {
  const made = async () =>
    ((await admin.call('POST', `/people/${person.id}/link`)).body as { link: string }).link.split('#')[1] ?? '';
  const [older, link] = [await made(), await made()];
  const accept = (json: object) =>
    request(`${server.url}/api/v1/links/accept`, 'POST', { json: { link, password: 'three plain words 7', ...json } });
  expect(code(await accept({ link: older }))).toBe('link_over');
  expect(code(await accept({}))).toBe('code_wrong');
  expect(code(await accept({ code: '000000' }))).toBe('code_wrong');
  expect((await accept({ code: shown() })).status).toBe(200);
  expect(code(await accept({ code: shown(1) }))).toBe('link_over');
  const answer = await request(`${server.url}/api/v1/session`, 'POST', {
    json: { name: person.name, password: 'three plain words 7' },
  });
  expect(answer.body).toEqual({ next: 'code' });
});

it('lets the roles that weigh wait again where an admin takes a lost second step off', async () => {
  const other = await personWith(server, ['admin']);
  expect(code(await admin.call('POST', `/people/${admin.id}/factor-off`))).toBe('own_account');
  expect((await admin.call('POST', `/people/${person.id}/factor-off`)).status).toBe(204);
  const answer = await person.signIn();
  expect(answer.body).toMatchObject({ roles: [] });
  const [grant] = await server.services.store.grants.find({ person: person.id }).lean();
  expect((await other.call('POST', `/grants/${grant?._id}/confirm`)).status).toBe(204);
});

it('comes by a hand into the database neither past the second step nor into a secret of its own', async () => {
  const { store } = server.services;
  const row = await store.people.findById(person.id).lean();
  await store.people.updateOne({ _id: person.id }, { $unset: { factor: 1 } });
  expect((await person.signIn()).status).toBe(401);
  await store.people.updateOne({ _id: person.id }, { $set: { factor: row?.factor ?? '' } });
  await store.spentSteps.deleteMany({ _id: person.id });
  expect(code(await signInWith(shown()))).toBe('code_wrong');
});

/** Where nothing depends on the instant. */
const atPresent = (): void => {
  now = new Date().getTime();
};

describe('what ends what', () => {
  beforeEach(atPresent);
  it('a change of the password ends every other session and its stream, keeps the present one under a new id, and leaves keys', async () => {
    const one = await personWith(server, ['writer'], unitAt('province/fuhai/'));
    const made = await one.call('POST', '/account/keys', { name: 'k', proof: { password: one.password } });
    const { key } = made.body as { key: string };
    const present = one.cookie();
    await one.signIn();
    const other = one.cookie();
    const stream = await fetch(`${server.url}/api/v1/events`, { headers: { cookie: other } });
    const reader = stream.body?.getReader();
    const answer = await post(present, '/account/password', {
      password: 'three plain words 7',
      proof: { password: one.password },
    });
    expect(answer.status).toBe(204);
    expect((await me(other)).status).toBe(401);
    expect((await me(present)).status).toBe(401);
    expect((await me(cookieOf(answer))).status).toBe(200);
    for (let done = false; !done;) done = (await reader?.read())?.done ?? true;
    const byKey = () =>
      request(`${server.url}/api/v1/releases`, 'GET', { headers: { authorization: `Bearer ${key}` } });
    expect((await byKey()).status).toBe(200);
    const { link } = (await admin.call('POST', `/people/${one.id}/link`)).body as { link: string };
    await request(`${server.url}/api/v1/links/accept`, 'POST', {
      json: { link: link.split('#')[1], password: 'four plain words 77' },
    });
    expect((await me(cookieOf(answer))).status).toBe(401);
    expect((await byKey()).status).toBe(401);
  });

  it('sessions are listed with where and since when, and one can be ended', async () => {
    const one = await personWith(server, []);
    const first = one.cookie();
    await one.signIn();
    const list = (await one.call('GET', '/account/sessions')).body as {
      id: string;
      present: boolean;
      agent: string;
      ip: string;
    }[];
    expect(list.map(({ present }) => present).sort()).toEqual([false, true]);
    expect(list[0]).toMatchObject({ ip: expect.stringContaining('127.0.0.1') as string, agent: 'node' });
    expect(JSON.stringify(list)).not.toContain(first.split('.')[0]?.slice(10) ?? 'x');
    const other = list.find(({ present }) => !present)?.id ?? '';
    expect((await admin.call('DELETE', `/account/sessions/${other}`)).status).toBe(404);
    expect((await one.call('DELETE', `/account/sessions/${other}`)).status).toBe(204);
    expect((await me(first)).status).toBe(401);
    expect((await one.call('GET', '/account/sessions')).body).toHaveLength(1);
  });
});

describe('before anything else', () => {
  it('a password that was given is changed', async () => {
    const { store } = server.services;
    const one = await personWith(server, ['writer']);
    const row = await store.people.findById(one.id).lean();
    await store.connection.transaction(async (session) => {
      if (row) await changePerson(server.services, row, { mustChange: true }, session);
    });
    expect((await one.signIn()).body).toMatchObject({ must: 'password' });
    expect(code(await one.call('GET', '/releases'))).toBe('password_must_change');
    expect(
      code(await one.call('POST', '/account/password', { password: one.password, proof: { password: one.password } })),
    ).toMatch('password_weak');
    expect(
      (
        await one.call('POST', '/account/password', {
          password: 'three plain words 7',
          proof: { password: one.password },
        })
      ).status,
    ).toBe(204);
    expect((await one.call('GET', '/releases')).status).toBe(200);
  });

  it('signers, commanders and admins set up the second step where the hub asks for it, and cannot turn it off', async () => {
    jest.restoreAllMocks();
    const strict = await openTestServer({ env: { LIANFA_SECOND_FACTOR: 'required' } });
    const writer = await personWith(strict, ['writer']);
    expect((await writer.call('GET', '/releases')).status).toBe(200);
    const signer = await personWith(strict, ['signer']);
    expect(code(await signer.call('GET', '/releases'))).toBe('factor_required');
    const { password } = signer;
    const begun = (await signer.call('POST', '/account/factor', { proof: { password } })).body as {
      secret: string;
      address: string;
    };
    expect(begun.address).toMatch(/^otpauth:\/\/totp\//);
    const totp = new TOTP({ secret: Secret.fromBase32(begun.secret) });
    expect((await signer.call('POST', '/account/factor/confirm', { code: totp.generate() })).status).toBe(200);
    expect((await signer.call('GET', '/releases')).status).toBe(200);
    const next = totp.generate({ timestamp: Date.now() + 30_000 });
    expect(code(await signer.call('POST', '/account/factor/off', { proof: { password, code: next } }))).toBe(
      'factor_required',
    );
    await strict.close();
  });
});

describe('tries', () => {
  it('elsewhere lock nobody out of a browser in which they signed in before', async () => {
    const one = await personWith(server, []);
    const { name, password } = one;
    const good = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
    const device =
      good.headers
        .getSetCookie()
        .find((cookie) => cookie.startsWith('lianfa-device='))
        ?.split(';')[0] ?? '';
    for (let n = 0; n < 70; n += 1)
      await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password: `wrong ${n}` } });
    expect((await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } })).status).toBe(429);
    expect(
      (await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password }, headers: { cookie: device } }))
        .status,
    ).toBe(200);
    const forged = `${device.slice(0, -1)}x`;
    expect(
      (await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password }, headers: { cookie: forged } }))
        .status,
    ).toBe(429);
    const refusals = (await book(server)).filter(({ on, outcome }) => outcome === 'refused' && on['person'] === one.id);
    expect(refusals.map((entry) => entry.code)).toEqual([
      ...Array(10).fill('sign_in_failed'),
      // Once for the name from there, once for the address.
      'too_many_attempts',
      'too_many_attempts',
    ]);
  });

  it('of somebody who knows the cookie of another browser still end', async () => {
    const one = await personWith(server, []);
    const { name, password } = one;
    const good = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
    const cookie =
      good.headers
        .getSetCookie()
        .find((each) => each.startsWith('lianfa-device='))
        ?.split(';')[0] ?? '';
    const tries = [];
    for (let n = 0; n < 11; n += 1)
      tries.push(
        (
          await request(`${server.url}/api/v1/session`, 'POST', {
            json: { name, password: `wrong ${n}` },
            headers: { cookie },
          })
        ).status,
      );
    expect(tries.at(-1)).toBe(429);
  });

  it('are kept in the book with the same fields each time, and nothing that was typed', async () => {
    await request(`${server.url}/api/v1/session`, 'POST', { json: { name: 'typed-name', password: 'typed-password' } });
    await request(`${server.url}/api/v1/session`, 'POST', { json: { name: person.name, password: 'typed-password' } });
    const entries = (await book(server)).filter(({ act, outcome }) => act === 'session.open' && outcome === 'refused');
    expect(entries).toMatchObject([
      { code: 'sign_in_failed', who: {}, on: {}, from: { agent: 'node' } },
      { code: 'sign_in_failed', who: {}, on: { person: person.id }, from: { agent: 'node' } },
    ]);
    expect(JSON.stringify(await book(server))).not.toMatch(/typed-/);
  });
});

describe('keys', () => {
  beforeEach(atPresent);
  const byKey = (key: string, method: string, path: string, json?: object) =>
    request(`${server.url}/api/v1${path}`, method, {
      ...(json && { json }),
      headers: { authorization: `Bearer ${key}` },
    });

  it('hold within a place and permissions of their owner, until their day, and never for what takes a person', async () => {
    await makeUnits(server, 'province/other/');
    const one = await personWith(server, ['writer', 'reviewer'], unitAt('province/'));
    const { password } = one;
    const make = async (wish: object) => one.call('POST', '/account/keys', { name: 'k', proof: { password }, ...wish });
    expect(code(await make({ permissions: ['releases.sign'] }))).toBe('field_invalid');
    expect(code(await make({ expiresAt: new Date(now - 1).toISOString() }))).toBe('field_invalid');
    const { key } = (await make({ organization: 'fuhai', permissions: ['releases.read', 'releases.write'] })).body as {
      key: string;
    };
    expect((await byKey(key, 'GET', '/session')).body).toMatchObject({
      may: ['releases.read', 'releases.write'],
      roles: [
        { role: 'writer', path: 'province/fuhai/' },
        { role: 'reviewer', path: 'province/fuhai/' },
      ],
    });
    const draft = { title: '标题', source: '来源', body: { format: 'text', content: '正文' } };
    expect((await byKey(key, 'POST', '/releases', { ...draft, organization: 'fuhai' })).status).toBe(201);
    expect((await byKey(key, 'POST', '/releases', { ...draft, organization: 'other' })).status).toBeGreaterThanOrEqual(
      403,
    );
    for (const [method, path, json] of [
      ['POST', '/account/keys', { name: 'x', proof: {} }],
      ['POST', '/account/password', { password: 'three plain words 7', proof: {} }],
      ['DELETE', '/account/sessions/x', undefined],
    ] as const)
      expect([path, code(await byKey(key, method, path, json))]).toEqual([path, 'key_personal']);
    const listed = (await one.call('GET', '/account/keys')).body as { id: string; organization?: string }[];
    expect(listed).toMatchObject([{ organization: 'fuhai' }]);
    expect(JSON.stringify(listed)).not.toContain(key.slice(-30));
    expect((await one.call('DELETE', `/account/keys/${listed[0]?.id}`)).status).toBe(204);
    expect((await byKey(key, 'GET', '/session')).status).toBe(401);
  });

  it('written or widened in the database by hand open nothing', async () => {
    const one = await personWith(server, ['writer'], unitAt('province/fuhai/'));
    const { key } = (
      await one.call('POST', '/account/keys', { name: 'k', organization: 'fuhai', proof: { password: one.password } })
    ).body as { key: string };
    const { store } = server.services;
    for (const change of [
      { createdBy: admin.id },
      { path: '' },
      { organization: 'province', path: 'province/' },
      { permissions: ['audit.read'] },
      { expiresAt: new Date(now + 1e12) },
    ]) {
      const row = await store.apiKeys.findOne({ createdBy: one.id }).lean();
      if (!row) throw new Error('no key');
      await store.apiKeys.updateOne({ _id: row._id }, { $set: change });
      expect([JSON.stringify(change), (await byKey(key, 'GET', '/session')).status]).toEqual([
        JSON.stringify(change),
        401,
      ]);
      await store.apiKeys.replaceOne({ _id: row._id }, row);
      expect((await byKey(key, 'GET', '/session')).status).toBe(200);
    }
  });

  it.each([
    '/api/v1/releases?key=KEY',
    '/api/v1/releases?api_key=KEY',
    '/api/v1/releases/KEY',
    '/api/nothing/KEY',
    '/releases/KEY',
    '/api/v1/session?x=KEY',
  ])('are not taken in the address %s, and stand nowhere in clear', async (path) => {
    const answer = await request(server.url + path.replace('KEY', server.key), 'GET');
    expect(code(answer)).toBe('key_in_address');
    const metrics = await request(`${server.url}/metrics`, 'GET');
    const everywhere = JSON.stringify([answer.body, metrics.body, server.log, await book(server)]);
    expect(everywhere).not.toContain(server.key.slice(-30));
    expect(everywhere).not.toContain(server.key);
  });
});

describe('a proof that is asked for again', () => {
  it('has one budget wherever it is asked for, and none is used up by who proves it', async () => {
    const cookie = cookieOf(await signInWith(shown()));
    const wrong = { password: 'not the password' };
    const asks = [
      () => post(cookie, '/account/recovery-codes', { proof: wrong }),
      () => post(cookie, '/account/factor', { proof: wrong }),
      () => post(cookie, '/reviews/decide', { decision: 'sign', reviews: [{ id: 'none' }], ...wrong }),
    ];
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 9; n += 1) codes.push(code((await asks[n % 3]?.()) as Answer));
    expect(codes).toEqual(Array(9).fill('proof_failed'));
    now += 30_000;
    const right = { password: person.password, code: shown() };
    expect((await post(cookie, '/account/recovery-codes', { proof: right })).status).toBe(200);
    const again = cookieOf(await signInWith(shown(1)));
    for (let n = 0; n < 10; n += 1)
      expect(code(await post(again, '/account/factor', { proof: wrong }))).toBe('proof_failed');
    for (const decision of [
      () => post(again, '/account/factor', { proof: wrong }),
      () => post(again, '/reviews/decide', { decision: 'sign', reviews: [{ id: 'none' }], ...wrong }),
    ])
      expect(code(await decision())).toBe('too_many_attempts');
  });
});
