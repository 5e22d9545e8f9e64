/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Planning a release, and the calendar of what goes out when; in a browser that stands in New York. */
import { seriousBarriers } from './barriers.js';
import { enter, hub, openPage, ordered, page, says, sent, text, useDesk } from './desk.js';
import { resealed } from '../support/resealed.js';
import { user } from './seed.js';

useDesk({ zone: 'America/New_York' });

async function enterHolidays(): Promise<void> {
  await hub.store.calendarYears.create({
    _id: '2027',
    notice: '国务院办公厅关于2027年部分节假日安排的通知',
    days: [
      { day: '2027-10-01', working: false, holiday: { zh: '国庆节', en: 'National Day' } },
      { day: '2027-09-26', working: true, holiday: { zh: '国庆节', en: 'National Day' } },
    ],
    by: user._id,
    at: new Date(),
  });
}

async function compose(title: string): Promise<void> {
  await enter('/releases/new');
  await page.fill('#title', title);
  await page.fill('#source', '示例市人民政府办公室');
  await page.fill('#body', '国庆假期照常办理。');
  await page.locator('iframe').first().waitFor();
  await page.locator('[data-test=publish]').click();
  await page.locator('[data-test=submit-confirm]').waitFor();
}

const acted = () => sent(/\/(unschedule|send)$/).map(({ path }) => path);

async function hold(order: string): Promise<void> {
  const held = { at: new Date(), reason: 'late', minutes: 42 };
  await hub.store.orders.updateOne({ _id: order }, { $set: { state: 'held', held } });
}

describe('planning a release', () => {
  it('warns of a day off, says the hour of Beijing, and shows the plan until it is taken back', async () => {
    await enterHolidays();
    await compose('国庆政务服务安排');
    await page.locator('[data-test=when-planned]').click();
    // Without a time nothing is planned.
    expect(await page.locator('[data-test=submit-confirm]').isDisabled()).toBe(true);
    await page.fill('#when-at', '2027-10-01T09:00');
    await says('[data-test=when-said]', '2027年10月1日周五 09:00（北京时间）');
    await says('[data-test=when-advice]', '休息（周五，国庆节）');
    await page.fill('#when-at', '2027-09-26T09:00');
    await page.locator('[data-test=when-advice]').waitFor({ state: 'detached' });
    await page.fill('#when-at', '2027-10-01T09:00');
    await page.locator('[data-test=submit-confirm]').click();
    await page.waitForURL(/\/reviews\/q\w+$/);
    await says('[data-test=audience]', '排定');
    await hub.sign(await hub.newest());
    await page.goto(`${hub.url}/releases/${await hub.newest()}`);
    await says('[data-test=plan]', '已排期');
    await says('[data-test=plan]', '2027年10月1日周五 09:00（北京时间）发出第 1 版');
    const release = await hub.newest();
    expect(ordered().at(-1)).toMatchObject({
      path: `/releases/${release}/submit`,
      body: { notBefore: '2027-10-01T09:00' },
    });
    const [order] = await hub.store.orders.find({ release }).lean();
    expect(order).toMatchObject({ state: 'planned', notBefore: new Date('2027-10-01T01:00:00Z') });
    expect(await hub.store.placements.find({ release }).lean()).toEqual([]);
    await enter('/releases');
    await says('[data-test=row-plan]', '已排期 2027年10月1日周五 09:00');
    await page.getByRole('link', { name: '国庆政务服务安排' }).click();
    await page.locator('[data-test=plan-unschedule]').click();
    await page.locator('[data-test=plan-confirm]').click();
    await page.locator('[data-test=plan]').waitFor({ state: 'detached' });
    await says('main', '尚未发布');
    await page.getByText('发布令 1').click();
    await says('header', '已取消，没有发出');
    expect(acted()).toEqual([`/orders/${order?._id}/unschedule`]);
  });

  it('offers the next working day at nine', async () => {
    await compose('下一个工作日');
    await page.locator('[data-test=when-planned]').click();
    await page.locator('[data-test=when-next]').click();
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#when-at')?.value.endsWith('T09:00'));
    await says('[data-test=when-said]', '09:00（北京时间）');
  });

  it('names a time that is past at its field, and keeps the dialog open', async () => {
    await compose('太晚了');
    await page.locator('[data-test=when-planned]').click();
    await page.fill('#when-at', '2026-01-05T09:00');
    await page.locator('[data-test=submit-confirm]').click();
    await says('#when-at-wrong', '排定时间已过：2026年1月5日 09:00（北京时间）');
    await page.fill('#when-at', '2027-12-01T09:00');
    await page.locator('[data-test=submit-confirm]').click();
    await page.waitForURL(/\/reviews\/q\w+$/);
    await says('[data-test=audience]', '2027');
  });

  it('says that a text saved since does not go out with it', async () => {
    const { release } = await hub.seed.plan('签发的一版', new Date('2027-12-01T01:00:00Z'));
    await hub.seed.revise(release, '后来的一版');
    await enter(`/releases/${release}`);
    await says('[data-test=plan-newer]', '第 2 版是之后保存的，尚未签发，不会随这次排期发出');
  });

  it('asks a person where it was late, and sends on their word', async () => {
    const planned = await hub.seed.plan('错过的排期', new Date(Date.now() + 3_600_000));
    const { _id, release } = planned;
    await resealed(hub, planned, { notBefore: new Date(Date.now() - 42 * 60_000) });
    await hold(_id);
    await enter(`/releases/${release}`);
    await says('[data-test=plan]', '已过排定时间 42 分钟');
    await page.locator('[data-test=plan-send]').click();
    await page.locator('[data-test=plan-confirm]').click();
    await page.locator('[data-test=plan]').waitFor({ state: 'detached' });
    expect(acted()).toEqual([`/orders/${_id}/send`]);
    await hub.dispatched(release);
    expect(await hub.store.placements.countDocuments({ release })).toBe(119);
    await page.getByText('发布令 1').click();
    await says('header', '晚 42 分钟开始');
  });

  it('tells who comes second that the plan waits no more', async () => {
    const { _id, release } = await hub.seed.plan('两人同时', new Date('2027-12-01T01:00:00Z'));
    await enter(`/releases/${release}`);
    await page.locator('[data-test=plan-unschedule]').click();
    await hub.orders.unschedule(_id, { person: 'somebody' });
    await page.locator('[data-test=plan-confirm]').click();
    await page.locator('[data-test=plan]').waitFor({ state: 'detached' });
    expect((await hub.store.orders.findById(_id).lean())?.unscheduled?.by).toBe('somebody');
  });
});

describe('the calendar', () => {
  beforeEach(async () => {
    await enterHolidays();
    await hub.seed.plan('零点半发出', new Date('2027-09-30T16:30:00Z'));
    const late = await hub.seed.plan('等人决定', new Date('2027-10-08T01:00:00Z'));
    await hold(late._id);
  });

  it('shows a month: what goes out, by the days of Beijing, and which days are off or worked', async () => {
    await enter('/calendar?month=2027-10');
    await says('[data-test=which]', '2027年10月');
    await says('[data-day="2027-10-01"]', '00:30');
    await says('[data-day="2027-10-01"]', '休息');
    await says('[data-day="2027-10-08"]', '等您决定');
    expect(await text('[data-day="2027-10-02"] .mark')).toBe('休息');
    await page.locator('[data-test=previous]').click();
    await says('[data-day="2027-09-26"] .special', '上班');
    expect(await text('main')).not.toContain('调休');
    await says('main', '放假安排依据：国务院办公厅关于2027年部分节假日安排的通知');
  });

  it('is gone through by keyboard alone: to the calendar, to a plan, to its release', async () => {
    await enter('/releases');
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(/\/calendar/);
    await page.locator('[data-test=next]').focus();
    for (let month = new Date().getFullYear() * 12 + new Date().getMonth(); month < 2027 * 12 + 9; month += 1)
      await page.keyboard.press('Enter');
    await says('[data-test=which]', '2027年10月');
    const link = page.getByRole('link', { name: /零点半发出/ });
    await link.waitFor();
    for (let tabs = 0; tabs < 20; tabs += 1) {
      if (await link.evaluate((element) => element === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await says('h1', '零点半发出');
  });

  it('lists by day, and follows what others plan without a reload', async () => {
    await enter('/calendar?month=2027-10&view=list');
    await says('[data-list-day="2027-10-01"]', '休息（周五，国庆节）');
    await says('[data-list-day="2027-10-08"]', '已过排定时间 42 分钟');
    const other = await hub.seed.plan('后来排的', new Date('2027-10-20T01:00:00Z'));
    await hub.news(other.release);
    await says('[data-list-day="2027-10-20"]', '后来排的');
  });

  it('says of a year without a notice that it is told by weekdays alone', async () => {
    await enter('/calendar?month=2028-05');
    await says('[data-test=unknown-year]', '2028 年放假安排尚未录入');
    await page.locator('[data-test=view-list]').click();
    await says('main', '这个月没有排期');
  });

  it('is a list on a phone, in large type and in the dark, without a barrier', async () => {
    await openPage({ width: 360, height: 740, dark: true, zone: 'Pacific/Kiritimati' });
    await page.addInitScript(() =>
      document.addEventListener('DOMContentLoaded', () => document.documentElement.classList.add('large')),
    );
    await enter('/calendar?month=2027-10');
    await says('[data-list-day="2027-10-01"]', '00:30');
    expect(await page.locator('[data-test=month]').isVisible()).toBe(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    expect(await seriousBarriers(page)).toEqual([]);
  });
});
