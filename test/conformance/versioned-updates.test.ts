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

  it('sets, takes away and pushes, and finds the document by its new values', async () => {
    const rows = await collectionOf(full, { ...full, _id: 'b' });
    await rows.createIndex({ state: 1, due: 1 });
    const change = {
      $set: {
        version: 2,
        state: 'done "now"\n',
        due: new Date(7),
        remote: { url: 'x', at: new Date(8), none: null },
        flag: false,
      },
      $unset: { gone: '' },
      $push: { list: { $each: [{ at: new Date(9) }, '\u{10FFFF}d', 3] } },
    };
    expect(
      await rows.bulkWrite([{ updateOne: { filter: { _id: 'a', version: 1 }, update: change as never } }]),
    ).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    const { gone: _, ...rest } = full;
    const after = { ...rest, ...change.$set, list: [...full.list, ...change.$push.list.$each] };
    expect(await rows.findOne({ state: 'done "now"\n', due: new Date(7) })).toEqual(after);
    expect(await rows.countDocuments({ state: 'queued' })).toBe(1);
    expect(await rows.updateOne({ _id: 'a', version: 2 }, { $set: { version: 3 }, $unset: { due: '' } })).toMatchObject(
      { matchedCount: 1, modifiedCount: 1 },
    );
    expect(await rows.countDocuments({ due: { $exists: true } })).toBe(1);
  });

  it('changes nothing where the version is another, even within one bulk', async () => {
    const rows = await collectionOf(full);
    const move = (from: number, state: string) => ({
      updateOne: { filter: { _id: 'a', version: from }, update: { $set: { version: from + 1, state } } },
    });
    expect(
      await rows.bulkWrite([move(1, 'first'), move(1, 'second'), move(7, 'third')], { ordered: false }),
    ).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await rows.findOne({})).toEqual({ ...full, version: 2, state: 'first' });
  });

  it('makes a list where there is none, and refuses to push to what is none', async () => {
    const rows = await collectionOf(full);
    await rows.updateOne({ _id: 'a', version: 1 }, { $set: { version: 2 }, $push: { made: 1 } as never });
    expect(await rows.findOne({})).toEqual({ ...full, version: 2, made: [1] });
    await expect(
      rows.updateOne({ _id: 'a', version: 2 }, { $set: { version: 3 }, $push: { state: 1 } as never }),
    ).rejects.toMatchObject({ code: 2 });
    expect(await rows.findOne({})).toEqual({ ...full, version: 2, made: [1] });
  });

  it('refuses what a unique index forbids, with the value named', async () => {
    const rows = await collectionOf(full, { _id: 'b', state: 'taken' });
    await rows.createIndex({ state: 1 }, { unique: true });
    await expect(
      rows.updateOne({ _id: 'a', version: 1 }, { $set: { version: 2, state: 'taken' } }),
    ).rejects.toMatchObject({ code: 11_000, keyValue: { state: 'taken' } });
    expect(await rows.findOne({ _id: 'a' })).toEqual(full);
  });

  it('gives the document back to those who ask for it', async () => {
    const rows = await collectionOf(full);
    expect(
      await rows.findOneAndUpdate({ _id: 'a', version: 1 }, { $set: { version: 2 } }, { returnDocument: 'after' }),
    ).toEqual({ ...full, version: 2 });
  });
});
