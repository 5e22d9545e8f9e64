/** What a person proves themselves by at the command: each code once, the next one waited for, and no waiting where it is given. */
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { personWith, type TestPerson } from '../test/support/people.js';
import { sealSecret, startFrom } from '../core/people/factor.js';
import { changePerson } from '../core/people/write.js';
import { CommandFailure, createClient } from './client.js';
import type { Terminal } from './sign-in.js';

const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
let server: TestServer;
let person: TestPerson;
let now: number;

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  const { store } = server.services;
  person = await personWith(server, ['signer']);
  await store.connection.transaction(async (session) => {
    const row = await store.people.findById(person.id, null, { session }).lean();
    if (!row) throw new Error('nobody');
    await changePerson(server.services, row, { factor: sealSecret(server.services, row._id, secret) }, session);
    await startFrom(server.services, row._id, 0, session);
  });
  // Twelve seconds before the next code.
  now = Math.floor(Date.now() / 30_000) * 30_000 + 18_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const shown = (steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now + steps * 30_000 });

/** Somebody who types what the app shows, while the clock goes on as they are made to wait. */
function sitting(): Terminal & { told: string[]; asked: string[] } {
  const [told, asked] = [[] as string[], [] as string[]];
  return {
    ...{ told, asked },
    ask(question) {
      asked.push(question);
      return Promise.resolve(question.includes('code') ? shown() : '');
    },
    show: (text) => void told.push(text),
    second() {
      now += 1_000;
      return Promise.resolve();
    },
  };
}
const nobody: Terminal = {
  ask: () => Promise.resolve(undefined),
  show: () => undefined,
  second: () => Promise.resolve(),
};
const envOf = (more: Record<string, string> = {}) => ({
  LIANFA_URL: server.url,
  LIANFA_USER: person.name,
  LIANFA_PASSWORD: person.password,
  ...more,
});
const whoAmI = z.object({ user: z.object({ name: z.string() }) });
/** What the hub says of a proof, where nothing else is wrong with what is asked. */
const tried = async (proof: object): Promise<number> => {
  const client = createClient(envOf({ LIANFA_CODE: shown(1) }), nobody);
  return client.call(z.unknown(), 'POST', '/account/recovery-codes', { json: { proof } }).then(
    () => 200,
    () => 403,
  );
};

it('counts the seconds down to the code after the one that signed in, and asks for that', async () => {
  const terminal = sitting();
  const client = createClient(envOf(), terminal);
  expect((await client.call(whoAmI, 'GET', '/session')).user.name).toBe(person.name);
  const before = shown();
  const proof = await client.proof();
  expect(proof).toEqual({ password: person.password, code: shown() });
  expect(proof?.code).not.toBe(before);
  expect(terminal.told).toHaveLength(13);
  expect(terminal.told[0]).toContain('12 秒后出现');
  expect(terminal.asked).toEqual(['动态口令 code: ', '动态口令 code: ']);
  expect(await client.call(z.unknown(), 'POST', '/account/recovery-codes', { json: { proof } })).toBeDefined();
});

it('takes two codes from the environment, one to sign in and one to sign, and waits for nothing', async () => {
  const client = createClient(envOf({ LIANFA_CODE: `${shown()} ${shown(1)}` }), nobody);
  const proof = await client.proof();
  expect(proof).toEqual({ password: person.password, code: shown(1) });
  await client.call(z.unknown(), 'POST', '/account/recovery-codes', { json: { proof } });
});

it('says what is missing where there is one code and nobody to ask, and the hub takes no code twice', async () => {
  const given = shown();
  const client = createClient(envOf({ LIANFA_CODE: given }), nobody);
  await expect(client.proof()).rejects.toMatchObject({ code: 'code_needed' });
  await expect(client.proof()).rejects.toBeInstanceOf(CommandFailure);
  expect(await tried({ password: person.password, code: given })).toBe(403);
});

it('asks nobody for a code who has no second step', async () => {
  jest.restoreAllMocks();
  const { name, password } = server.user;
  const client = createClient({ LIANFA_URL: server.url, LIANFA_USER: name, LIANFA_PASSWORD: password }, nobody);
  expect(await client.proof()).toEqual({ password });
  expect(await createClient({ LIANFA_URL: server.url, LIANFA_API_KEY: server.key }, nobody).proof()).toBeUndefined();
});
