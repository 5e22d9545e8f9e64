/** What leaves for MongoDB: as sure as decided.ts says, for every collection and every way to ask, seen on the wire. */
import { openMongoFace, type Command, type MongoFace } from '../../../test/support/mongo-face.js';
import { openStoreAsFound, type Store } from '../store.js';

let face: MongoFace;
let store: Store;
beforeAll(async () => {
  face = await openMongoFace();
  store = await openStoreAsFound({ uri: `mongodb://127.0.0.1:${face.port}/lianfa?replicaSet=rs0`, dataFolder: '' });
});
afterAll(async () => {
  await store.close();
  await face.close();
});

/** The commands that `work` makes leave. */
async function left(work: () => Promise<unknown>): Promise<Command[]> {
  const before = face.asked.length;
  await work();
  // Collections are made beside, as the connection opens.
  return face.asked.slice(before).filter((command) => !('create' in command));
}

const sure = { w: 'majority', j: true };
const models = () => Object.values(store.connection.models);

it('writes each collection to most members and their disks, and so that trying again does it once', async () => {
  for (const { collection, modelName } of models()) {
    const commands = await left(async () => {
      await collection.insertOne({ _id: 'x' } as never);
      await collection.updateOne({ _id: 'x' } as never, { $set: { x: 1 } });
      await collection.deleteOne({ _id: 'x' } as never);
      await collection.bulkWrite([{ updateOne: { filter: { _id: 'x' }, update: { $set: { x: 1 } } } }] as never);
    });
    expect([modelName, ...commands.map((one) => Object.keys(one)[0])]).toEqual([
      ...[modelName, 'insert', 'update', 'delete', 'update'],
    ]);
    for (const command of commands)
      expect(command).toMatchObject({ writeConcern: sure, txnNumber: expect.anything(), lsid: expect.anything() });
  }
});

it('reads each collection where it is written, and what most members have', async () => {
  for (const model of models()) {
    const commands = await left(async () => {
      await model.findById('x').lean();
      await model.countDocuments({ _id: 'x' });
      await model.aggregate([{ $match: { _id: 'x' } }, { $group: { _id: '$x', count: { $sum: 1 } } }]);
    });
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      expect(command).toMatchObject({ readConcern: { level: 'majority' } });
      expect(command['$readPreference'] ?? { mode: 'primary' }).toEqual({ mode: 'primary' });
    }
  }
});

it('decides together on one moment of what most members have, and commits to most', async () => {
  const commands = await left(() =>
    store.connection.transaction(async (session) => {
      await store.orders.updateOne({ _id: 'x' }, { $set: { state: 'done' } }, { session });
      await store.auditHead.findById('head', null, { session }).lean();
    }),
  );
  expect(commands).toMatchObject([
    { update: 'orders', startTransaction: true, autocommit: false, readConcern: { level: 'snapshot' } },
    { find: 'audit_head', autocommit: false },
    { commitTransaction: 1, writeConcern: sure },
  ]);
});

it('names the release with whatever asks for placements by their ids, and nothing where they have none', async () => {
  const { placements, events } = store;
  const filters = async (work: () => Promise<unknown>) =>
    (await left(work)).map((command) => {
      const [change] = (command['updates'] ?? []) as { q: unknown }[];
      return command['filter'] ?? change?.q ?? (command['pipeline'] as Command[] | undefined)?.[0]?.['$match'];
    });
  const seen = await filters(async () => {
    await placements.findById('r1-a1').lean();
    await placements.find({ _id: { $in: ['r1-a1', 'r1-a2', 'r2-a1'] } }).lean();
    await placements.find({ _id: { $gt: 'r1-a1', $lt: 'r1.' } }).lean();
    await placements.find({ _id: { $gt: 'r1-', $lt: 'r2.' } }).lean();
    await placements.find({ $and: [{ release: 'r1' }, { _id: { $gt: 'r1-a1' } }] }).lean();
    await placements.updateOne({ _id: 'r1-a1', version: 3 }, { $set: { version: 4 } });
    await placements.aggregate([{ $match: { _id: 'r1-a1' } }, { $group: { _id: '$state', count: { $sum: 1 } } }]);
    await placements.findById('none').lean();
    await events.findById('r1-a1/e1').lean();
  });
  expect(seen).toEqual([
    { _id: 'r1-a1', release: 'r1' },
    { _id: { $in: ['r1-a1', 'r1-a2', 'r2-a1'] }, release: { $in: ['r1', 'r2'] } },
    { _id: { $gt: 'r1-a1', $lt: 'r1.' }, release: 'r1' },
    { _id: { $gt: 'r1-', $lt: 'r2.' } },
    { $and: [{ release: 'r1' }, { _id: { $gt: 'r1-a1' } }] },
    { _id: 'r1-a1', version: 3, release: 'r1' },
    { _id: 'r1-a1', release: 'r1' },
    { _id: 'none' },
    { _id: 'r1-a1/e1' },
  ]);
});
