/** What the command screen says, against the rows it is said of. */
import { openQueries } from '../placements/queries.js';
import { board } from './board.js';
import { openLedger, release, type Ledger } from './fixtures/ledger.js';
import { statementText, type Statement } from '../signatures/statement.js';
import { answerTimes } from './pace.js';
import { idsAt, outOf, whereOf } from './out.js';
import { openBoards, type Boards } from './read-board.js';
import { wheres, type Where } from './wheres.js';

/** What a signature needs to be read; nothing of it but the number matters here. */
const signedStatement: Statement = {
  ...{ format: 'lianfa-order-1', hub: 'h', order: 'd1', release, seq: 1, action: 'publish', place: '', audience: {} },
  ...{ reach: { audience: true, standing: false }, lane: 'emergency', decisions: [] },
  chain: { id: 'c', version: 1, steps: [{ id: 's', role: 'approver' }] },
  signers: [{ step: 's', person: 'u1', key: 'k' }],
  at: '2026-11-29T06:00:00.000Z',
};

let ledger: Ledger;
let boards: Boards;
let now = Date.parse('2026-11-29T06:01:00Z');
beforeAll(async () => {
  ledger = await openLedger();
  boards = openBoards(ledger.store, openQueries(ledger.store), () => now);
  await ledger.put('fujian', 'website', 'verified');
  for (const channel of ['website', 'weibo', 'weibo']) await ledger.put('fuzhou', channel, 'failed');
  await ledger.put('gulou', 'wechat', 'needs_action', '结果不明 https://a.example/1');
  await ledger.put('gulou', 'wechat', 'needs_action', '结果不明 https://a.example/2');
  await ledger.put('gulou', 'weibo', 'failed', '链接不支持。');
  await ledger.put('xiamen', 'weibo', 'verified');
  await ledger.put('xiamen', 'wechat', 'waiting');
});
afterAll(() => ledger.close());
/** Past the time for which an answer is given again. */
const later = (): number => (now += 60_000);

const shown = (tiles: { name: string; total: number }[]): [string, number][] =>
  tiles.map(({ name, total }) => [name, total]);

it('begins where every account lies, goes down to units, and says the way back', async () => {
  const province = await boards.board(release, {});
  expect(board.parse(province)).toEqual(province);
  expect(province.region).toEqual({ code: '350000', name: '福建' });
  expect(shown(province.tiles)).toEqual([
    ['福州市', 6],
    ['厦门市', 2],
    ['福建省人民政府', 1],
  ]);
  const city = await boards.board(release, { region: '350100' });
  expect(city.above.map(({ name }) => name)).toEqual(['全国', '福建']);
  expect(city.tiles).toMatchObject([
    { id: 'fuzhou', kind: 'unit', total: 3, states: { failed: 3 } },
    { id: 'gulou', kind: 'unit', total: 3, states: { needs_action: 2, failed: 1 } },
  ]);
  const country = await boards.board(release, { region: '000000' });
  expect(shown(country.tiles)).toEqual([['福建', 9]]);
});

it('says as its total what its tiles add up to, and of one channel only what is on it', async () => {
  for (const filter of [{}, { channel: 'weibo' }, { region: '350100' }, { region: '350100', channel: 'weibo' }]) {
    const { tiles, total } = await boards.board(release, filter);
    const of = await ledger.store.placements.find({ release }).lean();
    const meant = of.filter(
      (row) =>
        (filter.channel === undefined || row.channel === filter.channel) &&
        (filter.region === undefined || row.region.startsWith('3501')),
    );
    expect([total, tiles.reduce((sum, tile) => sum + tile.total, 0)]).toEqual([meant.length, meant.length]);
  }
});

it('groups what lies still by channel and cause, whatever the address in it, each with one act', async () => {
  const { causes } = await boards.board(release, {});
  expect(causes.map(({ channel, state, count, act, code }) => [channel, state, count, act, code])).toEqual(
    expect.arrayContaining([
      ['weibo', 'failed', 2, 'retry', '45009'],
      ['wechat', 'needs_action', 2, 'retry', '45009'],
      ['wechat', 'waiting', 1, 'wait', '45009'],
    ]),
  );
  expect(causes).toHaveLength(5);
});

it('tells of rows without a kept cause too: the groups add up to the counts', async () => {
  const row = await ledger.put('xiamen', 'app', 'failed');
  await ledger.store.placements.updateOne({ _id: row._id }, { $unset: { why: 1 } });
  later();
  const { causes } = await boards.board(release, {});
  expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(
    await ledger.store.placements.countDocuments({
      release,
      state: { $in: ['failed', 'needs_action', 'waiting'] },
    }),
  );
  expect(causes.at(-1)).toEqual({ channel: 'app', state: 'failed', count: 1, act: 'retry' });
  await ledger.store.placements.deleteOne({ _id: row._id });
  later();
});

it.each([
  [{}, 7],
  [{ region: '350100' }, 6],
  [{ channel: 'wechat' }, 3],
  [{ organization: 'gulou', state: 'needs_action' as const }, 2],
])('says of the list of %j how long it is, page by page', async (filter, length) => {
  let [seen, after] = [0, undefined as string | undefined];
  do {
    const page = await boards.troubles(release, { ...filter, after, limit: 2 });
    expect(page.total).toBe(length);
    seen += page.items.length;
    after = page.next;
  } while (after !== undefined);
  expect(seen).toBe(length);
});

it('names the units that have not confirmed, the clocks and the messages', async () => {
  const { unconfirmed, clocks, messages } = await boards.board(release, {});
  expect(unconfirmed).toEqual([{ organization: 'gulou', region: '350102', name: '鼓楼区人民政府', count: 2 }]);
  expect(clocks).toEqual({
    signedAt: '2026-11-29T06:00:00.000Z',
    deadline: '2026-11-29T06:30:00.000Z',
    knownAt: '2026-11-29T05:50:00.000Z',
  });
  expect(messages).toMatchObject([{ number: 1, message: 'Alert', orders: [{ seq: 1, state: 'done' }] }]);
});

it('puts every row into the step of time in which it came to its state', async () => {
  const { pace } = await boards.board(release, {});
  const sum = pace.steps.flatMap((step) => Object.values(step)).reduce((all, count) => all + count, 0);
  expect(sum).toBe(await ledger.store.placements.countDocuments({ release }));
  expect(pace.steps[2]).toEqual({ verified: 2 });
});

it('times a platform from the hand-out to its answer, and nothing else', () => {
  const at = (ms: number): Date => new Date(ms);
  const frame = { id: 'e', by: 'publish', seq: 1, try: 't1' };
  const nothing = { ...frame, at: at(140), is: 'nothing' as const, then: 'failed' as const };
  expect(answerTimes({ recent: [{ ...frame, at: at(100), is: 'sending' }, nothing] })).toEqual([40]);
  expect(
    answerTimes({
      recent: [
        { ...frame, at: at(100), is: 'sending' },
        { ...nothing, try: 't2' },
      ],
    }),
  ).toEqual([]);
});

it('reads the ledger once for all who ask at the same time, and anew later', async () => {
  later();
  const read = jest.spyOn(ledger.store.placements, 'aggregate');
  await Promise.all(Array.from({ length: 50 }, () => boards.board(release, {})));
  const once = read.mock.calls.length;
  await boards.board(release, {});
  expect(read).toHaveBeenCalledTimes(once);
  later();
  await boards.board(release, {});
  expect(read.mock.calls.length).toBeGreaterThan(once);
  read.mockRestore();
});

it('keeps why a row lies still only while it does', async () => {
  const rows = await ledger.store.placements.find({ release }).lean();
  for (const { state, why } of rows)
    expect([state, why !== undefined]).toEqual([state, ['failed', 'needs_action', 'waiting'].includes(state)]);
});

it('counts the numbers and the tiles in one reading, and from the first moment to the number that was signed', async () => {
  const numbers = (counts: { count: number }[]) => counts.reduce((sum, { count }) => sum + count, 0);
  later();
  const before = await boards.board(release, { region: '000000' });
  expect([numbers(before.counts), before.total, before.toCome]).toEqual([9, 9, 0]);
  const { orders, placements } = ledger.store;
  const broadcast = { countdown: 5, accounts: 12 };
  const statement = statementText({ ...signedStatement, broadcast });
  for (const [state, toCome] of [
    ['planned', 3],
    ['running', 3],
    ['done', 0],
  ] as const) {
    await orders.updateOne({ _id: 'd1' }, { $set: { state, statement } });
    later();
    expect((await boards.board(release, {})).toCome).toBe(toCome);
    expect(await openQueries(ledger.store).status(release)).toMatchObject({ total: 9, toCome });
  }
  await orders.updateOne({ _id: 'd1' }, { $set: { state: 'running' } });
  later();
  // What comes between two readings is in both or in neither.
  const reading = boards.board(release, { region: '000000' });
  await placements.deleteOne({ _id: (await placements.findOne({ release }).lean())?._id ?? '' });
  const { counts, total, toCome } = await reading;
  expect([numbers(counts) - total, numbers(counts) + toCome]).toEqual([0, 12]);
  await orders.updateOne({ _id: 'd1' }, { $set: { state: 'done' } });
});

describe('where everything is', () => {
  /** As it was counted before: row by row. */
  async function rowByRow(): Promise<Partial<Record<Where, number>>> {
    const sums: Partial<Record<Where, number>> = {};
    for (const row of await ledger.store.placements.find({ release }).lean()) {
      const where = whereOf(row);
      sums[where] = (sums[where] ?? 0) + 1;
    }
    return sums;
  }
  const some = (counts: Record<Where, number>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

  it('counts off an index what the state alone tells, and comes to what each row by itself says', async () => {
    const { store } = ledger;
    for (const state of ['queued', 'sending', 'published', 'verified', 'confirmed', 'waiting'] as const)
      for (const channel of ['weibo', 'app']) await ledger.put('xiamen', channel, state);
    const [queued] = await store.placements.find({ release, state: 'queued' }).lean();
    // Put right by a second order, one shows an earlier message still and one waits frozen.
    await store.placements.updateOne({ _id: queued?._id ?? '' }, { $set: { open: [1], attempts: 1 } });
    await store.placements.updateOne({ release, state: 'waiting' }, { $set: { frozen: 'f1' } });
    for (const orders of [1, 2]) {
      if (orders === 2) {
        const [row] = await store.placements.find({ release, state: 'failed' }).lean();
        const standing = [{ seq: 0, revision: 'v0', seen: 'published', remote: { id: 'x' } }];
        await store.placements.collection.updateOne({ _id: row?._id as never }, { $set: { standing } as never });
        await store.orders.create({ ...(await store.orders.findById('d1').lean()), _id: 'd2', seq: 2 } as never);
      }
      const { counts, total, channels, regions, older } = await outOf(store, release);
      expect(total).toBe(await store.placements.countDocuments({ release }));
      for (const parts of [channels, regions])
        expect(parts.reduce((sum, part) => sum + Object.values(part.counts).reduce((all, n) => all + n, 0), 0)).toBe(
          total,
        );
      expect([some(counts), older]).toEqual([await rowByRow(), orders - 1]);
      for (const where of wheres)
        expect(await idsAt(store, release, { where, limit: 100 })).toHaveLength((await rowByRow())[where] ?? 0);
    }
    await store.orders.deleteOne({ _id: 'd2' });
  });
});
