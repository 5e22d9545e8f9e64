import { isDeepStrictEqual } from 'node:util';
import { cookieOf } from '../test/support/cookie.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { raise } from '../core/audit/anchors.js';
import { act } from '../core/audit/book.js';
import { closeDay } from '../core/audit/days.js';
import { LianfaError } from '../core/errors.js';
import { newId } from '../core/ids.js';
import type { Role } from '../core/model/roles.js';
import { createApiKey } from '../core/people/api-keys.js';
import { addPerson } from '../core/people/add.js';
import type { EntryBody } from '../core/audit/entry.js';
import { composeContent } from '../core/releases/compose.js';
import { releaseInput } from '../core/releases/input.js';
import { createRelease } from '../core/releases/revisions.js';
import type { AuditPage } from './contract/audit.js';

const units = {
  province: { organization: 'province', path: 'province/' },
  city: { organization: 'city', path: 'province/city/' },
  other: { organization: 'other', path: 'province/other/' },
} as const;

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  for (const { organization, path } of Object.values(units))
    await server.services.store.organizations.create({ _id: organization, name: organization, path, region: '350000' });
});
afterEach(() => server.close());

interface Somebody {
  id: string;
  name: string;
  headers: Record<string, string>;
}

async function somebody(role: Role, unit?: keyof typeof units): Promise<Somebody> {
  const [name, password] = [newId('n'), newId('p')];
  const newcomer = { name, displayName: `${role} 张三`, password, roles: [role], ...(unit && { unit: units[unit] }) };
  const { _id } = await addPerson(server.services, newcomer);
  const answer = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
  return { id: _id, name, headers: { cookie: cookieOf(answer), origin: server.url } };
}

const ask = (who: Somebody | undefined, method: string, path: string, json?: unknown): Promise<Answer> =>
  request(`${server.url}/api/v1${path}`, method, {
    headers: { 'user-agent': 'Edge/141', ...who?.headers },
    ...(json !== undefined && { json }),
  });

async function bodies(): Promise<EntryBody[]> {
  const rows = await server.services.store.auditEntries.find({}).sort({ n: 1 }).lean();
  return rows.map(({ body }) => JSON.parse(body) as EntryBody);
}
const refusals = async (): Promise<EntryBody[]> => (await bodies()).filter(({ outcome }) => outcome === 'refused');

async function releaseIn(unit: keyof typeof units): Promise<string> {
  const { store } = server.services;
  const input = { title: '通知', source: '示例', body: { format: 'text', content: '正文' } };
  const { content } = await composeContent(store, releaseInput.parse(input));
  return (await createRelease(store, content, { by: { person: 'u' }, unit: units[unit] })).release._id;
}

describe('what was refused', () => {
  it('is kept with who, from where, on what and the code, for each door and each kind of refusal', async () => {
    const writer = await somebody('writer', 'city');
    const [own, foreign] = [await releaseIn('city'), await releaseIn('other')];
    const key = await createApiKey(server.services, 'feed', writer.id);
    const withKey = { id: writer.id, name: '', headers: { authorization: `Bearer ${key}` } };
    const badKey = { id: '', name: '', headers: { authorization: 'Bearer lf_k0000000000_00000000000000000000' } };
    const elsewhere = { ...writer, headers: { ...writer.headers, origin: 'https://evil.example' } };
    const cases: [status: number, code: string, who: EntryBody['who'], on: object, answer: () => Promise<Answer>][] = [
      [
        401,
        'sign_in_failed',
        {},
        { person: writer.id },
        () => ask(undefined, 'POST', '/session', { name: writer.name, password: 'no' }),
      ],
      [401, 'sign_in_failed', {}, {}, () => ask(undefined, 'POST', '/session', { name: 'nobody', password: 'no' })],
      [422, 'field_invalid', {}, {}, () => ask(undefined, 'POST', '/session', { name: 1 })],
      [
        401,
        'sign_in_required',
        {},
        { release: own },
        () => ask(undefined, 'POST', `/releases/${own}/withdraw`, { revision: 'v' }),
      ],
      [
        401,
        'sign_in_required',
        {},
        { release: own },
        () => ask(badKey, 'POST', `/releases/${own}/withdraw`, { revision: 'v' }),
      ],
      [
        403,
        'forbidden_origin',
        { person: writer.id },
        { release: own },
        () => ask(elsewhere, 'PUT', `/releases/${own}`, {}),
      ],
      [
        403,
        'forbidden',
        { person: writer.id },
        { release: own },
        () => ask(writer, 'POST', `/releases/${own}/withdraw`, { revision: 'v' }),
      ],
      [
        403,
        'forbidden',
        { person: writer.id, key: key.split('_')[1] ?? '' },
        { release: own },
        () => ask(withKey, 'POST', `/releases/${own}/withdraw`, {}),
      ],
      [
        404,
        'not_found',
        { person: writer.id },
        { release: foreign },
        () => ask(writer, 'PUT', `/releases/${foreign}`, {}),
      ],
      [404, 'not_found', { person: writer.id }, { release: foreign }, () => ask(writer, 'GET', `/releases/${foreign}`)],
      [403, 'forbidden', { person: writer.id }, {}, () => ask(writer, 'GET', '/audit')],
      [422, 'field_missing', { person: writer.id }, { release: own }, () => ask(writer, 'PUT', `/releases/${own}`, {})],
    ];
    for (const [status, code, who, on, answer] of cases) {
      const { status: got, body } = await answer();
      expect([got, (body as { error: { code: string } }).error.code]).toEqual([status, code]);
      const last = (await refusals()).find(
        (entry) => entry.code === code && isDeepStrictEqual([entry.who, entry.on], [who, on]),
      );
      expect(last).toMatchObject({ outcome: 'refused', code, who, on, from: { ip: '127.0.0.1', agent: 'Edge/141' } });
      if (who.person !== undefined) expect(last).toMatchObject({ unit: 'city', path: units.city.path });
    }
    expect(await refusals()).toHaveLength(cases.length);
  });

  it('is entered once, also where the part that refused has entered it itself', async () => {
    const { store } = server.services;
    const signer = await somebody('signer');
    const row = await releaseIn('city');
    server.services.orders.unschedule = async () => {
      await act(
        store,
        { act: 'order.unschedule', outcome: 'refused', code: 'move_forbidden', who: { person: signer.id }, on: {} },
        async () => undefined,
      );
      throw new LianfaError('move_forbidden', { from: 'queued' });
    };
    await store.orders.collection.insertOne({ _id: 'o1', release: row, place: units.city.path } as never);
    expect((await ask(signer, 'POST', '/orders/o1/unschedule')).status).toBe(409);
    expect(await refusals()).toMatchObject([{ act: 'order.unschedule' }]);
  });

  it('is kept once a window where somebody asks too often', async () => {
    for (let turn = 0; turn < 15; turn += 1)
      await ask(undefined, 'POST', '/session', { name: 'admin', password: 'wrong' });
    const codes = (await refusals()).map(({ code }) => code);
    expect(codes.filter((code) => code === 'sign_in_failed')).toHaveLength(10);
    expect(codes.filter((code) => code === 'too_many_attempts')).toHaveLength(1);
  });

  it('is kept of strangers up to a number, and the last one says that there were more', async () => {
    for (let turn = 0; turn < 70; turn += 1) await ask(undefined, 'POST', '/releases/r1/withdraw', {});
    const entries = await refusals();
    expect(entries).toHaveLength(60);
    expect(entries.filter(({ note }) => note !== undefined)).toEqual([entries.at(-1)]);
  });

  it.each(['password', 'passwrod', 'code', 'recoveryCode', 'key', 'secret', 'credentials'])(
    'holds nothing of what was sent as %s, in a body, an address or a header, done or refused',
    async (field) => {
      const marker = 'MARKER3f9c';
      const writer = await somebody('writer', 'city');
      const id = await releaseIn('city');
      const json = { name: 'admin', password: marker, [field]: marker, deep: { [field]: [{ [field]: marker }] } };
      for (const [method, path] of [
        ['POST', '/session'],
        ['POST', '/releases'],
        ['PUT', `/releases/${id}?${field}=${marker}`],
        ['POST', `/releases/${id}/submit`],
        ['POST', `/accounts/import?${field}=${marker}`],
      ] as const) {
        await ask(writer, method, path, json);
        await ask({ ...writer, headers: { authorization: `Bearer ${marker}` } }, method, path, json);
      }
      await ask(undefined, 'POST', '/session', { name: marker, password: marker });
      expect((await refusals()).length).toBeGreaterThan(5);
      expect(JSON.stringify(await server.services.store.auditEntries.find({}).lean())).not.toContain(marker);
    },
  );
});

it('enters who signed in, from where, and lets nobody in where it cannot', async () => {
  const writer = await somebody('writer', 'city');
  expect((await bodies()).at(-1)).toMatchObject({
    act: 'session.open',
    outcome: 'done',
    who: { person: writer.id },
    unit: 'city',
    path: units.city.path,
    from: { ip: '127.0.0.1' },
  });
  await server.services.store.auditEntries.create({
    ...{ _id: 'stray', n: (await bodies()).length + 1, body: '{}', at: new Date(), act: 'x', outcome: 'done' as const },
    path: '',
  });
  const answer = await ask(undefined, 'POST', '/session', server.user);
  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'audit_unavailable' } } });
  expect(answer.headers.get('set-cookie')).toBeNull();
});

describe("the auditor's pages", () => {
  const get = async (who: Somebody, query = ''): Promise<AuditPage> => {
    const { status, body } = await ask(who, 'GET', `/audit${query}`);
    expect(status).toBe(200);
    return body as AuditPage;
  };

  it('show the acts of the units that one audits, by person, release, unit, act, outcome and time, page by page', async () => {
    const all = await somebody('auditor');
    const city = await somebody('auditor', 'city');
    const { store } = server.services;
    for (let turn = 0; turn < 12; turn += 1)
      await act(
        store,
        {
          act: turn % 2 === 0 ? 'release.save' : 'review.return',
          outcome: turn % 4 === 0 ? 'refused' : 'done',
          who: { person: `u${String(turn % 3)}` },
          unit: turn < 6 ? 'city' : 'other',
          on: { release: `r${String(turn % 2)}` },
          note: `第 ${String(turn)} 次`,
        },
        async () => undefined,
      );
    await act(store, { act: 'audit.check', outcome: 'done', who: 'clock', on: {} }, async () => undefined);
    const notes = ({ items }: AuditPage): (string | undefined)[] => items.map(({ note }) => note).filter(Boolean);
    const turns = (...numbers: number[]): string[] => numbers.map((turn) => `第 ${String(turn)} 次`);
    expect(notes(await get(all))).toEqual(turns(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    expect(notes(await get(city))).toEqual(turns(5, 4, 3, 2, 1, 0));
    expect((await get(city)).items.some(({ who }) => who.process === 'clock')).toBe(false);
    expect(notes(await get(all, '?unit=other'))).toEqual(turns(11, 10, 9, 8, 7, 6));
    expect((await ask(city, 'GET', '/audit?unit=other')).status).toBe(404);
    expect(notes(await get(all, '?person=u1'))).toEqual(turns(10, 7, 4, 1));
    expect(notes(await get(city, '?release=r1&outcome=done'))).toEqual(turns(5, 3, 1));
    expect(notes(await get(all, '?act=review.return&unit=city'))).toEqual(turns(5, 3, 1));
    expect(notes(await get(all, '?act=review.'))).toEqual(turns(11, 9, 7, 5, 3, 1));
    expect(notes(await get(all, '?to=2020-01-01T00:00:00Z'))).toEqual([]);
    expect(notes(await get(all, '?from=2020-01-01T00:00:00Z&unit=city'))).toHaveLength(6);
    const first = await get(all, '?unit=province&limit=5&act=release.save');
    expect(notes(first)).toEqual(turns(10, 8, 6, 4, 2));
    expect(notes(await get(all, `?unit=province&limit=5&act=release.save&after=${String(first.next)}`))).toEqual(
      turns(0),
    );
  });

  it('give out what they show as a file, and enter that they did', async () => {
    const city = await somebody('auditor', 'city');
    await act(
      server.services.store,
      { act: 'x.y', outcome: 'done', who: { person: city.id }, unit: 'other', on: {} },
      async () => undefined,
    );
    const csv = await ask(city, 'GET', '/audit/export?format=csv');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename=audit.csv');
    expect(csv.body).toContain('session.open');
    expect(csv.body).toContain('auditor 张三');
    expect(csv.body).not.toContain('x.y');
    const json = await ask(city, 'GET', '/audit/export?format=json&act=audit.export');
    expect(json.body).toMatchObject([{ act: 'audit.export', who: { person: city.id, role: 'auditor' } }, {}]);
  });

  it('say what came of the last check, and begin another', async () => {
    const auditor = await somebody('auditor');
    await raise(server.services.store, server.services.anchors);
    expect((await ask(auditor, 'GET', '/audit/check')).body).toEqual({ running: false });
    expect((await ask(auditor, 'POST', '/audit/check')).status).toBe(202);
    for (;;) {
      const { body } = await ask(auditor, 'GET', '/audit/check');
      if ((body as { running: boolean }).running) continue;
      expect(server.log).toEqual([]);
      expect(body).toMatchObject({ last: { by: auditor.id, finding: { state: 'intact' } } });
      break;
    }
  });
});

it('shows the heads of days to anybody, as JSON and as a feed', async () => {
  const { store, anchors } = server.services;
  expect((await ask(undefined, 'GET', '/audit/heads')).body).toEqual({ heads: [] });
  await somebody('writer');
  await closeDay(store, anchors, new Date('2026-11-28T16:30:00Z'));
  const head = await store.auditHead.findById('head').lean();
  expect((await ask(undefined, 'GET', '/audit/heads')).body).toEqual({
    hub: head?.hub,
    heads: [
      {
        day: '2026-11-28',
        hub: head?.hub,
        n: head?.n,
        hash: head?.hash,
        root: expect.any(String),
        at: '2026-11-28T16:30:00.000Z',
      },
    ],
  });
  const feed = await request(`${server.url}/audit/heads.atom`, 'GET');
  expect(feed.headers.get('content-type')).toContain('application/atom+xml');
  expect(feed.body).toContain(`<content type="text">${head?.hub ?? ''} ${String(head?.n)} ${head?.hash ?? ''} `);
  const robots = await request(`${server.url}/robots.txt`, 'GET');
  expect(robots.body).toContain('Allow: /audit/heads.atom');
});
