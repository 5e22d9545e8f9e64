/** Reads who somebody is and what they may, as the sealed rows say it. */
import type { ClientSession } from 'mongoose';
import type { Person } from '../model/person.js';
import { holding, type Held } from './rights.js';
import { isGrantSealed, isSealed, type PeopleMeans } from './write.js';

/** Undefined where there is none, the person is disabled, or the row is not as the hub wrote it. */
export async function activePerson(
  means: PeopleMeans,
  id: string,
  session?: ClientSession,
): Promise<Person | undefined> {
  const person = await means.store.people.findById(id, null, session ? { session } : {}).lean();
  return person?.enabled && isSealed(means, person) ? person : undefined;
}

/** The roles that hold for a person at the instant. Grants that the hub did not write count for nothing. */
export async function rolesOf(
  means: PeopleMeans,
  person: string,
  at = new Date(),
  session?: ClientSession,
): Promise<Held[]> {
  const options = session ? { session } : {};
  const grants = (await means.store.grants.find({ person }, null, options).lean()).filter((row) =>
    isGrantSealed(means, row),
  );
  const named = grants.flatMap(({ deputyOf }) => deputyOf ?? []);
  const originals =
    named.length === 0
      ? []
      : (await means.store.grants.find({ _id: { $in: named } }, null, options).lean()).filter((row) =>
          isGrantSealed(means, row),
        );
  return holding(grants, originals, at);
}
