/// <reference lib="dom" />
/** Every page and dialog of the dashboard before axe and at the edge of a window, as a newsroom's screen and as a phone show it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addInlet } from '../../core/alerts/inlets.js';
import { saveScenario } from '../../core/drills/scenarios.js';
import { addSource } from '../../core/alerts/sources.js';
import { takeIn } from '../../core/alerts/take-in.js';
import { importTemplates, shippedTemplates } from '../../core/event-templates/import.js';
import { newId } from '../../core/ids.js';
import { tellPerson } from '../../core/notices/personal.js';
import { addPerson } from '../../core/people/add.js';
import { askIdentity } from '../../core/people/identities-asked.js';
import { insertGrant } from '../../core/people/write.js';
import { setChain } from '../../core/reviews/chains.js';
import { setSolo } from '../../core/reviews/solo.js';
import { askForHands, makeCallouts } from '../../core/callouts/asking.js';
import { change, itemId } from '../../core/callouts/book.js';
import { gathering, stepped } from '../../core/callouts/protocol.js';
import { receiptToken } from '../../core/receipts/links.js';
import { overflow, seriousBarriers, settled } from './barriers.js';
import { patience } from './browser.js';
import { choose, enter, hub, openPage, page, says, useDesk } from './desk.js';
import { shares, user } from './seed.js';

/** Where pictures of the pages are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];

interface Seen {
  path: string;
  ready: string;
  before?: () => Promise<void>;
}
const pages: Record<string, Seen> = {
  'sign-in': { path: '', ready: '#name' },
  releases: { path: '/releases', ready: 'tbody tr' },
  release: { path: '/releases/emergency', ready: '[data-placement]' },
  command: { path: '/releases/emergency/command', ready: '[data-test=tiles] [data-tile]' },
  'command-pause': {
    path: '/releases/emergency/command',
    ready: '[data-test=pause]',
    before: () => open('[data-test=pause]'),
  },
  'command-narrow': {
    path: '/releases/emergency/command',
    ready: '[data-test=narrow]',
    before: () => open('[data-test=narrow]'),
  },
  placement: { path: '/releases/few?placement=needs', ready: '[data-test=placement]' },
  compose: { path: '/releases/new', ready: '#body', before: compose },
  'compose-warning': { path: '/releases/new', ready: '#body', before: warn },
  'compose-survey': {
    path: '/releases/new',
    ready: '#body',
    before: async () => {
      await warn();
      await page.locator('[data-test=add-exception]').click();
      await page.locator('[data-test=saved-audiences] summary').click();
      await page.locator('[data-test=gap-not_staged] summary').click();
    },
  },
  'compose-units': {
    path: '/releases/new',
    ready: '[data-test=choose-units]',
    before: () => open('[data-test=choose-units]'),
  },
  'compose-publish': {
    path: '/releases/new',
    ready: '#body',
    before: async () => {
      await compose();
      await open('[data-test=publish]');
    },
  },
  'compose-planned': {
    path: '/releases/new',
    ready: '#body',
    before: async () => {
      await compose();
      await open('[data-test=publish]');
      await page.locator('[data-test=when-planned]').click();
      await page.fill('#when-at', '2027-10-02T09:00');
      await page.locator('[data-test=when-advice]').waitFor();
    },
  },
  'release-planned': { path: '/releases/planned', ready: '[data-test=plan]' },
  'release-held': {
    path: '/releases/held',
    ready: '[data-test=plan-send]',
    before: () => open('[data-test=plan-send]'),
  },
  calendar: { path: '/calendar?month=2027-10', ready: '[data-test=plan-line]:visible, [data-test=month]:visible a' },
  'calendar-list': { path: '/calendar?month=2027-10&view=list', ready: '[data-test=plan-line]:visible' },
  'compose-change': { path: '/releases/policy/edit', ready: '[data-test=change]' },
  tasks: {
    path: '/tasks',
    ready: '[data-test=tasks-identities]',
    before: () => page.locator('[data-test=personal-news]').waitFor(),
  },
  review: { path: '/reviews/open', ready: '[data-test=decide]', before: show },
  'review-sign': { path: '/reviews/open', ready: '[data-test=sign]', before: () => page.click('[data-test=sign]') },
  accounts: { path: '/accounts', ready: '[data-test=accounts]' },
  'accounts-new': { path: '/accounts', ready: '[data-test=accounts]', before: () => open('[data-test=new-account]') },
  'accounts-import': {
    path: '/accounts',
    ready: '[data-test=accounts]',
    before: () => open('button:has-text("导入账号")'),
  },
  alerts: {
    path: '/alerts',
    ready: '[data-test=alert-list] li',
    before: async () => {
      await page.locator('[data-test=alert-list] summary').first().click();
      await page.locator('[data-test=alert-list] pre').waitFor();
    },
  },
  'alerts-source': { path: '/alerts', ready: '[data-test=alerts]', before: () => open('[data-test=new-source]') },
  'alerts-inlet': {
    path: '/alerts',
    ready: '[data-test=inlets]',
    before: async () => {
      await page.locator('[data-test=inlets] summary').first().click();
      await page.locator('[data-test=inlet-entries] li').first().waitFor();
      await open('[data-test=new-inlet]');
    },
  },
  audit: { path: '/audit', ready: '[data-test=audit]', before: auditDetails },
  chains: { path: '/chains?unit=gushan', ready: '[data-test=in-force]', before: sowChain },
  'chains-change': {
    path: '/chains?unit=gushan',
    ready: '[data-test=in-force]',
    before: () => open('[data-test=new-chain]'),
  },
  'chains-solo': { path: '/chains', ready: '[data-test=in-force]', before: () => open('[data-test=set-solo]') },
  units: { path: '/units', ready: '[data-test=units]' },
  'units-new': { path: '/units', ready: '[data-test=units]', before: () => open('[data-test=new-unit]') },
  broadcasts: { path: '/broadcasts', ready: '[data-test=broadcasts]' },
  freezes: { path: '/freezes', ready: '[data-test=freezes]' },
  freeze: { path: '/freezes', ready: '[data-test=freeze]', before: () => open('[data-test=freeze]') },
  people: { path: '/people', ready: '[data-test=people] tbody tr' },
  'people-invite': {
    path: '/people',
    ready: '[data-test=people] tbody tr',
    before: () => open('[data-test=invite]'),
  },
  person: { path: '/people/u1', ready: '[data-test=holdings] li' },
  'person-remove': {
    path: '/people/u9',
    ready: '[data-test=remove]',
    before: () => open('[data-test=remove]'),
  },
  security: { path: '/security', ready: '[data-test=sessions] li' },
  'security-key': {
    path: '/security',
    ready: '[data-test=sessions] li',
    before: () => open('[data-test=new-key]'),
  },
  templates: { path: '/templates', ready: '[data-test=templates] tbody tr' },
  template: { path: '/templates/typhoon', ready: '[data-test=template-texts]' },
  'template-new': {
    path: '/templates/new',
    ready: '[data-test=template-form]',
    before: writeTemplate,
  },
  'compose-template': {
    path: '/releases/new',
    ready: '#body',
    before: async () => {
      await open('[data-test=from-template]');
      await choose('fill-template', '台风预警');
      await page.locator('[data-fact]').first().waitFor();
    },
  },
  duty: { path: '/duty', ready: '[data-test=open-callouts]', before: openRoster },
  'duty-new': { path: '/duty', ready: '[data-test=duty]', before: () => open('[data-test=new-duty]') },
  'callout-settings': {
    path: '/duty',
    ready: '[data-test=duty]',
    before: () => open('[data-test=callout-settings]'),
  },
  drills: { path: '/drills', ready: '[data-test=last]' },
  'drills-new': { path: '/drills', ready: '[data-test=last]', before: () => open('[data-test=new-scenario]') },
  drill: {
    path: '/drills/q1',
    ready: '[data-test=figures]',
    before: async () => {
      await page.locator('[data-test=add-finding]').click();
      await page.locator('[data-test=finding-form]').waitFor();
    },
  },
  receipt: { path: '/receipts#token', ready: '[data-test=receipt]' },
  'receipt-over': { path: '/receipts#k0.none', ready: '[data-test=receipt-over]' },
  welcome: { path: '/welcome#l0.none', ready: '[data-test=link-over]' },
  withdraw: {
    path: '/releases/few',
    ready: '[data-placement]',
    before: () => open('role=button[name="撤回"]'),
  },
  resolve: {
    path: '/releases/few?placement=needs',
    ready: '[data-test=resolve]',
    before: () => open('[data-test=resolve]'),
  },
  shortcuts: {
    path: '/releases',
    ready: 'tbody tr',
    before: async () => {
      await page.keyboard.press('?');
      await opened();
    },
  },
};

/** One that waits for the signer that looks, with a comment in place and an earlier revision to compare with. */
let review = '';
async function sowReview(): Promise<void> {
  const { store } = hub;
  const release = await hub.seed.write({ title: '关于停水的通知', kind: 'notice' });
  const revision = await hub.seed.revise(release, '关于12月1日停水的通知');
  await store.revisions.updateMany({ release }, { $set: { createdBy: 'somebody' } });
  review = await hub.submit({ release, revision, audience: {}, again: true }, 'somebody');
}

/** One that became a draft, and one that is held. */
async function sowAlerts(): Promise<void> {
  const { store } = hub;
  const actor = { person: 'u1' };
  const unit = { path: '' };
  const samples = join(import.meta.dirname, '../../core/alerts/fixtures');
  const input = { sender: '350100.warn@alert.example', name: '青屿气象台', signed: false, hourly: 60, enabled: true };
  await addSource(store, input, unit, actor);
  for (const name of ['v02-cn-typhoon.xml', 'v14-areas-mixed.xml'])
    await takeIn(
      store,
      { bytes: readFileSync(join(samples, name)), origin: { by: 'file', name } },
      { actor, unit, places: [''] },
    );
}

/** A feed that is in trouble, with what it has listed, and a folder. */
async function sowInlets(): Promise<void> {
  const { store } = hub;
  const [actor, unit] = [{ person: 'u1' }, { path: '' }];
  const feed = {
    is: 'feed' as const,
    name: '青屿气象台订阅',
    address: 'https://alert.example/feeds/all.atom',
    every: 60,
  };
  const { _id: inlet } = await addInlet(store, { ...feed, enabled: false }, unit, actor);
  const folder = { is: 'folder' as const, name: '海事交换', address: 'sea', every: 5, enabled: false };
  await addInlet(store, folder, unit, actor);
  const at = new Date('2026-11-29T01:00:00Z');
  const why = { zh: '可能漏收：列出的最早一条也晚于上次见到的最后一条。', en: 'may have missed some.' };
  await store.alertInlets.updateOne(
    { _id: inlet },
    {
      $set: {
        goodAt: at,
        changedAt: at,
        listed: 2,
        via: { address: 'https://mirror.alert.example/feeds/all.atom', since: at },
        broken: { since: at, why: { zh: '对方给的不是订阅源，而是一个网页。', en: 'no feed but a page.' } },
        missed: { at, why },
        steppedBack: { at, from: at, to: at },
      },
    },
  );
  const row = { inlet, at, title: '台风橙色预警', tries: 0 };
  await store.alertEntries.create([
    { ...row, _id: 'entry-1', state: 'taken', dated: at },
    {
      ...row,
      _id: 'entry-2',
      state: 'unreached',
      tries: 1,
      dueAt: at,
      why: { zh: '对方返回 404。', en: 'answered 404.' },
    },
    { ...row, _id: 'entry-3', state: 'none' },
  ]);
}

/** A release with two placements in each state: what lies over a list is seen over a few of its rows. */
let few = '';
/** Planned for a day off, and one that was late and asks. */
let planned = '';
let held = '';
async function sowFew(): Promise<void> {
  const states = Object.keys(shares) as (keyof typeof shares)[];
  few = await hub.seed.write({ title: '关于启动防汛防台风Ⅱ级应急响应的紧急通知', kind: 'notice' });
  await hub.seed.send(few, states.length * 2, (index) => states[index % states.length] ?? 'queued');
  planned = (await hub.seed.plan('国庆假期政务服务安排', new Date('2027-10-01T01:00:00Z'))).release;
  const late = await hub.seed.plan('关于召开新闻发布会的通知', new Date('2027-10-01T02:00:00Z'));
  held = late.release;
  const hold = { at: new Date(), reason: 'late', minutes: 42 };
  await hub.store.orders.updateOne({ _id: late._id }, { $set: { state: 'held', held: hold } });
  await hub.seed.revise(held, '关于召开新闻发布会的通知（改）');
}

/** The table above names releases and placements by what they are. */
async function addressOf(path: string): Promise<string> {
  const [row] = await hub.store.placements.find({ release: few, state: 'needs_action' }).limit(1).lean();
  const named = { ...hub.seed, few, planned, held };
  return path
    .replace('/reviews/open', `/reviews/${review}`)
    .replace(/(?<=^\/releases\/)(emergency|policy|draft|few|planned|held)/, (name) => named[name as keyof typeof named])
    .replace('/templates/typhoon', `/templates/${typhoon}`)
    .replace('=needs', `=${row?._id}`)
    .replace('#token', `#${receipt}`);
}

/** Those that come with the program. */
let typhoon = '';
async function sowTemplates(): Promise<void> {
  const unit = { path: '' };
  await importTemplates(hub.store, shippedTemplates(), { unit, dryRun: false, by: { person: user._id } });
  typhoon = (await hub.store.eventTemplates.findOne({ path: '', name: '台风预警' }).lean())?._id ?? '';
}

/** A roster with a line, and a callout that waits for whoever has its link. */
let receipt = '';
async function sowDuty(): Promise<void> {
  const { store, vault } = hub;
  const [row] = await store.placements.find({ release: few, state: 'needs_action' }).limit(1).lean();
  const unit = await store.organizations.findById(row?.organization ?? '').lean();
  if (!row || !unit) throw new Error('nothing asks for a person');
  const at = new Date();
  const whose = { organization: unit._id, path: unit.path, by: 'u1', at };
  await store.dutyEntries.create({ _id: 'y1', step: 1, name: '王五', phone: '13800000001', ...whose });
  await askForHands(store, [row]);
  while ((await makeCallouts(store, row.lane, at)) > 0);
  const { row: called } = await change(store, itemId(row), (known) =>
    stepped(
      known,
      [
        {
          unit: unit._id,
          unitName: unit.name,
          level: 0,
          step: 1,
          people: [
            {
              called: { unit: unit._id, unitName: unit.name, level: 0, step: 1, name: '王五', phone: '13800000001' },
              told: [{ by: 'sms', after: 0 }],
            },
          ],
        },
      ],
      new Date(at.getTime() + gathering),
    ),
  );
  const [message] = called.messages;
  if (message) receipt = receiptToken(vault, called, message);
}

/** A scenario that units are overdue for, a drill that was held by it, and what that has shown. */
async function sowDrills(): Promise<void> {
  const { store } = hub;
  const [by, at] = [{ person: user._id }, new Date('2026-11-01T00:00:00Z')];
  const injects = ['微信凭据失效', '第一值班人不接'];
  const text = { title: '防台风联动发布演练', event: '台风', level: 'red', text: '假定', instruction: '转移' } as const;
  const scenario = await saveScenario(
    { store, channels: new Map() },
    { ...text, audience: {}, injects, holders: 'all', everyMonths: 6 },
    { path: '' },
    by,
  );
  await store.drillScenarios.updateOne({ _id: scenario._id }, { $set: { since: new Date('2026-01-01T00:00:00Z') } });
  await store.releases.updateOne({ _id: few }, { $set: { publishedAt: at } });
  const whose = { path: '', by: user._id, at, version: 1, owners: [user._id] };
  const finding = {
    text: '第二值班人电话停机，改由指挥中心代接',
    owner: user._id,
    due: '2026-12-31',
    by: user._id,
    at,
  };
  const findings = [
    { id: 'f1', ...finding },
    { id: 'f2', ...finding, done: { by: user._id, at } },
  ];
  const drill = { _id: 'q1', scenario: scenario._id, title: text.title, injects, audience: {}, release: few };
  await store.drills.create({ ...drill, ...whose, findings });
}

async function writeTemplate(): Promise<void> {
  await says('[data-test=template-preview]', '写好模板名称、事件和防御指南后');
  await page.fill('#t-name', '雷电预警');
  await page.fill('#t-event', '雷电');
  await page.fill('#guide-red', '留在室内，不要使用固定电话。');
  await page.frameLocator('[data-test=template-preview] iframe').getByText('留在室内').waitFor();
  expect(await page.locator('[data-test=template-form] [aria-invalid=true]').count()).toBe(0);
}

async function openRoster(): Promise<void> {
  await page.locator('[data-unit] button[aria-expanded]').first().click();
  await page.locator('[data-test=open-callouts] summary').first().click();
}

/** Somebody else, a role of theirs that waits, an identity that nobody knows, and what is told to the one who looks. */
async function sowPeople(): Promise<void> {
  const { store } = hub;
  await addPerson(hub, { name: 'lijun', displayName: '李军', password: 'not used here', roles: ['writer'] }, 'u9');
  const asked = { _id: newId('g'), person: 'u9', role: 'signer' as const, path: '', asked: true as const };
  await insertGrant(hub, { ...asked, by: 'somebody', at: new Date() });
  const claimed = { issuer: 'https://idp.example.gov.cn', subject: 's-1', groups: undefined, name: '王海' };
  await askIdentity(hub, claimed, { ip: '127.0.0.1', agent: 'test' });
  const told = { person: user._id, level: 'warning' as const, said: { zh: '您的登录密码已修改。', en: 'Changed.' } };
  await store.connection.transaction((session) => tellPerson(store, { ...told, to: '/security' }, session));
}

async function sowChain(): Promise<void> {
  const step = (id: string, zh: string, role: 'reviewer' | 'signer', persons?: string[]) => ({
    ...{ id, role, name: { zh, en: id } },
    ...(persons && { persons }),
  });
  const steps = [step('first', '初审', 'reviewer', ['u9']), step('sign', '签发', 'signer')];
  await setChain(hub, { unit: 'gushan', kind: 'policy', steps }, { person: user._id });
  await setSolo(hub, { unit: 'gushan', persons: [user._id], reach: '' }, { person: user._id });
  await page.reload();
  await page.locator('[data-test=own-chains] li').first().waitFor();
}

async function auditDetails(): Promise<void> {
  await page.locator('[data-test=check-now]').click();
  await page.locator('[data-test=check].intact').waitFor();
  await page.locator('[data-test=audit] summary').first().click();
}

async function compose(): Promise<void> {
  await page.fill('#title', '关于调整示例市政务服务中心办公时间的通知（试行）');
  await page.fill('#source', '示例市人民政府办公室');
  await page.fill(
    '#body',
    '自2026年12月1日起，市政务服务中心办公时间调整如下：\n\n- 工作日 8:30–17:30\n- 周六 9:00–12:00',
  );
  await page.locator('iframe').first().waitFor();
}

async function show(): Promise<void> {
  await page.locator('[data-test=show]').click();
  await page.locator('iframe').first().waitFor();
}

async function warn(): Promise<void> {
  await compose();
  await choose('kind', '应急信息');
  await page.getByText('橙色 · 重大').click();
  await page.locator('[data-test=save]').click();
  await says('[role=alert]', '预警信息');
}

async function open(opener: string): Promise<void> {
  await page.locator(opener).click();
  await opened();
}

async function opened(): Promise<void> {
  await page.locator('.el-dialog:visible, .el-drawer:visible').last().waitFor();
}

/** No page asks how wide it is but its style sheets do: it need not be opened again to be seen on the other screen. */
const screen = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** The same page in the light and in usual type, or in the dark and in large type. A screen for a wall is dark by itself. */
const looks = {
  light: async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await drawn();
    await page.evaluate(() => document.documentElement.classList.remove('large'));
  },
  'dark-large': async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    // Preferences put their own classes when the light changes.
    await page.locator('html.dark').waitFor();
    await page.evaluate(() => document.documentElement.classList.add('large'));
  },
} as const;

/** The page has heard of the light, and is drawn in it. */
const drawn = (): Promise<void> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));

/** In this order little has to be laid out anew from one to the next. */
const sights = [
  { size: screen, look: 'light', changed: 'page' },
  { size: screen, look: 'dark-large', changed: 'looks' },
  { size: phone, look: 'dark-large', changed: 'looks' },
  { size: phone, look: 'light', changed: 'page' },
] as const;

useDesk(screen, 'once', 'one');
beforeAll(sowFew);
beforeAll(sowReview);
beforeAll(sowAlerts);
beforeAll(sowInlets);
beforeAll(sowTemplates);
beforeAll(sowPeople);
beforeAll(sowDuty);
beforeAll(sowDrills);

it.each(Object.entries(pages))(
  'has no serious barrier on the page %s on a screen or a phone in any light or type, and nothing runs over its edge',
  async (name, { path, ready, before }) => {
    if (path === '') await openPage(screen);
    await page.setViewportSize(screen);
    await looks.light();
    if (path === '') await page.goto(hub.url);
    else await enter(await addressOf(path));
    await page.locator(ready).first().waitFor();
    await before?.();
    if (name === 'release') await page.locator('svg text').first().waitFor();
    for (const { size, look, changed } of sights) {
      // The class alone tells the bar of rooms nothing: it measures itself when it gets another width.
      await page.setViewportSize({ ...size, width: size.width + 1 });
      await looks[look]();
      await page.setViewportSize(size);
      await drawn();
      await settled(page);
      if (shots) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({
          path: join(shots, `${name}-${size.width}-${look}.png`),
          fullPage: name !== 'placement',
        });
      }
      const seen = { width: size.width, look };
      expect({ ...seen, barriers: await seriousBarriers(page, changed) }).toEqual({ ...seen, barriers: [] });
      expect({ ...seen, over: Math.max(0, await overflow(page)) }).toEqual({ ...seen, over: 0 });
    }
    // What a page keeps for itself is not for the next.
    await page.evaluate(() => {
      sessionStorage.clear();
    });
  },
  patience.test,
);
