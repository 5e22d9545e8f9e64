/** Reading who works here: lists, one person with their roles, names for ids. */
import type { QueryFilter } from 'mongoose';
import { subtree, within } from '../model/organization.js';
import type { Grant, Person } from '../model/person.js';
import type { Role } from '../model/roles.js';
import type { Store } from '../store/store.js';
import type { PersonState } from './states.js';
import { isGrantSealed, type PeopleMeans } from './write.js';

export interface PeopleQuery {
  /** A unit's own people and those of all units below it. */
  organization?: string | undefined;
  role?: Role | undefined;
  state?: PersonState | undefined;
  /** How a name or sign-in name begins. */
  q?: string | undefined;
  after?: string | undefined;
  limit: number;
}

/** A role of somebody, and whether it holds. */
export interface Holding extends Pick<
  Grant,
  'role' | 'organization' | 'path' | 'from' | 'until' | 'by' | 'confirmedBy'
> {
  id: string;
  state: 'holds' | 'asked' | 'later' | 'over';
  /** In whose place. */
  deputyOf?: string;
  provider?: true;
}

export interface Listed {
  person: Person;
  holdings: Holding[];
}

/** Oldest first. `places`: where the reader may see people. */
export async function listPeople(
  means: PeopleMeans,
  { organization, role, state, q, after, limit }: PeopleQuery,
  places: readonly string[],
): Promise<{ items: Listed[]; next?: string }> {
  const { store } = means;
  const all: QueryFilter<Person>[] = [within<Person>(places), { erased: { $exists: false } }];
  if (organization !== undefined) {
    const unit = await store.organizations.findById(organization, { path: 1 }).lean();
    if (!unit) return { items: [] };
    all.push({ path: subtree(unit.path) });
  }
  if (state === 'disabled') all.push({ enabled: false });
  if (state === 'active') all.push({ enabled: true, passwordHash: { $exists: true } });
  if (state === 'invited') all.push({ enabled: true, passwordHash: { $exists: false } });
  if (q !== undefined) {
    const begins = { $gte: q, $lt: `${q}\u{10FFFD}` };
    const lower = q.normalize('NFKC').toLowerCase();
    all.push({ $or: [{ displayName: begins }, { name: { $gte: lower, $lt: `${lower}\u{10FFFD}` } }] });
  }
  if (role !== undefined || state === 'asked') {
    const asked = state === 'asked' ? { asked: true as const } : {};
    const grants = await store.grants
      .find({ ...(role !== undefined && { role }), ...asked, ...within<Grant>(places) }, { person: 1 })
      .lean();
    all.push({ _id: { $in: [...new Set(grants.map(({ person }) => person))] } });
  }
  if (after !== undefined) all.push({ _id: { $gt: after } });
  const rows = await store.people
    .find({ $and: all })
    .sort({ _id: 1 })
    .limit(limit + 1)
    .lean();
  const people = rows.slice(0, limit);
  const holdings = await holdingsOf(
    means,
    people.map(({ _id }) => _id),
  );
  const items = people.map((person) => ({ person, holdings: holdings.get(person._id) ?? [] }));
  const last = people.at(-1);
  return { items, ...(rows.length > limit && last && { next: last._id }) };
}

/** The roles of these persons, those that are over included. Grants that the hub did not write are none. */
export async function holdingsOf(means: PeopleMeans, people: readonly string[]): Promise<Map<string, Holding[]>> {
  const { store } = means;
  const grants = (await store.grants.find({ person: { $in: people } }).lean()).filter((row) =>
    isGrantSealed(means, row),
  );
  const named = grants.flatMap(({ deputyOf }) => deputyOf ?? []);
  const originals = named.length === 0 ? [] : await store.grants.find({ _id: { $in: named } }).lean();
  const byId = new Map(originals.map((grant) => [grant._id, grant]));
  const now = new Date();
  const found = new Map<string, Holding[]>();
  for (const grant of grants) {
    const original = grant.deputyOf === undefined ? undefined : byId.get(grant.deputyOf);
    const gone = grant.deputyOf !== undefined && (!original || stateOf(original, now) !== 'holds');
    const { _id: id, role, organization, path, from, until, by, confirmedBy, provider } = grant;
    const holding: Holding = {
      id,
      role,
      path,
      by,
      state: gone ? 'over' : stateOf(grant, now),
      ...(organization !== undefined && { organization }),
      ...(from && { from }),
      ...(until && { until }),
      ...(confirmedBy !== undefined && { confirmedBy }),
      ...(original && { deputyOf: original.person }),
      ...(provider && { provider }),
    };
    found.set(grant.person, [...(found.get(grant.person) ?? []), holding]);
  }
  return found;
}

function stateOf({ asked, from, until }: Grant, now: Date): Holding['state'] {
  if (until && until <= now) return 'over';
  if (asked) return 'asked';
  return from && from > now ? 'later' : 'holds';
}

/** Who these ids are; ids of nobody are left out. */
export async function namesOf(store: Store, ids: readonly string[]): Promise<{ id: string; displayName: string }[]> {
  const rows = await store.people.find({ _id: { $in: ids } }, { displayName: 1 }).lean();
  return rows.map(({ _id, displayName }) => ({ id: _id, displayName }));
}
