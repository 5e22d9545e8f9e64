/// <reference lib="dom" />
/** Authorising an account, as people meet it: the accounts page, the platform's page, and back; with the Weibo sandbox for the platform. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { overflow, seriousBarriers } from './barriers.js';
import { enter, failing, hub, openPage, page, useDesk, type Look } from './desk.js';

/** Where pictures of the pages are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];
/** The first account on Weibo. */
const account = 'a0002';
const uid = '5000000002';

useDesk({ height: 844 });
// A page of fifty is seen elsewhere; here a dozen do.
beforeEach(() => hub.store.accounts.deleteMany({ _id: { $gt: 'a0011' } }));

async function kept(name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

async function toTheAccounts(look?: Look): Promise<void> {
  if (look) await openPage({ height: 844, ...look });
  await enter('/accounts');
  await page.locator('[data-test=accounts]').waitFor();
}

/** From the accounts page, by the first button that leads there. */
async function toThePlatform(): Promise<void> {
  await page.locator('[data-test=authorise]').first().click();
  await page.waitForURL(`${hub.weibo.url}/**`);
}

/** On the platform's page. */
async function agree(as = uid): Promise<void> {
  await page.fill('#uid', as);
  await page.getByRole('button', { name: '同意' }).click();
}

describe('the accounts page', () => {
  it('offers it only where the platform can be asked, and leads there and back by keyboard', async () => {
    await toTheAccounts();
    const shown = await hub.store.accounts.find({}).sort({ _id: 1 }).limit(50).lean();
    expect(await page.locator('[data-test=authorise]').count()).toBe(
      shown.filter(({ channel }) => channel === 'weibo').length,
    );
    await page.locator('[data-test=authorise]').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${hub.weibo.url}/**`);
    await agree();
    await page.locator('[data-test=authorisation]').waitFor();
    expect(await page.locator('[data-test=authorisation]').innerText()).toContain('有效期还剩 29 天');
    expect(await page.locator('[data-test=authorisation]').getAttribute('role')).toBe('status');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-test') === 'authorisation');
    expect(new URL(page.url()).search).toBe('');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=authorisation]').waitFor({ state: 'detached' });
  });

  it('tells an outcome once: a reload says nothing old', async () => {
    await toTheAccounts();
    await toThePlatform();
    await page.getByRole('button', { name: '拒绝' }).click();
    await page.locator('[data-test=authorisation][data-outcome=refused][role=alert]').waitFor();
    expect(await page.locator('[data-test=authorisation]').innerText()).toMatch(/怎么办：.*请再点一次“授权”/);
    await page.reload();
    await page.locator('[data-test=accounts]').waitFor();
    expect(await page.locator('[data-test=authorisation]').count()).toBe(0);
  });

  it('says why it cannot begin, and an outcome that can no longer be read', async () => {
    await toTheAccounts();
    await failing('POST', `/accounts/${account}/authorise`);
    await page.locator('[data-test=authorise]').first().click();
    await page.locator('[role=alert]', { hasText: '数据库暂时不可用。' }).waitFor();
    await page.goto(`${hub.url}/accounts?authorisation=gone`);
    await page.locator('[role=alert]', { hasText: '没有找到' }).waitFor();
  });

  it('asks for a new authorisation before the old one ends', async () => {
    const credential = { state: 'ok', checkedAt: new Date(), daysLeft: 2 } as const;
    await hub.store.accounts.updateOne({ _id: account }, { $set: { credential } });
    await toTheAccounts();
    expect(await page.locator('[data-test=accounts]').innerText()).toContain('凭据即将到期，请现在点“授权”');
    await page.locator('.el-button--primary[data-test=authorise]').first().waitFor();
  });

  it.each([
    { width: 1440, dark: false },
    { width: 1440, dark: true },
    { width: 390, dark: false },
    { width: 390, dark: true },
  ])('has no serious barrier with an outcome, at $width pixels, dark $dark', async ({ width, dark }) => {
    await toTheAccounts({ width, dark });
    await toThePlatform();
    await agree('5000000004');
    await page.locator('[data-test=authorisation][data-outcome=failed]').waitFor();
    await kept(`authorised-${width}-${dark ? 'dark' : 'light'}`);
    expect(await seriousBarriers(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});

describe('the whole way', () => {
  beforeEach(() =>
    fetch(`${hub.weibo.sandbox.controlUrl}/expire-token`, { method: 'POST', body: JSON.stringify({ uid }) }),
  );

  async function withDeadCredential(look?: Look): Promise<void> {
    await hub.store.accounts.deleteMany({ _id: { $gt: account } });
    await hub.store.accounts.deleteMany({ _id: { $lt: account } });
    await toTheAccounts(look);
    await page.getByRole('button', { name: /^检查账号/ }).click();
    await page.locator('[data-test=accounts]', { hasText: '凭据失效' }).waitFor();
    await toThePlatform();
  }

  it('leads a trainee to the platform’s page, who agrees, and back to a credential that works', async () => {
    await withDeadCredential();
    expect(await page.locator('h1').innerText()).toContain('允许应用');
    expect(await page.locator('main').innerText()).toContain(new URL(hub.url).host);
    expect(await seriousBarriers(page)).toEqual([]);
    await kept('weibo-authorize');
    await agree();
    await page.locator('[data-test=authorisation][data-outcome=done]').waitFor();
    expect(new URL(page.url()).origin).toBe(hub.url);
    expect(await page.locator('[data-test=accounts]').innerText()).toMatch(/凭据有效[\s\S]*剩 29 天/);
  });

  it('comes back with nothing changed where the trainee refuses, or signs in as somebody else; on a phone too', async () => {
    await withDeadCredential({ width: 390 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await kept('weibo-authorize-390');
    await page.getByRole('button', { name: '拒绝' }).click();
    await page.locator('[data-test=authorisation][data-outcome=refused]').waitFor();
    await toThePlatform();
    await agree('12');
    await page.getByText('仿真平台没有这个账号').waitFor();
    await page.fill('#uid', '5000000004');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=authorisation][data-outcome=failed]', { hasText: 'UID 5000000004' }).waitFor();
  });
});
