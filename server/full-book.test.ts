/** While no act can be entered in the book nothing is done, whatever it is: each is refused by one code, and nothing of it is there. A freeze alone goes on (test/full-store.test.ts). */
import { openTestServer, type Answer, type TestServer } from '../test/support/http.js';
import { makeUnits, personWith, unitAt, type TestPerson } from '../test/support/people.js';
import type { ReleaseSaved } from './contract/releases.js';
import type { ReviewBody } from './contract/reviews.js';

const city = unitAt('city/');
const steps = [
  { id: 'first', name: { zh: '初审', en: 'First review' }, role: 'reviewer' },
  { id: 'sign', name: { zh: '终审签发', en: 'Signing' }, role: 'signer' },
];

let server: TestServer;
let people: Record<'writer' | 'reviewer' | 'signer' | 'admin', TestPerson>;

beforeAll(async () => {
  server = await openTestServer();
  await makeUnits(server, 'city/');
  const [writer, reviewer, signer, admin] = await Promise.all(
    (['writer', 'reviewer', 'signer', 'admin'] as const).map((role) => personWith(server, [role], city)),
  );
  if (!writer || !reviewer || !signer || !admin) throw new Error('somebody is missing');
  people = { writer, reviewer, signer, admin };
  await server.call('PUT', '/api/v1/chains', { json: { unit: 'city', steps } });
});
afterAll(() => server.close());

async function submitted(): Promise<ReviewBody> {
  const json = { title: '通知', source: '市政府', body: { format: 'text', content: '正文。' } };
  const { release } = (await people.writer.call('POST', '/releases', json)).body as ReleaseSaved;
  const asked = { revision: release.revision.id, audience: {}, again: true };
  return (await people.writer.call('POST', `/releases/${release.id}/submit`, asked)).body as ReviewBody;
}

/** Everything in the store but the line of the book itself, which `turn` is written to by whoever tries. */
async function everything(): Promise<string> {
  const { models } = server.services.store.connection;
  const rows = await Promise.all(
    Object.entries(models)
      .filter(([name]) => name !== 'AuditHead')
      .map(async ([name, model]) => [name, await model.find({}).sort({ _id: 1 }).lean()]),
  );
  return JSON.stringify(rows);
}

it('refuses to save, submit, approve, sign, give a role, invite and let in, with nothing changed by any of them', async () => {
  const { writer, reviewer, signer, admin } = people;
  const [open, passed] = [await submitted(), await submitted()];
  expect((await reviewer.call('POST', `/reviews/${passed.id}/approve`, { step: 'first' })).status).toBe(200);
  const { auditHead, auditEntries } = server.services.store;
  // The next place in the book is taken by a row that nobody wrote through it.
  const n = ((await auditHead.findById('head').lean())?.n ?? 0) + 1;
  await auditEntries.create({ _id: 'stray', n, body: '{}', at: new Date(), act: 'x', outcome: 'done' });
  const before = await everything();

  const json = { title: '又一通知', source: '市政府', body: { format: 'text', content: '正文。' } };
  const acts: Record<string, () => Promise<Answer>> = {
    save: () => writer.call('POST', '/releases', json),
    approve: () => reviewer.call('POST', `/reviews/${open.id}/approve`, { step: 'first' }),
    return: () => reviewer.call('POST', `/reviews/${open.id}/return`, { step: 'first', reason: '请改' }),
    sign: () => signer.call('POST', `/reviews/${passed.id}/sign`, { password: signer.password }),
    role: () => admin.call('POST', `/people/${writer.id}/grants`, { role: 'reviewer', organization: 'city' }),
    invite: () =>
      admin.call('POST', '/people', { displayName: '新人', address: 'new@example.gov.cn', organization: 'city' }),
    signIn: () => signer.signIn(),
  };
  for (const [act, tried] of Object.entries(acts))
    expect([act, await tried()]).toMatchObject([act, { status: 503, body: { error: { code: 'audit_unavailable' } } }]);
  expect(await everything()).toBe(before);

  await auditEntries.deleteOne({ _id: 'stray' });
  expect((await signer.signIn()).status).toBe(200);
  expect((await acts['approve']?.())?.status).toBe(200);
  expect((await acts['sign']?.())?.status).toBe(202);
});
