/** A collection as mongoose expects it of MongoDB's driver: the closed surface of the store, in that driver's shapes. */
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import BulkWriteResult from 'mongoose/lib/drivers/node-mongodb-native/bulkWriteResult.js';
import { aggregate, explainGroup, readPipeline } from './aggregate.js';
import { EmbeddedCursor } from './cursor.js';
import { tableFor, tableOf, type Database, type Opened } from './database.js';
import { codes, refuse, serverError } from './errors.js';
import { checkOptions, checkWriteOptions, pathsKept, projectionOf, queryOf, sessionOf } from './options.js';
import { countBySql, explainQuery, guarded, Scan, selectAll, selectColumns, selectPage, type Query } from './rows.js';
import { askedIndex, dropIndex, hasIndex, idIndex, makeIndex } from './tables.js';
import { isPlainObject, type Document } from './values.js';
import { deleteOf, insertOf, perform, replaceOf, updateOf, type Write, type Written } from './writes.js';

/**
 * A bulk write is carried out in pieces of so many milliseconds, and leaves the file free for a moment after each: whoever
 * has one row to write, an emergency's order above all, does not stand behind a thousand. It looks at the clock after so many.
 */
const piece = { longest: 10, free: 5, look: 16 };

export class EmbeddedCollection {
  /** Methods of MongoDB's collection that are outside the surface. */
  static readonly refused = new Set<string>();
  readonly collectionName: string;
  readonly #database: Database;

  constructor(database: Database, name: string) {
    this.#database = database;
    this.collectionName = name;
  }

  #read<T>(options: Document, work: (at: Opened) => T): Promise<T> {
    checkOptions(options);
    return sessionOf(options)?.run(work) ?? this.#database.read(work);
  }

  #write<T>(options: Document, work: (at: Opened) => T): Promise<T> {
    checkWriteOptions(options);
    return sessionOf(options)?.run(work) ?? this.#database.write(work);
  }

  async #one(write: Write, options: Document): Promise<Written> {
    return this.#write(options, (at) => perform(at, this.collectionName, write));
  }

  find(filter: unknown, options: Document = {}): EmbeddedCursor {
    return new EmbeddedCursor(this.#pages(queryOf(filter, options), options));
  }

  async *#pages(query: Query, options: Document): AsyncGenerator<Document[]> {
    const project = projectionOf(options['projection']);
    const shown = (found: readonly { document: Document }[]): Document[] =>
      found.map(({ document }) => (project ? project(document) : document));
    const paths = pathsKept(options['projection']);
    const begun = await this.#read(options, (at) => {
      const table = tableOf(at, this.collectionName);
      if (!table) return [];
      const asked = paths && selectColumns(at.file, table, query, paths);
      if (asked) return asked;
      const page = selectPage(at.file, table, query) ?? (sessionOf(options) && selectAll(at.file, table, query));
      return page ? shown(page) : new Scan(at.file, table, query);
    });
    if (Array.isArray(begun)) {
      yield begun;
      return;
    }
    while (!begun.done) {
      yield shown(
        await this.#read(options, (at) => {
          const table = tableOf(at, this.collectionName);
          return table ? begun.next(at.file, table) : [];
        }),
      );
    }
  }

  async findOne(filter: unknown, options: Document = {}): Promise<Document | null> {
    return this.find(filter, { ...options, limit: 1 }).next();
  }

  async countDocuments(filter: unknown, options: Document = {}): Promise<number> {
    const query = queryOf(filter, options);
    return this.#read(options, (at) => {
      const table = tableOf(at, this.collectionName);
      return table ? (countBySql(at.file, table, query) ?? selectAll(at.file, table, query).length) : 0;
    });
  }

  aggregate(pipeline: unknown, options: Document = {}): EmbeddedCursor {
    const asked = readPipeline(pipeline);
    const run = () => this.#read(options, (at) => aggregate(at, this.collectionName, asked));
    return new EmbeddedCursor(
      (async function* pages() {
        yield await run();
      })(),
    );
  }

  async insertOne(document: unknown, options: Document = {}): Promise<Document> {
    await this.#one(insertOf(document), options);
    return { acknowledged: true, insertedId: (document as Document)['_id'] };
  }

  async insertMany(documents: unknown, options: Document = {}): Promise<Document> {
    if (!Array.isArray(documents)) return refuse('insertMany of something that is no list');
    const { insertedCount, insertedIds } = await this.#bulk(documents.map(insertOf), options);
    return { acknowledged: true, insertedCount, insertedIds };
  }

  async updateOne(filter: unknown, update: unknown, options: Document = {}): Promise<Document> {
    return updateResult(await this.#one(updateOf(filter, update, { upsert: options['upsert'] }), options));
  }

  async updateMany(filter: unknown, update: unknown, options: Document = {}): Promise<Document> {
    return updateResult(await this.#one(updateOf(filter, update, { upsert: options['upsert'], many: true }), options));
  }

  async replaceOne(filter: unknown, replacement: unknown, options: Document = {}): Promise<Document> {
    return updateResult(await this.#one(replaceOf(filter, replacement, { upsert: options['upsert'] }), options));
  }

  async deleteOne(filter: unknown, options: Document = {}): Promise<Document> {
    return { acknowledged: true, deletedCount: (await this.#one(deleteOf(filter), options)).deleted };
  }

  async deleteMany(filter: unknown, options: Document = {}): Promise<Document> {
    return { acknowledged: true, deletedCount: (await this.#one(deleteOf(filter, true), options)).deleted };
  }

  async bulkWrite(operations: unknown, options: Document = {}): Promise<mongoose.mongo.BulkWriteResult> {
    if (!Array.isArray(operations) || !operations.every(isPlainObject))
      return refuse('bulkWrite of something that is no list');
    return this.#bulk(operations.map(writeOf), options);
  }

  /** Ordered stops at the first error; unordered goes on. What was written before stays written, as in MongoDB. */
  async #bulk(writes: readonly Write[], options: Document): Promise<mongoose.mongo.BulkWriteResult> {
    const ordered = options['ordered'] !== false;
    const raw = {
      ok: 1,
      writeErrors: [] as WriteError[],
      writeConcernErrors: [],
      insertedIds: [] as { index: number; _id: unknown }[],
      upserted: [] as { index: number; _id: unknown }[],
      nInserted: 0,
      nUpserted: 0,
      nMatched: 0,
      nModified: 0,
      nRemoved: 0,
    };
    // A transaction is whole.
    const whole = sessionOf(options) !== undefined;
    for (let index = 0; index < writes.length && (!ordered || raw.writeErrors.length === 0);) {
      if (index > 0) await pause(piece.free);
      await this.#write(options, (at) => {
        const end = performance.now() + piece.longest;
        for (let write = writes[index]; write; write = writes[(index += 1)]) {
          if (!whole && index % piece.look === 0 && performance.now() > end) return;
          if (write.kind === 'insert') raw.insertedIds.push({ index, _id: write.document['_id'] });
          try {
            const done = perform(at, this.collectionName, write);
            raw.nInserted += done.inserted;
            raw.nMatched += done.matched;
            raw.nModified += done.modified;
            raw.nRemoved += done.deleted;
            if (done.upserted !== undefined) raw.upserted.push({ index, _id: done.upserted });
          } catch (error) {
            // Inside a transaction an error ends it, as in MongoDB.
            if (!(error instanceof mongoose.mongo.MongoServerError) || whole) throw error;
            raw.writeErrors.push(
              new WriteError({
                index,
                code: Number(error.code),
                errmsg: error.message,
                op: write.kind === 'insert' ? write.document : write,
              }),
            );
            if (ordered) return;
          }
        }
      });
    }
    raw.nUpserted = raw.upserted.length;
    const result = new BulkWriteResult(raw, ordered);
    const [first] = raw.writeErrors;
    if (first)
      throw new mongoose.mongo.MongoBulkWriteError(
        { message: String(first.errmsg), code: Number(first.code), writeErrors: raw.writeErrors as never[] },
        result,
      );
    return result;
  }

  async createIndex(key: unknown, options: Document = {}): Promise<string> {
    const index = askedIndex(key, options);
    if (await this.#read({}, (at) => hasIndex(tableOf(at, this.collectionName), index))) return index.name;
    await this.#database.write((at) => {
      const table = tableFor(at, this.collectionName);
      if (hasIndex(table, index)) return;
      at.version = -1;
      guarded({ ...table, indexes: [...table.indexes, index] }, {}, () => {
        makeIndex(at.file, table, index);
      });
    });
    return index.name;
  }

  async createIndexes(indexes: readonly { key: unknown }[]): Promise<string[]> {
    const names: string[] = [];
    for (const { key, ...options } of indexes) names.push(await this.createIndex(key, options));
    return names;
  }

  listIndexes(): EmbeddedCursor {
    const list = () => this.#read({}, (at) => [idIndex, ...(tableOf(at, this.collectionName)?.indexes ?? [])]);
    return new EmbeddedCursor(
      (async function* pages() {
        yield (await list()).map(({ name, key, unique, sparse, partial }) => ({
          v: 2,
          key,
          name,
          ...(unique && name !== '_id_' && { unique }),
          ...(sparse && { sparse }),
          ...(partial && { partialFilterExpression: partial }),
        }));
      })(),
    );
  }

  async indexes(): Promise<Document[]> {
    return this.listIndexes().toArray();
  }

  async dropIndex(name: unknown): Promise<Document> {
    await this.#database.write((at) => {
      const table = tableOf(at, this.collectionName);
      if (!table) throw serverError(codes.indexNotFound, `index not found with name [${String(name)}]`);
      at.version = -1;
      dropIndex(at.file, table, String(name));
    });
    return { ok: 1 };
  }

  /** SQLite's plan of counts; for tests. */
  async explainGroup(pipeline: unknown): Promise<string[]> {
    return this.#read({}, (at) => explainGroup(at, this.collectionName, pipeline));
  }

  /** SQLite's plan of a find, a line a step; for tests. */
  async explain(filter: unknown, options: Document = {}): Promise<string[]> {
    const query = queryOf(filter, options);
    return this.#read({}, (at) => {
      const table = tableOf(at, this.collectionName);
      return table ? explainQuery(at.file, table, query) : [];
    });
  }
}

/** MongoDB's own is not exported; mongoose reads `err`. */
class WriteError {
  readonly err: { index: number; code: number; errmsg: string; op: unknown };
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
  readonly errInfo = undefined;

  constructor(err: WriteError['err']) {
    this.err = err;
    this.index = err.index;
    this.code = err.code;
    this.errmsg = err.errmsg;
  }

  getOperation(): Document {
    return isPlainObject(this.err.op) ? this.err.op : {};
  }

  toJSON(): WriteError['err'] {
    return this.err;
  }
}

/** One operation of a bulk write. */
export function writeOf(operation: Document): Write {
  const [[name, body] = [''], ...more] = Object.entries(operation);
  if (more.length > 0 || !isPlainObject(body)) return refuse('a bulk operation that is not one');
  const options = { upsert: body['upsert'] };
  switch (name) {
    case 'insertOne':
      return insertOf(body['document']);
    case 'updateOne':
      return updateOf(body['filter'], body['update'], options);
    case 'updateMany':
      return updateOf(body['filter'], body['update'], { ...options, many: true });
    case 'replaceOne':
      return replaceOf(body['filter'], body['replacement'], options);
    case 'deleteOne':
      return deleteOf(body['filter']);
    case 'deleteMany':
      return deleteOf(body['filter'], true);
    default:
      return refuse(`the bulk operation ${name}`);
  }
}

function updateResult({ matched, modified, upserted }: Written): Document {
  return {
    acknowledged: true,
    matchedCount: matched,
    modifiedCount: modified,
    upsertedCount: upserted === undefined ? 0 : 1,
    upsertedId: upserted ?? null,
  };
}

// Mongoose wraps every method of MongoDB's collection blindly: those outside the surface say so.
for (const name of Object.getOwnPropertyNames(mongoose.mongo.Collection.prototype)) {
  if (name in EmbeddedCollection.prototype) continue;
  EmbeddedCollection.refused.add(name);
  Object.defineProperty(EmbeddedCollection.prototype, name, {
    value: () => refuse(`collection.${name}()`),
    configurable: true,
  });
}
