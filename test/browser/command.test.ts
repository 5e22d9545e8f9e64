/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The command screen, as a duty commander reads it. */
import type { Route } from 'playwright-core';
import { all, enter, first, hub, ordered, page, says, sent, text, useDesk, endSession, signIn } from './desk.js';

useDesk();

const screen = (): string => `/releases/${hub.seed.emergency}/command`;
const number = (name: string): Promise<string> => text(`[data-number=${name}]`);

/** Until the ledger says so. */
async function recorded(id: string, state: string): Promise<void> {
  while ((await hub.placement(id)).state !== state) await new Promise((wait) => setTimeout(wait, 20));
}

describe('the command screen', () => {
  it('tells the states apart, leads from a tile to the cause of one account in two clicks, and moves by itself', async () => {
    await enter(screen());
    await says('[data-test=region]', '福建');
    expect([
      await number('total'),
      await number('verified'),
      await number('published'),
      await number('accepted'),
    ]).toEqual(['120', '60', '12', '10']);
    expect(await number('failed')).toBe('4');
    // The number beside a list is the length of that list.
    await says('[data-test=troubles-total]', '16');
    expect(await page.locator('[data-test=causes] > li').count()).toBeGreaterThan(2);
    const failed = await first('failed');
    const { region } = await hub.placement(failed);
    await page.locator(`[data-tile="${region.slice(0, 4)}00"]`).click();
    await page.locator(`[data-trouble="${failed}"]`).click();
    await says('[data-test=placement]', '平台代码 45166');
    await page.keyboard.press('Escape');
    await hub.land(failed);
    await recorded(failed, 'verified');
    await says('[data-number=failed]', '3');
    await says('[data-number=verified]', '61');
    await page.locator(`[data-trouble="${failed}"]`).waitFor({ state: 'detached' });
  });

  it('counts tiles, list and numbers alike when it is narrowed to a channel', async () => {
    await enter(`${screen()}?channel=weibo`);
    await says('[data-test=places-total]', '30 个账号');
    const rows = await hub.store.placements.find({ release: hub.seed.emergency, channel: 'weibo' }).lean();
    const bad = rows.filter(({ state }) => ['failed', 'needs_action', 'waiting'].includes(state)).length;
    await says('[data-test=troubles-total]', `共 ${bad} 个`);
    expect(await page.locator('[data-test=troubles] > li').count()).toBe(bad);
  });

  it('tries a whole group again by one press', async () => {
    await enter(screen());
    await page.locator('[data-cause]', { hasText: '45166' }).locator('[data-test=retry-group]').first().click();
    await says('[data-test=retried]', '已要求重试');
    expect(sent(/\/releases\/[^/]+\/retry$/)).toHaveLength(1);
    expect(ordered()).toHaveLength(1);
  });

  it('stays right where an older answer comes after a newer one', async () => {
    await enter(screen());
    await says('[data-test=places-total]', '120 个账号');
    const late = async (route: Route): Promise<void> => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { tiles: unknown[] };
      await route.fulfill({ json: { ...body, at: '2020-01-01T00:00:00.000Z', tiles: [], total: 0 } });
    };
    await page.route('**/board*', late);
    const asked = page.waitForResponse(/\/board/);
    await hub.land(await first('queued'));
    await asked;
    await page.unroute('**/board*', late);
    await hub.land(await first('queued'));
    await says('[data-number=verified]', '62');
    // Of the first minute of 2020 it says nothing.
    expect(await text('[data-test=as-of]')).not.toContain('08:00:00');
    await says('[data-test=places-total]', '120 个账号');
  });

  it('says that it is old and since when, takes no page of a proxy for an answer, and comes back by itself', async () => {
    await enter(screen());
    await says('[data-number=verified]', '60');
    await page.route('**/api/v1/session', (route) => route.fulfill({ status: 503, body: 'away' }));
    await hub.stopServing();
    await says('[data-test=line-lost]', '以下为');
    await hub.mend();
    const html = { status: 200, contentType: 'text/html', body: '<h1>维护中</h1>' };
    await page.route('**/api/v1/session', (route) => route.fulfill(html));
    const answered = page.waitForResponse(/\/api\/v1\/session/);
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await answered;
    await says('[data-test=line-lost]', '以下为');
    const [id = ''] = await all('queued');
    await hub.land(id);
    await page.unroute('**/api/v1/session');
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await says('[data-number=verified]', '61');
    await page.locator('[data-test=line-lost]').waitFor({ state: 'detached' });
  });

  it('asks to sign in where the session has ended meanwhile', async () => {
    await signIn();
    await page.goto(hub.url + screen());
    await says('[data-number=verified]', '60');
    await endSession();
    await page.evaluate(() => window.dispatchEvent(new Event('offline')));
    await page.waitForURL(/\/sign-in/);
  });

  it('leaves room for the stop button in the ninth tab of one browser', async () => {
    await enter(screen());
    await says('[data-number=verified]', '60');
    const context = page.context();
    const tabs = [];
    for (let tab = 0; tab < 8; tab += 1) {
      const one = await context.newPage();
      await one.goto(hub.url + screen());
      tabs.push(one);
    }
    const [last = page] = tabs.slice(-1);
    await last.locator('[data-test=freeze]').click();
    await last.locator('.el-dialog').waitFor();
    await hub.land(await first('queued'));
    for (const one of [page, ...tabs]) await one.locator('[data-number=verified]', { hasText: '61' }).waitFor();
    // The tab that holds the line goes; the next one takes it over.
    await page.close();
    await hub.land(await first('queued'));
    for (const one of tabs) await one.locator('[data-number=verified]', { hasText: '62' }).waitFor();
  });
});
