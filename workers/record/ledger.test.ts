import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeliveryEvent } from '../../core/model/delivery.js';
import { newId } from '../../core/ids.js';
import { openStore, type Store } from '../../core/store/store.js';
import { insertMissing, newDelivery } from '../dispatch/rows.js';
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

async function order(action: 'publish' | 'withdraw') {
  const [release, revision] = [newId('r'), newId('v')];
  const dispatch = {
    _id: newId('d'),
    release,
    revision,
    action,
    audience: {},
    lane: 'routine' as const,
    by: 'u1',
    state: 'running' as const,
    deliveries: 0,
    at: new Date(),
  };
  const rows = ['a1', 'a2'].map((account) =>
    newDelivery(dispatch, { channel: 'toy', account, organization: 'o1', region: '350000' }),
  );
  await insertMissing(store, rows);
  return { release, ids: rows.map((row) => row._id) };
}

function happened(to: DeliveryEvent['to']): DeliveryEvent {
  return { id: newId('e'), to, at: new Date(), by: 'publish', attempt: 1 };
}

describe('the ledger', () => {
  it('tells again what follows from events that it wrote before it was cut short', async () => {
    const {
      release,
      ids: [id = ''],
    } = await order('withdraw');
    const events = [happened('sending'), happened('withdrawn')].map((event) => ({ delivery: id, event }));
    const first = await recordEvents(store, events);
    expect(first.following).toMatchObject([{ delivery: id.replace(/-w$/, ''), event: { to: 'withdrawn' } }]);
    expect(await recordEvents(store, events)).toEqual({ ...first, changes: [{ release, ids: [id] }] });
    expect((await store.deliveries.findById(id).lean())?.version).toBe(1);
  });

  it('applies the events of two recorders that meet on one row, and forgets none of the other rows', async () => {
    const { release, ids } = await order('publish');
    const [waiting, published] = [happened('waiting'), happened('published')];
    const [one, both] = await Promise.all([
      recordEvents(store, [{ delivery: ids[0] ?? '', event: waiting }]),
      recordEvents(
        store,
        ids.map((delivery) => ({ delivery, event: published })),
      ),
    ]);
    expect(one.changes).toEqual([{ release, ids: ids.slice(0, 1) }]);
    expect(both.changes).toEqual([{ release, ids }]);
    const rows = await store.deliveries.find({ release }).sort({ _id: 1 }).lean();
    expect(rows.map((row) => row.events.map((event) => event.id))).toEqual([
      ['q', waiting.id, published.id],
      ['q', published.id],
    ]);
    expect(rows.map((row) => row.version)).toEqual([2, 1]);
  });

  it('adds only what it did not know, where more comes of a row together with what it had written', async () => {
    const { release, ids } = await order('publish');
    const remote = { id: 'p1', url: 'https://example.gov.cn/1' };
    const [sent, refused, again, published] = [
      happened('sending'),
      { ...happened('waiting'), clean: true },
      { ...happened('sending'), attempt: 2 },
      { ...happened('published'), attempt: 2, remote },
    ];
    const carried = (...events: DeliveryEvent[]) =>
      ids.flatMap((delivery) => events.map((event) => ({ delivery, event })));
    const first = await recordEvents(store, carried(sent, refused));
    expect(first).toEqual({ changes: [{ release, ids }], following: [] });
    expect(await store.deliveries.find({ release }).lean()).toMatchObject(
      ids.map((_id) => ({ _id, state: 'waiting', clean: true, attempts: 1, version: 1, since: refused.at })),
    );
    expect(await recordEvents(store, carried(sent, refused, again, published))).toEqual(first);
    for (const row of await store.deliveries.find({ release, state: 'published' }).lean()) {
      expect(row).toMatchObject({
        state: 'published',
        attempts: 2,
        version: 2,
        remote,
        account: expect.stringMatching(/^a[12]$/),
        dueAt: expect.any(Date),
      });
      expect(row.events.map((event) => event.id)).toEqual(['q', sent.id, refused.id, again.id, published.id]);
      expect(row.clean).toBeUndefined();
    }
    expect(await store.deliveries.countDocuments({ release, state: 'published' })).toBe(2);
    expect(await store.deliveries.countDocuments({ release, state: { $in: ['queued', 'waiting'] } })).toBe(0);
  });
});
