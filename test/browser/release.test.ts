/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** One release and its placements, as people follow them. */
import { all, choose, enter, first, hub, ordered, page, says, text, useDesk } from './desk.js';
import { password, shares } from './seed.js';

useDesk();

/** Until the ledger says so. */
async function recorded(id: string, state: string): Promise<void> {
  while ((await hub.placement(id)).state !== state) await new Promise((wait) => setTimeout(wait, 20));
}

describe('one release', () => {
  it('moves to verified on the page without a reload, and says finished only then', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
    await says('[data-test=progress]', '60 / 120');
    await says('[data-test=verdict]', '进行中');
    await page.evaluate(() => {
      document.body.dataset['mark'] = 'kept';
    });
    for (const state of Object.keys(shares)) if (state !== 'verified') await hub.land(...(await all(state)));
    await says('[data-test=progress]', '120 / 120');
    await says('[data-test=verdict]', '全部账号已有最终结果');
    await says(`[data-placement=${hub.seed.on(hub.seed.emergency)}]`, '已核验');
    expect(await page.evaluate(() => document.body.dataset['mark'])).toBe('kept');
  });

  it('gives the same counts as a table as it draws', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
    await page.locator('[data-test=count-table] tbody tr').first().waitFor({ state: 'attached' });
    expect(await page.locator('[data-test=count-table] tbody tr').count()).toBe(4);
    const cells = await page.locator('[data-test=count-table] tbody td:last-child').allTextContents();
    expect(cells.map((cell) => cell.trim())).toEqual(['30', '30', '30', '30']);
  });

  it('filters by channel, state and the beginning of a name, and turns pages', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
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
      [...document.querySelectorAll('[data-placement] .name')].every((name) => name.textContent?.startsWith('望城区')),
    );
    await page.locator('.search input').fill('不存在');
    await says('main', '没有符合条件的发布位');
  });

  it('filters by a click on a number', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
    await page.locator('[data-test=number-failed]').click();
    await says('.pages', '共 4 条');
  });

  it('tells what happened to a placement in the words of the platform and ours, and tries again', async () => {
    const id = await first('failed');
    await enter(`/releases/${hub.seed.emergency}?placement=${id}`);
    await says('[data-test=placement]', '平台代码 45166');
    await says('[data-test=placement]', 'invalid content hint: [x1]');
    await says('[data-test=placement]', '请修改正文中的外部链接');
    await page.locator('[data-test=retry]').click();
    await says('[data-test=placement] .now', '排队中');
    expect(ordered().map(({ path }) => path)).toEqual([`/placements/${id}/retry`]);
  });

  it('asks how it was checked before it takes a person’s word', async () => {
    const id = await first('needs_action');
    await enter(`/releases/${hub.seed.emergency}?placement=${id}`);
    await page.locator('[data-test=resolve]').click();
    await page.locator('[data-test=resolve-submit]').click();
    await says('.el-dialog', '请写明如何核实的。');
    await page.fill('#resolve-url', 'https://mp.example.com/s/1');
    await page.fill('#resolve-note', '已登录后台查看，文章已群发。');
    await page.locator('[data-test=resolve-submit]').click();
    await says('[data-test=placement] .now', '人工确认');
    await says('[data-test=evidence]', '人工确认：张敏');
    expect(ordered()).toEqual([
      {
        path: `/placements/${id}/resolve`,
        body: { outcome: 'published', url: 'https://mp.example.com/s/1', note: '已登录后台查看，文章已群发。' },
      },
    ]);
  });

  it('names how many accounts a withdrawal reaches and wants a reason', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
    await page.getByRole('button', { name: '撤回', exact: true }).click();
    await says('.el-dialog', '120 个账号');
    await page.locator('[data-test=withdraw-submit]').click();
    await says('.el-dialog', '请填写撤回原因。');
    expect(ordered()).toEqual([]);
    await page.fill('#withdraw-reason', '内容有误');
    await page.fill('#withdraw-password', password);
    await page.locator('[data-test=withdraw-submit]').click();
    await says('header', '撤回');
    await page.locator('.withdrawn').waitFor();
    expect(ordered()).toEqual([
      { path: `/releases/${hub.seed.emergency}/withdraw`, body: { reason: '内容有误', password } },
    ]);
  });

  it('takes a line that says nothing for long as lost', async () => {
    await page.clock.install();
    await enter(`/releases/${hub.seed.emergency}`);
    await says('[data-test=progress]', '60 / 120');
    await page.route('**/api/v1/events*', (route) => route.abort());
    await page.clock.fastForward(41_000);
    await says('[data-test=line-lost]', '连接中断，正在重连…');
  });

  it('says when the line is lost, mends itself and catches up', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
    await says('[data-test=progress]', '60 / 120');
    await hub.stopServing();
    await says('[data-test=line-lost]', '连接中断，正在重连…');
    const id = await first('queued');
    await hub.land(id);
    await recorded(id, 'verified');
    expect(await text('[data-test=progress]')).toContain('60 / 120');
    await hub.mend();
    await says('[data-test=progress]', '61 / 120');
    await page.locator('[data-test=line-lost]').waitFor({ state: 'detached' });
  });
});
