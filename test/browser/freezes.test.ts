/// <reference lib="dom" />
/** Freezing and thawing on the screen: everybody sees it, two persons end it. */
import { join } from 'node:path';
import { addPerson } from '../../core/people/add.js';
import { overflow, seriousBarriers, settled } from './barriers.js';
import { enter, hub, openPage, page, says, sent, useDesk } from './desk.js';
import { user } from './seed.js';

useDesk();

const second = { name: 'wangqiang', displayName: '王强', password: 'another right one' };
beforeAll(() => addPerson(hub, { ...second, roles: ['commander'] }, 'u2').then(() => undefined));

async function enterAs({ name, password }: { name: string; password: string }, path: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(hub.url + path);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === path);
}

async function freezeEverything(): Promise<void> {
  await page.locator('[data-test=freeze]').click();
  await says('[data-test=freeze-size]', '将停止 119 个账号的公开');
  await page.fill('#freeze-reason', '数据有误');
  await page.locator('[data-test=freeze-submit]').click();
  await says('[data-test=freeze-done]', '各发布进程均已确认');
}

it('freezes by keyboard, says who has confirmed, and shows it on every screen', async () => {
  await enter('/releases');
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await says('[data-test=freezes]', '没有冻结');
  await freezeEverything();
  expect(sent(/\/freezes$/).map(({ body }) => body)).toEqual([
    { scope: { kind: 'everything' }, emergencyToo: false, reason: '数据有误' },
  ]);
  await page.getByRole('button', { name: '知道了' }).click();
  for (const path of ['/releases', '/accounts', '/releases/new']) {
    await page.goto(hub.url + path);
    await says('[data-test=freeze-banner]', '已冻结：全部');
    await says('[data-test=freeze-banner]', `${user.displayName}于`);
    await says('[data-test=freeze-banner]', '原因：数据有误');
  }
});

it('asks for scope and reason before anything is sent', async () => {
  await enter('/freezes');
  await page.locator('[data-test=freeze]').click();
  await page.getByText('地区（六位代码）').click();
  await page.fill('#freeze-named', '35');
  await page.locator('[data-test=freeze-submit]').click();
  await says('#freeze-why', '请填写');
  expect(sent(/\/freezes$/)).toEqual([]);
  await page.fill('#freeze-named', '350200');
  await page.fill('#freeze-reason', '临江的数据有误');
  await page.keyboard.press('Enter');
  await says('[data-test=freeze-done]', '各发布进程均已确认');
  await says('[data-test=freeze-banner]', '地区 350200');
});

it('is thawed by two persons: who has asked cannot confirm', async () => {
  await enter('/freezes');
  await freezeEverything();
  await page.getByRole('button', { name: '知道了' }).click();
  await page.locator('[data-test=thaw]').click();
  await page.fill('#thaw-reason', '已更正');
  await page.locator('[data-test=thaw-submit]').click();
  await says('[data-test=in-force]', '由您申请，须由另一人确认');
  expect(await page.locator('[data-test=thaw]').count()).toBe(0);
  await enterAs(second, '/freezes');
  await says('[data-test=in-force]', `${user.displayName}于`);
  await page.locator('[data-test=thaw]').click();
  await page.locator('[data-test=thaw-submit]').click();
  await says('[data-test=past]', `${second.displayName}于`);
  await page.locator('[data-test=freeze-banner]').waitFor({ state: 'detached' });
});

it('says of a freeze that the ledger cannot take that it is in force and not yet in the book, and offers no thaw before', async () => {
  await openPage({ width: 390, height: 844, dark: true });
  await enter('/freezes');
  await page.evaluate(() => document.documentElement.classList.add('large'));
  // The next place in the book is taken, so no act can be entered.
  const { auditEntries, auditHead } = hub.store;
  const n = ((await auditHead.findById('head').lean())?.n ?? 0) + 1;
  await auditEntries.create({ _id: 'stray', n, body: '{}', at: new Date(), act: 'x', outcome: 'done' });
  await page.locator('[data-test=freeze]').click();
  await page.fill('#freeze-reason', '磁盘已满，先停发');
  await page.locator('[data-test=freeze-submit]').click();
  await says('[data-test=freeze-done]', '已生效，尚未入账');
  await says('[data-test=freeze-done]', '各发布进程均已确认');
  await page.getByRole('button', { name: '知道了' }).click();
  await says('[data-test=freeze-banner]', '已生效，尚未入账');
  await says('[data-test=in-force] [data-test=unwritten]', '补记之前不能解冻');
  expect(await page.locator('[data-test=thaw]').count()).toBe(0);
  await settled(page);
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  const shots = process.env['DASHBOARD_SHOTS'];
  if (shots) await page.screenshot({ path: join(shots, 'freeze-unwritten-390.png'), fullPage: true });
  await auditEntries.deleteOne({ _id: 'stray' });
  // Here is no clock: whoever asks for the thaw has it entered first.
  const id = await page.locator('[data-test=in-force] > li').getAttribute('data-freeze');
  await page.evaluate(async (freeze) => {
    const body = JSON.stringify({ reason: '已腾出空间' });
    await fetch(`/api/v1/freezes/${freeze}/thaw`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  }, id);
  await says('[data-test=in-force]', '补记入账');
  await enterAs(second, '/freezes');
  await page.locator('[data-test=thaw]').click();
  await page.locator('[data-test=thaw-submit]').click();
  await page.locator('[data-test=freeze-banner]').waitFor({ state: 'detached' });
});

it.each([
  { width: 390, height: 844, dark: false, large: true },
  { width: 1440, height: 900, dark: true, large: false },
])(
  'has no serious barrier at $width pixels, dark $dark, large $large, and nothing runs over the edge',
  async (look) => {
    await openPage(look);
    await enter('/freezes');
    if (look.large) await page.evaluate(() => document.documentElement.classList.add('large'));
    await page.locator('[data-test=freeze]').click();
    await page.getByText('渠道', { exact: true }).click();
    await settled(page);
    expect(await seriousBarriers(page)).toEqual([]);
    await page.getByText('我所管的全部').click();
    await page.fill('#freeze-reason', '数据有误');
    await page.locator('[data-test=freeze-submit]').click();
    await says('[data-test=freeze-done]', '各发布进程均已确认');
    await page.getByRole('button', { name: '知道了' }).click();
    await page.locator('[data-test=freeze-banner]').waitFor();
    await settled(page);
    expect(await seriousBarriers(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  },
);
