/** A warning that was lifted, one that a newer one replaced and one that ran out: three different words wherever the hub tells of them. */
import { parse } from 'csv-parse/sync';
import { endingWords, endings, type Emergency, type Ending } from '../../channels/emergency.js';
import { en, zh } from '../../dashboard/messages/ending.js';
import { openLedger, release as first, type Ledger } from '../command/fixtures/ledger.js';
import { openBoards } from '../command/read-board.js';
import type { Board } from '../command/board.js';
import { openQueries } from '../placements/queries.js';
import { reportCsv } from './csv.js';
import { factsOf } from './facts.js';

let ledger: Ledger;
const at = (minutes: number): Date => new Date(Date.parse('2026-11-29T06:00:00Z') + minutes * 60_000);
const until = at(30).toISOString();
const warning = { status: 'Actual' as const, level: 'red' as const, event: '台风', areas: [{ name: '福建省' }] };

/** A message that went out. */
async function sent(release: string, number: number, minute: number, said: Partial<Emergency>): Promise<void> {
  const { store } = ledger;
  const _id = `${release}-v${number}`;
  const emergency = { ...warning, msgType: 'Alert' as const, references: [], ...said };
  const means = emergency.references.flatMap((one) => (one.release === release ? [] : [one.release]));
  const signed = { by: 'u1', at: at(minute) };
  const who = { createdBy: 'u1', createdAt: at(minute) };
  await store.revisions.create({
    ...{ _id, release, number, kind: 'emergency', language: 'zh', title: `${release}第${number}版`, source: '省政府' },
    ...{ ...who, hash: 'h', signed, emergency, ...(means.length > 0 && { means }) },
  });
  const head = { title: release, kind: 'emergency' as const, revision: _id, revisions: number, signed: _id, path: '' };
  if (number === 1) await store.releases.create({ _id: release, ...head, ...who, updatedAt: at(minute) });
  else await store.releases.updateOne({ _id: release }, { $set: head });
  await store.orders.create({
    ...{ _id: `d-${_id}`, release, seq: number, revision: _id, action: 'publish', audience: {}, lane: 'emergency' },
    ...{ reach: { audience: true, standing: false }, by: 'u1', at: at(minute), state: 'done', walk: 'audience' },
  });
}

beforeAll(async () => {
  ledger = await openLedger();
  await sent('lifted', 1, 0, { expires: until });
  await sent('lifted', 2, 15, { msgType: 'Cancel', references: [{ release: 'lifted' }] });
  await sent('replaced', 1, 0, { expires: until });
  await sent('newer', 1, 20, {
    msgType: 'Update',
    expires: at(10_000_000).toISOString(),
    references: [{ release: 'replaced' }],
  });
  await sent('expired', 1, 0, { expires: until });
});
afterAll(() => ledger.close());

const expected: Record<Ending, { release: string; at: Date; by?: string }> = {
  lifted: { release: 'lifted', at: at(15) },
  replaced: { release: 'replaced', at: at(20), by: 'newer' },
  expired: { release: 'expired', at: at(30) },
};

it.each(endings)(
  'says %s by its own word, when it was, and until when it was to hold, on the screen, in the status and in the report',
  async (is) => {
    const { release, at: when, by } = expected[is];
    const queries = openQueries(ledger.store);
    const ended = { is, at: when.toISOString(), until, ...(by !== undefined && { by }) };
    const board: Board = await openBoards(ledger.store, queries).board(release, {});
    expect(board.messages[0]?.ended).toEqual(ended);
    expect((await queries.status(release)).ended).toEqual(ended);
    const facts = await factsOf(ledger.store, queries, release);
    expect(facts.messages[0]?.ended).toEqual(ended);
  },
);

it('says in each row of the report how the warning that is wanted there has ended', async () => {
  await ledger.put('fuzhou', 'website', 'verified');
  let text = '';
  for await (const piece of reportCsv(ledger.store, await factsOf(ledger.store, openQueries(ledger.store), first)))
    text += piece;
  const [row] = parse(text, { bom: true, columns: true }) as Record<string, string>[];
  expect(row).toMatchObject({
    '标题 title': '台风红色预警',
    '预警结束 warning ended': '已失效 2026-11-29T14:30:00+08:00',
  });
});

it('leaves a warning in force where what replaced it was taken back, and one whose lifting has not gone out', async () => {
  const { store } = ledger;
  const status = async (release: string) => (await openQueries(store).status(release)).ended?.is;
  expect([await status('newer'), await status('replaced')]).toEqual([undefined, 'replaced']);
  await store.releases.updateOne({ _id: 'newer' }, { $set: { withdrawnAt: at(25) } });
  await store.orders.updateOne({ _id: 'd-lifted-v2' }, { $set: { state: 'planned' } });
  // Nothing says more than the clock now.
  expect([
    await status('replaced'),
    (await openBoards(store, openQueries(store)).board('lifted', {})).messages[0]?.ended?.is,
  ]).toEqual(['expired', 'expired']);
});

it('has three different words, the same for the public and on the screens', () => {
  for (const is of endings) expect([zh[is], en[is]]).toEqual([endingWords[is].zh, endingWords[is].en]);
  expect(new Set(endings.flatMap((is) => Object.values(endingWords[is]))).size).toBe(6);
});
