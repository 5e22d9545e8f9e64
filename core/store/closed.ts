/**
 * MongoDB's own driver, held to the surface of the embedded store: what that one refuses is refused here by the same name,
 * before it leaves, so that nobody builds on MongoDB what a county office could not run.
 */
import mongoose from 'mongoose';
import NativeCollection from 'mongoose/lib/drivers/node-mongodb-native/collection.js';
import NativeConnection from 'mongoose/lib/drivers/node-mongodb-native/connection.js';
import { checkPipeline } from './embedded/aggregate.js';
import { EmbeddedCollection, writeOf } from './embedded/collection.js';
import { refuse } from './embedded/errors.js';
import { checkOptions, projectionOf, queryOf } from './embedded/options.js';
import { askedIndex } from './embedded/tables.js';
import { idOf } from './embedded/update.js';
import { isPlainObject, type Document } from './embedded/values.js';
import { deleteOf, replaceOf, updateOf } from './embedded/writes.js';

function optionsOf(options: unknown): Document {
  const given = isPlainObject(options) ? options : {};
  checkOptions(given);
  return given;
}

function checkRead(filter: unknown, options: unknown): void {
  const { projection, ...others } = optionsOf(options);
  queryOf(filter, others);
  projectionOf(projection);
}

function checkInsert(document: unknown): void {
  if (!isPlainObject(document)) return refuse('a document that is no plain object');
  idOf(document);
}

const checks: Record<string, (first: unknown, second: unknown, third: unknown) => void> = {
  find: checkRead,
  findOne: checkRead,
  countDocuments: checkRead,
  distinct: (_path, filter, options) => {
    checkRead(filter ?? {}, options);
  },
  aggregate: (pipeline, options) => {
    optionsOf(options);
    checkPipeline(pipeline);
  },
  insertOne: checkInsert,
  insertMany: (documents) => {
    if (Array.isArray(documents)) documents.forEach(checkInsert);
  },
  bulkWrite: (operations) => {
    if (!Array.isArray(operations)) return;
    for (const operation of operations.filter(isPlainObject)) {
      const insert = operation['insertOne'];
      if (isPlainObject(insert)) checkInsert(insert['document']);
      else writeOf(operation);
    }
  },
  updateOne: (filter, update, options) => {
    optionsOf(options);
    updateOf(filter, update);
  },
  updateMany: (filter, update, options) => {
    optionsOf(options);
    updateOf(filter, update);
  },
  findOneAndUpdate: (filter, update, options) => {
    optionsOf(options);
    updateOf(filter, update);
  },
  replaceOne: (filter, replacement, options) => {
    optionsOf(options);
    replaceOf(filter, replacement);
  },
  findOneAndReplace: (filter, replacement, options) => {
    optionsOf(options);
    replaceOf(filter, replacement);
  },
  deleteOne: (filter, options) => {
    optionsOf(options);
    deleteOf(filter);
  },
  deleteMany: (filter, options) => {
    optionsOf(options);
    deleteOf(filter);
  },
  findOneAndDelete: (filter, options) => {
    optionsOf(options);
    deleteOf(filter);
  },
  createIndex: (key, options) => {
    askedIndex(key, isPlainObject(options) ? options : {});
  },
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
    value(this: unknown, ...given: unknown[]): unknown {
      check(given[0], given[1], given[2]);
      return Reflect.apply(native, this, given);
    },
  });
}

export const closedMongoDriver = { Collection: ClosedCollection, Connection: NativeConnection, plugins: [] };
