import type { AnyObject, Collection } from 'mongoose';

/** Requests outside the surface, each with what the refusal names. */
export const strange: [what: string, ask: (rows: Collection<AnyObject & { _id: string }>) => unknown][] = [
  ['$where', (rows) => rows.find({ $where: 'true' } as object).toArray()],
  ['$regex', (rows) => rows.find({ a: { $regex: 'x' } } as object).toArray()],
  ['undefined', (rows) => rows.deleteMany({ a: undefined } as object)],
  ['$rename', (rows) => rows.updateOne({}, { $rename: { a: 'b' } })],
  ['events.0', (rows) => rows.updateOne({}, { $set: { 'events.0': 1 } })],
  ['collation', (rows) => rows.find({}, { collation: { locale: 'zh' } }).toArray()],
  ['$lookup', (rows) => rows.aggregate([{ $lookup: { from: 'x' } }]).toArray()],
  ['text', (rows) => rows.createIndex({ a: 'text' })],
  ['expireAfterSeconds', (rows) => rows.createIndex({ a: 1 }, { expireAfterSeconds: 1 })],
  ['without an _id', (rows) => rows.insertOne({ k: 1 } as AnyObject as { _id: string })],
  ['watch', (rows) => rows.watch()],
];
