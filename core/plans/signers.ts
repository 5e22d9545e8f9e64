/** What has become of those who signed. */
import { isSealed, type PeopleMeans } from '../people/write.js';
import type { SignerState } from './verdict.js';

/**
 * Of each person. Nobody is ever deleted, not even who is erased: a row that is gone was taken out by hand. Of one whose row
 * is not as the hub wrote it nobody knows, so that it asks as with who was removed.
 */
export async function signerStates(means: PeopleMeans, ids: readonly string[]): Promise<Map<string, SignerState>> {
  const rows = ids.length === 0 ? [] : await means.store.people.find({ _id: { $in: [...ids] } }).lean();
  const found = new Map(rows.map((row) => [row._id, row]));
  return new Map(
    ids.map((id) => {
      const person = found.get(id);
      if (!person) return [id, 'missing'];
      if (!isSealed(means, person) || (!person.enabled && person.removed)) return [id, 'removed'];
      return [id, person.enabled ? 'serving' : 'left'];
    }),
  );
}
