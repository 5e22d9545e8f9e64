/** What another version left in the store, and what becomes of it. */
import type { Connection } from 'mongoose';
import { LianfaError } from '../errors.js';
import { format as own, formatOf } from '../format.js';

/** The store holds what this version does not read. */
export class OlderStore extends Error {
  override name = 'OlderStore';
}

/**
 * Version 0.1.0 kept deliveries, one for each action of each revision; what stands on an account cannot be told from them
 * surely, so such a store is not opened.
 * @throws OlderStore
 */
export async function refuseOlder(connection: Connection): Promise<void> {
  const left = await connection.collection('deliveries').findOne({});
  if (left) throw new OlderStore(sentence);
}

const sentence =
  '这个数据目录由 0.1.0 版写入，其中的投递记录本版无法读取。请用 0.1.0 版把未完成的发布处理完并备份，然后换一个新的数据目录启动，重新导入单位和账号；已公开的网页和文章不受影响。 ' +
  'This data folder was written by version 0.1.0, whose deliveries this version cannot read. Finish and back up with 0.1.0, then start with a new data folder and import units and accounts again; what is public stays public.';

/** Says which format the store is of; without it, of the first. */
const marks = 'formats';
const mark = { _id: 'store' };

async function formatIn(connection: Connection): Promise<number> {
  return formatOf((await connection.collection<Mark>(marks).findOne(mark))?.format);
}

/**
 * What a newer version has written may mean something else than it seems to.
 * @throws LianfaError newer_version
 */
export async function refuseNewer(connection: Connection, format = own): Promise<void> {
  const found = await formatIn(connection);
  if (found > format)
    throw new LianfaError('newer_version', { format: String(format), who: `数据库 store (${found})` });
}

/** From now on older versions leave it alone. To be called once none of them is at work any more. */
export async function markFormat(connection: Connection, format = own): Promise<void> {
  if ((await formatIn(connection)) < format)
    await connection.collection<Mark>(marks).updateOne(mark, { $set: { format } }, { upsert: true });
}

interface Mark {
  _id: string;
  format: number;
}
