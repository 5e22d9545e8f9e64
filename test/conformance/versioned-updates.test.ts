/** An update of one document under its version, which no store may take for done where the version is another. */
import type { AnyObject } from 'mongoose';
import { stores, type OpenedStore } from './store/stores.js';

describe.each(stores)('an update under a version in the $name store', ({ open }) => {
  let store: OpenedStore;
  let made = 0;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.end());

  async function collectionOf(...rows: { _id: string; [field: string]: unknown }[]) {
    made += 1;
    const collection = store.connection.collection<AnyObject & { _id: string }>(`versioned${String(made)}`);
    await collection.insertMany(rows);
    return collection;
  }

  const full = {
    _id: 'a',
    version: 1,
    state: 'queued',
    gone: true,
    due: new Date(5),
    list: [{ at: new Date(0) }],
    other: '“政务” \\ "x" 😀',
  };

  const replace = (from: number, change: object) => ({
    replaceOne: { filter: { _id: 'a', version: from }, replacement: { ...full, version: from + 1, ...change } },
  });

  it('puts the whole document in its place, and finds it by its new values', async () => {
    const rows = await collectionOf(full, { ...full, _id: 'b' });
    await rows.createIndex({ state: 1, due: 1 });
    const { gone: _, ...rest } = full;
    const after = {
      ...rest,
      version: 2,
      state: 'done "now"\n',
      due: new Date(7),
      remote: { url: 'x', at: new Date(8), none: null },
      list: [...full.list, { at: new Date(9) }, '\u{10FFFF}d', 3],
    };
    const change = { replaceOne: { filter: { _id: 'a', version: 1 }, replacement: after } };
    expect(await rows.bulkWrite([change])).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await rows.findOne({ state: 'done "now"\n', due: new Date(7) })).toEqual(after);
    expect(await rows.countDocuments({ state: 'queued' })).toBe(1);
    expect(await rows.updateOne({ _id: 'a', version: 2 }, { $set: { version: 3 }, $unset: { due: '' } })).toMatchObject(
      { matchedCount: 1, modifiedCount: 1 },
    );
    expect(await rows.countDocuments({ due: { $exists: true } })).toBe(1);
  });

  it('changes nothing where the version is another, even within one bulk', async () => {
    const rows = await collectionOf(full);
    const moves = [replace(1, { state: 'first' }), replace(1, { state: 'second' }), replace(7, { state: 'third' })];
    expect(await rows.bulkWrite(moves, { ordered: false })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await rows.findOne({})).toEqual({ ...full, version: 2, state: 'first' });
    expect(await rows.updateOne({ _id: 'a', version: 1 }, { $set: { state: 'late' } })).toMatchObject({
      matchedCount: 0,
    });
    expect(await rows.findOne({})).toEqual({ ...full, version: 2, state: 'first' });
  });

  it('lets one of twenty that write at once have it, whoever they are', async () => {
    const rows = await collectionOf(full);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => rows.bulkWrite([replace(1, { state: `w${n}` })])),
    );
    expect(all.filter(({ matchedCount }) => matchedCount === 1)).toHaveLength(1);
    expect((await rows.findOne({}))?.['version']).toBe(2);
  });

  it('refuses what a unique index forbids, with the value named', async () => {
    const rows = await collectionOf(full, { _id: 'b', state: 'taken' });
    await rows.createIndex({ state: 1 }, { unique: true });
    const taken = { ...full, version: 2, state: 'taken' };
    await expect(rows.replaceOne({ _id: 'a', version: 1 }, taken)).rejects.toMatchObject({
      code: 11_000,
      keyValue: { state: 'taken' },
    });
    await expect(rows.bulkWrite([replace(1, { state: 'taken' })])).rejects.toMatchObject({ code: 11_000 });
    expect(await rows.findOne({ _id: 'a' })).toEqual(full);
  });

  it('refuses to move the document to another id', async () => {
    const rows = await collectionOf(full);
    const moved = { ...full, _id: 'z', version: 2 };
    await expect(rows.replaceOne({ _id: 'a', version: 1 }, moved)).rejects.toMatchObject({ code: 66 });
    expect(await rows.findOne({ _id: 'a' })).toEqual(full);
  });
});
