/** Which revisions say that they are an exercise (演练): on no screen may one be taken for a real warning. */
import type { Kind } from '../../channels/channel.js';
import type { Store } from '../store/store.js';

/** Ids of those among them that are. */
export async function drillsAmong(
  { revisions }: Pick<Store, 'revisions'>,
  rows: readonly { kind: Kind; revision: string }[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(rows.flatMap(({ kind, revision }) => (kind === 'emergency' ? [revision] : [])))];
  if (ids.length === 0) return new Set();
  const found = await revisions.find({ _id: { $in: ids } }, { emergency: 1 }).lean();
  return new Set(found.filter(({ emergency }) => emergency?.status === 'Exercise').map(({ _id }) => _id));
}
