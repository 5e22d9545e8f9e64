/** Callouts in the store: each change is a decision of the protocol, written only upon the row that it was made from. */
import { createHash } from 'node:crypto';
import { LianfaError } from '../errors.js';
import type { Callout } from '../model/callout.js';
import type { Placement } from '../model/placement.js';
import type { Store } from '../store/store.js';

/** The same placement asking since the same instant is one item, however often it is noted. Short, for its callout's stands in a text message. */
export function itemId({ _id, since }: Pick<Placement, '_id' | 'since'>): string {
  const hash = createHash('sha256')
    .update(`${_id} ${new Date(since).getTime()}`)
    .digest();
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  return `k${[...hash.subarray(0, 13)].map((byte) => alphabet[byte % 32]).join('')}`;
}

/**
 * Decides and writes, anew upon the newer row where somebody was quicker. Answers the row as it stands then, and what was
 * decided; `changed` undefined: nothing. @throws LianfaError not_found
 */
export async function change(
  store: Store,
  id: string,
  decide: (row: Callout) => Callout | undefined,
): Promise<{ row: Callout; changed: boolean }> {
  for (;;) {
    const row = await store.callouts.findById(id).lean<Callout>();
    if (!row) throw new LianfaError('not_found', { what: id });
    const next = decide(row);
    if (!next) return { row, changed: false };
    if (await replaced(store, row, next)) return { row: next, changed: true };
  }
}

/** Whether nobody was quicker. */
async function replaced({ callouts }: Store, row: Callout, next: Callout): Promise<boolean> {
  const { matchedCount } = await callouts.collection.replaceOne(
    { _id: row._id as never, version: row.version },
    next as never,
  );
  return matchedCount === 1;
}
