/// <reference lib="dom" />
/** Units and accounts made and changed on the screen. */
import { enter, hub, page, says, useDesk } from './desk.js';

useDesk();

it('makes a unit below another, moves it, closes it and opens it again', async () => {
  await enter('/units');
  const row = (name: string) => page.locator('[data-test=units] li', { hasText: name });
  await page.getByRole('button', { name: '在“青原县人民政府”下新建单位' }).click();
  await page.fill('#unit-name', '青原县教育局');
  await page.fill('#unit-region', '3502');
  await page.click('[data-test=save-unit]');
  await says('.el-dialog', '应为 6 位行政区划代码');
  await page.fill('#unit-region', '350222');
  await page.click('[data-test=save-unit]');
  await row('青原县教育局').waitFor();
  const made = await hub.store.organizations.findOne({ name: '青原县教育局' }).lean();
  expect(made).toMatchObject({ parent: 'qingyuan', region: '350222' });

  await page.getByRole('button', { name: '修改“青原县教育局”' }).click();
  await page.fill('#unit-name', '青原县教育体育局');
  await page.click('[data-test=save-unit]');
  await row('青原县教育体育局').waitFor();

  const open = () => hub.store.accounts.countDocuments({ organization: 'qingyuan', enabled: true });
  const before = await open();
  expect(before).toBeGreaterThan(0);
  await page.getByRole('button', { name: '停用“青原县人民政府”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await says('.el-dialog', '停用原因');
  await page.fill('#unit-reason', '机构合并');
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await row('青原县人民政府').getByText('已停用').waitFor();
  expect(await open()).toBe(0);
  await page.getByRole('button', { name: '恢复“青原县人民政府”' }).click();
  await page.getByRole('button', { name: '停用“青原县人民政府”' }).waitFor();
  expect(await open()).toBe(before);
});

it('connects an account by a form made of its channel, and tries it at once', async () => {
  await enter('/accounts');
  await page.click('[data-test=new-account]');
  await page.locator('.el-select', { has: page.locator('#account-channel') }).click();
  await page.locator('.el-select-dropdown__item:visible', { hasText: '微博' }).click();
  await page.fill('#account-name', '示例发布新号');
  await page.fill('#settings-uid', '不是数字');
  await page.click('[data-test=save-account]');
  await says('.el-dialog', 'UID');
  expect(await hub.store.accounts.exists({ name: '示例发布新号' })).toBeNull();
});
