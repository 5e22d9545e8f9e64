/** The chain in force for a unit, as a page shows it: what counts, where it comes from, what was before. */
import { openTestServer, type TestServer } from '../test/support/http.js';
import { makeUnits, personWith, unitAt, type TestPerson } from '../test/support/people.js';
import type { UnitChains } from './contract/chains.js';

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let admin: TestPerson;
let local: TestPerson;
let writer: TestPerson;
beforeAll(async () => {
  server = await openTestServer();
  await makeUnits(server, 'province/', 'province/fuhai/', 'province/quanwan/');
  admin = await personWith(server, ['admin']);
  local = await personWith(server, ['admin'], unitAt('province/fuhai/'));
  writer = await personWith(server, ['writer'], unitAt('province/fuhai/'));
});
afterAll(() => server.close());

const step = (id: string, role: 'reviewer' | 'signer') => ({ id, role, name: { zh: id, en: id } });
const [first, second, signing] = [step('first', 'reviewer'), step('second', 'reviewer'), step('sign', 'signer')];
const set = (by: TestPerson, json: object) => by.call('PUT', '/chains', json);
async function of(organization?: string, by = writer): Promise<UnitChains> {
  const answer = await by.call(
    'GET',
    `/chains/unit${organization === undefined ? '' : `?organization=${organization}`}`,
  );
  expect(answer.status).toBe(200);
  return answer.body as UnitChains;
}
const inForce = ({ inForce: rows }: UnitChains, kind: string, occasion = 'publish') =>
  rows.find((row) => row.kind === kind && row.occasion === occasion);

it('says for every kind and occasion what counts and whose it is, from nobody’s to one’s own', async () => {
  const before = await of('fuhai');
  expect(before.inForce).toHaveLength(18);
  expect(before.inForce.every(({ from, steps }) => from === 'nobody' && steps.length === 1)).toBe(true);
  expect((await set(admin, { organization: 'province', steps: [first, signing] })).status).toBe(200);
  expect((await set(local, { kind: 'policy', steps: [first, second, signing] })).status).toBe(200);
  const now = await of('fuhai');
  expect(inForce(now, 'news')).toMatchObject({ from: 'above', unitName: '单位 province', steps: [first, signing] });
  expect(inForce(now, 'policy')).toMatchObject({ from: 'own', unitName: '单位 fuhai', steps: [{}, {}, {}] });
  // A withdrawal is one signer's word.
  expect(inForce(now, 'policy', 'withdraw')).toMatchObject({ from: 'own', steps: [signing] });
  expect(now).toMatchObject({ unitName: '单位 fuhai', mayManage: false, own: [{ kind: 'policy', version: 1 }] });
  expect(await of('fuhai', local)).toMatchObject({ mayManage: true });
  expect(await of('province', local)).toMatchObject({ mayManage: false, own: [{ version: 1 }] });
});

it('shows nobody a unit beside theirs, and everybody those above that they inherit from', async () => {
  expect(await writer.call('GET', '/chains/unit?organization=quanwan')).toMatchObject({
    status: 422,
    body: { error: { field: 'organization' } },
  });
  expect(await of('province')).toMatchObject({ unit: 'province' });
  expect(await of()).toMatchObject({ unit: '' });
  expect((await set(writer, { steps: [signing] })).status).toBe(403);
});

it('refuses a laxer one with the step named at the field, and keeps every version, the last first', async () => {
  expect(await set(local, { kind: 'policy', steps: [signing] })).toMatchObject({
    status: 422,
    body: {
      error: { code: 'chain_looser', field: 'steps', message: { zh: expect.stringContaining('first') as string } },
    },
  });
  expect((await set(local, { kind: 'policy', steps: [first, signing] })).status).toBe(200);
  expect((await set(local, { kind: 'policy', steps: [] })).status).toBe(200);
  const now = await of('fuhai');
  expect(now.own).toEqual([]);
  expect(now.versions.map(({ version, steps }) => [version, steps.length])).toEqual([
    [3, 0],
    [2, 2],
    [1, 3],
  ]);
  expect(inForce(now, 'policy')).toMatchObject({ from: 'above' });
});

it('lets of two admins who change it the second see that it was changed', async () => {
  const seen = { organization: 'quanwan', steps: [first, signing], seen: 0 };
  expect((await set(admin, seen)).status).toBe(200);
  expect(await set(admin, { ...seen, steps: [first, second, signing] })).toMatchObject({
    status: 409,
    body: { error: { code: 'changed_meanwhile' } },
  });
  expect((await set(admin, { ...seen, steps: [first, second, signing], seen: 1 })).status).toBe(200);
});

it('tells who may work alone there, and by which unit’s word', async () => {
  await admin.call('PUT', '/chains/solo', { organization: 'province', persons: [writer.id] });
  expect((await of('fuhai')).solo).toMatchObject([
    { persons: [writer.id], own: false, unitName: '单位 province', by: admin.id },
  ]);
  expect((await of('province')).solo).toMatchObject([{ own: true }]);
});
