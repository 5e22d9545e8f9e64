/** Roles that wait for a second admin, for whoever may be that one. */
import { within } from '../model/organization.js';
import type { Grant } from '../model/person.js';
import type { Rights } from './rights.js';
import { isGrantSealed, type PeopleMeans } from './write.js';

const mostShown = 100;

/** Those that `person` may confirm: over their places, neither asked for by them nor theirs. Oldest first. */
export async function grantsToConfirm(
  means: PeopleMeans,
  { person, rights }: { person: string; rights: Rights },
): Promise<Grant[]> {
  const places = rights.places('people.manage');
  if (places.length === 0) return [];
  const rows = await means.store.grants
    .find({ $and: [{ asked: true }, within<Grant>(places)] })
    .sort({ _id: 1 })
    .limit(mostShown)
    .lean();
  return rows.filter((row) => row.by !== person && row.person !== person && isGrantSealed(means, row));
}
