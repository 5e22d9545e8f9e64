/** Who goes: in the ordinary way or for cause, what is told, and who takes over what waited for them by name. */
import { openTestServer, type TestServer } from '../test/support/http.js';
import { book, makeUnits, personWith, unitAt, type TestPerson } from '../test/support/people.js';
import type { Role } from '../core/model/roles.js';
import { signerStates } from '../core/plans/signers.js';
import type { PersonBody } from './contract/people.js';
import type { ReleaseSaved } from './contract/releases.js';
import type { ReviewBody, TasksBody } from './contract/reviews.js';

const province = unitAt('province/');
const fuhai = unitAt('province/fuhai/');

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let admin: TestPerson;
let writer: TestPerson;
beforeAll(async () => {
  server = await openTestServer();
  await makeUnits(server, 'province/', 'province/fuhai/');
  admin = await personWith(server, ['admin']);
  writer = await personWith(server, ['writer'], fuhai);
});
afterAll(() => server.close());

const one = (role: Role, unit = fuhai) => personWith(server, [role], unit);
const gone = (person: TestPerson, json: object, how = 'disable', by = admin) =>
  by.call('POST', `/people/${person.id}/${how}`, json);
async function tasks(who: TestPerson): Promise<TasksBody> {
  return (await who.call('GET', '/tasks')).body as TasksBody;
}
async function submitted(by = writer): Promise<ReviewBody> {
  const body = { format: 'text', content: '正文' };
  const { release } = (await by.call('POST', '/releases', { title: '通知', source: '市政府', body }))
    .body as ReleaseSaved;
  const submission = { revision: release.revision.id, audience: {} };
  return (await by.call('POST', `/releases/${release.id}/submit`, submission)).body as ReviewBody;
}
/** Of the unit: one step, to sign, for these alone. */
async function bind(persons: TestPerson[], organization = 'fuhai'): Promise<void> {
  const step = { id: 'sign', name: { zh: '签发', en: 'Signing' }, role: 'signer' };
  const named = persons.length > 0 ? { ...step, persons: persons.map(({ id }) => id) } : step;
  expect(await admin.call('PUT', '/chains', { organization, steps: [named] })).toMatchObject({ status: 200 });
}
const waits = async (who: TestPerson, { id }: ReviewBody) => (await tasks(who)).reviews.some((row) => row.id === id);

it('hands a step that is bound to somebody to the heir where they may take it, and says so in the chain', async () => {
  const [leaver, heir, third] = [await one('signer'), await one('signer'), await one('signer')];
  await bind([leaver]);
  const review = await submitted();
  expect(await waits(heir, review)).toBe(false);
  expect((await admin.call('GET', `/people/${leaver.id}`)).body).toMatchObject({
    managed: { waiting: [{ kind: 'review', id: review.id, title: '通知' }] },
  });
  expect((await gone(leaver, { handTo: heir.id })).body).toEqual({ handedOver: 1 });
  expect([await waits(heir, review), await waits(third, review)]).toEqual([true, false]);
  expect((await writer.call('GET', `/reviews/${review.id}`)).body).toMatchObject({
    passedOn: [{ step: 'sign', to: [heir.id], by: admin.id }],
    takers: { sign: [heir.id] },
  });
  const signed = await heir.call('POST', `/reviews/${review.id}/sign`, { password: heir.password });
  expect(signed.status).toBe(202);
});

it('leaves the step to the others it names, and opens it to everybody with the role where nobody is left', async () => {
  const [leaver, other, third] = [await one('signer'), await one('signer'), await one('signer')];
  await bind([leaver, other]);
  const shared = await submitted();
  // A writer may not sign: a step is not given to who could not take it.
  await gone(leaver, { handTo: writer.id });
  expect([await waits(other, shared), await waits(third, shared)]).toEqual([true, false]);
  await bind([other]);
  const own = await submitted();
  await gone(other, {});
  expect([await waits(third, own), await waits(third, shared)]).toEqual([true, true]);
});

it('gives nobody a step of a unit above by the word of an admin below: there it is stuck, and found by the admin there', async () => {
  const leaver = await one('signer', province);
  const heir = await one('signer', province);
  await admin.call('POST', `/people/${leaver.id}/move`, { organization: 'fuhai', endRoles: false });
  const local = await one('admin');
  await bind([leaver], 'province');
  await bind([leaver]);
  const review = await submitted(await one('writer', province));
  expect((await gone(leaver, { handTo: heir.id }, 'disable', local)).body).toEqual({ handedOver: 0 });
  expect(await waits(heir, review)).toBe(false);
  expect((await tasks(admin)).stuck.map(({ id }) => id)).toContain(review.id);
  await bind([], 'province');
  await bind([]);
});

it('gives a text that came back to the heir who writes there, else to whoever does', async () => {
  const signer = await one('signer');
  const [leaver, heir, other] = [await one('writer'), await one('writer'), await one('writer')];
  await bind([]);
  const back = async (): Promise<ReviewBody> => {
    const review = await submitted(leaver);
    await signer.call('POST', `/reviews/${review.id}/return`, { step: 'sign', reason: '请改' });
    return review;
  };
  const has = async (who: TestPerson, { id }: ReviewBody) => (await tasks(who)).returned.some((row) => row.id === id);
  const first = await back();
  expect((await gone(leaver, { handTo: heir.id })).body).toEqual({ handedOver: 1 });
  expect([await has(heir, first), await has(other, first), await has(signer, first)]).toEqual([true, false, false]);
  expect((await gone(heir, { handTo: signer.id })).body).toEqual({ handedOver: 1 });
  expect([await has(other, first), await has(signer, first)]).toEqual([true, false]);
});

describe('for cause', () => {
  const reason = '违反保密规定被立案';
  const managed = async (person: TestPerson) =>
    ((await admin.call('GET', `/people/${person.id}`)).body as PersonBody).managed;

  it('takes a reason, which stands in the book and in no notice; the unit is told, and what they signed asks', async () => {
    const person = await one('signer');
    expect(await gone(person, {}, 'remove')).toMatchObject({ status: 422, body: { error: { field: 'reason' } } });
    expect((await gone(person, { reason }, 'remove')).status).toBe(200);
    expect((await person.call('GET', '/session')).status).toBe(401);
    expect((await person.signIn()).status).toBe(401);
    expect(await managed(person)).toMatchObject({ removed: true });
    expect((await book(server)).at(-1)).toMatchObject({ act: 'session.open', outcome: 'refused' });
    const [entry] = (await book(server))
      .filter(({ act, on }) => act === 'person.remove' && on['person'] === person.id)
      .slice(-1);
    expect(entry).toMatchObject({ outcome: 'done', note: reason, after: { removed: true } });
    const { store } = server.services;
    const notices = JSON.stringify(await store.notices.find({}).lean());
    expect(notices).not.toContain(reason);
    const read = await (await one('signer')).call('GET', '/notices');
    expect(JSON.stringify(read.body)).toContain(`signer ${person.name}已因故停用`);
    expect(await signerStates(server.services, [person.id])).toEqual(new Map([[person.id, 'removed']]));
    // By hand in the database nobody becomes one who left in the ordinary way.
    await store.people.updateOne({ _id: person.id }, { $unset: { removed: 1 } });
    expect(await signerStates(server.services, [person.id])).toEqual(new Map([[person.id, 'removed']]));
  });

  it('also of somebody who left before, but once; enabled again they are as anybody', async () => {
    const person = await one('signer');
    await gone(person, {});
    expect(await signerStates(server.services, [person.id])).toEqual(new Map([[person.id, 'left']]));
    expect((await gone(person, { reason }, 'remove')).status).toBe(200);
    expect(await gone(person, { reason }, 'remove')).toMatchObject({ body: { error: { code: 'person_disabled' } } });
    expect((await admin.call('POST', `/people/${person.id}/enable`)).status).toBe(200);
    expect(await managed(person)).toMatchObject({ removed: false });
    expect(await signerStates(server.services, [person.id])).toEqual(new Map([[person.id, 'serving']]));
    expect((await person.signIn()).status).toBe(200);
  });
});
