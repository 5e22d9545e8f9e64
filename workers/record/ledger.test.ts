import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../core/ids.js';
import { loggedIdsOf, placementId, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { historyOf } from '../../core/placements/history.js';
import { openStore, type Store } from '../../core/store/store.js';
import { keptRows } from '../kept-rows.js';
import { recordEvents } from './ledger.js';

let store: Store;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianfa-ledger-'));
  store = await openStore({ dataFolder: folder, uri: process.env['MONGODB_URI'] });
});

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const remote = { id: 'p1', url: 'https://example.gov.cn/1' };

function event(rest: Partial<PlacementEvent> & Pick<PlacementEvent, 'is'>): PlacementEvent {
  return { id: newId('e'), at: new Date(), by: 'publish', seq: 1, ...rest } as PlacementEvent;
}
const sending = (token = 't1'): PlacementEvent => event({ is: 'sending', try: token });
const published = (): PlacementEvent => event({ is: 'accepted', revision: 'v1', remote, seen: 'published' });
const refused = (): PlacementEvent => event({ is: 'nothing', then: 'waiting' });

/** A release that is wanted on so many accounts. */
async function ordered(accounts: number): Promise<{ release: string; ids: string[] }> {
  const [release, at] = [newId('r'), new Date()];
  const names = Array.from({ length: accounts }, (_, n) => `a${String(n).padStart(4, '0')}`);
  const rows = names.map((account): Placement => ({
    _id: placementId(release, account),
    release,
    channel: 'toy',
    account,
    organization: 'o1',
    region: '350000',
    lane: 'routine',
    orders: [{ seq: 1, revision: 'v1' }],
    settled: 0,
    open: [],
    doubted: [],
    unsure: [],
    standing: [],
    run: 'run1',
    oldestRun: 'run1',
    state: 'queued',
    since: at,
    dueAt: new Date(at.getTime() + 900_000),
    attempts: 0,
    recent: [],
    version: 0,
  }));
  await store.placements.insertMany(rows);
  return { release, ids: rows.map((row) => row._id) };
}

const told = (ids: readonly string[], ...events: PlacementEvent[]) =>
  ids.flatMap((placement) => events.map((one) => ({ placement, event: one })));
const rowsOf = (release: string) => store.placements.find({ release }).sort({ _id: 1 }).lean();

async function happened(row: Placement | undefined): Promise<string[]> {
  return row ? (await historyOf(store, row)).map(({ id }) => id) : [];
}

describe('the ledger', () => {
  it('tells again of what it wrote before it was cut short, and writes nothing twice', async () => {
    const { release, ids } = await ordered(2);
    const events = told(ids, sending(), published());
    const changes = await recordEvents(store, events);
    expect(changes).toEqual([{ release, ids }]);
    const rows = await rowsOf(release);
    expect(rows).toMatchObject(ids.map((_id) => ({ _id, state: 'published', standing: [{ remote }], version: 1 })));
    expect(await recordEvents(store, events)).toEqual(changes);
    expect(await rowsOf(release)).toEqual(rows);
  });

  it('applies the events of two recorders that meet on one row, and forgets none of the other rows', async () => {
    const { release, ids } = await ordered(2);
    const [waiting, out] = [refused(), published()];
    const [one, both] = await Promise.all([
      recordEvents(store, told(ids.slice(0, 1), waiting)),
      recordEvents(store, told(ids, out)),
    ]);
    expect(one).toEqual([{ release, ids: ids.slice(0, 1) }]);
    expect(both).toEqual([{ release, ids }]);
    const rows = await rowsOf(release);
    expect(rows.map((row) => new Set(row.recent.map(({ id }) => id)))).toEqual([
      new Set([waiting.id, out.id]),
      new Set([out.id]),
    ]);
    expect(rows.map(({ version, state }) => [version, state])).toEqual([
      [2, 'published'],
      [1, 'published'],
    ]);
  });

  it('lets ten recorders write of one row at once, and loses nothing of any', async () => {
    const { release, ids } = await ordered(1);
    const all = Array.from({ length: 10 }, refused);
    await Promise.all(all.map((one) => recordEvents(store, told(ids, one))));
    const [row] = await rowsOf(release);
    expect((await happened(row)).sort()).toEqual(all.map(({ id }) => id).sort());
    expect(row?.version).toBe(10);
  });

  it('goes on from what dispatch has put upon the row meanwhile', async () => {
    const { release, ids } = await ordered(1);
    const [_id = ''] = ids;
    const find = jest.spyOn(store.placements, 'find');
    const held = store.placements.find.bind(store.placements);
    // A newer order comes between the reading and the writing of the row.
    find.mockImplementationOnce(((...asked: Parameters<typeof held>) => {
      const query = held(...asked);
      return {
        lean: async () => {
          const rows = await query.lean();
          await store.placements.updateOne(
            { _id, version: 0 },
            {
              $set: {
                version: 1,
                orders: [
                  { seq: 1, revision: 'v1' },
                  { seq: 2, revision: 'v2' },
                ],
              },
            },
          );
          return rows;
        },
      };
    }) as never);
    await recordEvents(store, told(ids, sending(), published()));
    find.mockRestore();
    const [row] = await rowsOf(release);
    expect(row).toMatchObject({
      state: 'queued',
      version: 2,
      settled: 1,
      standing: [{ seq: 1, revision: 'v1', remote }],
    });
    expect(row?.orders.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('reads a row again that has changed since it was kept', async () => {
    const { release, ids } = await ordered(2);
    const kept = keptRows(store);
    kept.open();
    const old = await rowsOf(release);
    const [sent, no] = [sending(), refused()];
    await recordEvents(store, told(ids.slice(0, 1), sent, no));
    kept.keep(old);
    await recordEvents(store, told(ids, published()));
    kept.close();
    expect((await rowsOf(release)).map(({ state, version, recent }) => [state, version, recent.length])).toEqual([
      ['published', 2, 3],
      ['published', 1, 1],
    ]);
  });

  it('adds only what it did not know, and finds the row by the state it has then', async () => {
    const { release, ids } = await ordered(2);
    const [sent, no, again, out] = [sending(), refused(), sending('t2'), published()];
    await recordEvents(store, told(ids, sent, no));
    expect(await rowsOf(release)).toMatchObject(
      ids.map((_id) => ({ _id, state: 'waiting', attempts: 1, version: 1, since: no.at })),
    );
    await recordEvents(store, told(ids, sent, no, again, out));
    for (const row of await store.placements.find({ release, state: 'published' }).lean()) {
      expect(row).toMatchObject({ attempts: 2, version: 2, open: [], dueAt: expect.any(Date) as Date });
      expect(row.recent.map(({ id }) => id)).toEqual([sent.id, no.id, again.id, out.id]);
    }
    expect(await store.placements.countDocuments({ release, state: 'published' })).toBe(2);
    expect(await store.placements.countDocuments({ release, state: { $in: ['queued', 'waiting'] } })).toBe(0);
  });

  it('knows an old event that comes again when the row holds it no more', async () => {
    const { release, ids } = await ordered(1);
    const all = Array.from({ length: 12 }, (_, n) => [sending(`t${n}`), refused()]).flat();
    for (const one of all) await recordEvents(store, told(ids, one));
    const [row] = await rowsOf(release);
    expect(row?.recent.length).toBeLessThanOrEqual(4);
    expect(await happened(row)).toEqual(all.map(({ id }) => id));
    for (const one of [...all, ...all.reverse()]) await recordEvents(store, told(ids, one));
    await recordEvents(store, told(ids, ...all));
    expect(await rowsOf(release)).toEqual([row]);
    expect(await store.events.countDocuments({ _id: loggedIdsOf(ids[0] ?? '') })).toBe(row?.past?.count);
  });

  it('is due no more where nobody needs to look again', async () => {
    const { release, ids } = await ordered(1);
    await recordEvents(store, told(ids, sending(), event({ is: 'nothing', then: 'failed' })));
    expect((await rowsOf(release))[0]?.dueAt).toBeUndefined();
    expect(await store.placements.countDocuments({ release, dueAt: { $exists: true } })).toBe(0);
  });

  it('tells of more than a screen could name as one: look anew', async () => {
    const { release, ids } = await ordered(1_201);
    expect(await recordEvents(store, told(ids, sending()))).toEqual([{ release, ids: undefined }]);
    expect(await store.placements.countDocuments({ release, state: 'sending' })).toBe(1_201);
  });

  it('passes over what belongs to no row, and writes the rest', async () => {
    const { release, ids } = await ordered(1);
    expect(await recordEvents(store, told(['nobody-a1', ...ids], sending()))).toEqual([{ release, ids }]);
  });
});
