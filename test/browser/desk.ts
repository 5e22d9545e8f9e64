/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** A browser at the dashboard, for the test file that asks for it: the built pages, a hub in memory, one page a test. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser, patience } from './browser.js';
import { startFakeHub, type FakeHub } from './fake-api.js';

let browser: Browser;
export let hub: FakeHub;
let context: BrowserContext | undefined;
export let page: Page;

/** What the page is looked at with; a newsroom's screen in the light unless told. */
export interface Look {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** For the file or the `describe` that calls it. */
export function useDesk(look: Look = {}): void {
  jest.setTimeout(patience.test);
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    hub = await startFakeHub();
    await openPage(look);
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    await hub.stop();
  });
}

export async function openPage(look: Look): Promise<void> {
  await context?.close();
  context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'zh-CN',
  });
  page = await context.newPage();
  page.setDefaultTimeout(patience.step);
}

export async function signIn(path = '/'): Promise<void> {
  await page.goto(hub.url + path);
  await page.fill('#name', 'zhangmin');
  await page.fill('#password', 'right');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** Signed in without the page of it, for tests of what lies behind. */
export async function enter(path: string): Promise<void> {
  await page.request.post(`${hub.url}/api/v1/session`, { data: { name: 'zhangmin', password: 'right' } });
  await page.goto(hub.url + path);
}

export const text = (selector: string): Promise<string> => page.locator(selector).innerText();
/** Waits until the page says it; fails with what it says instead. */
export async function says(selector: string, words: string): Promise<void> {
  await page
    .locator(selector)
    .filter({ hasText: words })
    .first()
    .waitFor()
    .catch(async () => {
      throw new Error(`${selector} says “${await page.locator(selector).allInnerTexts()}”, not “${words}”`);
    });
}
export function first(state: string): string {
  const row = hub.placements.find((placement) => placement.release === 'r1' && placement.state === state);
  if (!row) throw new Error(`no placement is ${state}`);
  return row.id;
}
export async function choose(test: string, option: string): Promise<void> {
  await page.locator(`[data-test="${test}"]`).click();
  await page.locator('.el-select-dropdown__item:visible', { hasText: option }).click();
}
