/** What the command screen says, against the rows it is said of. */
import { openQueries } from '../placements/queries.js';
import { board } from './board.js';
import { openLedger, release, type Ledger } from './fixtures/ledger.js';
import { answerTimes } from './pace.js';
import { openBoards, type Boards } from './read-board.js';

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
