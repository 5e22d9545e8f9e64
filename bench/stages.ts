/// <reference lib="dom" />
/**
 * One warning from its file to its report, then its all-clear, by three people in a real browser, with pictures of each
 * stage at the width of a wall, a laptop and a phone. What the platforms have taken is counted at the platforms.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { z } from 'zod';
import { desk } from '../cli/supervisor.js';
import { addSource, sourceInput } from '../core/alerts/sources.js';
import { openHub } from '../core/hub/hub.js';
import { newId } from '../core/ids.js';
import { addPerson } from '../core/people/add.js';
import type { Role } from '../core/model/roles.js';
import { openQueries } from '../core/placements/queries.js';
import { tookOf } from './audience.js';
import { openGround, type Ground } from './ground.js';
import { fillProvince } from './province.js';

const widths = { wall: [1920, 1080], laptop: [1440, 900], phone: [390, 844] } as const;
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
/** How long a page may take, ms. */
const patience = 60_000;

const people = {
  writer: { name: 'writer', displayName: '林起草', roles: ['writer'] },
  signer: { name: 'signer', displayName: '郑签发', roles: ['signer'] },
  commander: { name: 'commander', displayName: '王指挥', roles: ['commander'] },
} as const satisfies Record<string, { name: string; displayName: string; roles: readonly Role[] }>;

/** `args`: how many accounts, 14,400 unless told; the folder for the pictures, `pictures` unless told. */
export async function stages(args: string[]): Promise<void> {
  const accounts = z.coerce.number().int().min(40).max(144_000).default(14_400).parse(args[0]);
  const folder = args[1] ?? 'pictures';
  mkdirSync(folder, { recursive: true });
  const ground = await openGround();
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  try {
    console.log(JSON.stringify(await walk(ground, browser, accounts, folder)));
  } finally {
    await browser.close();
    await ground.close();
  }
}

async function walk(ground: Ground, browser: Browser, accounts: number, folder: string): Promise<unknown> {
  const hub = await openHub(ground.config, 'bench');
  await fillProvince(hub, ground, accounts);
  const password = newId('p');
  for (const person of Object.values(people)) await addPerson(hub, { ...person, password });
  await addSource(
    hub.store,
    sourceInput.parse({ sender: '350000.warn@alert.example', name: '示例省气象台' }),
    { organization: 'p', path: 'p/' },
    { person: 'bench' },
  );
  for (const role of desk) await ground.role(role);
  const screens = {
    writer: await signedIn(browser, ground.config.url, 'writer', password),
    signer: await signedIn(browser, ground.config.url, 'signer', password),
    commander: await signedIn(browser, ground.config.url, 'commander', password),
  };
  const camera = openCamera(folder);
  const queries = openQueries(hub.store);
  const began = new Date();

  const release = await handIn(screens.writer, camera, 'warning', alertFile('typhoon-red', began));
  const warned = await broadcast('1-warning', release);
  await handIn(screens.writer, camera, 'all-clear', alertFile('typhoon-all-clear', began));
  const cleared = await broadcast('2-all-clear', release);

  const doubles = await doublesOf(ground);
  await hub.close();
  return { accounts, ...{ warned, cleared, doubles }, pictures: camera.taken() };

  /** Composed, signed twice, counted down, sent, reported. Answers what the ledger says and how long it took. */
  async function broadcast(stage: string, id: string): Promise<{ verified: number; seconds: number }> {
    const { writer, signer, commander } = screens;
    await writer.goto(`${ground.config.url}/releases/${id}/edit`);
    await takeAreas(writer);
    await camera.at(writer, `${stage}-a-composed`);
    await submit(writer);
    const review = new URL(writer.url()).pathname;
    await sign(signer, review, password, () => camera.at(signer, `${stage}-b-first-signature`));
    await sign(commander, review, password, () => camera.at(commander, `${stage}-c-second-signature`));
    await commander.locator('[data-test=countdown]').waitFor();
    await camera.one(commander, `${stage}-d-countdown`, 'phone');
    await commander.locator('[data-test=countdown]').waitFor({ state: 'detached' });
    const sent = performance.now();
    await commander.goto(`${ground.config.url}/releases/${id}/command`);
    await commander.locator('[data-test=numbers]').waitFor();
    await camera.at(commander, `${stage}-e-under-way`);
    const verified = await settled(id);
    const seconds = Math.round((performance.now() - sent) / 1_000);
    await pause(2_000);
    await camera.at(commander, `${stage}-f-done`);
    await keepReports(commander, id, join(folder, `${stage}-report`));
    await showPublic(id, stage);
    return { verified, seconds };
  }

  /** Waits until nothing moves any more; answers how many are verified. */
  async function settled(id: string): Promise<number> {
    for (;;) {
      const counts = (await queries.counts([id])).get(id) ?? [];
      const of = (...states: string[]) =>
        counts.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
      if (of('verified', 'failed', 'needs_action', 'confirmed') === accounts) return of('verified');
      await pause(1_000);
    }
  }

  /** What the public reads, on one account of each channel. */
  async function showPublic(id: string, stage: string): Promise<void> {
    for (const channel of ['website', 'wechat', 'weibo', 'app']) {
      const row = await hub.store.placements.findOne({ release: id, channel }).lean();
      const url = row?.standing.at(-1)?.remote.url;
      if (url === undefined || !/^https?:/.test(url)) continue;
      await screens.writer.goto(url);
      await camera.one(screens.writer, `${stage}-g-public-${channel}`, 'phone');
    }
  }
}

/** A sample from `samples/`, all its times moved so that the warning is sent now: one that is over is neither drafted nor signed. */
function alertFile(name: string, now: Date): { name: string; mimeType: string; buffer: Buffer } {
  const file = join(import.meta.dirname, '..', 'samples', `${name}.cap.xml`);
  const later = now.getTime() - new Date('2026-12-01T08:30:00+08:00').getTime();
  const moved = (time: string): string =>
    new Date(new Date(time).getTime() + later + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00');
  const text = readFileSync(file, 'utf8').replace(/[\d-]{10}T[\d:]{8}\+08:00/g, moved);
  return { name: `${name}.cap.xml`, mimeType: 'application/xml', buffer: Buffer.from(text) };
}

async function signedIn(browser: Browser, url: string, name: string, password: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  await page.goto(url);
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.waitForURL((at) => at.pathname !== '/sign-in');
  return page;
}

interface Camera {
  /** At all three widths. */
  at(page: Page, name: string): Promise<void>;
  one(page: Page, name: string, width: keyof typeof widths): Promise<void>;
  taken(): number;
}

function openCamera(folder: string): Camera {
  let taken = 0;
  const one: Camera['one'] = async (page, name, width) => {
    const [across, down] = widths[width];
    await page.setViewportSize({ width: across, height: down });
    await pause(500);
    await page.screenshot({ path: join(folder, `${name}-${width}.png`) });
    taken += 1;
  };
  return {
    one,
    async at(page, name) {
      for (const width of ['wall', 'phone', 'laptop'] as const) await one(page, name, width);
    },
    taken: () => taken,
  };
}

/** Answers the release that the alert became. */
async function handIn(page: Page, camera: Camera, name: string, file: ReturnType<typeof alertFile>): Promise<string> {
  await page.goto(new URL('/alerts', page.url()).href);
  await page.locator('[data-test=hand-in]').waitFor();
  await page.setInputFiles('[data-test=alerts] input[type=file]', file);
  const line = page.locator('[data-test=alert-list] > li').first();
  await line.filter({ hasText: name === 'warning' ? '红色预警' : '解除' }).waitFor();
  await camera.at(page, `0-${name}-received`);
  const draft = await line.locator('[data-test=open-draft]').first().getAttribute('href');
  return draft?.split('/').at(-1) ?? '';
}

async function takeAreas(page: Page): Promise<void> {
  await page.locator('#regions').fill('350000');
  await page.locator('.el-select-dropdown__item:visible').first().click();
  await page.keyboard.press('Escape');
  await page.locator('[data-test=survey]').waitFor();
  await page.locator('[data-test=survey]').scrollIntoViewIfNeeded();
}

async function submit(page: Page): Promise<void> {
  await page.click('[data-test=publish]');
  await page.locator('[data-test=submit-confirm]:visible').click();
  await page.waitForURL((at) => at.pathname.startsWith('/reviews/'));
}

/** Looks at every channel, types the number that the page tells, and signs. */
async function sign(page: Page, review: string, password: string, picture: () => Promise<void>): Promise<void> {
  await page.goto(new URL(review, page.url()).href);
  await page.locator('[data-test=signing]').waitFor();
  for (const look of await page.locator('[data-test^=look-]').all()) {
    await look.click();
    await page.locator('iframe').first().waitFor();
  }
  const said = await page.locator('[data-test=signing] form p').first().innerText();
  await page.fill('#broadcast-number', said.replace(/\D/g, ''));
  for (const consent of await page.locator('[data-test^=consent-]').all()) await consent.click();
  await page.fill('#broadcast-password', password);
  await picture();
  await page.locator('[data-test=broadcast-sign]:not([disabled])').click();
  await page.locator('[data-test=signing]').waitFor({ state: 'detached' });
}

async function keepReports(page: Page, id: string, path: string): Promise<void> {
  for (const form of ['csv', 'pdf']) {
    const answer = await page.request.get(new URL(`/api/v1/releases/${id}/report.${form}`, page.url()).href);
    if (!answer.ok()) throw new Error(`report.${form}: ${answer.status()} ${await answer.text()}`);
    writeFileSync(`${path}.${form}`, await answer.body());
  }
}

/** Times beyond the two in which an account has shown the warning and its all-clear; a page is only made once. */
async function doublesOf(ground: Ground): Promise<number> {
  const all = [...(await tookOf(ground))];
  return all.reduce((sum, [name, took]) => sum + Math.max(0, took.length - (name.startsWith('website ') ? 1 : 2)), 0);
}
