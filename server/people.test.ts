/** People as admins make them: invitations, roles over places, what is kept apart, who is left. */
import { request as ask } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { book, makeUnits, personWith, signedIn, unitAt, type TestPerson } from '../test/support/people.js';
import { insertGrant } from '../core/people/write.js';
import { newId } from '../core/ids.js';
import { mayNotMeet, roles } from '../core/model/roles.js';
import type { TaskKeeper } from '../core/people/waiting.js';

const fuhai = unitAt('province/fuhai/');
const county = unitAt('province/fuhai/county/');
const quanwan = unitAt('province/quanwan/');

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
/** Over the hub as a whole. */
let admin: TestPerson;
let second: TestPerson;
const handed: string[] = [];
const keeper: TaskKeeper = {
  of: (_store, person) => Promise.resolve([{ kind: 'review', id: `r-${person}`, title: '待审', path: '' }]),
  handOver: (_store, person, to) => {
    handed.push(`${person} → ${to ?? 'free'}`);
    return Promise.resolve(1);
  },
};

beforeEach(async () => {
  server = await openTestServer({ services: { taskKeepers: [keeper] } });
  await server.services.store.people.deleteMany({});
  await server.services.store.grants.deleteMany({});
  await makeUnits(server, 'province/', 'province/fuhai/', 'province/fuhai/county/', 'province/quanwan/');
  admin = await personWith(server, ['admin']);
  handed.length = 0;
});
afterEach(() => server.close());

const code = ({ body }: Answer): string => (body as { error: { code: string } }).error.code;
const linkOf = (answer: Answer): string => (answer.body as { link: string }).link.split('#')[1] ?? '';
const good = 'three plain words 7';

async function invite(json: object): Promise<{ id: string; link: string }> {
  const answer = await admin.call('POST', '/people', json);
  expect(answer.status).toBe(201);
  return { id: (answer.body as { person: { id: string } }).person.id, link: linkOf(answer) };
}
const look = (link: string) => request(`${server.url}/api/v1/links/look`, 'POST', { json: { link } });
const accept = (link: string, password = good) =>
  request(`${server.url}/api/v1/links/accept`, 'POST', { json: { link, password } });

async function grant(by: TestPerson, person: string, role: string, organization: string | null = null) {
  return by.call('POST', `/people/${person}/grants`, { role, organization });
}
async function holdings(id: string): Promise<{ id: string; role: string; state: string; organizationName?: string }[]> {
  return ((await admin.call('GET', `/people/${id}`)).body as { holdings: never[] }).holdings;
}

describe('by invitation', () => {
  it('comes in by a link that works once, and signs in by the address', async () => {
    const { link, id } = await invite({
      displayName: '测试甲',
      address: ' A.Writer@Example.org ',
      organization: 'fuhai',
      roles: ['writer'],
    });
    expect((await look(link)).body).toMatchObject({
      use: 'invitation',
      name: 'a.writer@example.org',
      displayName: '测试甲',
    });
    expect((await accept(link)).status).toBe(200);
    expect(code(await accept(link))).toBe('link_over');
    const person = await signedIn(server, { id, name: 'a.writer@example.org', password: good });
    expect((await person.call('GET', '/session')).body).toMatchObject({
      roles: [{ role: 'writer', path: fuhai.path }],
    });
    expect(JSON.stringify(await book(server))).not.toMatch(/example\.org|测试甲/);
  });

  it('ends an older link by a newer one, and says of every dead link the same, with nothing of the account', async () => {
    const { link: first, id } = await invite({ displayName: '测试甲', address: 'a@example.org' });
    const answer = await admin.call('POST', `/people/${id}/link`);
    const { link: third } = await invite({ displayName: '测试乙', address: 'b@example.org' });
    await server.services.store.links.updateMany({ _id: third.split('.')[0] ?? '' }, { $set: { until: new Date(0) } });
    const dead = [
      await look(first),
      await look(third),
      await look('l000000000000000000.nonsense'),
      await look(`${linkOf(answer).slice(0, -1)}x`),
    ];
    expect(new Set(dead.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(JSON.stringify(dead[0]?.body)).toContain('系统管理员，重新发');
    expect(JSON.stringify(dead)).not.toContain('测试');
    expect((await accept(linkOf(answer))).status).toBe(200);
  });

  it('opens nothing by a link that was written into the database by hand', async () => {
    const { link, id } = await invite({ displayName: '测试甲', address: 'a@example.org' });
    const row = await server.services.store.links.findOne({ person: id }).lean();
    const victim = await personWith(server, ['writer']);
    await server.services.store.links.updateOne({ _id: row?._id ?? '' }, { $set: { person: victim.id } });
    expect(code(await accept(link))).toBe('link_over');
  });

  it.each([
    ['host', 'evil.example'],
    ['x-forwarded-host', 'evil.example'],
    ['forwarded', 'host=evil.example'],
  ])('makes links of the configured address alone, whatever %s says', async (header, value) => {
    const body = JSON.stringify({ displayName: '测试甲', address: 'a@example.org' });
    const text = await new Promise<string>((done, fail) => {
      const headers = {
        cookie: admin.cookie(),
        origin: server.services.config.url,
        'content-type': 'application/json',
        [header]: value,
      };
      ask(`${server.url}/api/v1/people`, { method: 'POST', headers }, (answer) => {
        let all = '';
        answer.on('data', (part) => (all += String(part))).on('end', () => done(all));
      })
        .on('error', fail)
        .end(body);
    });
    expect(text).not.toContain('evil');
    expect(text).toContain(`${server.services.config.url}/welcome#l`);
  });

  it.each([
    ['short', '不足'],
    ['aaaaaaaaaaaaa', '重复'],
    ['1234567890123', '数字'],
    ['Password123!!', '常见'],
    ['xx-zhangmin-xx', '姓名'],
  ])('refuses the password %s and says why', async (password, why) => {
    const { link } = await invite({ displayName: '张敏', address: 'zhangmin@example.org' });
    const answer = await accept(link, password);
    expect(code(answer)).toBe('password_weak');
    expect(JSON.stringify(answer.body)).toContain(why);
    expect((await look(link)).status).toBe(200);
  });

  it('knows one address by whatever letters it is written, and takes no Cyrillic for Latin', async () => {
    await invite({ displayName: '甲', address: 'josé@example.org'.normalize('NFC') });
    for (const address of ['josé@example.org'.normalize('NFD'), 'ｊosé＠example.org', 'JOSÉ@EXAMPLE.ORG']) {
      const answer = await admin.call('POST', '/people', { displayName: '乙', address });
      expect([address, answer.status]).toEqual([address, 409]);
    }
    const answer = await admin.call('POST', '/people', { displayName: '丙', address: '\u0430dmin@example.org' });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toContain('U+0430');
  });
});

describe('roles', () => {
  it.each(roles.flatMap((a) => roles.flatMap((b) => (a < b ? [[a, b] as const] : []))))(
    'keeps %s and %s apart as the table says, above, below and at one place, and names both',
    async (one, other) => {
      for (const [first, then] of [
        ['province', 'county'],
        ['county', 'province'],
        ['fuhai', 'fuhai'],
      ] as const) {
        const person = await personWith(server, []);
        expect((await grant(admin, person.id, one, first)).status).toBe(201);
        const answer = await grant(admin, person.id, other, then);
        expect([first, answer.status]).toEqual([first, mayNotMeet(one, other) ? 409 : 201]);
        if (mayNotMeet(one, other)) expect(JSON.stringify(answer.body)).toContain(`单位 ${first}`);
      }
      const apart = await personWith(server, []);
      await grant(admin, apart.id, one, 'fuhai');
      expect((await grant(admin, apart.id, other, 'quanwan')).status).toBe(201);
    },
  );

  it('gives nobody a role by themselves, nor one twice, nor where the admin has no say', async () => {
    expect(code(await grant(admin, admin.id, 'admin', 'fuhai'))).toBe('own_role');
    const local = await personWith(server, ['admin'], fuhai);
    const writer = await personWith(server, ['writer'], fuhai);
    // A unit above is no unit to a local admin.
    expect(code(await grant(local, writer.id, 'reviewer', 'province'))).toBe('field_invalid');
    expect(code(await grant(local, writer.id, 'reviewer'))).toBe('forbidden');
    expect(code(await grant(local, writer.id, 'writer', 'fuhai'))).toBe('role_held');
    expect((await grant(local, writer.id, 'reviewer', 'fuhai')).status).toBe(201);
    const refused = (await book(server)).filter(({ outcome, act }) => outcome === 'refused' && act === 'person.grant');
    expect(refused.map((entry) => entry.code)).toEqual(['own_role', 'forbidden', 'role_held']);
  });

  it('lets a weighty role wait for a second admin once there are two, and nobody else confirms it', async () => {
    const alone = await personWith(server, []);
    await grant(admin, alone.id, 'signer', 'fuhai');
    expect(await holdings(alone.id)).toMatchObject([{ role: 'signer', state: 'holds' }]);
    second = await personWith(server, ['admin']);
    const person = await personWith(server, []);
    await grant(admin, person.id, 'signer', 'fuhai');
    const [asked] = await holdings(person.id);
    expect(asked).toMatchObject({ role: 'signer', state: 'asked', organizationName: '单位 fuhai' });
    await person.signIn();
    expect((await person.call('GET', '/session')).body).toMatchObject({ roles: [] });
    expect(code(await admin.call('POST', `/grants/${asked?.id}/confirm`))).toBe('role_not_confirmable');
    expect((await second.call('POST', `/grants/${asked?.id}/confirm`)).status).toBe(204);
    expect(code(await second.call('POST', `/grants/${asked?.id}/confirm`))).toBe('role_confirmed');
    await person.signIn();
    expect((await person.call('GET', '/session')).body).toMatchObject({ roles: [{ role: 'signer' }] });
    await grant(admin, person.id, 'writer', 'fuhai');
    expect((await holdings(person.id)).find(({ role }) => role === 'writer')).toMatchObject({ state: 'holds' });
  });

  it('lets no role wait that nobody could confirm: the asker and the person do not count', async () => {
    second = await personWith(server, ['admin'], fuhai);
    await admin.call('POST', `/people/${second.id}/grants`, { role: 'admin', organization: 'province' });
    expect((await holdings(second.id)).map(({ state }) => state)).toEqual(['holds', 'holds']);
  });

  it('confirms nothing that was marked as confirmed in the database, and lets no hand widen a place', async () => {
    second = await personWith(server, ['admin']);
    const person = await personWith(server, []);
    await grant(admin, person.id, 'commander', 'fuhai');
    await server.services.store.grants.updateOne(
      { person: person.id },
      { $unset: { asked: 1 }, $set: { confirmedBy: second.id } },
    );
    const writer = await personWith(server, ['writer'], fuhai);
    await server.services.store.grants.updateOne({ person: writer.id }, { $set: { path: '' } });
    for (const one of [person, writer]) {
      await one.signIn();
      expect((await one.call('GET', '/session')).body).toMatchObject({ roles: [] });
    }
  });

  it('ends a session at its next request when a role is taken or given', async () => {
    const person = await personWith(server, ['signer', 'writer'], fuhai);
    const held = (await holdings(person.id)).find(({ role }) => role === 'signer');
    expect((await admin.call('DELETE', `/grants/${held?.id}`)).status).toBe(204);
    expect((await person.call('GET', '/session')).status).toBe(401);
    await person.signIn();
    expect((await person.call('GET', '/session')).body).toMatchObject({ roles: [{ role: 'writer' }] });
  });

  it('ends a role at its instant, and begins none before', async () => {
    const person = await personWith(server, []);
    const [past, later] = [new Date(Date.now() - 1_000), new Date(Date.now() + 3_600_000)];
    expect(
      code(
        await admin.call('POST', `/people/${person.id}/grants`, {
          role: 'writer',
          organization: 'fuhai',
          until: past.toISOString(),
        }),
      ),
    ).toBe('field_invalid');
    await admin.call('POST', `/people/${person.id}/grants`, {
      role: 'writer',
      organization: 'fuhai',
      from: later.toISOString(),
    });
    await insertGrant(server.services, {
      _id: newId('g'),
      person: person.id,
      role: 'reviewer',
      ...fuhai,
      until: past,
      by: 'x',
      at: past,
    });
    await person.signIn();
    expect((await person.call('GET', '/session')).body).toMatchObject({ roles: [] });
    expect((await holdings(person.id)).map(({ state }) => state).sort()).toEqual(['later', 'over']);
  });
});

describe('deputies', () => {
  const soon = () => ({
    from: new Date(Date.now() - 1_000).toISOString(),
    until: new Date(Date.now() + 86_400_000).toISOString(),
  });
  let signer: TestPerson;
  let own: string;
  beforeEach(async () => {
    signer = await personWith(server, ['signer'], fuhai);
    own = (await holdings(signer.id))[0]?.id ?? '';
  });

  it('stand in with the roles that the person holds, and end with theirs', async () => {
    const deputy = await personWith(server, ['writer'], fuhai);
    expect((await signer.call('POST', '/account/deputies', { grant: own, to: deputy.id, ...soon() })).status).toBe(201);
    await deputy.signIn();
    expect((await deputy.call('GET', '/session')).body).toMatchObject({
      roles: [{ role: 'writer' }, { role: 'signer' }],
    });
    const [, stands] = await holdings(deputy.id);
    expect(stands).toMatchObject({ role: 'signer', state: 'holds', deputyOf: signer.id });
    await admin.call('DELETE', `/grants/${own}`);
    await deputy.signIn();
    expect((await deputy.call('GET', '/session')).body).toMatchObject({ roles: [{ role: 'writer' }] });
  });

  it('are given only of what one holds, to others, ahead of now, and never across what is kept apart', async () => {
    const auditor = await personWith(server, ['auditor'], fuhai);
    const reviewer = await personWith(server, ['reviewer'], fuhai);
    const foreign = (await holdings(reviewer.id))[0]?.id;
    const give = (json: object) =>
      signer.call('POST', '/account/deputies', { grant: own, to: reviewer.id, ...soon(), ...json });
    expect(code(await give({ to: auditor.id }))).toBe('roles_apart');
    expect(code(await give({ to: signer.id }))).toBe('own_role');
    expect(code(await give({ grant: foreign }))).toBe('not_deputised');
    expect(code(await give({ until: new Date(Date.now() - 1).toISOString() }))).toBe('not_deputised');
    expect((await give({})).status).toBe(201);
    const stands = (await holdings(reviewer.id)).find(({ role }) => role === 'signer')?.id;
    await reviewer.signIn();
    const writer = await personWith(server, ['writer'], fuhai);
    expect(code(await reviewer.call('POST', '/account/deputies', { grant: stands, to: writer.id, ...soon() }))).toBe(
      'not_deputised',
    );
    expect((await signer.call('DELETE', `/account/deputies/${stands}`)).status).toBe(204);
  });
});

describe('leaving', () => {
  it('ends sessions, keys, links and deputies, hands over what waits, and leaves keys dead afterwards', async () => {
    const person = await personWith(server, ['signer'], fuhai);
    const other = await personWith(server, ['writer'], fuhai);
    const key = (
      (await person.call('POST', '/account/keys', { name: 'k', proof: { password: person.password } })).body as {
        key: string;
      }
    ).key;
    const byKey = () =>
      request(`${server.url}/api/v1/releases`, 'GET', { headers: { authorization: `Bearer ${key}` } });
    expect((await byKey()).status).toBe(200);
    const own = (await holdings(person.id))[0]?.id;
    await person.call('POST', '/account/deputies', {
      grant: own,
      to: other.id,
      from: new Date().toISOString(),
      until: new Date(Date.now() + 1e7).toISOString(),
    });
    expect((await admin.call('POST', `/people/${person.id}/disable`, { handTo: other.id })).body).toEqual({
      handedOver: 1,
    });
    expect(handed).toEqual([`${person.id} → ${other.id}`]);
    expect((await byKey()).status).toBe(401);
    expect((await person.call('GET', '/session')).status).toBe(401);
    expect((await person.signIn()).status).toBe(401);
    expect((await holdings(other.id)).map(({ role }) => role)).toEqual(['writer']);
    expect((await admin.call('POST', `/people/${person.id}/enable`)).status).toBe(200);
    expect((await person.signIn()).status).toBe(200);
    expect((await byKey()).status).toBe(401);
    expect((await admin.call('GET', `/people/${person.id}`)).body).toMatchObject({
      managed: { waiting: [{ title: '待审' }] },
    });
  });

  it('erases name and address, keeps the id and the book of acts, and only of who is disabled', async () => {
    const { id, link } = await invite({
      displayName: '测试甲',
      address: 'a@example.org',
      organization: 'fuhai',
      roles: ['reviewer'],
    });
    await accept(link);
    expect(code(await admin.call('DELETE', `/people/${id}`))).toBe('person_enabled');
    await admin.call('POST', `/people/${id}/disable`, {});
    const before = await book(server);
    expect((await admin.call('DELETE', `/people/${id}`)).status).toBe(204);
    expect((await admin.call('GET', `/people/${id}`)).status).toBe(404);
    expect((await admin.call('GET', `/people/names?id=${id}`)).body).toEqual([
      { id, displayName: `已注销 ${id.slice(-6)}` },
    ]);
    const rows = JSON.stringify([
      await server.services.store.people.find({}).lean(),
      await server.services.store.auditEntries.find({}).lean(),
    ]);
    expect(rows).not.toMatch(/测试甲|a@example\.org/);
    expect((await book(server)).slice(0, before.length)).toEqual(before);
    expect((await invite({ displayName: '新人', address: 'a@example.org' })).id).not.toBe(id);
  });

  it('moves a person, with or without the roles over the old unit', async () => {
    const [stays, goes] = [await personWith(server, ['writer'], fuhai), await personWith(server, ['writer'], fuhai)];
    await admin.call('POST', `/people/${stays.id}/move`, { organization: 'quanwan', endRoles: false });
    await admin.call('POST', `/people/${goes.id}/move`, { organization: 'quanwan', endRoles: true });
    expect((await holdings(stays.id)).length).toBe(1);
    expect((await admin.call('GET', `/people/${goes.id}`)).body).toMatchObject({
      organization: 'quanwan',
      holdings: [],
    });
    const local = await personWith(server, ['admin'], fuhai);
    expect(code(await local.call('POST', `/people/${stays.id}/move`, { organization: 'fuhai', endRoles: false }))).toBe(
      'not_found',
    );
  });
});

describe('the last admin', () => {
  it('is neither disabled, nor loses the role, nor by their own hand', async () => {
    await personWith(server, ['admin'], fuhai);
    const [own] = await holdings(admin.id);
    for (const answer of [
      await admin.call('POST', `/people/${admin.id}/disable`, {}),
      await admin.call('DELETE', `/grants/${own?.id}`),
    ])
      expect(code(answer)).toBe('last_admin');
    expect((await admin.call('GET', '/session')).status).toBe(200);
  });

  it('is left when two demote each other at once, twenty times over', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [one, other] = [await personWith(server, ['admin']), await personWith(server, ['admin'])];
      const grants = server.services.store.grants;
      await grants.deleteMany({ person: { $in: [(await grants.findOne({ person: admin.id }).lean())?.person ?? ''] } });
      const of = async (person: string) => (await grants.findOne({ person }).lean())?._id ?? '';
      const [mine, theirs] = [await of(one.id), await of(other.id)];
      const answers = await Promise.all([
        one.call('DELETE', `/grants/${theirs}`),
        other.call('DELETE', `/grants/${mine}`),
      ]);
      expect(answers.map(({ status }) => status).sort()[0]).toBe(204);
      expect(await grants.countDocuments({ role: 'admin', _id: { $in: [mine, theirs] } })).toBe(1);
      await grants.deleteMany({ person: { $in: [one.id, other.id] } });
    }
  });

  it('has no power by name or by having been first', async () => {
    const other = await personWith(server, ['admin']);
    const [own] = await holdings(admin.id);
    expect((await other.call('DELETE', `/grants/${own?.id}`)).status).toBe(204);
    await admin.signIn();
    expect((await admin.call('GET', '/session')).body).toMatchObject({ roles: [], may: [] });
    expect((await admin.call('GET', '/people')).status).toBe(403);
  });
});

describe('the list', () => {
  it('holds those of the own subtree, by unit, role, state and name, page after page', async () => {
    const local = await personWith(server, ['admin'], fuhai, 'local');
    for (const [n, unit] of [fuhai, county, quanwan].entries())
      await personWith(server, ['writer'], unit, `writer-${n}`);
    await personWith(server, ['reviewer'], county, 'reviewer');
    const names = async (query: string, who = local): Promise<string[]> => {
      const all: string[] = [];
      for (let after = ''; ;) {
        const { body, status } = await who.call('GET', `/people?limit=2${query}${after}`);
        expect(status).toBe(200);
        const { items, next } = body as { items: { name: string }[]; next?: string };
        all.push(...items.map(({ name }) => name));
        if (next === undefined) return all.sort();
        after = `&after=${next}`;
      }
    };
    expect(await names('')).toEqual(['local', 'reviewer', 'writer-0', 'writer-1']);
    expect(await names('&organization=county')).toEqual(['reviewer', 'writer-1']);
    expect(await names('&organization=quanwan')).toEqual([]);
    expect(await names('&role=writer')).toEqual(['writer-0', 'writer-1']);
    expect(await names('&q=WRITER-')).toEqual(['writer-0', 'writer-1']);
    expect(await names('&state=active&role=reviewer')).toEqual(['reviewer']);
    expect((await names('&role=writer', admin)).length).toBe(3);
    await invite({ displayName: '新人', address: 'new@example.org', organization: 'county' });
    expect(await names('&state=invited')).toEqual(['new@example.org']);
  });

  it('shows addresses and what waits only to who manages the person', async () => {
    const writer = await personWith(server, ['writer'], fuhai);
    const { id } = await invite({ displayName: '新人', address: 'new@example.org', organization: 'fuhai' });
    expect((await writer.call('GET', `/people/${id}`)).body).not.toHaveProperty('managed');
    expect((await admin.call('GET', `/people/${id}`)).body).toMatchObject({
      managed: { address: 'new@example.org', factor: false },
    });
  });

  it('lets nobody have the password of somebody who has a say beyond their own place', async () => {
    const local = await personWith(server, ['admin'], fuhai);
    const person = await personWith(server, ['writer'], fuhai);
    expect((await local.call('POST', `/people/${person.id}/link`)).status).toBe(201);
    await grant(admin, person.id, 'signer', 'province');
    expect(code(await local.call('POST', `/people/${person.id}/link`))).toBe('forbidden');
    expect(code(await local.call('PUT', `/people/${person.id}`, { address: 'mine@example.org' }))).toBe('forbidden');
    expect(code(await admin.call('POST', `/people/${admin.id}/link`))).toBe('own_account');
  });
});

describe('a table of people', () => {
  let importer: TestPerson;
  beforeEach(async () => {
    importer = await personWith(server, ['admin'], fuhai);
    await insertGrant(server.services, {
      _id: newId('g'),
      person: importer.id,
      role: 'admin',
      ...quanwan,
      by: 'x',
      at: new Date(),
    });
  });
  const send = async (file: string | Buffer, query = '') => {
    const bytes =
      typeof file === 'string' ? readFileSync(join(import.meta.dirname, '../core/people/fixtures', file)) : file;
    const headers = { cookie: importer.cookie(), origin: server.url, 'content-type': 'application/octet-stream' };
    return request(`${server.url}/api/v1/people/import${query}`, 'POST', { bytes, headers });
  };
  interface Result {
    created: number;
    unchanged: number;
    blank: number;
    changes: { row: number }[];
    duplicates: { row: number }[];
    refused: { row: number; field: string }[];
    links: { link: string; name: string }[];
  }
  /** Records are counted from 1 after the header; a spreadsheet's rows from 1 with it. */
  const records = (rows: { row: number }[]): number[] => rows.map(({ row }) => row - 1);

  it.each(['users-gbk.csv', 'users-utf8-bom.csv', 'users-semicolon-utf16le.csv'])(
    'is read from %s, each row as it deserves, and twice makes nobody new',
    async (file) => {
      const trial = (await send(file, '?dryRun=true')).body as Result;
      expect(await server.services.store.people.countDocuments({ address: { $exists: true } })).toBe(0);
      const result = (await send(file)).body as Result;
      expect(records(result.changes)).toEqual([1, 2, 4, 10, 11, 12, 15, 16]);
      expect(records(result.duplicates)).toEqual([3, 5]);
      expect(result.refused.map(({ row, field }) => [row - 1, field])).toEqual([
        [6, 'row'],
        [7, 'address'],
        [8, 'organization'],
        [9, 'role'],
        [13, 'organization'],
      ]);
      expect(result.blank).toBe(1);
      expect(result.created + result.unchanged + result.refused.length + result.blank).toBe(16);
      expect(result.unchanged).toBe(2);
      expect({ ...trial, dryRun: false, links: result.links }).toEqual(result);
      const again = (await send(file)).body as Result;
      expect(again).toMatchObject({ created: 0, unchanged: 10, links: [] });
      expect(again.refused.length + again.unchanged + again.blank).toBe(16);
      expect(result.links.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['测试，"辛"', '测试壬 第二行', '=HYPERLINK("http://example.org")']),
      );
      expect(new Set(result.links.map(({ link }) => link)).size).toBe(8);
    },
  );

  it('keeps rare characters whole, and makes nobody of a file that is cut off', async () => {
    await send('users-gb18030-rare.csv');
    const names = (
      await server.services.store.people
        .find({ address: { $exists: true } })
        .sort({ _id: 1 })
        .lean()
    ).map((one) => one.displayName);
    expect(names).toEqual(['测试\u4dae', '测试\u{20bb7}']);
    const before = await server.services.store.people.countDocuments();
    const answer = await send('users-gbk-cut.csv');
    expect(code(answer)).toBe('table_unreadable');
    const lines = readFileSync(join(import.meta.dirname, '../core/people/fixtures/users-gbk-cut.csv'))
      .toString('latin1')
      .split('\n').length;
    expect(JSON.stringify(answer.body)).toContain(`第 ${lines} 行`);
    expect(await server.services.store.people.countDocuments()).toBe(before);
  });
});
