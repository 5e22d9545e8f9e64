/// <reference lib="dom" />
/** From a template and three facts to a whole emergency draft, in a real browser. */
import { join } from 'node:path';
import { importTemplates, shippedTemplates } from '../../core/event-templates/import.js';
import { choose, enter, hub, page, says, sent, useDesk } from './desk.js';
import { user } from './seed.js';

useDesk();
const shots = process.env['DASHBOARD_SHOTS'];

it('fills a whole emergency draft in from three facts, refuses a changed locked passage, and keeps the template', async () => {
  const { store } = hub;
  await importTemplates(store, shippedTemplates(), { unit: { path: '' }, dryRun: false, by: { person: user._id } });
  await enter('/releases/new');
  await page.fill('#source', '示例市人民政府');
  await page.locator('[data-test=from-template]').click();
  await choose('fill-template', '台风预警');
  // Three facts are needed, and no other.
  const needed = page.locator('[data-test=fill-form] label:has-text("必填")');
  await page.locator('[data-fact]').first().waitFor();
  expect((await needed.allInnerTexts()).map((text) => text.replace(/\s*必填/, ''))).toEqual([
    '模板',
    '级别',
    '影响区域',
    '截止时间',
  ]);
  await page.locator('[data-test=fill]').click();
  await says('[data-test=fill-form]', '填写模板还缺：级别、影响区域、截止时间。');
  await page.locator('[data-fact]').getByText('红色').click();
  await page.locator('#fact-影响区域').fill('350100 示例市');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.fill('#fact-截止时间', '2099-12-02T08:00');
  await page.locator('[data-test=fill]').click();
  await says('.el-message', '已按模板填写');
  expect(await page.inputValue('#title')).toBe('示例市人民政府发布台风红色预警');
  expect(await page.inputValue('#emergency-short')).toMatch(/^预计示例市.*至2099年12月2日8时将受台风影响/);
  expect(await page.inputValue('#emergency-spoken')).toMatch(/^请注意，请注意。.*第一，立即进入坚固的建筑物/);
  await says('[data-test=used-template]', '由事件模板“台风预警”第 1 版写成');
  await page.frameLocator('[data-test=rendition-weibo] iframe').getByText('将受台风影响').first().waitFor();
  if (shots !== undefined) await page.screenshot({ path: join(shots, 'event-template-filled.png'), fullPage: true });

  await page.fill('#emergency-spoken', '随意。');
  await page.locator('[data-test=save]').click();
  await says('[role=alert]', '口播第1段“开头”已由事件模板锁定');
  await page.locator('[data-test=refill]').click();
  await page.locator('[data-test=fill]').click();
  await page.locator('[data-test=fill-form]').waitFor({ state: 'hidden' });
  await page.locator('[data-test=save]').click();
  await says('.el-message', '版');
  expect(sent(/\/releases$/).at(-1)?.body).toMatchObject({ kind: 'emergency', template: { version: 1 } });
  const row = await store.releases.findOne({ template: { $exists: true } }).lean();
  expect(row?.title).toBe('示例市人民政府发布台风红色预警');
});
