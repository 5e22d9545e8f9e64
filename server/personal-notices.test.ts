/** What is told to one person alone: changes of their account and what came back to them. */
import { forgetPersonal } from '../core/notices/personal.js';
import { openTestServer, type TestServer } from '../test/support/http.js';
import { makeUnits, personWith, unitAt, type TestPerson } from '../test/support/people.js';
import type { PersonalNoticeBody } from './contract/notices.js';
import type { ReleaseSaved } from './contract/releases.js';
import type { ReviewBody } from './contract/reviews.js';

const fuhai = unitAt('province/fuhai/');

// How long a busy machine takes must not decide.
jest.setTimeout(300_000);

let server: TestServer;
let admin: TestPerson;
let person: TestPerson;
beforeAll(async () => {
  server = await openTestServer();
  await makeUnits(server, 'province/', 'province/fuhai/');
});
afterAll(() => server.close());
beforeEach(async () => {
  admin = await personWith(server, ['admin']);
  person = await personWith(server, ['writer'], fuhai);
});

async function told(whom = person): Promise<PersonalNoticeBody[]> {
  await whom.signIn();
  return ((await whom.call('GET', '/account/notices')).body as { items: PersonalNoticeBody[] }).items;
}
const words = (rows: PersonalNoticeBody[]): string[] => rows.map(({ said }) => said.zh);

it('tells a person at the next sign-in what an admin did to their account, by whose hand, newest first, and nobody else', async () => {
  const other = await personWith(server, ['writer'], fuhai);
  const name = `admin ${admin.name}`;
  const grant = await admin.call('POST', `/people/${person.id}/grants`, { role: 'reviewer', organization: 'fuhai' });
  const [given] = (grant.body as { holdings: { id: string; role: string }[] }).holdings.filter(
    ({ role }) => role === 'reviewer',
  );
  await admin.call('DELETE', `/grants/${given?.id}`);
  await admin.call('PUT', `/people/${person.id}`, { displayName: '改名' });
  await admin.call('POST', `/people/${person.id}/link`);
  const rows = await told();
  expect(words(rows)).toEqual([
    `${name}为您生成了设定密码的链接。`,
    `${name}修改了您的姓名或邮箱。`,
    `${name}收回了您的“审核”。`,
    `${name}授予您“审核”。`,
  ]);
  expect(rows.every(({ level, seen, todo }) => level === 'warning' && !seen && todo?.zh.includes('系统管理员'))).toBe(
    true,
  );
  expect(await told(other)).toEqual([]);
});

it('tells of what was done as oneself, for it may have been somebody else, and not of what was refused', async () => {
  const proof = { password: person.password };
  await person.call('POST', '/account/password', { password: 'three plain words 7', proof: { password: 'wrong' } });
  const made = await person.call('POST', '/account/keys', { name: 'k', proof });
  await person.call('POST', '/account/password', { password: 'three plain words 7', proof });
  const answer = await person.call('GET', '/account/notices');
  const { items, unseen } = answer.body as { items: PersonalNoticeBody[]; unseen: number };
  expect([words(items), unseen]).toEqual([['您的登录密码已修改。', '以您的名义新建了一个接口密钥。'], 2]);
  // Whoever has the key hides nothing by it.
  const { key } = made.body as { key: string };
  const upTo = { upTo: items[0]?.id };
  const byKey = await person.call('POST', '/account/notices/seen', upTo, {
    authorization: `Bearer ${key}`,
    cookie: '',
  });
  expect(byKey).toMatchObject({ status: 403, body: { error: { code: 'key_personal' } } });
  expect((await person.call('POST', '/account/notices/seen', { upTo: items[1]?.id })).status).toBe(204);
  expect((await person.call('GET', '/account/notices')).body).toMatchObject({
    unseen: 1,
    items: [{ seen: false }, { seen: true }],
  });
});

it('tells the writer, and nobody else, that a text came back, with the way to it', async () => {
  const signer = await personWith(server, ['signer'], fuhai);
  const body = { format: 'text', content: '正文' };
  const written = await person.call('POST', '/releases', { title: '关于停水的通知', source: '市政府', body });
  const { release } = written.body as ReleaseSaved;
  const submission = { revision: release.revision.id, audience: {} };
  const review = (await person.call('POST', `/releases/${release.id}/submit`, submission)).body as ReviewBody;
  const back = await signer.call('POST', `/reviews/${review.id}/return`, { step: 'sign', reason: '日期不对' });
  expect(back.status).toBe(200);
  expect(await told()).toMatchObject([
    {
      said: { zh: `“关于停水的通知”被signer ${signer.name}退回，请修改后重新送审。` },
      to: `/releases/${release.id}/edit`,
    },
  ]);
  expect(await told(signer)).toEqual([]);
});

it('names nobody any more who was erased, and keeps nothing of who is', async () => {
  const second = await personWith(server, ['admin']);
  await second.call('POST', `/people/${person.id}/move`, { organization: 'province', endRoles: false });
  expect(words(await told())).toEqual([`admin ${second.name}把您调到了另一个单位。`]);
  for (const one of [second, person]) {
    await admin.call('POST', `/people/${one.id}/disable`, {});
    if (one === second) await admin.call('DELETE', `/people/${one.id}`);
  }
  const kept = async () => JSON.stringify(await server.services.store.notices.find({}).lean());
  expect(await kept()).not.toContain(second.name);
  expect(await kept()).toContain(person.name);
  await admin.call('POST', `/people/${person.id}/enable`);
  expect(words(await told())[1]).toBe(`已注销 ${second.id.slice(-6)}把您调到了另一个单位。`);
  await admin.call('POST', `/people/${person.id}/disable`, {});
  await admin.call('DELETE', `/people/${person.id}`);
  expect(await server.services.store.personalNotices.find({ person: person.id }).lean()).toEqual([]);
});

it('keeps what it told for 180 days, seen or not, and no longer', async () => {
  const { store } = server.services;
  await admin.call('PUT', `/people/${person.id}`, { displayName: '改名' });
  const now = new Date();
  const days = (count: number): Date => new Date(now.getTime() + count * 24 * 3_600_000);
  await forgetPersonal(store, days(179));
  expect(await told()).toHaveLength(1);
  await forgetPersonal(store, days(181));
  expect(await told()).toEqual([]);
  expect(await store.personalNotices.countDocuments({ person: admin.id })).toBe(0);
});
