/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The dashboard as people meet it: a real browser, the built pages, a whole hub. */
import { choose, endSession, enter, failing, first, hub, page, says, signIn, useDesk } from './desk.js';
import { warning } from './seed.js';

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
    await endSession();
    await page.locator('[data-test=accounts] tbody button').first().click();
    await page.waitForURL(/sign-in.*back=.*accounts/);
    await says('main', '登录已过期');
  });

  it('does not follow an address of somebody else', async () => {
    await signIn('/sign-in?back=//evil.example/');
    expect(new URL(page.url()).pathname).toBe('/tasks');
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
  it('says of an exercise that it is one, in the list and over its placements', async () => {
    const drill = await hub.seed.write({
      title: '台风红色预警',
      kind: 'emergency',
      emergency: { ...warning, status: 'Exercise' },
    });
    await hub.store.accounts.updateMany({}, { $set: { exercise: true } });
    await hub.seed.send(drill, 1, () => 'verified');
    await enter('/releases');
    expect(await page.locator('tbody tr', { hasText: '台风红色预警' }).locator('.kind').innerText()).toMatch(
      /演练\s*应急信息/,
    );
    expect(await page.locator('.drill').count()).toBe(1);
    await page.getByText('台风红色预警').click();
    await says('header .facts', '演练');
  });

  it('shows each release with its counts, and follows them live', async () => {
    await enter('/releases');
    await says('tbody tr:nth-child(1)', '已核验 60');
    await says('tbody tr:nth-child(3)', '草稿，尚未发布');
    await hub.land(await first('sending'));
    await says('tbody tr:nth-child(1)', '已核验 61');
  });

  it('finds among the loaded and says when nothing fits', async () => {
    await enter('/releases');
    await page.locator('[data-search] input, input[data-search]').first().fill('政务公开');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    await page.locator('[data-search] input, input[data-search]').first().fill('没有这个');
    await says('main', '没有符合');
  });

  it('says what to do when there is none', async () => {
    await hub.store.releases.deleteMany({});
    await enter('/releases');
    await says('main', '还没有发布件');
  });

  it('shows a failure with what to do, and recovers by the button', async () => {
    const mend = await failing('GET', '/releases');
    await enter('/releases');
    await says('[role=alert]', '数据库暂时不可用。');
    await mend();
    await page.getByRole('button', { name: '重试' }).click();
    await says('tbody', '防汛');
  });
});

describe('accounts', () => {
  it('shows why a credential is dead and what to do, filters, and checks on order', async () => {
    await enter('/accounts');
    await says('[data-test=accounts]', '请账号管理员重新授权');
    await choose('filter-credential', '凭据失效');
    await page.waitForFunction(() => document.querySelectorAll('[data-test=accounts] tbody tr').length === 3);
    await page.locator('[data-test=accounts] tbody button').first().click();
    await says('[data-test=accounts] tbody tr:first-child', '凭据有效');
  });

  it('shows what a file would do, each refused row by its number, and stores it when that is confirmed', async () => {
    await enter('/accounts');
    await page.getByRole('button', { name: '导入账号' }).click();
    const csv =
      'channel,name,organization,tags,settings.type,settings.site,settings.siteName,settings.siteDomain,settings.siteIdCode\n' +
      'website,甲网,city-a,应急；市级,builtin,jia,甲网,www.example.gov.cn,3501000001\n\nwebsite,乙网,,,,,,,\n';
    await page.setInputFiles('input[accept*=".csv"]', {
      name: '账号.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    });
    await says('[data-test=import-result]', '尚未保存');
    await says('[data-test=import-result]', '新增 1');
    await says('[data-test=import-result]', '空行 1');
    expect((await page.locator('[data-test=import-refused] tbody td').allTextContents()).slice(0, 2)).toEqual([
      '4',
      'organization',
    ]);
    expect((await page.locator('[data-test=import-changes] tbody td').allTextContents()).slice(0, 2)).toEqual([
      '2',
      '甲网',
    ]);
    await page.locator('[data-test=import-apply]').click();
    await page.waitForSelector('[data-test=import-result][data-stored=true]');
    await says('[data-test=import-result]', '导入结果');
    expect(await hub.store.accounts.countDocuments({ name: '甲网' })).toBe(1);
  });
});
