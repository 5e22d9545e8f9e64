/** From an invitation to a signer with a second step, as the admin and the newcomer see it: desktop and phone. */
import { Secret, TOTP } from 'otpauth';
import { overflow, seriousBarriers } from './barriers.js';
import { choose, enter, hub, openPage, page, says, text, useDesk } from './desk.js';

useDesk();

const password = 'three plain words 7';
const phone = { width: 390, height: 844, dark: true };

async function isSound(): Promise<void> {
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
}

/** Invites through the page; the link as it is shown. */
async function invite(name: string, address: string): Promise<string> {
  await enter('/people');
  await page.locator('[data-test=invite]').click();
  await page.fill('#displayName', name);
  await page.fill('#address', address);
  await page.locator('[data-test=invite-submit]').click();
  return text('[data-test=link]');
}

async function signInAs(name: string): Promise<void> {
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
}

it('takes a newcomer on a phone from the link to a second step and back in by a code', async () => {
  const link = await invite('林采编', 'lin@example.org');
  await openPage(phone);
  await page.goto(link);
  await says('h1', '林采编，欢迎');
  await isSound();
  await page.fill('#password', 'short');
  await page.keyboard.press('Enter');
  await says('[role=alert]', '不足 10 个字符');
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/sign-in');
  expect(await page.inputValue('#name')).toBe('lin@example.org');
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');

  await page.goto(`${hub.url}/security`);
  await page.locator('[data-test=factor-begin]').click();
  await page.fill('#proof-password', password);
  await page.locator('[data-test=proof-submit]').click();
  await page.locator('[data-test=factor-setup] svg').waitFor();
  await isSound();
  const totp = new TOTP({ secret: Secret.fromBase32(await text('[data-test=secret]')) });
  await page.fill('#factor-code', totp.generate());
  await page.keyboard.press('Enter');
  await says('[data-test=recovery-codes]', '恢复码只显示这一次');
  const codes = await page.locator('[data-test=recovery-codes] code').allInnerTexts();
  expect(codes).toHaveLength(10);
  await isSound();

  await openPage(phone);
  await page.goto(`${hub.url}/sign-in`);
  await signInAs('lin@example.org');
  await page.locator('[data-test=code-step]').waitFor();
  await isSound();
  await page.fill('#code', '000000');
  await page.keyboard.press('Enter');
  await says('[role=alert]', '口令不正确');
  await page.fill('#code', codes[0] ?? '');
  await page.keyboard.press('Enter');
  await says('h1', '已用恢复码登录');
  await says('[role=status]', '还剩 9 个');
});

it('says of an old link in plain words what to do, and nothing of the account', async () => {
  const old = await invite('陈审核', 'chen@example.org');
  await page.keyboard.press('Escape');
  const row = await hub.store.people.findOne({ address: 'chen@example.org' }).lean();
  await page.goto(`${hub.url}/people/${row?._id}`);
  await page.locator('[data-test=new-link]').click();
  await page.locator('[data-test=links]').waitFor();
  await openPage({});
  await page.goto(old);
  await says('[data-test=link-over]', '请联系本单位的系统管理员');
  expect(await page.locator('body').innerText()).not.toContain('陈审核');
  await isSound();
});

it('gives a role that a second admin has to confirm, takes it, and disables and erases the person', async () => {
  // Two admins: the one of the session, and another.
  const { addPerson } = await import('../../core/people/add.js');
  const { createVault, readSecret } = await import('../../core/accounts/vault.js');
  const means = {
    store: hub.store,
    vault: createVault(await readSecret({ secret: undefined, dataFolder: hub.dataFolder })),
  };
  await addPerson(means, { name: 'second', displayName: '周管理', password, roles: ['admin'] });
  await invite('郑签发', 'zheng@example.org');
  const row = await hub.store.people.findOne({ address: 'zheng@example.org' }).lean();
  await page.goto(`${hub.url}/people/${row?._id}`);
  await page.locator('[data-test=give-role]').click();
  await choose('role', '签发');
  await isSound();
  await page.locator('[data-test=give-role-submit]').click();
  await says('[data-test=holdings]', '待第二位管理员确认');
  expect(await page.locator('[data-test=confirm-role]').count()).toBe(0);

  await openPage({ width: 390, height: 844 });
  await page.goto(`${hub.url}/sign-in`);
  await signInAs('second');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await page.goto(`${hub.url}/people/${row?._id}`);
  await isSound();
  await page.locator('[data-test=confirm-role]').click();
  await says('[data-test=holdings]', '周管理 确认');
  await page.locator('[data-test=disable]').click();
  await page.locator('[data-test=change-submit]').click();
  await says('[data-test=state]', '已停用');
  await page.locator('[data-test=erase]').click();
  await says('.el-dialog', '不能撤消');
  await page.locator('[data-test=change-submit]').click();
  await page.waitForURL((url) => url.pathname === '/people');
  expect(await page.locator('body').innerText()).not.toContain('郑签发');
});

it('imports people from a file and shows each their link, once', async () => {
  await enter('/people');
  await page.locator('[data-test=import-people]').click();
  const content = Buffer.from(
    '姓名,邮箱,单位,角色\n甲,jia@example.org,city-a,采编\n乙,yi@example.org,nowhere,writer\n甲,JIA@example.org,city-a,采编\n',
  );
  await page
    .locator('.el-dialog input[type=file]')
    .setInputFiles({ name: '人员.csv', mimeType: 'text/csv', buffer: content });
  await says('[data-test=import-result]', '新增 1');
  await says('[data-test=import-result]', '未导入 1');
  await page.locator('[data-test=import-apply]').click();
  await says('[data-test=links]', '只显示这一次');
  await isSound();
  expect(await text('[data-test=link]')).toContain('/welcome#l');
});
