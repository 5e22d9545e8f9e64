/** What has become of those who signed. */
import type { Store } from '../store/store.js';
import type { SignerState } from './verdict.js';

/** Of each person. One who is not there any more has left. */
export async function signerStates(store: Store, ids: readonly string[]): Promise<Map<string, SignerState>> {
  const rows =
    ids.length === 0 ? [] : await store.people.find({ _id: { $in: [...ids] } }, { enabled: 1, removed: 1 }).lean();
  const found = new Map(rows.map((row) => [row._id, row]));
  return new Map(
    ids.map((id) => {
      const person = found.get(id);
      return [id, person?.enabled ? 'serving' : person?.removed ? 'removed' : 'left'];
    }),
  );
}
