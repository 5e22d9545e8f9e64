/** Every page and dialog of the dashboard before axe and at the edge of a window; the files beside it say how wide. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { overflow, seriousBarriers, settled } from './barriers.js';
import { patience } from './browser.js';
import { choose, enter, first, hub, page, says, useDesk } from './desk.js';

/** Where pictures of the pages are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];

interface Seen {
  path: string;
  ready: string;
  /** What lies over a list is seen over a few of its rows; a full page of them, and the way to the next, is seen once. */
  fewRows?: true;
  before?: () => Promise<void>;
}
const pages: Record<string, Seen> = {
  'sign-in': { path: '', ready: '#name' },
  releases: { path: '/releases', ready: 'tbody tr' },
  release: { path: '/releases/r1', ready: '[data-placement]' },
  placement: { path: '/releases/r1?placement=needs', ready: '[data-test=placement]', fewRows: true },
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
  'compose-change': { path: '/releases/r2/edit', ready: '[data-test=change]' },
  sign: { path: '/releases/r3', ready: '[data-test=sign]', before: () => open('[data-test=sign]') },
  accounts: { path: '/accounts', ready: '[data-test=accounts]' },
  'accounts-import': {
    path: '/accounts',
    ready: '[data-test=accounts]',
    before: () => open('button:has-text("导入账号")'),
  },
  withdraw: {
    path: '/releases/r1',
    ready: '[data-placement]',
    fewRows: true,
    before: () => open('role=button[name="撤回"]'),
  },
  resolve: {
    path: '/releases/r1?placement=needs',
    ready: '[data-test=resolve]',
    fewRows: true,
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

function keepTwoOfEachState(): void {
  const kept = hub.placements.filter(
    ({ release, state }, place, all) =>
      all.slice(0, place).filter((row) => row.release === release && row.state === state).length < 2,
  );
  hub.placements.splice(0, hub.placements.length, ...kept);
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
    useDesk({ width, height, dark });

    it.each(Object.entries(pages))(
      'has no serious barrier on the page %s, and nothing runs over its edge',
      async (name, { path, ready, fewRows, before }) => {
        if (fewRows) keepTwoOfEachState();
        if (path === '') await page.goto(hub.url);
        else await enter(path.replace('needs', first('needs_action')));
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
