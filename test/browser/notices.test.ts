/** The bell: how much nobody has seen, what it is, and that it is seen. */
import { overflow, seriousBarriers } from './barriers.js';
import { endSession, enter, failing, hub, openPage, page, says, signIn, useDesk } from './desk.js';
import { user } from './seed.js';

useDesk();

const notices = () => hub.store.notices.find({}).sort({ _id: -1 }).lean();
const bell = () => page.locator('[data-test=bell]');
const count = () => page.getByRole('button', { name: /^提醒/ });

it('says in plain words that there is nothing', async () => {
  await enter();
  expect(await bell().getAttribute('aria-label')).toBe('提醒');
  await bell().click();
  await says('[data-test=notices]', '没有提醒');
  expect(await seriousBarriers(page)).toEqual([]);
});

it('shows how many nobody has seen, and lets one and then all be seen', async () => {
  await hub.seed.notice(3);
  await enter();
  await says('[data-test=bell]', '3');
  await page.getByRole('button', { name: '提醒，3 条未读' }).click();
  await says('[data-test=notices] li:nth-child(1)', '“示例发布0”的凭据还有 7 天到期');
  await says('[data-test=notices] li:nth-child(1)', '怎么办：请在“账号”页重新授权。');
  expect(await seriousBarriers(page)).toEqual([]);
  await page.locator('[data-test=notices] li:nth-child(2) button').click();
  await page.locator('[data-test=bell]', { hasText: '2' }).waitFor();
  expect((await notices()).map(({ seen }) => seen?.by)).toEqual([undefined, user._id, undefined]);
  await page.locator('[data-test=all-seen]').click();
  await page.locator('[data-test=all-seen]').waitFor({ state: 'detached' });
  expect((await notices()).every(({ seen }) => seen)).toBe(true);
  expect(await bell().innerText()).toBe('');
});

it('shows older ones on demand, and counts no further than a hundred', async () => {
  await hub.seed.notice(100);
  await enter();
  await says('[data-test=bell]', '99+');
  await count().click();
  await page.locator('[data-test=notices] li:nth-child(30)').waitFor();
  await page.getByRole('button', { name: '载入更多' }).click();
  await page.locator('[data-test=notices] li:nth-child(60)').waitFor();
});

it('says why the notices cannot be read, and tries again', async () => {
  await enter();
  const mend = await failing('GET', '/notices');
  await bell().click();
  await says('[data-test=notices] [role=alert]', '数据库暂时不可用。');
  await mend();
  await page.locator('[data-test=notices]').getByRole('button', { name: '重试' }).click();
  await says('[data-test=notices]', '没有提醒');
});

it('leads nobody away from their page when the session ends while it looks in the background', async () => {
  await signIn('/accounts');
  await page.locator('[data-test=accounts]').waitFor();
  await page.waitForLoadState('networkidle');
  await endSession();
  const looked = page.waitForResponse((response) => response.url().includes('/notices'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  expect((await looked).status()).toBe(401);
  expect(new URL(page.url()).pathname).toBe('/accounts');
});

it('speaks English to those who chose it, and fits a phone', async () => {
  await hub.seed.notice(2);
  await openPage({ width: 390, height: 844 });
  await enter();
  await page.getByRole('button', { name: '账号菜单' }).click();
  await page.getByText('English', { exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Notices, 2 unseen' }).click();
  await says('[data-test=notices] li:nth-child(1)', 'What to do: Authorise it again under Accounts.');
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});
