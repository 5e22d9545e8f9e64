/** An index over the elements of a list answers what the list itself does, whatever was written since, on both stores. */
import fc from 'fast-check';
import type { AnyObject } from 'mongoose';
import { EmbeddedCollection } from '../../core/store/embedded/collection.js';
import { stores, type OpenedStore } from './store/stores.js';

type Row = AnyObject & { _id: string };

describe.each(stores)('lists in the $name store', ({ embedded, open }) => {
  let store: OpenedStore;
  let made = 0;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.end());

  async function indexed(...rows: Row[]) {
    made += 1;
    const collection = store.connection.collection<Row>(`lists${String(made)}`);
    if (rows.length > 0) await collection.insertMany(rows);
    await collection.createIndex({ tags: 1, _id: 1 }, { name: 'tags_each' });
    return collection;
  }
  type Rows = Awaited<ReturnType<typeof indexed>>;
  const tagged = async (rows: Rows, tag: unknown, more: object = {}, options: object = {}): Promise<string[]> =>
    (await rows.find({ $and: [{ tags: { $in: [tag] } }, more] }, { sort: { _id: 1 }, ...options }).toArray()).map(
      ({ _id }) => _id,
    );

  it('find what lay there before the index, and what came after it', async () => {
    const rows = await indexed({ _id: 'a', tags: ['x', 'y'] }, { _id: 'b', tags: [] }, { _id: 'c' });
    await rows.insertOne({ _id: 'd', tags: ['x', 'x'] });
    await rows.insertOne({ _id: 'e', tags: 'x' });
    await rows.insertOne({ _id: 'f', tags: [['x'], { x: 'x' }, 1, null, true] });
    expect(await tagged(rows, 'x')).toEqual(['a', 'd', 'e']);
    expect(await tagged(rows, 'y')).toEqual(['a']);
    expect(await tagged(rows, 1)).toEqual(['f']);
    expect(await tagged(rows, null)).toEqual(['c', 'f']);
  });

  it('follow every change of the list, and know nothing of what is gone', async () => {
    const rows = await indexed({ _id: 'a', tags: ['x'] }, { _id: 'b', tags: ['x'] }, { _id: 'c', tags: ['x'] });
    expect((await rows.updateOne({ _id: 'a' }, { $set: { tags: ['y'] } })).modifiedCount).toBe(1);
    await rows.updateOne({ _id: 'b' }, { $unset: { tags: 1 } });
    await rows.updateMany({ tags: 'y' }, { $set: { n: 1 } });
    expect([await tagged(rows, 'x'), await tagged(rows, 'y')]).toEqual([['c'], ['a']]);
    await rows.deleteOne({ _id: 'c' });
    await rows.insertOne({ _id: 'c', tags: ['z'] });
    expect([await tagged(rows, 'x'), await tagged(rows, 'z')]).toEqual([[], ['c']]);
  });

  it('answer as the lists themselves do, beside whatever else is asked, page by page', async () => {
    const texts = fc.constantFrom('x', 'y', '省', '');
    const list = fc.option(fc.array(texts, { maxLength: 3 }), { nil: undefined });
    const lists = fc.array(fc.record({ tags: list, n: fc.integer({ min: 0, max: 2 }) }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lists, texts, fc.nat(2), fc.nat(30), fc.nat(5), async (drawn, tag, n, from, limit) => {
        const all = drawn.map(({ tags, n: own }, place): Row => {
          const _id = String(place).padStart(2, '0');
          return tags ? { _id, tags, n: own } : { _id, n: own };
        });
        const rows = await indexed(...all);
        const after = String(from).padStart(2, '0');
        const wanted = all.filter((row) => (row['tags'] as string[] | undefined)?.includes(tag) && row['n'] === n);
        const ids = wanted.map(({ _id }) => _id).filter((id) => id > after);
        expect(await tagged(rows, tag, { n, _id: { $gt: after } }, { limit })).toEqual(
          ids.slice(0, limit || undefined),
        );
        expect(await rows.countDocuments({ tags: tag, n })).toBe(wanted.length);
      }),
      { numRuns: 40 },
    );
  });

  it('are found by more than one element, and by none, without the index', async () => {
    const rows = await indexed({ _id: 'a', tags: ['x', 'y'] }, { _id: 'b', tags: ['y'] }, { _id: 'c', tags: ['z'] });
    const some = await rows.find({ tags: { $in: ['x', 'y'] } }, { sort: { _id: -1 } }).toArray();
    expect(some.map(({ _id }) => _id)).toEqual(['b', 'a']);
    await rows.dropIndex('tags_each');
    await rows.insertOne({ _id: 'd', tags: ['z'] });
    expect(await tagged(rows, 'z')).toEqual(['c', 'd']);
  });

  it('are indexed with their id and nothing else', async () => {
    const rows = await indexed();
    await expect(rows.createIndex({ tags: 1 }, { name: 'only_each' })).rejects.toThrow('only_each');
    await expect(rows.createIndex({ 'a.b': 1, _id: 1 }, { name: 'deep_each' })).rejects.toThrow('deep_each');
  });

  if (embedded)
    it('are read by the index from where a page begins, without sorting', async () => {
      const rows: unknown = store.connection.db?.collection((await indexed({ _id: 'a', tags: ['x'] })).collectionName);
      if (!(rows instanceof EmbeddedCollection)) throw new Error('not the embedded store');
      const filter = { $and: [{ $and: [{ on: true }, { tags: { $in: ['x'] } }] }, { _id: { $gt: 'a' } }] };
      const plan = (await rows.explain(filter, { sort: { _id: 1 }, limit: 9 })).join('\n');
      expect(plan).toContain('USING PRIMARY KEY ($element=? AND $id>?)');
      expect(plan).not.toMatch(/TEMP B-TREE|SCAN "?lists/);
    });
});
