/** `lianfa people`: over HTTP as any person, and the way back on the machine itself. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Secret, TOTP } from 'otpauth';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { book, makeUnits, personWith, signedIn } from '../test/support/people.js';
import * as people from './people.js';
import { rescueHere } from './rescue.js';

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let folder: string;
beforeEach(async () => {
  server = await openTestServer();
  await makeUnits(server, 'province/', 'province/fuhai/', 'province/quanwan/');
  folder = mkdtempSync(join(tmpdir(), 'lianfa-people-'));
});
afterEach(async () => {
  process.exitCode = 0;
  await server.close();
  rmSync(folder, { recursive: true });
});

async function lianfa(args: string[], env: Record<string, string>): Promise<string> {
  const before = { ...process.env };
  Object.assign(process.env, { LIANFA_URL: server.url, ...env });
  const out: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      out.push(String(text));
      return true;
    }),
  );
  try {
    const program = new Command().exitOverride();
    people.register(program);
    await program.parseAsync(['node', 'lianfa', ...args]);
    return out.join('');
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.env = before;
  }
}

it('imports people and writes their links into a file that is theirs alone and begins no formula', async () => {
  const admin = await personWith(server, ['admin']);
  const env = { LIANFA_USER: admin.name, LIANFA_PASSWORD: admin.password };
  const links = join(folder, 'links.csv');
  const file = join(import.meta.dirname, '../core/people/fixtures/users-gbk.csv');
  const told = await lianfa(['people', 'import', file, '--links', links], env);
  expect(told).toContain('新建 9');
  expect(told).toContain('第 4 行：与第 3 行是同一个邮箱');
  expect(process.exitCode).toBe(1);
  const text = readFileSync(links, 'utf8');
  expect(text).toContain('"\'=HYPERLINK(""http://example.org"")"');
  expect(text).not.toMatch(/(^|,|\n)"?[=+@-]/);
  expect(statSync(links).mode & 0o777).toBe(0o600);
  const listed = await lianfa(['people', 'list', '--organization', 'fuhai', '--role', 'writer'], env);
  expect(listed).toContain('采编@单位 fuhai  未激活');
  expect(listed).not.toContain('quanwan');
});

it('signs in with a code where the second step is on', async () => {
  const admin = await personWith(server, ['admin']);
  const { password } = admin;
  const begun = (await admin.call('POST', '/account/factor', { proof: { password } })).body as { secret: string };
  const totp = new TOTP({ secret: Secret.fromBase32(begun.secret) });
  await admin.call('POST', '/account/factor/confirm', { code: totp.generate() });
  const env = { LIANFA_USER: admin.name, LIANFA_PASSWORD: password };
  await lianfa(['people', 'list'], env);
  expect(process.exitCode).toBe(1);
  process.exitCode = 0;
  const code = totp.generate({ timestamp: Date.now() + 30_000 });
  expect(await lianfa(['people', 'list'], { ...env, LIANFA_CODE: code })).toContain(admin.name);
  expect(process.exitCode).toBe(0);
});

it('lets an admin in again on the machine, by a password to be changed, with an entry in the book and nobody else touched', async () => {
  const { config, store } = server.services;
  await store.people.deleteMany({});
  await store.grants.deleteMany({});
  const lost = await personWith(server, ['admin'], undefined, 'admin');
  const env = {
    ...process.env,
    LIANFA_DATA: config.dataFolder,
    ...(config.mongoUri && { MONGODB_URI: config.mongoUri }),
  };
  const made = await rescueHere('Admin', env);
  expect((await lost.call('GET', '/session')).status).toBe(401);
  expect((await lost.signIn()).status).toBe(401);
  const back = await signedIn(server, { id: lost.id, ...made });
  expect((await back.call('GET', '/session')).body).toMatchObject({
    must: 'password',
    roles: [{ role: 'admin', path: '' }],
  });
  expect((await book(server)).filter(({ act }) => act === 'person.rescue')).toMatchObject([
    { outcome: 'done', who: { process: 'rescue' }, on: { person: lost.id } },
  ]);
  const fresh = await rescueHere('second', env);
  const second = await signedIn(server, { id: '', ...fresh });
  expect((await second.call('GET', '/session')).body).toMatchObject({ roles: [{ role: 'admin' }] });
  const writer = await personWith(server, ['writer']);
  await expect(rescueHere(writer.name, env)).rejects.toMatchObject({ code: 'roles_apart' });
});
