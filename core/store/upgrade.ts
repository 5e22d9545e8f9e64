/** What an older version left in the store, and what becomes of it. */
import type { Connection } from 'mongoose';

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
