/**
 * `npm run chaos -- wire`: what the independent server does otherwise than MongoDB, by the driver alone and nothing of ours:
 * why some suites fail on it. Rows of an unordered insert that are there already, of two; groups by two fields, of two;
 * transactions that were asked for, that were acknowledged, and how many left what they wrote. With `--serve` it only runs,
 * until it is interrupted, for suites to be tried on it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import { fetchWireServer, startWireServer } from './wire-server.js';

const { MongoClient } = mongoose.mongo;
type Client = InstanceType<typeof MongoClient>;
interface Row {
  _id: string;
  of?: string;
  by?: string;
  n?: number;
}
const clients = 3;
/** Transactions of each, one after the other. */
const each = 15;

/** Answers whether it is as weak as docs/operations.md says: where it has become better, that is to be written anew. */
export async function wire(args: string[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfa-wire-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const server = await startWireServer(fetchWireServer(folder), true);
  const { serve } = parseArgs({ args, options: { serve: { type: 'boolean' } } }).values;
  if (serve) {
    console.log(`MONGODB_URI='${server.uri}'`);
    return new Promise(() => undefined);
  }
  const open = await Promise.all(Array.from({ length: clients }, () => MongoClient.connect(server.uri)));
  try {
    const [first] = open;
    if (!first) return false;
    const seen = { named: await named(first), groups: await groups(first), ...(await transactions(open)) };
    console.log(JSON.stringify(seen));
    return seen.named < 2 && seen.groups < 2 && seen.kept < seen.asked;
  } finally {
    await Promise.all(open.map((client) => client.close()));
    await server.stop();
  }
}

/** Of two rows that are there, how many an unordered insert names. */
async function named(client: Client): Promise<number> {
  const rows = client.db('wire').collection<Row>('rows');
  await rows.insertMany([{ _id: 'one' }, { _id: 'two' }]);
  try {
    await rows.insertMany([{ _id: 'one' }, { _id: 'two' }, { _id: 'three' }], { ordered: false });
    return 0;
  } catch (error) {
    const { writeErrors } = error as { writeErrors?: unknown };
    return Array.isArray(writeErrors) ? writeErrors.length : 0;
  }
}

async function groups(client: Client): Promise<number> {
  const rows = client.db('wire').collection<Row>('grouped');
  await rows.insertMany(['a', 'b'].map((by) => ({ _id: by, of: 'x', by })));
  return (await rows.aggregate([{ $group: { _id: { of: '$of', by: '$by' }, count: { $sum: 1 } } }]).toArray()).length;
}

/** Each writes the head, takes the next number and writes a row under it, as an act does with the book; the driver repeats what it is told to. */
async function transactions(open: readonly Client[]): Promise<{ asked: number; acknowledged: number; kept: number }> {
  const [first] = open;
  await first?.db('wire').collection<Row>('head').insertOne({ _id: 'head', n: 0 });
  let acknowledged = 0;
  const one = (client: Client): Promise<void> =>
    client.withSession(async (session) => {
      const db = client.db('wire');
      await session.withTransaction(async () => {
        const heads = db.collection<Row>('head');
        await heads.updateOne(
          { _id: 'head' },
          { $set: { by: new mongoose.mongo.ObjectId().toHexString() } },
          { session },
        );
        const n = ((await heads.findOne({ _id: 'head' }, { session }))?.n ?? 0) + 1;
        await db.collection<Row>('entries').insertOne({ _id: String(n) }, { session });
        await heads.updateOne({ _id: 'head' }, { $set: { n } }, { session });
      });
      acknowledged += 1;
    });
  await Promise.all(
    open.map(async (client) => {
      // What it refuses in the end is told, and not what is counted here.
      for (let n = 0; n < each; n += 1) await one(client).catch(() => undefined);
    }),
  );
  return {
    asked: clients * each,
    acknowledged,
    kept: (await first?.db('wire').collection<Row>('entries').countDocuments()) ?? 0,
  };
}
