/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The dashboard as people meet it: a real browser, the built pages, a hub in memory that can be made to fail. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { releaseOf } from './fake-data.js';
import { overflow, seriousBarriers } from './barriers.js';
import { choose, first, hub, openPage, page, says, signIn, text, useDesk } from './desk.js';

/** Where pictures of the pages are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];

useDesk();

describe('signing in', () => {
  it('says nothing more than that name or password is wrong', async () => {
    await page.goto(hub.url);
    await page.fill('#name', 'zhangmin');
    await page.fill('#password', 'wrong');
    await page.keyboard.press('Enter');
    await says('[role=alert]', '用户名或密码不正确。');
    expect(await page.inputValue('#password')).toBe('');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });

  it('leads back to the page that was asked for, and again after the session ended', async () => {
    await signIn('/accounts?x=1');
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/accounts?x=1');
    await page.locator('[data-test=accounts]').waitFor();
    hub.endSessions();
    await page.locator('[data-test=accounts] tbody button').first().click();
    await page.waitForURL(/sign-in.*back=.*accounts/);
    await says('main', '登录已过期');
  });

  it('does not follow an address of somebody else', async () => {
    await signIn('/sign-in?back=//evil.example/');
    expect(new URL(page.url()).pathname).toBe('/releases');
  });

  it('signs out', async () => {
    await signIn();
    await page.getByRole('button', { name: '账号菜单' }).click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.waitForURL(/sign-in/);
    await page.goto(`${hub.url}/accounts`);
    await page.waitForURL(/sign-in/);
  });
});

describe('the list of releases', () => {
  it('says of an exercise that it is one, in the list and over its deliveries', async () => {
    const drill = releaseOf('d1', '台风红色预警', 'emergency', true);
    drill.revision.emergency = {
      status: 'Exercise',
      msgType: 'Alert',
      level: 'red',
      category: 'Met',
      event: '台风',
      areas: [{ name: '福州市' }],
      instruction: '停止户外活动。',
      onset: '2026-11-24T13:00:00Z',
      references: [],
    };
    hub.releases.unshift(drill);
    await signIn('/releases');
    expect(await page.locator('tbody tr', { hasText: '台风红色预警' }).locator('.kind').innerText()).toMatch(
      /演练\s*应急信息/,
    );
    expect(await page.locator('.drill').count()).toBe(1);
    await page.getByText('台风红色预警').click();
    await says('header .facts', '演练');
  });

  it('shows each release with its counts, and follows them live', async () => {
    await signIn();
    await says('tbody tr:nth-child(1)', '已核验 60');
    await says('tbody tr:nth-child(3)', '草稿，尚未投递');
    hub.move(first('sending'), 'verified');
    await says('tbody tr:nth-child(1)', '已核验 61');
  });

  it('finds among the loaded and says when nothing fits', async () => {
    await signIn();
    await page.locator('[data-search] input, input[data-search]').first().fill('政务公开');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    await page.locator('[data-search] input, input[data-search]').first().fill('没有这个');
    await says('main', '没有符合');
  });

  it('says what to do when there is none', async () => {
    hub.releases.splice(0);
    await signIn();
    await says('main', '还没有发布件');
  });

  it('shows a failure with what to do, and recovers by the button', async () => {
    hub.failing.add('GET /releases');
    await signIn();
    await says('[role=alert]', '数据暂时无法读取。');
    hub.failing.clear();
    await page.getByRole('button', { name: '重试' }).click();
    await says('tbody', '防汛');
  });
});

describe('one release', () => {
  it('moves to verified on the page without a reload, and says finished only then', async () => {
    await signIn('/releases/r1');
    await says('[data-test=progress]', '60 / 120');
    await says('[data-test=verdict]', '投递进行中');
    await page.evaluate(() => {
      document.body.dataset['mark'] = 'kept';
    });
    for (const row of hub.deliveries.filter(({ release, state }) => release === 'r1' && state !== 'verified'))
      hub.move(row.id, 'verified');
    await says('[data-test=progress]', '120 / 120');
    await says('[data-test=verdict]', '全部投递已有最终结果');
    await says('[data-delivery=r1-0000]', '已核验');
    expect(await page.evaluate(() => document.body.dataset['mark'])).toBe('kept');
  });

  it('gives the same counts as a table as it draws', async () => {
    await signIn('/releases/r1');
    await page.locator('[data-test=count-table] tbody tr').first().waitFor({ state: 'attached' });
    expect(await page.locator('[data-test=count-table] tbody tr').count()).toBe(4);
    const cells = await page.locator('[data-test=count-table] tbody td:last-child').allTextContents();
    expect(cells.map((cell) => cell.trim())).toEqual(['30', '30', '30', '30']);
  });

  it('filters by channel, state and the beginning of a name, and turns pages', async () => {
    await signIn('/releases/r1');
    await says('.pages', '第 1–50 条，共 120 条');
    await page.getByRole('button', { name: '下一页' }).click();
    await says('.pages', '第 51–100 条，共 120 条');
    await choose('filter-state', '失败');
    await says('.pages', '第 1–4 条，共 4 条');
    await page.getByRole('button', { name: '清除筛选' }).click();
    await choose('filter-channel', '微博');
    await says('.pages', '共 30 条');
    await page.locator('.search input').fill('望城区发布');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-delivery] .name')].every((name) => name.textContent?.startsWith('望城区')),
    );
    await page.locator('.search input').fill('不存在');
    await says('main', '没有符合条件的投递');
  });

  it('filters by a click on a number', async () => {
    await signIn('/releases/r1');
    await page.locator('[data-test=number-failed]').click();
    await says('.pages', '共 4 条');
  });

  it('tells what happened to a delivery in the words of the platform and ours, and tries again', async () => {
    const id = first('failed');
    await signIn(`/releases/r1?delivery=${id}`);
    await says('[data-test=delivery]', '平台代码 45166');
    await says('[data-test=delivery]', 'invalid content hint: [x1]');
    await says('[data-test=delivery]', '请修改正文中的外部链接');
    await page.locator('[data-test=retry]').click();
    await says('[data-test=delivery] .now', '排队中');
    expect(hub.orders.map(({ path }) => path)).toEqual([`/deliveries/${id}/retry`]);
  });

  it('asks how it was checked before it takes a person’s word', async () => {
    const id = first('needs_action');
    await signIn(`/releases/r1?delivery=${id}`);
    await page.locator('[data-test=resolve]').click();
    await page.locator('[data-test=resolve-submit]').click();
    await says('.el-dialog', '请写明如何核实的。');
    await page.fill('#resolve-url', 'https://mp.example.com/s/1');
    await page.fill('#resolve-note', '已登录后台查看，文章已群发。');
    await page.locator('[data-test=resolve-submit]').click();
    await says('[data-test=delivery] .now', '已核验');
    expect(hub.orders).toEqual([
      {
        path: `/deliveries/${id}/resolve`,
        body: { outcome: 'published', url: 'https://mp.example.com/s/1', note: '已登录后台查看，文章已群发。' },
      },
    ]);
  });

  it('names how many accounts a withdrawal reaches and wants a reason', async () => {
    await signIn('/releases/r1');
    await page.getByRole('button', { name: '撤回', exact: true }).click();
    await says('.el-dialog', '120 个账号');
    await page.locator('[data-test=withdraw-submit]').click();
    await says('.el-dialog', '请填写撤回原因。');
    expect(hub.orders).toEqual([]);
    await page.fill('#withdraw-reason', '内容有误');
    await page.locator('[data-test=withdraw-submit]').click();
    await says('header', '撤回');
    await page.locator('.withdrawn').waitFor();
    expect(hub.orders).toEqual([{ path: '/releases/r1/withdraw', body: { reason: '内容有误' } }]);
  });

  it('counts a withdrawal apart from the publishing, and leads to its deliveries', async () => {
    const taken = hub.deliveries.filter((row) => row.release === 'r1').slice(0, 3);
    hub.deliveries.push(
      ...taken.map((row, place) => ({
        ...row,
        id: `${row.id}-w`,
        action: 'withdraw' as const,
        state: place === 0 ? ('needs_action' as const) : ('withdrawn' as const),
      })),
    );
    await signIn('/releases/r1');
    await says('[data-test=progress]', '60 / 120');
    await says('[data-test=withdrawal]', '3 个账号中已撤回 2 个');
    await says('[data-test=withdrawal]', '1 个需人工处理');
    await page.locator('[data-test=withdrawal]').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-test=deliveries] tbody tr').length === 3);
  });

  it('takes a line that says nothing for long as lost', async () => {
    await page.clock.install();
    await signIn('/releases/r1');
    await says('[data-test=progress]', '60 / 120');
    await page.route('**/api/v1/events*', (route) => route.abort());
    await page.clock.fastForward(41_000);
    await says('[data-test=line-lost]', '连接中断，正在重连…');
  });

  it('says when the line is lost, mends itself and catches up', async () => {
    await signIn('/releases/r1');
    await says('[data-test=progress]', '60 / 120');
    hub.dropLines();
    await says('[data-test=line-lost]', '连接中断，正在重连…');
    const id = first('queued');
    hub.move(id, 'verified');
    expect(await text('[data-test=progress]')).toContain('60 / 120');
    hub.mend();
    await says('[data-test=progress]', '61 / 120');
    await page.locator('[data-test=line-lost]').waitFor({ state: 'detached' });
  });
});

describe('accounts', () => {
  it('shows why a credential is dead and what to do, filters, and checks on order', async () => {
    await signIn('/accounts');
    await says('[data-test=accounts]', '请账号管理员重新授权');
    await choose('filter-credential', '凭据失效');
    await page.waitForFunction(() => document.querySelectorAll('[data-test=accounts] tbody tr').length === 3);
    await page.locator('[data-test=accounts] tbody button').first().click();
    await says('[data-test=accounts] tbody tr:first-child', '凭据有效');
  });

  it('lists each refused row of an import and brings in the others', async () => {
    await signIn('/accounts');
    await page.getByRole('button', { name: '导入账号' }).click();
    const csv = 'channel,name,organization,tags,settings.site\nwebsite,甲网,city-a,应急；市级,甲\nwebsite,乙网,,,\n';
    await page.setInputFiles('input[accept*=".csv"]', {
      name: '账号.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    await says('[data-test=import-result]', '新增 1');
    await says('[data-test=import-result] tbody', '没有这个单位。');
    expect((await page.locator('[data-test=import-result] tbody td').allTextContents())[0]).toBe('2');
    await page.setInputFiles('input[accept*=".csv"]', {
      name: '坏.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('a,b\n1,2\n'),
    });
    await says('.el-dialog [role=alert]', '不是可读的 CSV 或 JSON');
  });
});

describe('for every person', () => {
  it('speaks English at a switch, remembers it, and turns dark and large', async () => {
    await signIn();
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    await page.getByRole('button', { name: '账号菜单' }).click();
    const before = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    await page.getByText('English', { exact: true }).click();
    await says('h1', 'Releases');
    await page.getByText('Dark', { exact: true }).click();
    await page.getByText('Large type', { exact: true }).click();
    await page.reload();
    await says('h1', 'Releases');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await page.getAttribute('html', 'class')).toMatch(/dark large/);
    expect(await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize))).toBeGreaterThan(
      before,
    );
  });

  it('leads from the list to a timeline and back by keyboard alone', async () => {
    await signIn();
    await says('tbody', '防汛');
    await page.keyboard.press('?');
    await says('.el-dialog', '键盘快捷键');
    await page.keyboard.press('Escape');
    await page.locator('.el-dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL(/accounts/);
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.waitForURL(/releases$/);
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/releases\/r1/);
    await page.locator('[data-delivery] .name').first().waitFor();
    for (
      let step = 0;
      step < 60 && !(await page.evaluate(() => document.activeElement?.closest('[data-delivery]') !== null));
      step += 1
    )
      await page.keyboard.press('Tab');
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe(
      'solid',
    );
    await page.keyboard.press('Enter');
    await page.locator('[data-test=delivery]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('[data-test=delivery]').waitFor({ state: 'hidden' });
  });
});

describe.each([
  { width: 1440, dark: false },
  { width: 1440, dark: true },
  { width: 390, dark: false },
  { width: 390, dark: true },
])('at $width pixels, dark $dark', ({ width, dark }) => {
  const pages: Record<string, { path: string; ready: string; before?: () => Promise<void> }> = {
    'sign-in': { path: '', ready: '#name' },
    releases: { path: '/releases', ready: 'tbody tr' },
    release: { path: '/releases/r1', ready: '[data-delivery]' },
    delivery: { path: '/releases/r1?delivery=needs', ready: '[data-test=delivery]' },
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
    accounts: { path: '/accounts', ready: '[data-test=accounts]' },
    'accounts-import': {
      path: '/accounts',
      ready: '[data-test=accounts]',
      before: () => open('button:has-text("导入账号")'),
    },
    withdraw: { path: '/releases/r1', ready: '[data-delivery]', before: () => open('role=button[name="撤回"]') },
    resolve: {
      path: '/releases/r1?delivery=needs',
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

  it.each(Object.keys(pages))('has no serious barrier on the page %s, and nothing runs over its edge', async (name) => {
    const { path, ready, before } = pages[name] ?? { path: '', ready: 'body' };
    await openPage({ width, height: width === 390 ? 844 : 900, dark });
    if (path === '') await page.goto(hub.url);
    else await signIn(path.replace('needs', first('needs_action')));
    await page.locator(ready).first().waitFor();
    await before?.();
    if (name === 'release') await page.locator('svg text').first().waitFor();
    if (shots) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({
        path: join(shots, `${name}-${width}-${dark ? 'dark' : 'light'}.png`),
        fullPage: name !== 'delivery',
      });
    }
    expect(await seriousBarriers(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});
