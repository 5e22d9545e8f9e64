/** The way from a saved text to an order, over HTTP: who may press what, in what form it is answered, and what is told to whom. */
import { setTimeout as pause } from 'node:timers/promises';
import { createApiKey } from '../core/people/api-keys.js';
import { addPerson } from '../core/people/add.js';
import type { Role } from '../core/model/roles.js';
import { newId } from '../core/ids.js';
import type { News } from '../core/queue/changes.js';
import { cookieOf } from '../test/support/cookie.js';
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import type { CommentBody, DecidedMany, ReviewBody, TasksBody } from './contract/reviews.js';
import type { ReleaseSaved } from './contract/releases.js';

let server: TestServer;
const password = 'a-long-enough-password';
const people = new Map<string, { id: string; headers: Record<string, string> }>();
const steps = [
  { id: 'first', name: { zh: '初审', en: 'First review' }, role: 'reviewer' },
  { id: 'sign', name: { zh: '终审签发', en: 'Signing' }, role: 'signer' },
];

beforeAll(async () => {
  server = await openTestServer();
  const { store } = server.services;
  await store.organizations.create({ _id: 'city', name: '市', path: 'city/', region: '350000' });
  const unit = { organization: 'city', path: 'city/' };
  const held: [string, Role[]][] = [
    ['writer', ['writer']],
    ['reviewer', ['reviewer']],
    ['reviewer2', ['reviewer']],
    ['signer', ['signer']],
    ['admin2', ['admin']],
    ['auditor', ['auditor']],
    ['wr', ['writer', 'reviewer']],
  ];
  for (const [name, roles] of held) {
    const { _id } = await addPerson(server.services, { name, displayName: name, password, roles, unit });
    const answer = await request(`${server.url}/api/v1/session`, 'POST', { json: { name, password } });
    people.set(name, { id: _id, headers: { cookie: cookieOf(answer), origin: server.url } });
  }
  expect(await as('admin2', 'PUT', '/chains', { steps })).toMatchObject({ status: 200, body: { version: 1 } });
});
afterAll(() => server.close());

const as = (who: string, method: string, path: string, json?: object, headers = people.get(who)?.headers ?? {}) =>
  request(`${server.url}/api/v1${path}`, method, { ...(json && { json }), headers });
const error = (status: number, code: string) => ({ status, body: { error: { code } } });

async function written(by = 'writer', content = '第一段。\n第二段。', title = newId('t')) {
  const body = { format: 'text', content };
  const { release } = (await as(by, 'POST', '/releases', { title, source: '市政府', body })).body as ReleaseSaved;
  return { release: release.id, revision: release.revision.id, title };
}

async function submitted(by = 'writer', text = written(by)): Promise<ReviewBody> {
  const { release, revision } = await text;
  const answer = await as(by, 'POST', `/releases/${release}/submit`, { revision, audience: {} });
  expect(answer.status).toBe(201);
  return answer.body as ReviewBody;
}

const approve = (who: string, { id }: { id: string }, step = 'first') =>
  as(who, 'POST', `/reviews/${id}/approve`, { step });
const sign = (who: string, { id }: { id: string }, secret = password) =>
  as(who, 'POST', `/reviews/${id}/sign`, { password: secret });

it('goes from the writer by the reviewer to the signer, each seeing their own button alone', async () => {
  const review = await submitted();
  const may = async (who: string) => ((await as(who, 'GET', `/reviews/${review.id}`)).body as ReviewBody).may;
  expect(await may('writer')).toMatchObject({ approve: false, giveBack: false, sign: false, takeBack: true });
  expect(await may('reviewer')).toMatchObject({ approve: true, sign: false });
  expect(await may('signer')).toMatchObject({ approve: false, sign: false });
  expect(await approve('reviewer', review)).toMatchObject({ status: 200, body: { step: 1 } });
  expect(await may('signer')).toMatchObject({ sign: true });
  expect(await sign('signer', review, 'wrong')).toMatchObject(error(403, 'proof_failed'));
  expect(await sign('signer', review)).toMatchObject({ status: 202, body: { state: 'signed', order: 'd1' } });
  expect((await as('auditor', 'GET', `/releases/${review.release}/reviews`)).body).toMatchObject([
    { decisions: [{ person: people.get('reviewer')?.id, role: 'reviewer' }], ended: { by: people.get('signer')?.id } },
  ]);
});

it('refuses on the server what there is no button for', async () => {
  const review = await submitted('wr');
  expect(await approve('wr', review)).toMatchObject(error(403, 'own_text'));
  expect(await approve('admin2', review)).toMatchObject(error(403, 'forbidden'));
  expect(await sign('reviewer', review)).toMatchObject(error(403, 'forbidden'));
  expect(await approve('auditor', review)).toMatchObject(error(403, 'forbidden'));
  const key = await createApiKey(server.services, 'k', people.get('reviewer')?.id ?? '');
  const program = { authorization: `Bearer ${key}` };
  expect(await as('', 'POST', `/reviews/${review.id}/approve`, { step: 'first' }, program)).toMatchObject(
    error(403, 'forbidden'),
  );
  const all = await createApiKey(server.services, 'k', people.get('signer')?.id ?? '');
  expect(
    await as('', 'POST', `/reviews/${review.id}/sign`, { password }, { authorization: `Bearer ${all}` }),
  ).toMatchObject(error(403, 'forbidden'));
  expect(await as('reviewer', 'GET', `/reviews/${review.id}`)).toMatchObject({
    body: { decisions: [], state: 'open' },
  });
});

it('bounds how often a password is tried', async () => {
  const review = await submitted();
  await approve('reviewer', review);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n += 1) statuses.push((await sign('signer', review, `wrong${n}`)).status);
  expect(statuses.slice(-2)).toEqual([429, 429]);
  const { redis, config } = server.services;
  await redis.del(...(await redis.keys(`{${config.redisPrefix}}*proof*`)));
  expect((await sign('signer', review)).status).toBe(202);
});

it('answers for each of fifty that are decided together: 47 done, 3 refused with their reasons', async () => {
  const reviews = [];
  for (let n = 0; n < 47; n += 1) reviews.push(await submitted());
  const own = await submitted('wr');
  const gone = await submitted();
  await as('writer', 'POST', `/reviews/${gone.id}/take-back`);
  const decided = await submitted();
  await approve('reviewer2', decided);
  const ids = [...reviews, own, gone, decided].map(({ id }) => ({ id, step: 'first' }));
  const entries = await server.services.store.auditEntries.countDocuments({ act: 'review.approve', outcome: 'done' });
  const { body } = await as('wr', 'POST', '/reviews/decide', { decision: 'approve', reviews: ids });
  const { done, refused, answers } = body as DecidedMany;
  expect([done, refused]).toEqual([47, 3]);
  expect(answers.slice(-3).map(({ error: why }) => why?.code)).toEqual([
    'own_text',
    'review_decided',
    'review_decided',
  ]);
  expect(await server.services.store.auditEntries.countDocuments({ act: 'review.approve', outcome: 'done' })).toBe(
    entries + 47,
  );
  const signing = { decision: 'sign', password, reviews: [...reviews.slice(0, 5), own].map(({ id }) => ({ id })) };
  expect(await as('signer', 'POST', '/reviews/decide', signing)).toMatchObject({ body: { done: 5, refused: 1 } });
});

describe('a returned text', () => {
  it('takes a reason, and shows its words harmlessly to who wrote it, in their tasks', async () => {
    const review = await submitted();
    const back = (reason?: string) => as('reviewer', 'POST', `/reviews/${review.id}/return`, { step: 'first', reason });
    expect(await back()).toMatchObject(error(422, 'field_missing'));
    expect(await back('  \n ')).toMatchObject(error(422, 'field_missing'));
    expect(await back('字'.repeat(5_001))).toMatchObject(error(422, 'field_invalid'));
    const words = `<script>alert(1)</script>😀${'字'.repeat(4_900)}`;
    expect(await back(words)).toMatchObject({ status: 200, body: { state: 'returned', reason: words } });
    const { returned, counts } = (await as('writer', 'GET', '/tasks')).body as TasksBody;
    expect(returned).toContainEqual(expect.objectContaining({ id: review.id, reason: words }));
    expect(counts.returned).toBe(returned.length);
  });

  it('keeps its comments in later revisions, marked where their words were changed, and lets them be answered and closed', async () => {
    const text = await written('writer', '第一段没有变。\n第二段要改。');
    const review = await submitted('writer', Promise.resolve(text));
    const anchor = (block: number, quote: string) => ({ block, quote, prefix: '', suffix: '' });
    const comments = [
      { anchor: { ...anchor(0, '第一段'), suffix: '没有变。' }, words: '好' },
      { anchor: { ...anchor(1, '第二段要改'), suffix: '。' }, words: '<b>请改</b>' },
    ];
    const wrong = [{ anchor: anchor(0, '没有这些字'), words: '?' }];
    const back = (given: object[]) =>
      as('reviewer', 'POST', `/reviews/${review.id}/return`, { step: 'first', reason: '见批注', comments: given });
    expect(await back(wrong)).toMatchObject({ body: { error: { field: 'comments.0.anchor' } } });
    expect(await back(comments)).toMatchObject({ status: 200 });
    const body = { format: 'text', content: '第一段没有变。\n第二段已经改过。' };
    const saved = await as('writer', 'PUT', `/releases/${text.release}`, {
      ...{ title: text.title, source: '市政府', body },
      revision: text.revision,
    });
    const { revision } = (saved.body as ReleaseSaved).release;
    const list = async () =>
      (await as('writer', 'GET', `/releases/${text.release}/comments?revision=${revision.id}`)).body as CommentBody[];
    const [stays, changed] = await list();
    expect(stays?.spot).toEqual({ is: 'there', block: 0, start: 0, end: 3 });
    expect(changed).toMatchObject({ spot: { is: 'changed' }, anchor: { quote: '第二段要改' }, number: 1 });
    const to = `/comments/${changed?.id}`;
    expect(await as('writer', 'POST', `${to}/answers`, { words: '已改' })).toMatchObject({ status: 201 });
    expect(await as('auditor', 'POST', `${to}/close`)).toMatchObject(error(403, 'forbidden'));
    expect(await as('reviewer', 'POST', `${to}/close`)).toMatchObject({ status: 200 });
    expect(await as('writer', 'POST', `${to}/answers`, { words: '?' })).toMatchObject(error(409, 'comment_closed'));
    expect((await list())[1]).toMatchObject({
      answers: [{ words: '已改' }],
      closed: { by: people.get('reviewer')?.id },
    });
  });
});

it('shows two who write at once what the other changed, and loses neither', async () => {
  const text = await written();
  const save = (title: string, content: string): Promise<Answer> =>
    as('writer', 'PUT', `/releases/${text.release}`, {
      ...{ title, source: '市政府', body: { format: 'text', content } },
      revision: text.revision,
    });
  expect(await save('新标题', '第一段。\n第二段。')).toMatchObject({ status: 200 });
  expect(await save(text.title, '第一段。\n第二段另写。')).toMatchObject(error(409, 'revision_stale'));
  const { body } = await as('writer', 'POST', `/releases/${text.release}/compare`, {
    ...{ title: text.title, source: '市政府', body: { format: 'text', content: '第一段。\n第二段另写。' } },
    revision: text.revision,
  });
  expect((body as { fields: { field: string }[] }).fields.map(({ field }) => field)).toEqual([
    'title',
    'summary',
    'body',
  ]);
});

it('compares any two revisions in words and as each channel shows them', async () => {
  const text = await written();
  const saved = await as('writer', 'PUT', `/releases/${text.release}`, {
    ...{ title: text.title, source: '市政府', body: { format: 'text', content: '第一段。\n第三段。' } },
    revision: text.revision,
  });
  const to = (saved.body as ReleaseSaved).release.revision.id;
  const { body } = await as('reviewer', 'GET', `/releases/${text.release}/compare?from=${text.revision}&to=${to}`);
  expect(body).toMatchObject({ channels: [{ channel: 'board' }] });
  expect((body as { fields: object[] }).fields.at(-1)).toEqual({
    field: 'body',
    parts: [
      { is: 'same', words: '第一段。\n' },
      { is: 'removed', words: '第二' },
      { is: 'added', words: '第三' },
      { is: 'same', words: '段。\n' },
    ],
  });
  const other = await written();
  expect(
    await as('reviewer', 'GET', `/releases/${text.release}/compare?from=${other.revision}&to=${to}`),
  ).toMatchObject({ status: 404 });
  expect(await as('signer', 'GET', `/releases/${text.release}/renditions?revision=${to}`)).toMatchObject({
    body: { renditions: [{ channel: 'board' }] },
  });
});

it('says at submission, and to the admin, which step nobody can take', async () => {
  const kind = 'policy';
  const named = steps.map((step) => ({
    ...step,
    ...(step.id === 'first' && { persons: [people.get('reviewer2')?.id] }),
  }));
  await as('admin2', 'PUT', '/chains', { kind, steps: named });
  const { store } = server.services;
  const grant = await store.grants.findOne({ person: people.get('reviewer2')?.id ?? '' }).lean();
  await store.grants.deleteOne({ _id: grant?._id ?? '' });
  const json = { title: newId('t'), source: '市政府', kind, body: { format: 'text', content: '文' } };
  const { release } = (await as('writer', 'POST', '/releases', json)).body as ReleaseSaved;
  const review = await submitted(
    'writer',
    Promise.resolve({ release: release.id, revision: release.revision.id, title: '' }),
  );
  expect(review.stuck).toEqual(['first']);
  const tasks = (await as('admin2', 'GET', '/tasks')).body as TasksBody;
  expect(tasks.stuck.map(({ id }) => id)).toEqual([review.id]);
  expect(await as('writer', 'GET', '/reviews?stuck=true')).toMatchObject({ body: { items: [{ id: review.id }] } });
  expect(await as('admin2', 'POST', `/reviews/${review.id}/pass-on`, { reason: '调离' })).toMatchObject({
    status: 200,
  });
  expect(await approve('reviewer', review)).toMatchObject({ status: 200 });
  await store.grants.create(grant ? [grant] : []);
});

it('lets an admin neither pass nor sign, however the chain was changed', async () => {
  const review = await submitted();
  await as('admin2', 'PUT', '/chains', { steps: steps.slice(1) });
  expect(await sign('admin2', review)).toMatchObject(error(403, 'forbidden'));
  expect(await sign('signer', review)).toMatchObject(error(409, 'not_yet_signing'));
  await as('admin2', 'PUT', '/chains', { steps });
  const forCity = { organization: 'city', steps };
  expect(await as('reviewer', 'PUT', '/chains', forCity)).toMatchObject(error(403, 'forbidden'));
  expect(await as('reviewer', 'GET', '/chains')).toMatchObject({
    body: { items: expect.arrayContaining([expect.objectContaining({ unit: 'city', version: 3 })]) as object[] },
  });
});

it('tells everybody who looks at the release of a decision', async () => {
  const review = await submitted();
  const { changes } = server.services;
  const place = changes.place();
  // By Redis' clock, which is this machine's: what was told of the submission is older.
  const asked = Date.now();
  await approve('reviewer', review);
  const ofDecision = async (): Promise<News[]> =>
    ((await changes.since(place)) ?? []).filter(({ id }) => Number(id.split('-')[0]) >= asked);
  while ((await ofDecision()).length === 0) await pause(20);
  expect(await ofDecision()).toEqual([expect.objectContaining({ release: review.release, ids: [] })]);
});
