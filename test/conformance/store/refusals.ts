import mongoose, { type AnyObject, type Collection } from 'mongoose';

/** Values that one of the stores would take and the other not, or otherwise. */
const values: [what: string, value: unknown][] = [
  ['the number NaN', NaN],
  ['the number Infinity', Infinity],
  ['a RegExp', /x/],
  ['a Buffer', Buffer.from('x')],
  ['a ObjectId', new mongoose.Types.ObjectId()],
  ['the date Invalid Date', new Date(NaN)],
  ['a bigint', 1n],
  ['a Map', new Map()],
  ['a function', () => 1],
];

/** Requests outside the surface, each with what the refusal names. */
export const strange: [what: string, ask: (rows: Collection<AnyObject & { _id: string }>) => unknown][] = [
  ['$where', (rows) => rows.find({ $where: 'true' } as object).toArray()],
  ['$regex', (rows) => rows.find({ a: { $regex: 'x' } } as object).toArray()],
  ['undefined', (rows) => rows.deleteMany({ a: undefined } as object)],
  ['$rename', (rows) => rows.updateOne({}, { $rename: { a: 'b' } })],
  ['events.0', (rows) => rows.updateOne({}, { $set: { 'events.0': 1 } })],
  ['collation', (rows) => rows.find({}, { collation: { locale: 'zh' } }).toArray()],
  ['$ne', (rows) => rows.find({ a: { $ne: 1 } } as object).toArray()],
  ['$eq', (rows) => rows.find({ a: { $eq: 1 } } as object).toArray()],
  ['$nin', (rows) => rows.find({ a: { $nin: [1] } } as object).toArray()],
  ['$inc', (rows) => rows.updateOne({}, { $inc: { a: 1 } })],
  ['$push', (rows) => rows.updateMany({}, { $push: { a: 1 } as never })],
  ['$pull', (rows) => rows.updateOne({}, { $pull: { a: 1 } as never })],
  ['$addToSet', (rows) => rows.updateOne({}, { $addToSet: { a: 1 } as never })],
  ['$min', (rows) => rows.updateOne({}, { $min: { a: 1 } })],
  ['$max', (rows) => rows.updateOne({}, { $max: { a: 1 } })],
  ['$setOnInsert', (rows) => rows.updateOne({}, { $setOnInsert: { a: 1 } }, { upsert: true })],
  ['replacement with upsert', (rows) => rows.replaceOne({ _id: 'a' }, { a: 1 }, { upsert: true })],
  ['sort of a write', (rows) => rows.updateOne({}, { $set: { a: 1 } }, { sort: { a: 1 } } as object)],
  ['findOneAndUpdate', (rows) => rows.findOneAndUpdate({}, { $set: { a: 1 } })],
  ['findOneAndReplace', (rows) => rows.findOneAndReplace({}, { a: 1 })],
  ['findOneAndDelete', (rows) => rows.findOneAndDelete({})],
  ['distinct', (rows) => rows.distinct('a')],
  ['$sort', (rows) => rows.aggregate([{ $group: { _id: '$a' } }, { $sort: { a: 1 } }]).toArray()],
  ['$limit', (rows) => rows.aggregate([{ $limit: 1 }]).toArray()],
  ['no $group', (rows) => rows.aggregate([{ $match: { a: 1 } }]).toArray()],
  ['null', (rows) => rows.aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]).toArray()],
  ['$sum of "$a"', (rows) => rows.aggregate([{ $group: { _id: '$a', n: { $sum: '$a' } } }]).toArray()],
  ['$max', (rows) => rows.aggregate([{ $group: { _id: '$a', n: { $max: '$a' } } }]).toArray()],
  ['$lookup', (rows) => rows.aggregate([{ $lookup: { from: 'x' } }]).toArray()],
  ['text', (rows) => rows.createIndex({ a: 'text' })],
  ['expireAfterSeconds', (rows) => rows.createIndex({ a: 1 }, { expireAfterSeconds: 1 })],
  ['without an _id', (rows) => rows.insertOne({ k: 1 } as AnyObject as { _id: string })],
  ['without an _id', (rows) => rows.updateOne({ k: 1 }, { $set: { a: 1 } }, { upsert: true })],
  ['watch', (rows) => rows.watch()],
  ...values.flatMap(([what, value]): typeof strange => {
    const named = `${what} in "a"`;
    return [
      [named, (rows) => rows.insertOne({ _id: 'b', a: value })],
      [named, (rows) => rows.insertMany([{ _id: 'b', a: value }])],
      [named, (rows) => rows.updateOne({ _id: 'a' }, { $set: { a: value } })],
      [named, (rows) => rows.replaceOne({ _id: 'a' }, { a: value })],
      [named, (rows) => rows.bulkWrite([{ insertOne: { document: { _id: 'b', a: value } } }])],
      [named, (rows) => rows.bulkWrite([{ updateOne: { filter: { _id: 'a' }, update: { $set: { a: value } } } }])],
      [
        named,
        (rows) => rows.bulkWrite([{ replaceOne: { filter: { _id: 'a' }, replacement: { _id: 'a', a: value } } }]),
      ],
    ];
  }),
];
