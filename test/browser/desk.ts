/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** A browser at the dashboard, for the test file that asks for it: a whole hub, somebody signed in, one page a test. */
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { LianfaError } from '../../core/errors.js';
import { launchBrowser, patience } from './browser.js';
import { openDeskHub, type DeskHub } from './hub.js';
import { password, user } from './seed.js';

let browser: Browser;
export let hub: DeskHub;
/** What the sign-in left in the browser. */
let session: Awaited<ReturnType<BrowserContext['storageState']>>;
let context: BrowserContext | undefined;
let others: BrowserContext[] = [];
export let page: Page;
let requests: Request[];

/** What the page is looked at with; a newsroom's screen in the light unless told. */
export interface Look {
  width?: number;
  height?: number;
  dark?: boolean;
  /** Where the browser stands; what is on the screen is Beijing's time all the same. */
  zone?: string;
}

/**
 * For the file or the `describe` that calls it. Tests that share what is `sown` once may share a page, too, where each
 * looks at it from a new address on: what the browser has fetched and compiled of the dashboard it keeps.
 */
export function useDesk(look: Look = {}, sown: 'each' | 'once' = 'each', pages: 'each' | 'one' = 'each'): void {
  jest.setTimeout(patience.test);
  beforeAll(async () => {
    [browser, hub] = await Promise.all([launchBrowser(), openDeskHub()]);
    await openPage({});
    await signIn();
    session = await page.context().storageState();
    if (sown === 'once') await hub.seed.sow();
    if (pages === 'one') await openPage(look);
  });
  afterAll(async () => {
    await context?.close();
    await browser.close();
    await hub.close();
  });

  beforeEach(async () => {
    if (sown === 'each') await hub.seed.sow();
    if (pages === 'each') await openPage(look);
  });
  afterEach(async () => {
    await Promise.all([pages === 'each' ? context : undefined, ...others].map((one) => one?.close()));
    if (pages === 'each') context = undefined;
    others = [];
  });
}

export async function openPage(look: Look): Promise<void> {
  await context?.close();
  context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'zh-CN',
    ...(look.zone !== undefined && { timezoneId: look.zone }),
  });
  page = await context.newPage();
  page.setDefaultTimeout(patience.step);
  requests = [];
  page.on('request', (request) => requests.push(request));
}

/** Through the page of it, into a session of its own. */
export async function signIn(path = '/'): Promise<void> {
  await page.goto(hub.url + path);
  await page.fill('#name', user.name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** As somebody who signed in before. */
export async function enter(path = '/'): Promise<void> {
  await page.context().addCookies(session.cookies);
  await page.goto(hub.url + path);
}

/** Another person at a screen of their own, signed in from the page they wanted; closed with the test. `code`: of the second step. */
export async function anotherPage(
  who: { name: string; password: string; code?: string },
  look: Look = {},
  path = '/',
): Promise<Page> {
  const own = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.dark ? 'dark' : 'light',
    hasTouch: (look.width ?? 1440) < 700,
    reducedMotion: 'reduce',
    locale: 'zh-CN',
  });
  others.push(own);
  const theirs = await own.newPage();
  theirs.setDefaultTimeout(patience.step);
  await theirs.goto(hub.url + path);
  await theirs.fill('#name', who.name);
  await theirs.fill('#password', who.password);
  await theirs.keyboard.press('Enter');
  if (who.code !== undefined) {
    await theirs.fill('#code', who.code);
    await theirs.keyboard.press('Enter');
  }
  await theirs.waitForURL((url) => url.pathname !== '/sign-in');
  return theirs;
}

/** Ends the session of the page behind its back, as signing out in another window does. Only after `signIn`: the one of `enter` is everybody's. */
export async function endSession(): Promise<void> {
  const cookies = await page.context().cookies();
  const answer = await page.request.delete(`${hub.url}/api/v1/session`, { headers: { origin: hub.url } });
  expect(answer.status()).toBe(204);
  await page.context().addCookies(cookies);
}

/** Until the answer is called, the store is away for these requests. */
export async function failing(method: string, path: string): Promise<() => Promise<void>> {
  const error = new LianfaError('store_unavailable').toJSON();
  const isMeant = (url: URL): boolean => url.pathname === `/api/v1${path}`;
  await page.route(isMeant, (route, request) =>
    request.method() === method ? route.fulfill({ status: 503, json: { error } }) : route.fallback(),
  );
  return () => page.unroute(isMeant);
}

/** What the page has sent to addresses that end like this, oldest first. */
export function sent(
  ending: RegExp,
): { path: string; query: Record<string, string>; body: unknown; request: Request }[] {
  return requests.flatMap((request) => {
    const url = new URL(request.url());
    if (request.method() !== 'POST' || !ending.test(url.pathname)) return [];
    const body: unknown = request.headers()['content-type'] === 'application/json' ? request.postDataJSON() : undefined;
    const path = url.pathname.replace('/api/v1', '');
    return [{ path, query: Object.fromEntries(url.searchParams), body, request }];
  });
}

/** Paths and bodies of what the page has ordered, oldest first. */
export const ordered = (): { path: string; body: unknown }[] =>
  sent(/\/(submit|sign|withdraw|retry|resolve)$/).map(({ path, body }) => ({ path, body }));

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
/** A placement of the emergency that is in this state. */
export async function first(state: string): Promise<string> {
  const [id] = await all(state);
  if (id === undefined) throw new Error(`no placement is ${state}`);
  return id;
}
export async function all(state: string): Promise<string[]> {
  const rows = await hub.store.placements.find({ release: hub.seed.emergency }).sort({ _id: 1 }).lean();
  return rows.filter((row) => row.state === state).map(({ _id }) => _id);
}
export async function choose(test: string, option: string): Promise<void> {
  await page.locator(`[data-test="${test}"]`).click();
  await page.locator('.el-select-dropdown__item:visible', { hasText: option }).click();
}
