/** Rows as the hub writes them itself, whole and typed already: by the native face, for casting each would cost more than writing it. */
import type { Placement } from '../model/placement.js';
import type { Store } from '../store/store.js';

/**
 * Changed rows go back under their versions: of two who write one row, the second meets nothing to replace. Each row's
 * version is one higher than it was read. Answers whether all were written; else somebody was quicker on some.
 */
export async function replaceRows(store: Store, rows: readonly Placement[]): Promise<boolean> {
  const { matchedCount } = await store.placements.collection.bulkWrite(
    rows.map((row) => ({
      replaceOne: { filter: { _id: row._id as never, version: row.version - 1 }, replacement: row as never },
    })),
    { ordered: false },
  );
  return matchedCount === rows.length;
}
