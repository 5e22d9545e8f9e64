/// <reference lib="dom" />
/** A broadcast by two people in two browsers, one of them on a phone: looked at, typed, signed, counted down, stopped by a key. */
import type { Page } from 'playwright-core';
import { addPerson } from '../../core/people/add.js';
import { overflow, seriousBarriers } from './barriers.js';
import { anotherPage, enter, hub, page, useDesk } from './desk.js';
import { password, warning } from './seed.js';

useDesk({}, 'once');

const phone = { width: 390, height: 844 };
const signer = { name: 'zhengqianfa', password: 'sign-it-please' };

async function looksAndSigns(on: Page, secret: string, accounts: number): Promise<void> {
  await on.locator('[data-test=signing]').waitFor();
  for (const look of await on.locator('[data-test^=look-]').all()) {
    await look.click();
    await on.locator('iframe').first().waitFor();
  }
  await on.fill('#broadcast-number', String(accounts));
  for (const consent of await on.locator('[data-test^=consent-]').all()) await consent.click();
  await on.fill('#broadcast-password', secret);
  await on.locator('[data-test=broadcast-sign]:not([disabled])').click();
}

it('is signed by two, counts down on every screen, and all show that it was stopped', async () => {
  await addPerson({ store: hub.store, vault: hub.vault }, { ...signer, displayName: '郑签发', roles: ['signer'] });
  const release = await hub.seed.write({ title: '台风红色预警', kind: 'emergency', emergency: warning });
  const { revision } = (await hub.store.releases.findById(release).lean()) ?? { revision: '' };
  await hub.store.revisions.updateMany({ release }, { $set: { createdBy: 'somebody' } });
  const audience = { channels: ['weibo'], organizations: ['province'] };
  const review = await hub.submit({ release, revision, audience, again: true }, 'somebody');
  const accounts = await hub.store.accounts.countDocuments({ channel: 'weibo', enabled: true });

  await enter(`/reviews/${review}`);
  await looksAndSigns(page, password, accounts);
  await page.locator('[data-test=signing]').waitFor({ state: 'detached' });
  expect(await hub.store.orders.countDocuments({ release })).toBe(0);
  await page.goto(new URL(`/releases/${release}`, page.url()).href);

  const second = await anotherPage(signer, phone);
  await second.goto(new URL(`/reviews/${review}`, page.url()).href);
  await second.locator('[data-test=signing]').waitFor();
  expect(await overflow(second)).toBeLessThanOrEqual(0);
  expect(await seriousBarriers(second)).toEqual([]);
  await looksAndSigns(second, signer.password, accounts);
  for (const screen of [page, second]) await screen.locator('[data-test=countdown]').waitFor();
  expect(await seriousBarriers(second)).toEqual([]);
  // Nothing on the screens ends the countdown: what has started the hub says.
  for (const screen of [page, second])
    expect(Number(await screen.locator('[data-test=seconds]').innerText())).toBeGreaterThan(0);
  // Whoever holds a phone has it before their eyes, without scrolling.
  expect(
    await second.locator('[data-test=stop]').evaluate((button) => button.getBoundingClientRect().bottom + scrollY),
  ).toBeLessThanOrEqual(phone.height);
  // The one big button has the focus: a key stops it.
  await second.keyboard.press('Enter');
  for (const screen of [page, second]) await screen.locator('[data-test=stopped]').waitFor();
  await page.goto(new URL('/broadcasts', page.url()).href);
  await page.locator('[data-test=broadcast]').filter({ hasText: '已停止' }).waitFor();
  expect(await seriousBarriers(page)).toEqual([]);
});
