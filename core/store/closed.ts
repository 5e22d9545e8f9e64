/**
 * MongoDB's own driver, held to the surface of the embedded store: what that one refuses is refused here by the same name,
 * before it leaves, so that nobody builds on MongoDB what a county office could not run. What leaves carries its shard key.
 */
import mongoose from 'mongoose';
import NativeCollection from 'mongoose/lib/drivers/node-mongodb-native/collection.js';
import { readPipeline } from './embedded/aggregate.js';
import { EmbeddedCollection, writeOf } from './embedded/collection.js';
import { refuse } from './embedded/errors.js';
import { checkOptions, checkWriteOptions, projectionOf, queryOf } from './embedded/options.js';
import { askedIndex } from './embedded/tables.js';
import { idOf } from './embedded/update.js';
import { isPlainObject, requireKept, type Document } from './embedded/values.js';
import { deleteOf, replaceOf, updateOf } from './embedded/writes.js';
import { SureConnection } from './mongodb/connection.js';
import { keyed, keyedOperation, keyedPipeline } from './mongodb/shards.js';

function given(options: unknown): Document {
  return isPlainObject(options) ? options : {};
}

function checkRead(filter: unknown, options: unknown): void {
  const { projection, ...others } = given(options);
  checkOptions(others);
  queryOf(filter, others);
  projectionOf(projection);
}

function checkUpdate(filter: unknown, update: unknown, options: unknown): void {
  checkWriteOptions(given(options));
  updateOf(filter, update, given(options));
  for (const [path, value] of Object.entries(given(given(update)['$set']))) requireKept(value, path);
}

function checkDelete(filter: unknown, options: unknown): void {
  checkWriteOptions(given(options));
  deleteOf(filter);
}

function checkInsert(document: unknown): void {
  if (!isPlainObject(document)) return refuse('a document that is no plain object');
  idOf(document);
  requireKept(document);
}

const checks: Record<string, (first: unknown, second: unknown, third: unknown) => void> = {
  find: checkRead,
  findOne: checkRead,
  countDocuments: checkRead,
  aggregate: (pipeline, options) => {
    checkOptions(given(options));
    readPipeline(pipeline);
  },
  insertOne: checkInsert,
  insertMany: (documents) => {
    if (Array.isArray(documents)) documents.forEach(checkInsert);
  },
  bulkWrite: (operations) => {
    if (!Array.isArray(operations)) return;
    for (const operation of operations.filter(isPlainObject)) {
      const [kind, parts] = Object.entries(operation)[0] ?? [];
      const { document, filter, update, replacement } = given(parts);
      if (kind === 'insertOne') checkInsert(document);
      else writeOf(operation);
      if (kind === 'updateOne' || kind === 'updateMany') checkUpdate(filter, update, {});
      if (kind === 'replaceOne') requireKept(replacement);
    }
  },
  updateOne: checkUpdate,
  updateMany: checkUpdate,
  replaceOne: (filter, replacement, options) => {
    checkWriteOptions(given(options));
    replaceOf(filter, replacement, given(options));
    requireKept(replacement);
  },
  deleteOne: checkDelete,
  deleteMany: checkDelete,
  createIndex: (key, options) => {
    askedIndex(key, given(options));
  },
};

/** What a question's first argument becomes, so that it asks the shards that it is for alone. */
const keys: Record<string, (collection: string, first: unknown) => unknown> = {
  ...{ find: keyed, findOne: keyed, countDocuments: keyed, updateOne: keyed, updateMany: keyed },
  ...{ replaceOne: keyed, deleteOne: keyed, deleteMany: keyed, aggregate: keyedPipeline },
  bulkWrite: (collection, operations) =>
    Array.isArray(operations) ? operations.map((one) => keyedOperation(collection, one)) : operations,
};

class ClosedCollection extends NativeCollection {}

for (const name of Object.getOwnPropertyNames(mongoose.mongo.Collection.prototype)) {
  const native: unknown = Reflect.get(NativeCollection.prototype, name);
  if (typeof native !== 'function') continue;
  const check =
    checks[name] ??
    (Object.hasOwn(EmbeddedCollection.prototype, name) && !EmbeddedCollection.refused.has(name)
      ? undefined
      : () => refuse(`collection.${name}()`));
  if (!check) continue;
  Object.defineProperty(ClosedCollection.prototype, name, {
    value(this: { name: string }, ...given: unknown[]): unknown {
      check(given[0], given[1], given[2]);
      const [first, ...others] = given;
      return Reflect.apply(native, this, [keys[name]?.(this.name, first) ?? first, ...others]);
    },
  });
}

export const closedMongoDriver = { Collection: ClosedCollection, Connection: SureConnection, plugins: [] };
