/// <reference lib="dom" />
/** Authorising an account, as people meet it: the accounts page, the platform's page, and back; with the real hub and the Weibo sandbox. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Channel } from '../../channels/channel.js';
import { memoryInProcess } from '../../channels/memory-in-process.js';
import { recordsInProcess } from '../../channels/records-in-process.js';
import { createOutbound } from '../../channels/outbound.js';
import { loadChannels } from '../../channels/registry.js';
import { startSandbox, type RunningSandbox } from '../../channels/sandbox.js';
import type { AuthorisationBody } from '../../server/contract/accounts.js';
import { openTestServer, type TestServer } from '../support/http.js';
import { overflow, seriousBarriers } from './barriers.js';
import { launchBrowser, patience } from './browser.js';
import { startFakeHub, type FakeHub } from './fake-api.js';

/** Where pictures of the pages are kept, if told. */
const shots = process.env['DASHBOARD_SHOTS'];

let browser: Browser;
let context: BrowserContext;
let page: Page;

jest.setTimeout(patience.test);

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(() => context.close());

async function openPage(options: { width?: number; dark?: boolean } = {}): Promise<void> {
  context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: 844 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'zh-CN',
  });
  page = await context.newPage();
  page.setDefaultTimeout(patience.step);
}

async function signIn(url: string, name: string, password: string): Promise<void> {
  await page.goto(`${url}/accounts`);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.locator('[data-test=accounts]').waitFor();
}

async function kept(name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

describe('the accounts page', () => {
  const outcomes: Record<string, AuthorisationBody> = {
    good: {
      outcome: 'done',
      account: 'a2',
      said: { zh: '“青原县发布”已授权，有效期还剩 29 天。', en: '“青原县发布” is authorised; 29 days left.' },
    },
    no: {
      outcome: 'refused',
      account: 'a2',
      said: { zh: '在平台上选择了拒绝。', en: 'Refused.' },
      todo: { zh: '请再点一次“授权”并选择同意。', en: 'Press “Authorise” again.' },
    },
    bad: {
      outcome: 'failed',
      account: 'a2',
      said: { zh: '授权没有完成。', en: 'Not authorised.' },
      todo: { zh: '请稍后重新点“授权”。', en: 'Again in a while.' },
    },
  };
  let hub: FakeHub;
  beforeEach(async () => {
    hub = await startFakeHub();
    Object.assign(hub.authorisations.outcomes, outcomes);
  });
  afterEach(() => hub.stop());
  const enter = async (options: Parameters<typeof openPage>[0] = {}): Promise<void> => {
    await openPage(options);
    await signIn(hub.url, 'zhangmin', 'right');
  };

  it('offers it only where the platform can be asked, and leads there and back by keyboard', async () => {
    hub.authorisations.next = 'good';
    await enter();
    expect(await page.locator('[data-test=authorise]').count()).toBe(
      hub.accounts.filter(({ channel }) => channel === 'weibo').length,
    );
    await page.locator('[data-test=authorise]').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-test=authorisation]').waitFor();
    expect(await page.locator('[data-test=authorisation]').innerText()).toContain('有效期还剩 29 天');
    expect(await page.locator('[data-test=authorisation]').getAttribute('role')).toBe('status');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-test') === 'authorisation');
    expect(new URL(page.url()).search).toBe('');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=authorisation]').waitFor({ state: 'detached' });
  });

  it('tells an outcome once: a reload says nothing old', async () => {
    hub.authorisations.next = 'no';
    await enter();
    await page.locator('[data-test=authorise]').first().click();
    await page.locator('[data-test=authorisation][data-outcome=refused][role=alert]').waitFor();
    expect(await page.locator('[data-test=authorisation]').innerText()).toContain('怎么办：请再点一次“授权”');
    await page.reload();
    await page.locator('[data-test=accounts]').waitFor();
    expect(await page.locator('[data-test=authorisation]').count()).toBe(0);
  });

  it('says why it cannot begin, and an outcome that can no longer be read', async () => {
    await enter();
    hub.failing.add('POST /accounts/a2/authorise');
    await page.locator('[data-test=authorise]').first().click();
    await page.locator('[role=alert]', { hasText: '数据暂时无法读取。' }).waitFor();
    await page.goto(`${hub.url}/accounts?authorisation=gone`);
    await page.locator('[role=alert]', { hasText: '没有找到' }).waitFor();
  });

  it('asks for a new authorisation before the old one ends', async () => {
    const row = hub.accounts.find(({ channel }) => channel === 'weibo');
    if (row) row.credential = { state: 'ok', checkedAt: new Date().toISOString(), daysLeft: 2 };
    await enter();
    expect(await page.locator('[data-test=accounts]').innerText()).toContain('凭据即将到期，请现在点“授权”');
    await page.locator('.el-button--primary[data-test=authorise]').first().waitFor();
  });

  it.each([
    { width: 1440, dark: false },
    { width: 1440, dark: true },
    { width: 390, dark: false },
    { width: 390, dark: true },
  ])('has no serious barrier with an outcome, at $width pixels, dark $dark', async ({ width, dark }) => {
    hub.authorisations.next = 'bad';
    await enter({ width, dark });
    await page.locator('[data-test=authorise]').first().click();
    await page.locator('[data-test=authorisation]').waitFor();
    await kept(`authorised-${width}-${dark ? 'dark' : 'light'}`);
    expect(await seriousBarriers(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});

describe('the whole way', () => {
  let sandbox: RunningSandbox;
  let server: TestServer;
  let http: ReturnType<typeof createOutbound>;
  /** Another host name than the hub's, so that the browser takes the platform for another site, as it is. */
  let platform: string;

  beforeAll(async () => {
    const weibo = (await loadChannels([join(__dirname, '..', '..', 'channels')])).get('weibo') as Channel;
    sandbox = await startSandbox(weibo.sandbox());
    platform = sandbox.url.replace('127.0.0.1', 'localhost');
    http = createOutbound([platform]);
    const memory = memoryInProcess();
    server = await openTestServer({
      dashboard: join(process.cwd(), 'dist', 'dashboard'),
      services: {
        channels: new Map([['weibo', weibo]]),
        callFor: (_, signal) => ({
          signal,
          http,
          memory,
          records: recordsInProcess(),
          media: { read: () => Promise.reject(new Error('no media')) },
          folder: '',
          hubUrl: '',
          now: () => new Date(),
        }),
      },
    });
    // Its port is known only now.
    server.services.config.url = server.url;
    await server.services.store.organizations.create({ _id: 'fz', name: '福州市', path: 'fz/', region: '350100' });
    const { name, settings, credentials } = sandbox.account(3);
    await server.call('POST', '/api/v1/accounts/import', {
      json: {
        accounts: [
          { channel: 'weibo', name, organization: 'fz', settings: { ...settings, endpoint: platform }, credentials },
        ],
      },
    });
  });
  afterAll(async () => {
    await server.close();
    await http.close();
    await sandbox.close();
  });
  beforeEach(() =>
    fetch(`${sandbox.controlUrl}/expire-token`, { method: 'POST', body: JSON.stringify({ uid: '5000000003' }) }),
  );

  async function toThePlatform(options: Parameters<typeof openPage>[0] = {}): Promise<void> {
    await openPage(options);
    await signIn(server.url, server.user.name, server.user.password);
    await page.getByRole('button', { name: /^检查账号/ }).click();
    await page.locator('[data-test=accounts]', { hasText: /凭据失效|凭据有效/ }).waitFor();
    await page.locator('[data-test=authorise]').click();
    await page.waitForURL(`${platform}/**`);
  }

  it('leads a trainee to the platform’s page, who agrees, and back to a credential that works', async () => {
    await toThePlatform();
    expect(await page.locator('h1').innerText()).toContain('允许应用');
    expect(await page.locator('main').innerText()).toContain(new URL(server.url).host);
    expect(await seriousBarriers(page)).toEqual([]);
    await kept('weibo-authorize');
    await page.fill('#uid', '5000000003');
    await page.getByRole('button', { name: '同意' }).click();
    await page.locator('[data-test=authorisation][data-outcome=done]').waitFor();
    expect(new URL(page.url()).origin).toBe(server.url);
    expect(await page.locator('[data-test=accounts]').innerText()).toMatch(/凭据有效[\s\S]*剩 29 天/);
  });

  it('comes back with nothing changed where the trainee refuses, or signs in as somebody else; on a phone too', async () => {
    await toThePlatform({ width: 390 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await kept('weibo-authorize-390');
    await page.getByRole('button', { name: '拒绝' }).click();
    await page.locator('[data-test=authorisation][data-outcome=refused]').waitFor();
    await page.locator('[data-test=authorise]').click();
    await page.waitForURL(`${platform}/**`);
    await page.fill('#uid', '12');
    await page.getByRole('button', { name: '同意' }).click();
    await page.getByText('仿真平台没有这个账号').waitFor();
    await page.fill('#uid', '5000000004');
    await page.keyboard.press('Enter');
    await page.locator('[data-test=authorisation][data-outcome=failed]', { hasText: 'UID 5000000004' }).waitFor();
  });
});
