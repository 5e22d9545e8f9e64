/** Every page and dialog of the dashboard before axe and at the edge of a window; the files beside it say how wide. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { overflow, seriousBarriers, settled } from './barriers.js';
import { patience } from './browser.js';
import { choose, enter, hub, page, says, useDesk } from './desk.js';
import { shares } from './seed.js';

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
  placement: { path: '/releases/few?placement=needs', ready: '[data-test=placement]' },
  compose: { path: '/releases/new', ready: '#body', before: compose },
  'compose-warning': { path: '/releases/new', ready: '#body', before: warn },
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
  tasks: { path: '/tasks', ready: '[data-test^=tasks-]' },
  review: { path: '/reviews/open', ready: '[data-test=decide]', before: show },
  'review-sign': { path: '/reviews/open', ready: '[data-test=sign]', before: () => page.click('[data-test=sign]') },
  accounts: { path: '/accounts', ready: '[data-test=accounts]' },
  'accounts-new': { path: '/accounts', ready: '[data-test=accounts]', before: () => open('[data-test=new-account]') },
  'accounts-import': {
    path: '/accounts',
    ready: '[data-test=accounts]',
    before: () => open('button:has-text("导入账号")'),
  },
  audit: { path: '/audit', ready: '[data-test=audit]', before: auditDetails },
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
  security: { path: '/security', ready: '[data-test=sessions] li' },
  'security-key': {
    path: '/security',
    ready: '[data-test=sessions] li',
    before: () => open('[data-test=new-key]'),
  },
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
    .replace('=needs', `=${row?._id}`);
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

export function seeEveryPage({ width, height }: { width: number; height: number }): void {
  describe.each([{ dark: false }, { dark: true }])(`at ${width} pixels, dark $dark`, ({ dark }) => {
    useDesk({ width, height, dark }, 'once');
    beforeAll(sowFew);
    beforeAll(sowReview);

    it.each(Object.entries(pages))(
      'has no serious barrier on the page %s, and nothing runs over its edge',
      async (name, { path, ready, before }) => {
        if (path === '') await page.goto(hub.url);
        else await enter(await addressOf(path));
        await page.locator(ready).first().waitFor();
        await before?.();
        if (name === 'release') await page.locator('svg text').first().waitFor();
        await settled(page);
        if (shots) {
          mkdirSync(shots, { recursive: true });
          await page.screenshot({
            path: join(shots, `${name}-${width}-${dark ? 'dark' : 'light'}.png`),
            fullPage: name !== 'placement',
          });
        }
        expect(await seriousBarriers(page)).toEqual([]);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
      },
      patience.test,
    );
  });
}
