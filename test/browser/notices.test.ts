/** The bell: how much nobody has seen, what it is, and that it is seen. */
import type { NoticeBody } from '../../server/contract/notices.js';
import { overflow, seriousBarriers } from './barriers.js';
import { hub, openPage, page, says, signIn, useDesk } from './desk.js';

useDesk();

function tell(count: number): void {
  hub.notices.push(
    ...Array.from({ length: count }, (_, index): NoticeBody => ({
      id: `n${String(9_000 - index)}`,
      at: new Date().toISOString(),
      level: (['urgent', 'warning', 'good', 'info'] as const)[index % 4] ?? 'info',
      said: {
        zh: `微博账号“示例发布${index}”的凭据还有 7 天到期（2026-12-02）。`,
        en: `The credential of the Weibo account “示例发布${index}” ends in 7 days (2026-12-02).`,
      },
      todo: { zh: '请在“账号”页重新授权。', en: 'Authorise it again under Accounts.' },
    })),
  );
}
const bell = () => page.locator('[data-test=bell]');
const count = () => page.getByRole('button', { name: /^提醒/ });

it('says in plain words that there is nothing', async () => {
  await signIn();
  expect(await bell().getAttribute('aria-label')).toBe('提醒');
  await bell().click();
  await says('[data-test=notices]', '没有提醒');
  expect(await seriousBarriers(page)).toEqual([]);
});

it('shows how many nobody has seen, and lets one and then all be seen', async () => {
  tell(3);
  await signIn();
  await says('[data-test=bell]', '3');
  await page.getByRole('button', { name: '提醒，3 条未读' }).click();
  await says('[data-test=notices] li:nth-child(1)', '“示例发布0”的凭据还有 7 天到期');
  await says('[data-test=notices] li:nth-child(1)', '怎么办：请在“账号”页重新授权。');
  expect(await seriousBarriers(page)).toEqual([]);
  await page.locator('[data-test=notices] li:nth-child(2) button').click();
  await page.locator('[data-test=bell]', { hasText: '2' }).waitFor();
  expect(hub.notices.map(({ seen }) => seen !== undefined)).toEqual([false, true, false]);
  await page.locator('[data-test=all-seen]').click();
  await page.locator('[data-test=all-seen]').waitFor({ state: 'detached' });
  expect(hub.notices.every(({ seen }) => seen)).toBe(true);
  expect(await bell().innerText()).toBe('');
});

it('shows older ones on demand, and counts no further than a hundred', async () => {
  tell(100);
  await signIn();
  await says('[data-test=bell]', '99+');
  await count().click();
  await page.locator('[data-test=notices] li:nth-child(30)').waitFor();
  await page.getByRole('button', { name: '载入更多' }).click();
  await page.locator('[data-test=notices] li:nth-child(60)').waitFor();
});

it('says why the notices cannot be read, and tries again', async () => {
  await signIn();
  hub.failing.add('GET /notices');
  await bell().click();
  await says('[data-test=notices] [role=alert]', '数据暂时无法读取。');
  hub.failing.clear();
  await page.locator('[data-test=notices]').getByRole('button', { name: '重试' }).click();
  await says('[data-test=notices]', '没有提醒');
});

it('leads nobody away from their page when the session ends while it looks in the background', async () => {
  await signIn('/accounts');
  await page.locator('[data-test=accounts]').waitFor();
  await page.waitForLoadState('networkidle');
  hub.endSessions();
  const looked = page.waitForResponse((response) => response.url().includes('/notices'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  expect((await looked).status()).toBe(401);
  expect(new URL(page.url()).pathname).toBe('/accounts');
});

it('speaks English to those who chose it, and fits a phone', async () => {
  tell(2);
  await openPage({ width: 390, height: 844 });
  await signIn();
  await page.getByRole('button', { name: '账号菜单' }).click();
  await page.getByText('English', { exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Notices, 2 unseen' }).click();
  await says('[data-test=notices] li:nth-child(1)', 'What to do: Authorise it again under Accounts.');
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});
