/** What the clock alone changes in public, where another web server shows a site and nobody publishes. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseContent } from '../channels/channel.js';
import { emergencySchema } from '../channels/emergency.js';
import { fill, mutations } from '../core/audit/fixtures/mutations.js';
import { verifyBook } from '../core/audit/verify.js';
import { headsDocument } from '../core/hub/audit-check.js';
import { openAccount } from '../core/accounts/open.js';
import { checkBatch } from '../workers/check/checker.js';
import { openAuditDay } from '../workers/clock/audit-day.js';
import { callOverdue } from '../workers/clock/overdue.js';
import { openTestHub, type TestHub } from './support/hub.js';
import { siteAccount } from './support/site-account.js';

const day = 24 * 3_600_000;
const begin = new Date('2026-11-24T08:00:00+08:00');
const end = new Date('2026-11-24T20:00:00+08:00');
let test: TestHub;

beforeEach(async () => {
  test = await openTestHub();
});
afterEach(() => test.close());

function website() {
  const channel = test.hub.channels.get('website');
  if (!channel) throw new Error('there is no website channel');
  return channel;
}

async function site(slug: string): Promise<string> {
  const _id = `a-${slug}`;
  const times = { checkDueAt: new Date(end.getTime() + day), createdAt: begin };
  await test.hub.store.accounts.create(siteAccount(test.hub, slug, { _id, ...times }));
  return _id;
}

/** The means of a process whose clock says `now`. */
const at = (now: Date) => ({
  ...test.hub,
  callFor: (...of: Parameters<TestHub['hub']['callFor']>) => ({ ...test.hub.callFor(...of), now: () => now }),
});

async function publish(account: string, release: string, expires?: Date): Promise<void> {
  const row = await test.hub.store.accounts.findById(account).lean();
  if (!row) throw new Error('no such account');
  const opened = openAccount(website(), row, '示例省', test.hub.vault);
  const content: ReleaseContent = {
    release,
    revision: 'v1',
    kind: expires ? 'emergency' : 'notice',
    language: 'zh-Hans',
    title: expires ? '台风红色预警' : '通知',
    summary: '',
    body: '<p>文</p>',
    source: '示例省',
    columns: [],
    keywords: [],
    signedAt: begin,
    pictures: [],
    attachments: [],
    ...(expires && {
      emergency: emergencySchema.parse({
        level: 'red',
        event: '台风',
        areas: [{ name: '示例省' }],
        onset: begin.toISOString(),
        expires: expires.toISOString(),
        instruction: '停止户外活动。',
      }),
    }),
  };
  await website().publish(opened, website().render(content, opened), {
    ...at(begin).callFor(website(), new AbortController().signal),
    key: release,
    seq: 1,
    lane: 'emergency',
    release: content,
    standing: [],
    leave: () => Promise.resolve(),
  });
}

/** As another web server reads it: the file alone. */
const file = (slug: string, path: string) =>
  readFile(join(test.hub.config.dataFolder, 'channels', 'website', slug, 'public', path), 'utf8');
const dueAt = async (id: string) => (await test.hub.store.accounts.findById(id).lean())?.checkDueAt;

it('draws a site when a warning there has ended, within the minute and no other site', async () => {
  const [warned, calm] = [await site('warned'), await site('calm')];
  await publish(warned, 'w1', end);
  await publish(calm, 'n1');
  expect(await file('warned', 'index.html')).toContain('class="alert');
  expect(await callOverdue(at(end), new Date(end.getTime() - 1))).toBe(0);
  const get = jest.spyOn(test.hub.callFor(website(), new AbortController().signal).records, 'get');
  expect(await callOverdue(at(end), end)).toBe(1);
  expect(get.mock.calls.filter(([key]) => key.startsWith('calm/'))).toEqual([]);
  get.mockRestore();
  expect([await dueAt(warned), await dueAt(calm)]).toEqual([end, new Date(end.getTime() + day)]);
  // On its way already: the next minute does not hand it out a second time.
  expect(await callOverdue(at(end), new Date(end.getTime() + 60_000))).toBe(0);
  await checkBatch({ accounts: [warned, calm], until: end }, at(end));
  expect(await file('warned', 'index.html')).not.toContain('class="alert');
  expect(await file('warned', 'articles/w1/index.html')).toMatch(/本预警已于 [\d-]+ [\d:]+ 到期，不再生效。/);
  expect(await file('warned', 'warnings.xml')).not.toContain('<entry>');
  expect((await dueAt(warned))?.getTime()).toBeGreaterThan(end.getTime() + 3_600_000);
  expect(await callOverdue(at(end), new Date(end.getTime() + 2 * day))).toBe(0);
});

it('shows the head of a day that is over on every site of its own, by which a stranger finds history rewritten', async () => {
  const { store, config } = test.hub;
  const own = await site('own');
  await store.accounts.create({
    ...(await store.accounts.findById(own).lean()),
    _id: 'a-cms',
    name: 'cms',
    settings: { type: 'micropub', endpoint: 'https://cms.example.gov.cn/micropub' },
  });
  await fill(store, 24);
  const midnight = new Date('2026-11-25T00:00:00+08:00');
  const auditDay = openAuditDay(at(midnight), (error) => {
    throw error;
  });
  auditDay.look(midnight);
  await auditDay.close();
  // Of the other, whose pages lie elsewhere, nothing is asked at midnight.
  expect([await dueAt(own), await dueAt('a-cms')]).toEqual([midnight, new Date(end.getTime() + day)]);
  await checkBatch({ accounts: [own], until: midnight }, at(midnight));

  const theirs = join(config.dataFolder, 'theirs.json');
  await copyFile(join(config.dataFolder, 'channels/website/own/public/audit/heads.json'), theirs);
  const heads = async () => headsDocument.parse(JSON.parse(await readFile(theirs, 'utf8'))).heads;
  expect(await heads()).toHaveLength(1);
  expect(await verifyBook(store, { anchors: heads })).toMatchObject({ state: 'intact', anchors: 2 });
  await mutations.find(({ name }) => name === 'rehash-all')?.apply(store);
  await store.auditDays.deleteMany({});
  expect(await verifyBook(store, { anchors: heads })).toMatchObject({ state: 'broken' });
});

it('forgets an instant at which nothing turns any more', async () => {
  const id = await site('warned');
  await publish(id, 'w1', end);
  const { records } = test.hub.callFor(website(), new AbortController().signal);
  const stray = `due:${new Date(end.getTime() - 20 * 60_000).toISOString()}/warned`;
  await records.set(stray, id);
  expect(await callOverdue(at(end), new Date(end.getTime() - 1))).toBe(0);
  expect(await records.get(stray)).toBeUndefined();
  expect(await callOverdue(at(end), end)).toBe(1);
});
