/** What both stores promise: the same checks over the embedded one and over MongoDB (where MONGODB_URI is given). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import mongoose, { Schema, type AnyObject, type Connection, type Model } from 'mongoose';
import { signingKeySchema } from '../../core/model/signing-key.js';
import { orderSchema } from '../../core/model/order.js';
import { loggedId, loggedIdsOf, placementIds, placementSchema, type Placement } from '../../core/model/placement.js';
import { closedMongoDriver } from '../../core/store/closed.js';
import { releaseSchema } from '../../core/model/release.js';
import { EmbeddedCollection } from '../../core/store/embedded/collection.js';
import { accepts, type Field, type Filter, type Row } from './store/matcher.js';
import { strange } from './store/refusals.js';
import { connect, stores, type OpenedStore } from './store/stores.js';

describe.each(stores)('the $name store', ({ embedded, open }) => {
  let store: OpenedStore;
  let connection: Connection;
  let made = 0;
  beforeAll(async () => {
    store = await open();
    connection = store.connection;
  });
  afterAll(async () => {
    await store.end();
  });

  /** A fresh collection with these rows. Ids are strings, as everywhere in the product. */
  async function collectionOf(...rows: Row[]) {
    made += 1;
    const collection = connection.collection<AnyObject & { _id: string }>(`rows${String(made)}`);
    if (rows.length > 0) await collection.insertMany(rows);
    return collection;
  }
  type Rows = Awaited<ReturnType<typeof collectionOf>>;
  const idsOf = async (rows: Rows, filter: object, options: object = {}): Promise<string[]> =>
    (await rows.find(filter, { sort: { _id: 1 }, ...options }).toArray()).map(({ _id }) => _id);

  describe('filters', () => {
    const at = new Date('2026-03-01T00:00:00Z');
    const mixed: Row[] = [
      { _id: 'absent' },
      { _id: 'array', v: [1, 'x', null] },
      { _id: 'date', v: at },
      { _id: 'deep', v: { w: 5 } },
      { _id: 'empty', v: [] },
      { _id: 'list', v: [{ w: 5 }, { w: 6 }, 7] },
      { _id: 'null', v: null },
      { _id: 'one', v: 1 },
      { _id: 'text', v: '1' },
      { _id: 'true', v: true },
    ];
    const cases: [filter: object, ids: string[]][] = [
      [{ v: 1 }, ['array', 'one']],
      [{ v: '1' }, ['text']],
      [{ v: true }, ['true']],
      [{ v: at }, ['date']],
      [{ v: null }, ['absent', 'array', 'null']],
      [{ v: { $exists: false } }, ['absent']],
      [{ v: { $exists: true, $lte: 1 } }, ['array', 'one']],
      [{ v: { $gt: 0 } }, ['array', 'list', 'one']],
      [{ v: { $gte: '' } }, ['array', 'text']],
      [{ v: { $lt: new Date('2027-01-01') } }, ['date']],
      [{ v: { w: 5 } }, ['deep', 'list']],
      [{ 'v.w': 5 }, ['deep', 'list']],
      [{ 'v.w': { $gt: 5 } }, ['list']],
      [{ v: { $in: ['x', at, null] } }, ['absent', 'array', 'date', 'null']],
      [{ v: { $in: [] } }, []],
      [{ $or: [{ v: '1' }, { _id: 'one' }] }, ['one', 'text']],
      [{ $and: [{ v: { $gte: 1 } }, { v: { $lte: 1 } }] }, ['array', 'one']],
      [{ _id: { $in: ['one', 'nobody', 'text'] }, v: '1' }, ['text']],
    ];
    it.each(cases)('finds what MongoDB finds for %j', async (filter, ids) => {
      expect(await idsOf(await collectionOf(...mixed), filter)).toEqual(ids);
    });

    it('agrees with a plain matcher on random filters, with an index and without', async () => {
      const scalar = fc.oneof(
        fc.constantFrom<Field>(
          null,
          true,
          false,
          0,
          1,
          -2.5,
          '',
          'a',
          'b',
          '{"a":1}',
          '[1]',
          '0',
          '政务',
          '😀',
          '\uFFFD',
        ),
        fc.date({ min: new Date(0), max: new Date(3), noInvalidDate: true }),
      );
      const value: fc.Arbitrary<Field> = fc.oneof(
        scalar,
        fc.array(scalar, { maxLength: 3 }),
        fc.record({ x: scalar }, { requiredKeys: [] }),
        fc.array(fc.oneof(scalar, fc.record({ x: scalar })), { maxLength: 3 }),
      );
      const row = fc.record({ a: value, b: value, k: scalar }, { requiredKeys: [] });
      const some = scalar.filter((one) => one !== null);
      const test = fc.oneof(
        value.filter((one) => one === null || typeof one !== 'object' || one instanceof Date || Array.isArray(one)),
        fc.record({ $in: fc.array(value, { maxLength: 3 }) }),
        fc.record({ $exists: fc.boolean() }),
        fc.record({ $gt: some }),
        fc.record({ $gte: some, $lt: some }),
        fc.record({ $lte: some }),
      );
      const simple = fc.dictionary(fc.constantFrom('a', 'b', 'k', 'a.x', 'b.x'), test as fc.Arbitrary<Field>, {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      });
      const filters = fc.oneof(
        simple,
        fc.record({ $or: fc.array(simple, { minLength: 1, maxLength: 3 }) }),
        fc.record({ $and: fc.array(simple, { minLength: 1, maxLength: 3 }) }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { minLength: 10, maxLength: 15 }),
          fc.array(filters, { minLength: 15, maxLength: 15 }),
          async (bodies, asked) => {
            const rows: Row[] = bodies.map((body, index) => ({ _id: String(index).padStart(2, '0'), ...body }));
            const collection = await collectionOf(...rows);
            await collection.createIndex({ k: 1 });
            for (const filter of asked as Filter[]) {
              expect({ filter, ids: await idsOf(collection, filter) }).toEqual({
                filter,
                ids: rows.filter((one) => accepts(filter, one)).map(({ _id }) => _id),
              });
            }
            await collection.deleteMany({});
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  describe('order and pages', () => {
    const values: Field[] = [true, 'b', new Date(5), 2, null, 'a', -1, '😀', '\uFFFD', false];
    const sorted = [null, -1, 2, 'a', 'b', '\uFFFD', '😀', false, true, new Date(5)];
    it.each([
      ['with an index', true],
      ['without an index', false],
    ])('sorts by type, then by value, %s', async (_name, indexed) => {
      const rows = await collectionOf(...values.map((v, index) => ({ _id: String(index), v })));
      if (indexed) await rows.createIndex({ v: 1 });
      const up = (await rows.find({}, { sort: { v: 1 } }).toArray()).map(({ v }) => v);
      expect(up).toEqual(sorted);
      expect((await rows.find({}, { sort: { v: -1 }, skip: 1, limit: 3 }).toArray()).map(({ v }) => v)).toEqual([
        true,
        false,
        '😀',
      ]);
    });

    it('reads thousands of rows through a cursor, in order, while they change', async () => {
      const rows = await collectionOf(
        ...Array.from({ length: 2_500 }, (_, index) => ({ _id: String(index).padStart(4, '0'), n: index })),
      );
      let next = 0;
      for await (const { n } of rows.find({}, { sort: { _id: 1 } })) {
        expect(n).toBe(next);
        next += 1;
        if (next === 10) await rows.updateOne({ _id: '2400' }, { $set: { touched: true } });
      }
      expect(next).toBe(2_500);
    });

    it('shows the same of a field whether it has an index or not', async () => {
      const all = [
        { _id: 'a', k: 'text', w: new Date(5), v: true, x: [1] },
        { _id: 'b', k: null, v: false },
        { _id: 'c', w: new Date(0), v: 0 },
      ];
      const rows = await collectionOf(...all);
      const shown = async (projection: object) => rows.find({}, { projection, sort: { _id: 1 } }).toArray();
      const projections = [
        { k: 1 },
        { k: 1, w: 1, v: 1 },
        { _id: 1, v: 1 },
        { _id: 0, k: 1 },
        { k: 1, x: 1 },
        { _id: 1 },
      ];
      const before = await Promise.all(projections.map(shown));
      for (const path of ['k', 'w', 'v']) await rows.createIndex({ [path]: 1 });
      expect(await Promise.all(projections.map(shown))).toEqual(before);
      expect(before[1]).toEqual(all.map(({ x: _x, ...others }) => others));
    });

    it('shows only what a projection asks for', async () => {
      const rows = await collectionOf({ _id: 'a', x: 1, y: { z: 2, q: 3 } });
      expect(await rows.findOne({}, { projection: { 'y.z': 1 } })).toEqual({ _id: 'a', y: { z: 2 } });
      expect(await rows.findOne({}, { projection: { _id: 0, y: 0 } })).toEqual({ x: 1 });
    });

    it('counts', async () => {
      const rows = await collectionOf({ _id: 'a', t: ['x', 'y'] }, { _id: 'b', t: ['y'] }, { _id: 'c' });
      expect(await rows.countDocuments({ t: 'y' })).toBe(2);
      expect(await rows.countDocuments({}, { skip: 1, limit: 5 })).toBe(2);
    });
  });

  describe('updates', () => {
    const cases: [update: object, before: object, after: object][] = [
      [{ $set: { a: 1, 'b.c': 2 } }, {}, { a: 1, b: { c: 2 } }],
      [{ $unset: { a: '', 'b.c': '' } }, { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3 } }],
      [{ $set: { l: [{ n: 1 }] }, $unset: { m: '' } }, { l: 1, m: 2 }, { l: [{ n: 1 }] }],
      [{ $unset: { 'none.here': '' } }, { a: 1 }, { a: 1 }],
    ];
    it.each(cases)('%j turns %j into %j', async (update, before, after) => {
      const rows = await collectionOf({ _id: 'a', ...before });
      await rows.updateOne({ _id: 'a' }, update);
      expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', ...after });
    });

    const refused: [update: object, code: number][] = [
      [{ $set: { 'n.x': 1 } }, 28],
      [{ $set: { a: 1 }, $unset: { a: '' } }, 40],
      [{ $set: { a: {}, 'a.b': 1 } }, 40],
      [{ $set: { _id: 'b' } }, 66],
    ];
    it.each(refused)('refuses %j with code %d and changes nothing', async (update, code) => {
      const rows = await collectionOf({ _id: 'a', n: 1, s: 'x' });
      await expect((async () => rows.updateOne({ _id: 'a' }, update))()).rejects.toMatchObject({ code });
      expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1, s: 'x' });
    });

    it('tells apart what matched and what changed', async () => {
      const rows = await collectionOf({ _id: 'a', n: 1 }, { _id: 'b', n: 2 });
      expect(await rows.updateMany({}, { $set: { n: 1 } })).toMatchObject({
        matchedCount: 2,
        modifiedCount: 1,
        upsertedCount: 0,
      });
      expect(await rows.replaceOne({ _id: 'a' }, { n: 1 })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
      expect(await rows.replaceOne({ _id: 'z' }, { n: 1 })).toMatchObject({ matchedCount: 0, modifiedCount: 0 });
      expect(await rows.deleteMany({ n: 1 })).toMatchObject({ deletedCount: 2 });
    });

    it('builds an upsert from the filter and the update', async () => {
      const rows = await collectionOf();
      const set = { $set: { n: 1 } };
      expect(await rows.updateOne({ _id: 'a', 'k.l': 'x', m: { $gt: 3 } }, set, { upsert: true })).toMatchObject({
        matchedCount: 0,
        upsertedCount: 1,
        upsertedId: 'a',
      });
      expect(await rows.findOne({})).toEqual({ _id: 'a', k: { l: 'x' }, n: 1 });
      expect(await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { upsert: true })).toMatchObject({
        matchedCount: 1,
        upsertedCount: 0,
      });
      expect(await rows.findOne({})).toEqual({ _id: 'a', k: { l: 'x' }, n: 2 });
    });

    it('replaces by id and version only where the version is still the same', async () => {
      const rows = await collectionOf({ _id: 'a', version: 1, s: 'old' });
      const replace = (from: number, s: string) => ({
        replaceOne: { filter: { _id: 'a', version: from }, replacement: { _id: 'a', version: from + 1, s } },
      });
      expect(await rows.bulkWrite([replace(1, 'first'), replace(1, 'second')], { ordered: false })).toMatchObject({
        matchedCount: 1,
        modifiedCount: 1,
      });
      expect(await rows.findOne({})).toEqual({ _id: 'a', version: 2, s: 'first' });
    });
  });

  it('brings every kind of value back as it was', async () => {
    const document = {
      _id: 'a',
      text: '政务 😀 "quoted" \u{10FFFF}d2026',
      zero: 0,
      big: 2 ** 53 - 1,
      small: -1.5e-7,
      yes: true,
      no: false,
      nothing: null,
      at: new Date('1999-12-31T23:59:59.999Z'),
      list: [1, [new Date(0)], {}],
      'emp ty': { inner: [] },
    };
    const rows = await collectionOf(document);
    expect(await rows.findOne({ _id: 'a' })).toEqual(document);
    await rows.replaceOne({ _id: 'a' }, { a: 1 });
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', a: 1 });
  });

  describe('unique indexes', () => {
    it('names the index, its fields and the value in error 11000', async () => {
      const rows = await collectionOf({ _id: 'a', o: 'x', n: 1 });
      await rows.createIndex({ o: 1, n: 1 }, { unique: true });
      await expect(rows.insertOne({ _id: 'b', o: 'x', n: 1 })).rejects.toMatchObject({
        name: 'MongoServerError',
        code: 11_000,
        keyPattern: { o: 1, n: 1 },
        keyValue: { o: 'x', n: 1 },
      });
      await expect(rows.insertOne({ _id: 'a' })).rejects.toMatchObject({
        code: 11_000,
        keyPattern: { _id: 1 },
        keyValue: { _id: 'a' },
      });
      await rows.insertOne({ _id: 'c', o: 'x', n: 2 });
      await expect(rows.updateOne({ _id: 'c' }, { $set: { n: 1 } })).rejects.toMatchObject({ code: 11_000 });
      expect(await rows.findOne({ _id: 'c' })).toEqual({ _id: 'c', o: 'x', n: 2 });
    });

    it('takes two absent values for equal, unless the index is sparse or partial', async () => {
      const plain = await collectionOf();
      await plain.createIndex({ k: 1 }, { unique: true });
      await plain.insertOne({ _id: 'a' });
      await expect(plain.insertOne({ _id: 'b' })).rejects.toMatchObject({ code: 11_000, keyPattern: { k: 1 } });

      const sparse = await collectionOf();
      await sparse.createIndex({ k: 1 }, { unique: true, sparse: true });
      await sparse.insertMany([{ _id: 'a' }, { _id: 'b' }, { _id: 'c', k: 1 }]);
      await expect(sparse.insertOne({ _id: 'd', k: 1 })).rejects.toMatchObject({ code: 11_000 });

      const partial = await collectionOf();
      await partial.createIndex({ k: 1 }, { unique: true, partialFilterExpression: { state: 'open' } });
      await partial.insertMany([
        { _id: 'a', k: 1, state: 'open' },
        { _id: 'b', k: 1, state: 'shut' },
        { _id: 'c', k: 1 },
      ]);
      await expect(partial.updateOne({ _id: 'b' }, { $set: { state: 'open' } })).rejects.toMatchObject({
        code: 11_000,
        keyPattern: { k: 1 },
      });
    });

    it('is not made where the rows already break it', async () => {
      const rows = await collectionOf({ _id: 'a', k: 1 }, { _id: 'b', k: 1 });
      await expect(rows.createIndex({ k: 1 }, { unique: true })).rejects.toMatchObject({ code: 11_000 });
      expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_']);
    });
  });

  describe('bulk writes', () => {
    it('goes on past an error unless ordered, and says which failed', async () => {
      const docs = (): Row[] => [{ _id: 'a' }, { _id: 'a' }, { _id: 'b' }];
      const loose = await collectionOf();
      await expect(loose.insertMany(docs(), { ordered: false })).rejects.toMatchObject({
        name: 'MongoBulkWriteError',
        code: 11_000,
        insertedCount: 2,
        writeErrors: [{ index: 1, code: 11_000 }],
      });
      expect(await idsOf(loose, {})).toEqual(['a', 'b']);
      const strict = await collectionOf();
      await expect(strict.insertMany(docs())).rejects.toMatchObject({ insertedCount: 1, writeErrors: [{ index: 1 }] });
      expect(await idsOf(strict, {})).toEqual(['a']);
    });

    it('counts each kind of write', async () => {
      const rows = await collectionOf({ _id: 'a', n: 1 }, { _id: 'b', n: 1 });
      const result = await rows.bulkWrite([
        { insertOne: { document: { _id: 'c', n: 1 } } },
        { updateOne: { filter: { _id: 'a' }, update: { $set: { n: 2 } } } },
        { updateMany: { filter: {}, update: { $set: { n: 2 } } } },
        { updateOne: { filter: { _id: 'd' }, update: { $set: { n: 9 } }, upsert: true } },
        { replaceOne: { filter: { _id: 'b' }, replacement: { n: 3 } } },
        { deleteOne: { filter: { _id: 'c' } } },
      ]);
      expect(result).toMatchObject({
        insertedCount: 1,
        matchedCount: 5,
        modifiedCount: 4,
        upsertedCount: 1,
        deletedCount: 1,
        insertedIds: { 0: 'c' },
        upsertedIds: { 3: 'd' },
      });
      expect(await rows.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 'a', n: 2 },
        { _id: 'b', n: 3 },
        { _id: 'd', n: 9 },
      ]);
    });
  });

  it.each([
    ['by columns', true],
    ['in memory', false],
  ])('counts what stands in each group %s', async (_name, indexed) => {
    const rows = await collectionOf(
      { _id: 'a', c: 'x', d: 1 },
      { _id: 'b', c: 'x', d: 1 },
      { _id: 'c', c: 'x', d: 2 },
      { _id: 'd', c: 'y', d: 1 },
      { _id: 'e', c: 'z', d: 1, off: true },
      { _id: 'f', d: 1 },
    );
    if (indexed) await rows.createIndex({ c: 1, d: 1 });
    const counted = async (pipeline: AnyObject[]): Promise<AnyObject[]> =>
      (await rows.aggregate(pipeline).toArray()).sort((one, other) =>
        JSON.stringify(one) < JSON.stringify(other) ? -1 : 1,
      );
    const pairs = { $group: { _id: { c: '$c', d: '$d' }, count: { $sum: 1 } } };
    expect(await counted([{ $match: { off: { $exists: false }, c: { $gte: 'x' } } }, pairs])).toEqual([
      { _id: { c: 'x', d: 1 }, count: 2 },
      { _id: { c: 'x', d: 2 }, count: 1 },
      { _id: { c: 'y', d: 1 }, count: 1 },
    ]);
    expect(await counted([{ $match: { c: { $in: ['x', 'y'] } } }, { $group: { _id: '$c', n: { $sum: 1 } } }])).toEqual([
      { _id: 'x', n: 3 },
      { _id: 'y', n: 1 },
    ]);
    expect(await counted([{ $match: { d: 1 } }, pairs])).toContainEqual({ _id: { d: 1 }, count: 1 });
    expect(await counted([{ $match: { c: 'nowhere' } }, pairs])).toEqual([]);
  });

  describe('transactions', () => {
    it('shows nothing outside before the commit, and all of it after', async () => {
      const rows = await collectionOf({ _id: 'a', n: 1 });
      await connection.transaction(async (session) => {
        await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
        await rows.insertOne({ _id: 'b' }, { session });
        expect(await rows.countDocuments({}, { session })).toBe(2);
        expect(await rows.find({}).toArray()).toEqual([{ _id: 'a', n: 1 }]);
      });
      expect(await rows.find({}, { sort: { _id: 1 } }).toArray()).toEqual([{ _id: 'a', n: 2 }, { _id: 'b' }]);
    });

    it('leaves nothing behind when it throws', async () => {
      const rows = await collectionOf({ _id: 'a', n: 1 });
      await expect(
        connection.transaction(async (session) => {
          await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
          throw new Error('changed my mind');
        }),
      ).rejects.toThrow('changed my mind');
      await rows.updateOne({ _id: 'a', n: 1 }, { $set: { n: 11 } });
      expect(await rows.findOne({})).toEqual({ _id: 'a', n: 11 });
    });

    it('is ended by an error inside it, which comes out as it was', async () => {
      const rows = await collectionOf({ _id: 'a', n: 1 });
      await expect(
        connection.transaction(async (session) => {
          await rows.updateOne({ _id: 'a' }, { $set: { n: 2 } }, { session });
          await rows.insertOne({ _id: 'a' }, { session });
        }),
      ).rejects.toMatchObject({ code: 11000 });
      expect(await rows.findOne({})).toEqual({ _id: 'a', n: 1 });
    });

    it('lets others write once it has ended, in turn', async () => {
      const rows = await collectionOf({ _id: 'a', n: 0 });
      const inside = connection.transaction(async (session) => {
        await rows.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { session });
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
      // Each of twenty writes what comes after what it read, and reads again where another was quicker.
      const oneMore = async (): Promise<void> => {
        const n = Number((await rows.findOne({ _id: 'a' }))?.['n']);
        const { matchedCount } = await rows.updateOne({ _id: 'a', n }, { $set: { n: n + 1 } });
        if (matchedCount === 0) await oneMore();
      };
      await inside;
      await Promise.all(Array.from({ length: 20 }, oneMore));
      expect(await rows.findOne({})).toEqual({ _id: 'a', n: 21 });
    });
  });

  it('serves models: defaults, dates, lean, partial updates, validation', async () => {
    interface Note {
      _id: string;
      title: string;
      tags: string[];
      at: Date;
      extra?: { deep: number };
    }
    const model = connection.model<Note>(
      'Note',
      new Schema<Note>(
        {
          _id: { type: String, required: true },
          title: { type: String, required: true },
          tags: { type: [String], default: [] },
          at: { type: Date, required: true },
          extra: Schema.Types.Mixed,
        },
        { versionKey: false },
      ),
    );
    const at = new Date(1_000);
    const note = await model.create({ _id: 'a', title: 't', at });
    expect(note.toObject()).toEqual({ _id: 'a', title: 't', tags: [], at });
    await model.updateOne({ _id: 'a' }, { $set: { tags: ['x'] } });
    expect(await model.findById('a').lean()).toEqual({ _id: 'a', title: 't', tags: ['x'], at });
    await model.updateOne({ _id: 'a' }, { $set: { 'extra.deep': 3, tags: ['x', 'y'] } });
    expect((await model.findOne({ tags: 'y', at: { $lte: at } }))?.extra).toEqual({ deep: 3 });
    await expect(model.create({ _id: 'b', at })).rejects.toThrow('title');
    expect(await model.exists({ _id: 'b' })).toBeNull();
  });

  it.each(strange)('refuses %s by name', async (what, ask) => {
    const rows = await collectionOf({ _id: 'a' });
    await expect((async () => ask(rows))()).rejects.toMatchObject({
      name: 'UnsupportedByStore',
      what: expect.stringContaining(what),
    });
  });

  const forEmbedded = embedded ? describe : describe.skip;
  forEmbedded('as one file', () => {
    it('refuses what is no scalar in an indexed field', async () => {
      const rows = await collectionOf();
      await rows.createIndex({ k: 1 });
      await expect(rows.insertOne({ _id: 'b', k: [1] })).rejects.toThrow('an object or array in the indexed field "k"');
    });

    const native = (name: string): EmbeddedCollection => {
      const collection: unknown = connection.db?.collection(name);
      if (!(collection instanceof EmbeddedCollection)) throw new Error('not the embedded store');
      return collection;
    };
    const placements = async (): Promise<EmbeddedCollection> => {
      const model =
        (connection.models['Placement'] as Model<Placement> | undefined) ??
        connection.model<Placement>('Placement', placementSchema);
      await model.createIndexes();
      return native('placements');
    };
    const hot: [what: string, filter: object, options: object, index: string][] = [
      ['a version check', { _id: 'x', version: 1 }, {}, 'sqlite_autoindex_placements_1'],
      ['a batch of ids', { _id: { $in: ['a', 'b'] } }, {}, 'sqlite_autoindex_placements_1'],
      ['a page', { _id: placementIds('r', 'r-a') }, { sort: { _id: 1 }, limit: 50 }, 'sqlite_autoindex_placements_1'],
      [
        'a page of one channel and state',
        { release: 'r', channel: 'c', state: 's', _id: { $gt: 'a' } },
        { sort: { _id: 1 }, limit: 50 },
        'placements.release_1_channel_1_state_1__id_1',
      ],
      ['what is due', { dueAt: { $lte: new Date() } }, { sort: { dueAt: 1 }, limit: 1_000 }, 'placements.dueAt_1'],
      ["an account's parked placements", { account: 'a', state: 'needs_action' }, {}, 'placements.account_1_state_1_since_1'],
      [
        "an account's placements that a callback may mean",
        { account: 'a', state: { $in: ['sending', 'accepted', 'published', 'needs_action'] } },
        {},
        'placements.account_1_state_1_since_1',
      ],
    ];
    it.each(hot)('reads %s by its index, without sorting', async (_what, filter, options, index) => {
      const plan = (await (await placements()).explain(filter, options as Record<string, unknown>)).join('\n');
      expect(plan).toContain(`${index} `);
      expect(plan).not.toContain('TEMP B-TREE');
      expect(plan).not.toMatch(/SCAN "?placements/);
    });

    it('finds the logged events of a placement by their ids', async () => {
      await native('events').insertOne({ _id: loggedId('r-a', 'e1') });
      const plan = (await native('events').explain({ _id: loggedIdsOf('r-a') })).join('\n');
      expect(plan).toContain('SEARCH events USING INDEX sqlite_autoindex_events_1 (_id>? AND _id<?)');
      expect(await native('events').countDocuments({ _id: loggedIdsOf('r-a') })).toBe(1);
    });

    it('counts the states of a release inside its index, row by row in its order', async () => {
      const plan = (
        await (
          await placements()
        ).explainGroup([
          { $match: { release: 'r' } },
          { $group: { _id: { channel: '$channel', state: '$state' }, count: { $sum: 1 } } },
        ])
      ).join('\n');
      expect(plan).toContain('USING COVERING INDEX placements.release_1_channel_1_state_1__id_1 (release=?)');
      expect(plan).not.toContain('TEMP B-TREE');
    });

    it.each([
      ["a release's orders in their sequence", { release: 'r' }, { sort: { seq: 1 } }, 'orders.release_1_seq_1'],
      ["one of a release's orders", { release: 'r', seq: 2 }, { limit: 1 }, 'orders.release_1_seq_1'],
      ["a release's orders before one", { release: 'r', seq: { $lt: 2 } }, {}, 'orders.release_1_seq_1'],
      ['orders that are not worked off', { state: 'running' }, {}, 'orders.state_1_notBefore_1'],
      [
        'orders of the same words, the newest first',
        { words: 'w', at: { $gte: new Date(0) }, $or: [{ release: { $lt: 'r' } }, { release: { $gt: 'r' } }] },
        { sort: { at: -1 }, limit: 10 },
        'orders.words_1_at_-1',
      ],
    ])('reads %s by its index, without sorting', async (_what, filter, options, index) => {
      await connection.model('Order', orderSchema, undefined, { overwriteModels: true }).createIndexes();
      const plan = (await native('orders').explain(filter, options)).join('\n');
      expect(plan).toContain(`${index} `);
      expect(plan).not.toContain('TEMP B-TREE');
    });

    it("finds a person's newest signing key by its index, without sorting", async () => {
      await connection.model('SigningKey', signingKeySchema).createIndexes();
      const plan = await native('signing_keys').explain({ person: 'u1' }, { sort: { number: -1 } });
      expect(plan.join('\n')).toContain('signing_keys.person_1_number_-1 ');
      expect(plan.join('\n')).not.toContain('TEMP B-TREE');
    });

    it('lists the newest releases by their index', async () => {
      await connection.model('Release', releaseSchema).createIndexes();
      expect(await native('releases').explain({}, { sort: { updatedAt: -1 }, limit: 50 })).toEqual([
        'SCAN releases USING INDEX releases.updatedAt_-1',
      ]);
    });

    it('finds an index made by another connection, and fills its column', async () => {
      const rows = await collectionOf({ _id: 'a', k: 2 });
      const other = await connect(store.address);
      await other.collection(rows.collectionName).createIndex({ k: 1 });
      await rows.insertOne({ _id: 'b', k: 1 });
      expect(
        (
          await other
            .collection<Row>(rows.collectionName)
            .find({ k: { $gt: 0 } }, { sort: { k: 1 } })
            .toArray()
        ).map(({ _id }) => _id),
      ).toEqual(['b', 'a']);
      await other.close();
    });

    const child = join(__dirname, 'store', 'child.cjs');
    it('gives each task to one process only', async () => {
      const own = await stores[0]?.open();
      if (!own) throw new Error('no store');
      await own.connection
        .collection<Row>('tasks')
        .insertMany(Array.from({ length: 200 }, (_, index) => ({ _id: String(index).padStart(3, '0') })));
      const workers = ['left', 'right'].map((name) =>
        fork(child, [own.address, 'claim', name], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] }),
      );
      const claims = await Promise.all(
        workers.map(async (worker) => {
          const taken: string[] = [];
          for await (const line of createInterface({ input: worker.stdout ?? process.stdin })) {
            const said: unknown = JSON.parse(line);
            if (said === 'ready') worker.stdin?.write('go\n');
            else taken.push(String(said));
          }
          return taken;
        }),
      );
      expect(claims.flat().sort()).toEqual(Array.from({ length: 200 }, (_, index) => String(index).padStart(3, '0')));
      expect(await own.connection.collection('tasks').countDocuments({ owner: null })).toBe(0);
      await own.end();
    });

    it('keeps every acknowledged batch of a process that is killed while it writes', async () => {
      const own = await stores[0]?.open();
      if (!own) throw new Error('no store');
      const writer = fork(child, [own.address, 'write'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      let acknowledged = -1;
      for await (const line of createInterface({ input: writer.stdout ?? process.stdin })) {
        acknowledged = Number(JSON.parse(line));
        if (acknowledged >= 20 && !writer.killed) writer.kill('SIGKILL');
      }
      if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
      const tasks = own.connection.collection<Row>('tasks');
      const batches = await tasks
        .aggregate<{ _id: number; count: number }>([{ $group: { _id: '$batch', count: { $sum: 1 } } }])
        .toArray();
      expect(batches.length).toBeGreaterThan(acknowledged);
      expect(batches.every(({ count }) => count === 100)).toBe(true);
      await tasks.insertOne({ _id: 'after' });
      await own.end();
    });
  });
});

describe("MongoDB's driver, closed", () => {
  it.each(strange)('refuses %s by the same name, before anything leaves', async (what, ask) => {
    const odm = new mongoose.Mongoose();
    odm.setDriver(closedMongoDriver);
    const unconnected = odm.createConnection();
    await expect((async () => ask(unconnected.collection('rows')))()).rejects.toMatchObject({
      name: 'UnsupportedByStore',
      what: expect.stringContaining(what),
    });
    await unconnected.close();
  });
});
