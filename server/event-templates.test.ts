/** Event templates over HTTP: handed down the tree, filled in to drafts, changed and withdrawn under the eyes of their writers. */
import { openTestServer, request, type Answer, type TestServer } from '../test/support/http.js';
import { cookieOf } from '../test/support/cookie.js';
import { askForHands, makeCallouts } from '../core/callouts/asking.js';
import { templateContent } from '../core/event-templates/fixtures/templates.js';
import { newId } from '../core/ids.js';
import { addPerson } from '../core/people/add.js';
import { refuseUnready } from '../core/releases/from-alert.js';
import type { Content } from '../core/model/event-template.js';
import { firstKnown } from '../core/placements/protocol.js';
import type { Role } from '../core/model/roles.js';
import type { TemplateFilled, TemplateRow, TemplateWhole } from './contract/event-templates.js';
import type { ReleaseSaved } from './contract/releases.js';

const units = {
  province: { organization: 'province', path: 'province/' },
  county: { organization: 'county', path: 'province/county/' },
  other: { organization: 'other', path: 'other/' },
};
type Who = keyof typeof people;
const people = {
  province: { unit: units.province, role: 'commander' },
  county: { unit: units.county, role: 'commander' },
  writer: { unit: units.county, role: 'writer' },
  stranger: { unit: units.other, role: 'writer' },
} as const satisfies Record<string, { unit: object; role: Role }>;

let server: TestServer;
const sessions = new Map<Who, Record<string, string>>();
const persons = new Map<Who, string>();

beforeAll(async () => {
  server = await openTestServer();
  const { services } = server;
  for (const [id, { path }] of Object.entries(units))
    await services.store.organizations.create({ _id: id, name: `${id}人民政府`, path, region: '350000' });
  for (const [who, { unit, role }] of Object.entries(people) as [Who, (typeof people)[Who]][]) {
    const password = newId('p');
    const person = await addPerson(services, { name: who, displayName: `${who}员`, password, roles: [role], unit });
    persons.set(who, person._id);
    const answer = await request(`${server.url}/api/v1/session`, 'POST', { json: { name: who, password } });
    sessions.set(who, { cookie: cookieOf(answer), origin: server.url });
  }
});
afterAll(() => server.close());

const as = (who: Who, method: string, path: string, json?: object): Promise<Answer> =>
  request(`${server.url}/api/v1${path}`, method, { headers: sessions.get(who) ?? {}, ...(json && { json }) });
const errorOf = ({ status, body }: Answer) => {
  const { code, field, message } = (body as { error: { code: string; field?: string; message: { zh: string } } }).error;
  return { status, code, field, zh: message.zh };
};

let made = 0;
async function make(who: Who, more: Partial<Content> = {}, follows?: string): Promise<TemplateRow> {
  made += 1;
  const content = templateContent(`台风 ${made}`, more);
  const answer = await as(who, 'POST', '/event-templates', { content, ...(follows !== undefined && { follows }) });
  expect(answer.status).toBe(201);
  return answer.body as TemplateRow;
}
const three = { 级别: '红色', 影响区域: '350100 福州市', 截止时间: '2099-12-02 08:00' };
const fill = (id: string, facts: object = three, who: Who = 'writer') =>
  as(who, 'POST', `/event-templates/${id}/fill`, { facts });
async function filled(id: string): Promise<TemplateFilled['release']> {
  const answer = await fill(id);
  expect(answer.status).toBe(200);
  return (answer.body as TemplateFilled).release;
}
async function drafted(id: string): Promise<ReleaseSaved['release']> {
  const answer = await as('writer', 'POST', '/releases', await filled(id));
  expect(answer.status).toBe(201);
  return (answer.body as ReleaseSaved).release;
}
const names = async (who: Who, query = ''): Promise<string[]> =>
  ((await as(who, 'GET', `/event-templates?limit=200${query}`)).body as { items: TemplateRow[] }).items.map(
    ({ name }) => name,
  );

it('hands a template down the tree: counties see and fill it, may not change it, and strangers know nothing of it', async () => {
  const { id, name, version } = await make('province');
  expect(await names('writer')).toContain(name);
  expect(await names('stranger')).not.toContain(name);
  expect((await as('stranger', 'GET', `/event-templates/${id}`)).status).toBe(404);
  expect((await fill(id, three, 'stranger')).status).toBe(404);
  const content = templateContent(name);
  expect((await as('county', 'PUT', `/event-templates/${id}`, { version, content })).status).toBe(404);
  expect((await as('writer', 'POST', '/event-templates', { content })).status).toBe(403);
  expect((await as('writer', 'GET', `/event-templates/${id}`)).body).toMatchObject({
    may: false,
    unitName: 'province人民政府',
  });
});

it('fills a whole draft from three facts, which is kept with its template and version and may be reviewed', async () => {
  const { id } = await make('province');
  expect(errorOf(await fill(id, { 级别: '红色' }))).toMatchObject({
    status: 422,
    code: 'template_facts_missing',
    zh: '填写模板还缺：影响区域、截止时间。',
  });
  const release = await drafted(id);
  const { revision } = release;
  expect(revision).toMatchObject({
    title: 'county人民政府发布台风红色预警',
    source: 'county人民政府',
    template: { id, version: 1, facts: { level: 'red', expires: '2099-12-02T00:00:00.000Z' } },
    emergency: { urgency: 'Immediate', short: revision.summary },
  });
  const { body } = await as('writer', 'GET', `/event-templates/${id}`);
  expect((body as TemplateWhole).drafts).toMatchObject([{ id: release.id, version: 1, signed: false }]);
  const { store } = server.services;
  const row = await store.revisions.findById(revision.id).lean();
  await expect(
    refuseUnready(
      store,
      {},
      row ??
        (() => {
          throw new Error('not there');
        })(),
    ),
  ).resolves.toBeUndefined();
});

it('refuses a changed locked passage by its name when it is saved and again before it is signed', async () => {
  const { id } = await make('province');
  const release = await drafted(id);
  const draft = await filled(id);
  const body = { format: 'html', content: draft.body.content.replace('有台风', '有大风') };
  const path = `/releases/${release.id}`;
  expect(errorOf(await as('writer', 'PUT', path, { ...draft, body, revision: release.revision.id }))).toMatchObject({
    code: 'template_locked',
    field: 'body',
    zh: '长文第1段“导语”已由事件模板锁定，与模板不一致。',
  });
  // Nor by a program that does not speak of the template at all.
  const { template: _, ...silent } = draft;
  expect(errorOf(await as('writer', 'PUT', path, { ...silent, body, revision: release.revision.id })).code).toBe(
    'template_locked',
  );
  expect(errorOf(await as('writer', 'POST', '/releases', { ...draft, body })).code).toBe('template_locked');
  // What was written past every door is met by the last one.
  const { store } = server.services;
  await store.revisions.updateOne({ _id: release.revision.id }, { $set: { body: '<p>另一份。</p>' } });
  const row = await store.revisions.findById(release.revision.id).lean();
  if (!row) throw new Error('not there');
  await expect(refuseUnready(store, {}, row)).rejects.toMatchObject({ code: 'template_locked' });
  const sent = await server.send(release.id, release.revision.id);
  expect(errorOf(sent).code).toBe('template_locked');
});

it('lets free passages be written anew, and the all-clear be its own text', async () => {
  const { id } = await make('province');
  const release = await drafted(id);
  const draft = await filled(id);
  const body = { format: 'html', content: draft.body.content.replace('补充情况。', '风力12级。') };
  const changed = await as('writer', 'PUT', `/releases/${release.id}`, {
    ...draft,
    body,
    revision: release.revision.id,
  });
  expect(changed.status).toBe(200);
  const { store } = server.services;
  const signed = { by: 'u', at: new Date() };
  const { revision } = (changed.body as ReleaseSaved).release;
  await store.revisions.updateOne({ _id: revision.id }, { $set: { signed } });
  await store.releases.updateOne({ _id: release.id }, { $set: { signed: revision.id } });
  const over = {
    ...draft,
    title: '台风红色预警解除',
    body: { format: 'text', content: '解除。' },
    revision: revision.id,
  };
  const emergency = { ...(draft.emergency as object), msgType: 'Cancel', references: [{ release: release.id }] };
  const lifted = await as('writer', 'PUT', `/releases/${release.id}`, { ...over, emergency });
  expect([lifted.status, (lifted.body as ReleaseSaved).release.revision.template]).toEqual([200, undefined]);
});

it('changes no draft when the template changes, tells its writer, and asks for the new version of new ones', async () => {
  const { id, version, name } = await make('province');
  const release = await drafted(id);
  const draft = await filled(id);
  const content = templateContent(name, { title: { text: '{{影响区域}}台风{{级别}}预警', locked: true } });
  expect((await as('province', 'PUT', `/event-templates/${id}`, { version, content })).status).toBe(200);
  expect(errorOf(await as('province', 'PUT', `/event-templates/${id}`, { version, content })).code).toBe(
    'changed_meanwhile',
  );
  const told = await server.services.store.personalNotices
    .find({ person: persons.get('writer') ?? '' })
    .sort({ _id: -1 })
    .lean();
  expect(told[0]).toMatchObject({ to: `/releases/${release.id}/edit` });
  expect(told[0]?.said.zh).toContain(`事件模板“${name}”由{by}改为第 2 版`);
  // The old draft goes on with its version; a new one from it does not begin.
  const again = { ...draft, summary: '另一句。', revision: release.revision.id };
  const saved = await as('writer', 'PUT', `/releases/${release.id}`, again);
  expect((saved.body as ReleaseSaved).release.revision.template?.version).toBe(1);
  expect(errorOf(await as('writer', 'POST', '/releases', draft))).toMatchObject({
    status: 409,
    code: 'template_changed',
  });
  expect((await drafted(id)).revision.title).toBe('福州市台风红色预警');
  const old = (await as('writer', 'GET', `/event-templates/${id}?version=1`)).body as TemplateWhole;
  expect([old.shown, old.version, old.content.title.text]).toEqual([1, 2, templateContent(name).title.text]);
});

it('makes nothing new of a withdrawn one, keeps its drafts, and says why', async () => {
  const { id, version, name } = await make('province');
  const release = await drafted(id);
  const draft = await filled(id);
  const reason = '已并入新预案';
  expect((await as('province', 'POST', `/event-templates/${id}/withdraw`, { version, reason })).status).toBe(200);
  expect(errorOf(await fill(id))).toMatchObject({
    code: 'template_withdrawn',
    zh: `事件模板“${name}”已停用：${reason}`,
  });
  expect(errorOf(await as('writer', 'POST', '/releases', draft)).code).toBe('template_withdrawn');
  expect(await names('writer')).not.toContain(name);
  expect(await names('writer', '&withdrawn=true')).toContain(name);
  const again = { ...draft, summary: '另一句。', revision: release.revision.id };
  expect((await as('writer', 'PUT', `/releases/${release.id}`, again)).status).toBe(200);
  const entries = await server.services.store.auditEntries.find({}).sort({ n: 1 }).lean();
  const acts = entries.filter((entry) => JSON.stringify(entry).includes(id) && entry.act.startsWith('event-template.'));
  expect(acts.map(({ act, outcome }) => `${act} ${outcome}`)).toEqual([
    'event-template.save done',
    'event-template.withdraw done',
  ]);
});

it('lets a county make a stricter form, refuses a looser one, and stops it once the one above has moved on', async () => {
  const above = await make('province');
  const looser = templateContent('县台风（松）', { locked: [] });
  expect(errorOf(await as('county', 'POST', '/event-templates', { content: looser, follows: above.id }))).toMatchObject(
    {
      code: 'template_looser',
      zh: '防御指南在上级单位的模板中已锁定，下级模板只能更严。',
    },
  );
  const own = await make(
    'county',
    { minutes: 3, locked: ['guide', 'urgency', 'severity', 'certainty', 'category'] },
    above.id,
  );
  expect((await fill(own.id)).status).toBe(200);
  const whole = (await as('province', 'GET', `/event-templates/${above.id}`)).body as TemplateWhole;
  expect(whole.followers.map(({ id }) => id)).toEqual([own.id]);
  const content = templateContent(above.name, { title: { text: '新标题', locked: true } });
  await as('province', 'PUT', `/event-templates/${above.id}`, { version: above.version, content });
  expect(errorOf(await fill(own.id))).toMatchObject({ code: 'template_looser', field: 'title' });
  expect(((await as('writer', 'GET', `/event-templates/${own.id}`)).body as TemplateWhole).unusable?.zh).toContain(
    '标题',
  );
  // A unit beside is not above.
  expect(
    errorOf(await as('county', 'POST', '/event-templates', { content: templateContent('环'), follows: own.id })).field,
  ).toBe('follows');
});

it('shows an unsaved template by samples, imports those that come with the program, twice the same', async () => {
  const content = templateContent('预览', { facts: [{ name: '风力', is: 'text', sample: '12级' }] });
  const shown = await as('county', 'POST', '/event-templates/try', { content });
  expect(shown.body).toMatchObject({
    title: '示例县人民政府发布台风红色预警',
    spoken: expect.stringContaining('示例县和样本区') as string,
  });
  const bad = { ...content, short: [{ text: '{{{级别}}}', locked: true }] };
  expect(errorOf(await as('county', 'POST', '/event-templates/try', { content: bad }))).toMatchObject({
    field: 'content.short.0.text',
  });
  const first = await as('province', 'POST', '/event-templates/import', { shipped: true });
  expect(first.body).toMatchObject({ created: 12, updated: 0, refused: [] });
  expect((await as('province', 'POST', '/event-templates/import', { shipped: true })).body).toMatchObject({
    created: 0,
    unchanged: 12,
  });
  expect(await names('writer', '&event=特大暴雨红色预警')).toEqual(['暴雨预警']);
  const file = { templates: [{ name: '缺' }, templateContent('文件里的')], dryRun: true };
  expect((await as('province', 'POST', '/event-templates/import', file)).body).toMatchObject({
    dryRun: true,
    created: 1,
    refused: [{ row: 1, field: 'event' }],
  });
  expect(await names('writer')).not.toContain('文件里的');
});

it('gives a callout the minutes of the template and what a loudspeaker is to read', async () => {
  const { id } = await make('province', { minutes: 2 });
  const { id: release, revision } = await drafted(id);
  const { store } = server.services;
  const since = new Date();
  const row = await store.placements.create({
    _id: `${release}-a1`,
    release,
    channel: 'board',
    account: 'a1',
    organization: 'county',
    region: '350100',
    lane: 'emergency',
    state: 'needs_action',
    since,
    attempts: 0,
    recent: [],
    version: 0,
    ...firstKnown({ seq: 1, revision: revision.id }, 'run'),
  });
  await askForHands(store, [row.toObject()]);
  await makeCallouts(store, 'emergency', new Date());
  expect(await store.callouts.findOne({ releases: release }).lean()).toMatchObject({
    minutes: 2,
    items: [{ spoken: '请注意，福州市有台风。第一，留在室内。第二，不要外出。播送完毕。' }],
  });
});
