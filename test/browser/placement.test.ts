/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** What an account shows of a release, against what is wanted; and the two acts before anything is sent. */
import { enter, hub, page, says, text, useDesk } from './desk.js';
import type { Happening } from './hub.js';
import { password, reached, user } from './seed.js';

useDesk();

/** The policy gets a second revision, signed and ordered to where the first went. */
async function follow(change: 'correction' | 'update'): Promise<void> {
  const { seed, orders } = hub;
  const release = seed.policy;
  const revision = await seed.revise(release, '示例市2026年政务公开工作要点（修订）', change);
  await seed.sign(release);
  await orders.publish({ release, revision, audience: { accounts: seed.policyAccounts }, by: user._id });
  await hub.dispatched(release);
}

describe('a placement', () => {
  it('says what is wanted, what stands and by what it is known', async () => {
    const { policy } = hub.seed;
    await enter(`/releases/${policy}?placement=${hub.seed.on(policy)}`);
    await says('[data-test=wanted]', '第 1 版');
    await says('[data-test=standing]', '第 1 版');
    await says('[data-test=standing]', '已公开');
    await says('[data-test=evidence]', '机器读回');
    await says('[data-test=placement] ol', '下令：第 1 版应公开');
    await says('[data-test=placement] ol', '读回公众所见');
  });

  it('says plainly that an older text is still public, in the list and in the drawer', async () => {
    const id = hub.seed.on(hub.seed.policy);
    const [stands] = (await hub.placement(id)).standing;
    if (!stands) throw new Error('nothing stands');
    await hub.tell(id, { is: 'read', by: 'verify', remote: stands.remote, outcome: 'mismatch' });
    await follow('correction');
    await hub.tell(id, { is: 'sending' }, { is: 'nothing', then: 'needs_action' });
    await enter(`/releases/${hub.seed.policy}`);
    await says(`[data-placement=${id}]`, '第 1 版仍在公开');
    await page.locator(`[data-placement=${id}]`).click();
    await says('[data-test=wanted]', '第 2 版');
    await says('[data-test=standing]', '第 1 版仍在公开');
    await says('[data-test=standing]', '与签发不符');
    await says('[data-test=evidence]', '尚无');
  });

  it('does not complain of an older text that an update leaves', async () => {
    const id = hub.seed.on(hub.seed.policy);
    await follow('update');
    await hub.land(id);
    await enter(`/releases/${hub.seed.policy}?placement=${id}`);
    await says('[data-test=standing]', '按续报保留');
    expect(await text('[data-test=standing]')).not.toContain('仍在公开');
  });

  it('counts a person’s word apart from what was read back', async () => {
    await enter(`/releases/${hub.seed.emergency}`);
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

  const told: [string, string, Happening][] = [
    ['looked', '查询平台', { is: 'looked', asked: [1], found: [] }],
    ['unanswered', '平台无答复', { is: 'unanswered' }],
    ['doubt', '存疑', { is: 'doubt', about: [1] }],
    ['denied', '人工否认', { is: 'denied', by: user._id, run: '', note: '后台没有' }],
  ];
  it.each(told)('tells of “%s” in words', async (_, words, happened) => {
    const id = hub.seed.on(hub.seed.policy);
    await hub.tell(id, happened);
    await enter(`/releases/${hub.seed.policy}?placement=${id}`);
    await says('[data-test=placement] ol', words);
  });

  it('follows a withdrawal in the same counts', async () => {
    const { policy } = hub.seed;
    const [id = '', ...others] = hub.seed.policyAccounts.map((_, account) => hub.seed.on(policy, account));
    await enter(`/releases/${policy}`);
    await page.getByRole('button', { name: '撤回', exact: true }).click();
    await says('.el-dialog', '8 个账号');
    await page.fill('#withdraw-reason', '内容有误');
    await page.fill('#withdraw-password', password);
    await page.locator('[data-test=withdraw-submit]').click();
    await says('[data-test=progress]', '已撤下 0 / 8');
    await hub.dispatched(policy);
    for (const other of others) {
      const [stands] = (await hub.placement(other)).standing;
      await hub.tell(other, { is: 'sending' }, { is: 'withdrawn', remote: stands?.remote.id ?? '' });
    }
    await says('[data-test=progress]', '已撤下 7 / 8');
    await hub.tell(id, { is: 'sending' }, { is: 'person' });
    await says(`[data-placement=${id}]`, '第 1 版仍在公开');
    await page.locator(`[data-placement=${id}]`).click();
    await says('[data-test=wanted]', '无');
    await says('[data-test=placement] ol', '需人工判断');
  });
});

describe('an edit', () => {
  it('that somebody else was quicker with is shown beside theirs, and nothing is submitted', async () => {
    const { draft } = hub.seed;
    await enter(`/releases/${draft}/edit`);
    await says('[data-test=audience-size]', `${reached} 个账号`);
    await page.fill('#title', '我改的草稿');
    await hub.seed.revise(draft, '他人改过的草稿');
    await page.locator('[data-test=publish]').click();
    await page.locator('[data-test=submit-confirm]').click();
    await says('[data-test=stale]', '最新第 2 版');
    await says('[data-test=differs-title]', '他人改过');
    expect(await hub.store.reviews.countDocuments({ release: draft })).toBe(0);
    await page.locator('[data-test=stale-mine]').click();
    await says('.el-message', '已保存为第 3 版');
    expect((await hub.revision(draft)).title).toBe('我改的草稿');
  });

  it('asks of an edit to a signed text whether it corrects or updates, and sends the answer', async () => {
    const { policy, draft } = hub.seed;
    await enter(`/releases/${policy}/edit`);
    await says('[data-test=change]', '旧文不保留');
    await says('[data-test=change]', '旧文保留');
    await page.locator('[data-test=change-update]').click();
    await page.fill('#title', '续报');
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 2 版');
    expect((await hub.revision(policy)).change).toBe('update');
    await page.goto(`${hub.url}/releases/${draft}/edit`);
    await page.locator('#title').waitFor();
    expect(await page.locator('[data-test=change]').count()).toBe(0);
  });

  it('lets a warning say by its message what it is to the one before', async () => {
    const { emergency } = hub.seed;
    await enter(`/releases/${emergency}/edit`);
    await says('[data-test=change]', '预警由消息类型说明');
    await says('[data-test=emergency]', '自动引用本发布件先前的预警');
    expect(await page.getByRole('radio', { name: '发布', exact: true }).count()).toBe(0);
    await page.getByText('解除', { exact: true }).click();
    await page.locator('[data-test=save]').click();
    await says('.el-message', '已保存为第 2 版');
    expect((await hub.revision(emergency)).emergency).toMatchObject({
      msgType: 'Cancel',
      references: [{ release: emergency }],
    });
  });
});
