/// <reference lib="dom" />
/** From an empty form to signed, by two people in two browsers at once; and what a reviewer sends back. */
import type { Page } from 'playwright-core';
import { addPerson } from '../../core/people/add.js';
import { setChain } from '../../core/reviews/chains.js';
import { overflow, seriousBarriers } from './barriers.js';
import { anotherPage, enter, hub, page, says, useDesk } from './desk.js';

useDesk();

const phone = { width: 390, height: 844 };
const signer = { name: 'zhengqianfa', password: 'sign-it-please' };
const reviewer = { name: 'chenshenhe', password: 'read-it-please' };

beforeAll(async () => {
  const means = { store: hub.store, vault: hub.vault };
  await addPerson(means, { ...signer, displayName: '郑签发', roles: ['signer'] });
  await addPerson(means, { ...reviewer, displayName: '陈审核', roles: ['reviewer'] });
});

/** Clicks and fields of one page, counted where they happen. */
interface Hand {
  clicks: number;
  fields: number;
  click(selector: string): Promise<void>;
  fill(selector: string, words: string): Promise<void>;
}

function handOn(on: Page): Hand {
  const hand: Hand = {
    clicks: 0,
    fields: 0,
    async click(selector) {
      hand.clicks += 1;
      await on.locator(selector).first().click();
    },
    async fill(selector, words) {
      hand.fields += 1;
      await on.fill(selector, words);
    },
  };
  return hand;
}

async function saysOn(on: Page, selector: string, words: string): Promise<void> {
  await on.locator(selector).filter({ hasText: words }).first().waitFor();
}

async function submitted(title: string): Promise<string> {
  const writer = handOn(page);
  await enter('/releases/new');
  await writer.fill('#title', title);
  await writer.fill('#source', '市政府办');
  await writer.fill('#body', '定于12月1日停水。\n\n请提前储水。');
  await says('[data-test=audience-size]', '个账号');
  await writer.click('[data-test=publish]');
  await writer.click('[data-test=submit-confirm]');
  await page.waitForURL(/\/reviews\/q\w+$/);
  expect([writer.clicks, writer.fields]).toEqual([2, 3]);
  return new URL(page.url()).pathname;
}

it('goes from an empty form to signed: the signer opens a link on a phone and signs in two touches', async () => {
  const path = await submitted('关于停水的通知');
  expect(await page.locator('[data-test=sign]').count()).toBe(0);
  const other = await anotherPage(signer, phone);
  await saysOn(other, '[data-test=tasks-waiting]', '关于停水的通知');
  await other.goto(hub.url + path);
  await saysOn(other, '[data-test=review-text]', '定于12月1日停水。');
  await saysOn(other, '[data-test=audience]', '个账号');
  await other.evaluate(() => document.documentElement.classList.add('large'));
  expect(await seriousBarriers(other)).toEqual([]);
  expect(await overflow(other)).toBeLessThanOrEqual(0);
  const by = handOn(other);
  await by.click('[data-test=sign]');
  await other.fill('#decision-words', 'wrong');
  await other.keyboard.press('Enter');
  await saysOn(other, '[role=alert]', '密码或口令不正确');
  await by.fill('#decision-words', signer.password);
  await by.click('[data-test=decide-submit]');
  await saysOn(other, '[data-test=state]', '已签发');
  expect([by.clicks, by.fields]).toEqual([2, 1]);
  // The writer's page hears of it by itself.
  await says('[data-test=state]', '已签发');
  await says('[data-test=chain]', '郑签发');
  const release = await hub.newest();
  await hub.dispatched(release);
  expect((await hub.store.orders.findOne({ release }).lean())?.state).toBe('done');
});

it('comes back with comments in place, which the writer sees in the text and answers, and then passes both steps', async () => {
  const step = (id: string, zh: string, role: 'reviewer' | 'signer') => ({ id, name: { zh, en: id }, role });
  const chain = { unit: '', steps: [step('first', '初审', 'reviewer'), step('sign', '签发', 'signer')] };
  await setChain({ store: hub.store, vault: hub.vault }, chain, { person: 'ad' });
  const path = await submitted('关于停电的通知');
  await says('[data-test=chain]', '陈审核');
  const reading = await anotherPage(reviewer);
  await reading.goto(hub.url + path);
  await saysOn(reading, '[data-test=review-text]', '请提前储水');
  // As a person does: where the text was drawn anew meanwhile, once more.
  await reading.waitForFunction(() => {
    const node = document.querySelectorAll('[data-test=review-text] > *')[1]?.firstChild;
    if (node) window.getSelection()?.setBaseAndExtent(node, 1, node, 5);
    return Array.from(document.querySelectorAll('button')).some(({ textContent }) =>
      textContent.includes('“提前储水”'),
    );
  });
  await reading.getByRole('button', { name: '就“提前储水”写意见' }).click();
  await reading.fill('#comment-words', '<script>alert(1)</script>停电不用储水😀');
  await reading.locator('[data-test=comment-send]').click();
  await saysOn(reading, 'mark', '提前储水');
  await reading.locator('[data-test=give-back]').click();
  await reading.fill('#decision-words', '第二段请改');
  await reading.locator('[data-test=decide-submit]').click();
  await saysOn(reading, '[data-test=state]', '已退回');

  await page.goto(`${hub.url}/tasks`);
  await says('[data-test=tasks-returned]', '第二段请改');
  await page.locator('[data-test=tasks-returned] a').first().click();
  await says('[data-test=returned]', '<script>alert(1)</script>停电不用储水😀');
  await page.locator('[data-test=answer]').click();
  await page.fill('[data-test=answer-words]', '已改');
  await page.locator('[data-test=answer-send]').click();
  await says('[data-test=returned]', '已改');
  await page.fill('#body', '定于12月1日停水。\n\n请备好照明。');
  await page.locator('[data-test=publish]').click();
  await page.locator('[data-test=submit-confirm]').click();
  await page.waitForURL(/\/reviews\/q\w+$/);
  await says('[data-comment]', '所指文字已改动（第 1 版）');
  await says('[data-test=differs-body]', '照明');

  await reading.goto(page.url());
  await reading.locator('[data-test=approve]').click();
  await saysOn(reading, '[data-test=chain]', '陈审核 于');
  const signing = await anotherPage(signer, phone);
  await signing.goto(page.url());
  await signing.locator('[data-test=sign]').click();
  await signing.fill('#decision-words', signer.password);
  await signing.keyboard.press('Enter');
  await saysOn(signing, '[data-test=state]', '已签发');
});
