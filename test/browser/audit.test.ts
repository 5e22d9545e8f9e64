/// <reference lib="dom" />
/** The auditor's room: who did what, found by person, unit, release and time; what was refused; whether the book is whole. */
import { readFile } from 'node:fs/promises';
import { act } from '../../core/audit/book.js';
import { enter, hub, page, says, useDesk } from './desk.js';
import { user } from './seed.js';

useDesk();

const rows = () => page.locator('[data-test=audit] tbody tr');

/** The book is never emptied, so each test acts upon releases of its own. */
let turn = 0;
const named = (index: number): string => `r${String(turn)}-${String(index)}`;

beforeEach(async () => {
  turn += 1;
  for (const [index, unit] of ['qingyuan', 'qingyuan', undefined].entries())
    await act(
      hub.store,
      {
        act: 'release.save',
        outcome: index === 1 ? 'refused' : 'done',
        ...(index === 1 && { code: 'revision_stale' as const }),
        who: { person: index === 2 ? 'u-other' : user._id, from: { ip: '192.0.2.9', agent: 'Edge/141' } },
        unit,
        on: { release: named(index) },
        before: { title: '旧标题' },
        after: { title: '新标题' },
      },
      async () => undefined,
    );
});

it('shows who did what, opens the details by keyboard, and keeps what was asked in the address', async () => {
  await enter('/audit');
  await says('[data-test=audit]', '保存发布件');
  await says('[data-test=audit]', '登录');
  const newest = rows().first();
  await newest.locator('summary').focus();
  await page.keyboard.press('Enter');
  await says('[data-test=audit] details[open]', '新标题');

  await page.locator('[data-test=view]').getByText('被拒绝的操作').click();
  await rows().filter({ hasText: '完成' }).first().waitFor({ state: 'detached' });
  await says('[data-test=audit]', 'revision_stale');
  await page.getByRole('button', { name: '清除条件' }).waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?view=refused');

  await page.locator('[data-test=view]').getByText('登录', { exact: true }).click();
  await page.locator('[data-test=audit] tbody tr', { hasText: '保存发布件' }).first().waitFor({ state: 'detached' });
  await says('[data-test=audit]', '登录');

  await enter(`/audit?release=${named(0)}`);
  await rows().first().waitFor();
  expect(await rows().count()).toBe(1);
  await page.getByLabel('发布件编号').fill(named(2));
  await page.keyboard.press('Enter');
  await page.locator('[data-test=audit]', { hasText: 'u-other' }).waitFor();
  expect(await rows().count()).toBe(1);
  await page.getByRole('button', { name: '清除条件' }).click();
  await rows().nth(2).waitFor();

  await page.getByLabel('起（当日零时）').fill('2036-01-01');
  await page.keyboard.press('Enter');
  await says('.panel', '没有符合条件的记录');
});

it('gives out what is shown as a file', async () => {
  await enter(`/audit?release=${named(1)}`);
  await rows().first().waitFor();
  const waiting = page.waitForEvent('download');
  await page.locator('[data-test=export-csv]').click();
  const file = await (await waiting).path();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('revision_stale');
});

it('says whether the book is whole, and where it is not', async () => {
  await enter('/audit');
  await says('[data-test=check]', '尚未核验过');
  await page.locator('[data-test=check-now]').click();
  await page.locator('[data-test=check].intact').waitFor();
  await hub.store.auditEntries.collection.updateOne({ n: 2 }, { $set: { person: 'u-else' } } as never);
  await page.locator('[data-test=check-now]').click();
  await page.locator('[data-test=check].broken').waitFor();
  await says('[data-test=check]', '第 2 条被改动过');
});
