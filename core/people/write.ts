/** Writes persons and grants, and seals each row over what gives power: what was changed by hand in the database gives none. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import { isDuplicate } from '../store/duplicates.js';
import { LianfaError } from '../errors.js';
import type { Grant, Person } from '../model/person.js';
import type { Store } from '../store/store.js';

export interface PeopleMeans {
  store: Store;
  vault: Pick<Vault, 'mark'>;
}

function markOfPerson(
  vault: PeopleMeans['vault'],
  { _id, name, passwordHash, enabled, rights }: Omit<Person, 'seal'>,
): string {
  return vault.mark('person', [_id, name, passwordHash ?? null, enabled, rights]);
}

function markOfGrant(vault: PeopleMeans['vault'], grant: Omit<Grant, 'seal'>): string {
  const { _id, person, role, organization, from, until, deputyOf, asked, confirmedBy } = grant;
  const instants = [from, until].map((at) => at?.getTime() ?? null);
  return vault.mark('grant', [
    _id,
    person,
    role,
    organization ?? null,
    ...instants,
    deputyOf ?? null,
    asked ?? false,
    confirmedBy ?? null,
  ]);
}

export function isSealed({ vault }: PeopleMeans, person: Person): boolean {
  return person.seal === markOfPerson(vault, person);
}

export function isGrantSealed({ vault }: PeopleMeans, grant: Grant): boolean {
  return grant.seal === markOfGrant(vault, grant);
}

/** @throws LianfaError name_taken */
export async function insertPerson(
  { store, vault }: PeopleMeans,
  person: Omit<Person, 'seal'>,
  session?: ClientSession,
): Promise<Person> {
  const row = { ...person, seal: markOfPerson(vault, person) };
  try {
    await store.people.create([row], session ? { session } : {});
  } catch (error) {
    if (isDuplicate(error)) throw new LianfaError('name_taken', { field: 'name', name: person.name }, { cause: error });
    throw error;
  }
  return row;
}

/** Changes a person as read; whoever changed it in between wins. Every change ends the sessions that were open before. @throws LianfaError changed_meanwhile */
export async function changePerson(
  { store, vault }: PeopleMeans,
  before: Person,
  change: Partial<Omit<Person, '_id' | 'seal' | 'rights'>>,
  session: ClientSession,
): Promise<Person> {
  const after = { ...before, ...change, rights: before.rights + 1 };
  const row = { ...after, seal: markOfPerson(vault, after) };
  const { matchedCount } = await store.people.replaceOne({ _id: before._id, rights: before.rights }, row, { session });
  if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: before.displayName });
  return row;
}

export async function insertGrant(
  { store, vault }: PeopleMeans,
  grant: Omit<Grant, 'seal'>,
  session?: ClientSession,
): Promise<Grant> {
  const row = { ...grant, seal: markOfGrant(vault, grant) };
  await store.grants.create([row], session ? { session } : {});
  return row;
}

/** Confirms a grant that waits for a second admin. */
export async function confirmGrant(
  { store, vault }: PeopleMeans,
  { asked: _asked, ...grant }: Grant,
  by: string,
  session: ClientSession,
): Promise<Grant> {
  const after = { ...grant, confirmedBy: by };
  const row = { ...after, seal: markOfGrant(vault, after) };
  await store.grants.replaceOne({ _id: grant._id }, row, { session });
  return row;
}
