/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** What an account shows of a release, against what is wanted; and the two acts before anything is sent. */
import { hub, page, says, signIn, text, useDesk } from './desk.js';
import { releaseOf, user } from './fake-data.js';

useDesk();

/** The first placement of r2, which has a second, signed revision by now. */
function corrected(change: 'correction' | 'update' = 'correction') {
  const release = hub.releases.find(({ id }) => id === 'r2');
  const row = hub.placements.find((placement) => placement.release === 'r2');
  if (!release || !row) throw new Error('no release r2');
  hub.earlier.set('r2', [release.revision]);
  Object.assign(release, releaseOf('r2', release.title, release.kind, true, 2));
  release.revision.change = change;
  for (const placement of hub.placements.filter((one) => one.release === 'r2'))
    placement.wanted = { seq: 2, revision: 'r2-v2' };
  return row;
}

describe('a placement', () => {
  it('says what is wanted, what stands and by what it is known', async () => {
    const { id } = hub.placements.find(({ release }) => release === 'r2') ?? { id: '' };
    await signIn(`/releases/r2?placement=${id}`);
    await says('[data-test=wanted]', '第 1 版');
    await says('[data-test=standing]', '第 1 版');
    await says('[data-test=standing]', '已公开');
    await says('[data-test=evidence]', '机器读回');
    await says('[data-test=placement] ol', '下令：第 1 版应公开');
    await says('[data-test=placement] ol', '读回公众所见');
  });

  it('says plainly that an older text is still public, in the list and in the drawer', async () => {
    const row = corrected();
    hub.move(row.id, 'needs_action', { standing: [{ seq: 1, revision: 'r2-v1', seen: 'published', changed: true }] });
    await signIn('/releases/r2');
    await says(`[data-placement=${row.id}]`, '第 1 版仍在公开');
    await page.locator(`[data-placement=${row.id}]`).click();
    await says('[data-test=wanted]', '第 2 版');
    await says('[data-test=standing]', '第 1 版仍在公开');
    await says('[data-test=standing]', '与签发不符');
    await says('[data-test=evidence]', '尚无');
  });

  it('does not complain of an older text that an update leaves', async () => {
    const row = corrected('update');
    hub.move(row.id, 'verified', {
      standing: [
        { seq: 1, revision: 'r2-v1', seen: 'published' },
        { seq: 2, revision: 'r2-v2', seen: 'published' },
      ],
    });
    await signIn(`/releases/r2?placement=${row.id}`);
    await says('[data-test=standing]', '按续报保留');
    expect(await text('[data-test=standing]')).not.toContain('仍在公开');
  });

  it('counts a person’s word apart from what was read back', async () => {
    await signIn('/releases/r1');
    await says('[data-test=progress]', '60 / 120');
    await says('[data-test=number-confirmed]', '2');
    await page.locator('[data-test=number-confirmed]').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-placement]').length === 2);
    await says('[data-placement]', '人工确认');
    await page.locator('[data-placement]').first().click();
    await says('[data-test=evidence]', '人工确认：张敏');
    await says('[data-test=evidence]', '已登录后台查看。');
    expect(await text('[data-test=evidence]')).not.toContain('机器读回');
  });

  const told = { looked: '查询平台', unanswered: '平台无答复', doubt: '存疑', denied: '人工否认' } as const;
  it.each(Object.entries(told))('tells of “%s” in words', async (is, words) => {
    const row = hub.placements.find(({ release }) => release === 'r2');
    if (!row) throw new Error('no placement');
    const at = new Date().toISOString();
    row.events.push({ id: 'e9', is: is as keyof typeof told, to: 'sending', at, seq: 1, by: user.id });
    await signIn(`/releases/r2?placement=${row.id}`);
    await says('[data-test=placement] ol', words);
  });

  it('follows a withdrawal in the same counts', async () => {
    const rows = hub.placements.filter(({ release }) => release === 'r2');
    await signIn('/releases/r2');
    await page.getByRole('button', { name: '撤回', exact: true }).click();
    await says('.el-dialog', '8 个账号');
    await page.fill('#withdraw-reason', '内容有误');
    await page.locator('[data-test=withdraw-submit]').click();
    await says('[data-test=progress]', '已撤下 0 / 8');
    for (const row of rows.slice(1)) hub.move(row.id, 'withdrawn');
    await says('[data-test=progress]', '已撤下 7 / 8');
    hub.move(rows[0]?.id ?? '', 'needs_action', {
      standing: [{ seq: 1, revision: 'r2-v1', seen: 'published' }],
    });
    await says(`[data-placement=${rows[0]?.id}]`, '第 1 版仍在公开');
    await page.locator(`[data-placement=${rows[0]?.id}]`).click();
    await says('[data-test=wanted]', '无');
    await says('[data-test=placement] ol', '需人工判断');
  });
});

describe('signing and ordering', () => {
  it('signs a draft without sending it, and then only orders', async () => {
    await signIn('/releases/r3');
    await page.locator('[data-test=sign]').click();
    await says('.el-dialog', '签发本身不会发布');
    await page.locator('[data-test=sign-submit]').click();
    await says('header', '张敏');
    await page.getByRole('button', { name: '选定范围并发布' }).click();
    await says('[data-test=audience-size]', '144,000 个账号');
    await page.locator('[data-test=publish]').click();
    await says('[data-test=act-sign]', '第 1 版已签发');
    await page.locator('[data-test=publish-confirm]').click();
    await page.waitForURL(/\/releases\/r3$/);
    expect(hub.orders.map(({ path }) => path)).toEqual(['/releases/r3/sign', '/releases/r3/publish']);
  });

  it('tells who was quicker where two sign, and goes on to the order with the next press', async () => {
    await signIn('/releases/r3/edit');
    await says('[data-test=audience-size]', '144,000 个账号');
    const release = hub.releases.find(({ id }) => id === 'r3');
    if (!release) throw new Error('no release r3');
    release.revision.signed = { by: user.id, at: new Date().toISOString() };
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=publish-confirm]').click();
    await says('.el-dialog [role=alert]', '该版本已经签发');
    await says('[data-test=act-sign]', '第 1 版已签发');
    await page.locator('[data-test=publish-confirm]').click();
    await page.waitForURL(/\/releases\/r3$/);
  });

  it('tells that the text was changed meanwhile, and orders nothing', async () => {
    await signIn('/releases/r3/edit');
    await says('[data-test=audience-size]', '144,000 个账号');
    const release = hub.releases.find(({ id }) => id === 'r3');
    if (!release) throw new Error('no release r3');
    release.revision.id = 'r3-v2';
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=publish-confirm]').click();
    await says('.el-dialog [role=alert]', '内容已被他人修改');
    expect(hub.orders.map(({ path }) => path)).toEqual(['/releases/r3/sign']);
  });

  it('asks of an edit to a signed text whether it corrects or updates, and sends the answer', async () => {
    await signIn('/releases/r2/edit');
    await says('[data-test=change]', '旧文不保留');
    await says('[data-test=change]', '旧文保留');
    await page.locator('[data-test=change-update]').click();
    await page.fill('#title', '续报');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 2 版');
    expect(hub.releases.find(({ id }) => id === 'r2')?.revision.change).toBe('update');
    await page.goto(`${hub.url}/releases/r3/edit`);
    await page.locator('#title').waitFor();
    expect(await page.locator('[data-test=change]').count()).toBe(0);
  });

  it('lets a warning say by its message what it is to the one before', async () => {
    const release = hub.releases.find(({ id }) => id === 'r1');
    if (!release) throw new Error('no release r1');
    release.revision.emergency = {
      status: 'Actual',
      msgType: 'Alert',
      level: 'red',
      category: 'Met',
      event: '台风',
      areas: [{ name: '福州市' }],
      onset: new Date().toISOString(),
      instruction: '停止户外活动。',
      references: [],
    };
    await signIn('/releases/r1/edit');
    await says('[data-test=change]', '预警由消息类型说明');
    await says('[data-test=emergency]', '自动引用本发布件先前的预警');
    expect(await page.getByRole('radio', { name: '发布', exact: true }).count()).toBe(0);
    await page.getByText('解除', { exact: true }).click();
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 2 版');
    expect(hub.releases.find(({ id }) => id === 'r1')?.revision.emergency).toMatchObject({
      msgType: 'Cancel',
      references: [],
    });
  });
});
