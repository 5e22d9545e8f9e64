/** A report is the ledger in other words: its figures are the ledger's. */
import { parse } from 'csv-parse/sync';
import PDFDocument from 'pdfkit';
import { loadChannels } from '../../channels/registry.js';
import { forgetText } from '../signatures/renditions.js';
import { openLedger, release, type Ledger } from '../command/fixtures/ledger.js';
import { openQueries } from '../placements/queries.js';
import { reportCsv } from './csv.js';
import { factsOf } from './facts.js';
import { chineseFont } from './font.js';
import { reportPdf } from './pdf.js';
import { troubledRows } from './rows.js';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  for (let n = 0; n < 6; n += 1) await ledger.put(['gulou', 'xiamen', 'hangzhou'][n % 3] ?? '', 'weibo', 'failed');
  for (const state of ['verified', 'published', 'queued', 'waiting', 'needs_action', 'confirmed'] as const)
    await ledger.put('fuzhou', 'website', state);
});
afterAll(() => ledger.close());

const facts = () => factsOf(ledger.store, openQueries(ledger.store), release);

async function table(): Promise<Record<string, string>[]> {
  let text = '';
  for await (const piece of reportCsv(ledger.store, await facts())) text += piece;
  return parse(text, { bom: true, columns: true }) as Record<string, string>[];
}

it('has one row for each account, and the counts of the ledger', async () => {
  const rows = await table();
  const { counts, total } = await openQueries(ledger.store).status(release);
  expect(rows).toHaveLength(total);
  for (const { channel, state, count } of counts)
    expect(rows.filter((row) => row['渠道 channel'] === channel && row['状态代码 state code'] === state)).toHaveLength(
      count,
    );
});

it('says who signed, when it was reached, what failed and why, who confirmed late', async () => {
  const rows = await table();
  const of = (state: string) => rows.find((row) => row['状态代码 state code'] === state) ?? {};
  expect(of('verified')).toMatchObject({
    '平台受理 accepted at': '2026-11-29T14:00:03+08:00',
    '读回核验 read back at': '2026-11-29T14:00:25+08:00',
    '超过时限（分钟） minutes late': '',
    '原因 cause': '',
  });
  expect(of('failed')).toMatchObject({ '原因 cause': '平台限流。', '平台代码 platform code': '45009' });
  expect(of('confirmed')).toMatchObject({
    '人工确认 confirmed at': '2026-11-29T14:40:00+08:00',
    '超过时限（分钟） minutes late': '10',
  });
});

it('gives a spreadsheet no formula to run', async () => {
  const [row = {}] = (await table()).filter((one) => one['状态代码 state code'] === 'confirmed');
  expect(row['确认说明 note']).toBe(`'=HYPERLINK("x")`);
  expect(row['签发人 signed by']).toBe(`'=张敏`);
});

it('reads back what a row has let go of', async () => {
  const row = await ledger.put('fuzhou', 'app', 'verified');
  const past = { count: row.recent.length, words: {}, claims: [], ended: [] };
  await ledger.store.events.insertMany(
    row.recent.map((event, n) => ({ _id: `${row._id}/${event.id}`, n, event })) as never[],
  );
  await ledger.store.placements.updateOne({ _id: row._id }, { $set: { recent: [], past } });
  const found = (await table()).find((one) => one['账号编号 account id'] === row.account);
  expect(found).toMatchObject({ '平台受理 accepted at': '2026-11-29T14:00:03+08:00' });
  await ledger.store.placements.deleteOne({ _id: row._id });
});

it('lists those without it place by place, all of them', async () => {
  const rows = [];
  for await (const row of troubledRows(ledger.store, await facts())) rows.push(row);
  expect(rows.map(({ region }) => region)).toEqual([...rows.map(({ region }) => region)].sort());
  expect(rows).toHaveLength(8);
});

it('says of a drill that it is one, before its title', async () => {
  const { title } = await facts();
  expect(title).not.toMatch(/^演练：/);
  const [message] = await ledger.store.revisions.find({ release }).lean();
  const emergency = { ...message?.emergency, status: 'Exercise' };
  await ledger.store.revisions.updateOne({ _id: message?._id ?? '' }, { $set: { emergency } });
  expect((await facts()).title).toBe(`演练：${title}`);
  await ledger.store.revisions.updateOne({ _id: message?._id ?? '' }, { $set: { emergency: message?.emergency } });
});

it('makes a PDF of it where there is a Chinese font, and says so where there is none', async () => {
  const pieces: Buffer[] = [];
  const means = { store: ledger.store, channels: new Map(), config: { channelFolders: [] } };
  for await (const piece of reportPdf(means, await facts())) pieces.push(piece as Buffer);
  expect(Buffer.concat(pieces).subarray(0, 5).toString()).toBe('%PDF-');
  expect(() => chineseFont([{ file: '/nowhere.ttc', name: 'x' }])).toThrow(
    expect.objectContaining({ code: 'font_missing' }) as Error,
  );
});

it('holds every text that went out: the short one, the body, what loudspeakers read, and what each channel made of it', async () => {
  const { store } = ledger;
  const before = await store.revisions.findById('v1').lean();
  const emergency = {
    ...before?.emergency,
    short: '台风来了，快避险。',
    spoken: '请注意，福建省有台风。',
    status: 'Exercise',
  };
  await store.revisions.updateOne({ _id: 'v1' }, { $set: { emergency, body: '<p>阵风12级。</p>' } });
  forgetText('v1');
  const printed = jest.spyOn(PDFDocument.prototype, 'text');
  try {
    const channels = await loadChannels(['channels']);
    const website = channels.get('website');
    if (!website) throw new Error('no website');
    const sandbox = website.sandbox();
    sandbox.open({ url: 'https://specimen.example', accepted: () => undefined, now: () => new Date() });
    const { settings } = sandbox.account(0);
    await store.accounts.collection.updateMany({ channel: 'website' }, { $set: { settings } as never });
    const means = { store, channels: new Map([['website', website]]), config: { channelFolders: ['channels'] } };
    for await (const _ of reportPdf(means, await facts()));
    const words = printed.mock.calls.map(([text]) => text).join('\n');
    expect(words).toMatch(/短文（微博、推送）：演练：台风来了，快避险。/);
    expect(words).toMatch(/正文：[^]*阵风12级。/);
    expect(words).toContain('　口播稿：演练：请注意，福建省有台风。（演练）');
    expect(words.slice(words.indexOf('各渠道（'))).toMatch(/政府网站：《演练：台风红色预警》[^]*阵风12级。/);
    await sandbox.close?.();
  } finally {
    printed.mockRestore();
    await store.revisions.updateOne({ _id: 'v1' }, { $set: { emergency: before?.emergency, body: '' } });
    forgetText('v1');
  }
});
