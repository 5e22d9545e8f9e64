/** Writes persons and grants, and seals each row over what gives power: what was changed by hand in the database gives none. */
import type { ClientSession } from 'mongoose';
import type { Vault } from '../accounts/vault.js';
import { isDuplicate } from '../store/duplicates.js';
import { LianfaError } from '../errors.js';
import type { Grant, Person } from '../model/person.js';
import type { Store } from '../store/store.js';

export interface PeopleMeans {
  store: Store;
  vault: Pick<Vault, 'mark' | 'seal' | 'open'>;
}

function markOfPerson(vault: PeopleMeans['vault'], person: Omit<Person, 'seal'>): string {
  const { _id, name, passwordHash, mustChange, factor, enabled, rights, removed } = person;
  const power = [_id, name, passwordHash ?? null, mustChange ?? false, factor ?? null, enabled, rights];
  // Of who was never removed the mark is as it always was.
  return vault.mark('person', removed ? [...power, 'removed'] : power);
}

function markOfGrant(vault: PeopleMeans['vault'], grant: Omit<Grant, 'seal'>): string {
  const { _id, person, role, organization, from, until, deputyOf, provider, asked, confirmedBy, by } = grant;
  const instants = [from, until].map((at) => at?.getTime() ?? null);
  return vault.mark('grant', [
    _id,
    person,
    role,
    organization ?? null,
    ...instants,
    deputyOf ?? null,
    provider ?? false,
    asked ?? false,
    confirmedBy ?? null,
    by,
  ]);
}

export function isSealed({ vault }: PeopleMeans, person: Person): boolean {
  return person.seal === markOfPerson(vault, person);
}

/** The path moves with the unit and is not under the seal, but it is a path to that unit. */
export function isGrantSealed({ vault }: PeopleMeans, grant: Grant): boolean {
  return grant.seal === markOfGrant(vault, grant) && leadsTo(grant);
}

export function leadsTo({ organization, path }: { organization?: string; path: string }): boolean {
  return organization === undefined ? path === '' : `/${path}`.endsWith(`/${organization}/`);
}

/** @throws LianfaError name_taken, address_taken */
export async function insertPerson(
  { store, vault }: PeopleMeans,
  person: Omit<Person, 'seal'>,
  session?: ClientSession,
): Promise<Person> {
  const row = { ...person, seal: markOfPerson(vault, person) };
  try {
    await store.people.create([row], session ? { session } : {});
  } catch (error) {
    throw taken(error, person);
  }
  return row;
}

function taken(error: unknown, { name, address }: Pick<Person, 'name' | 'address'>): unknown {
  if (!isDuplicate(error)) return error;
  const { keyPattern } = error as { keyPattern?: Record<string, unknown> };
  if (keyPattern && 'address' in keyPattern && address !== undefined)
    return new LianfaError('address_taken', { field: 'address', address }, { cause: error });
  return new LianfaError('name_taken', { field: 'name', name }, { cause: error });
}

/** Undefined takes the field away. */
export type PersonChange = { [K in Exclude<keyof Person, '_id' | 'seal' | 'rights'>]?: Person[K] | undefined };

/** Changes a person as read; whoever changed it in between wins. Every change ends the sessions that were open before. @throws LianfaError changed_meanwhile, address_taken */
export async function changePerson(
  { store, vault }: PeopleMeans,
  before: Person,
  change: PersonChange,
  session: ClientSession,
): Promise<Person> {
  const wished = Object.entries({ ...before, ...change, rights: before.rights + 1 });
  const after = Object.fromEntries(wished.filter(([, value]) => value !== undefined)) as unknown as Person;
  const row = { ...after, seal: markOfPerson(vault, after) };
  try {
    const { matchedCount } = await store.people.replaceOne({ _id: before._id, rights: before.rights }, row, {
      session,
    });
    if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: before.displayName });
  } catch (error) {
    throw taken(error, row);
  }
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
  means: PeopleMeans,
  { asked: _asked, ...grant }: Grant,
  by: string,
  session: ClientSession,
): Promise<Grant> {
  return replaceGrant(means, { ...grant, confirmedBy: by }, session);
}

/** Lets a grant wait for a second admin again. */
export async function askAnew(
  means: PeopleMeans,
  { confirmedBy: _confirmedBy, ...grant }: Grant,
  by: string,
  session: ClientSession,
): Promise<Grant> {
  return replaceGrant(means, { ...grant, by, asked: true }, session);
}

async function replaceGrant(
  { store, vault }: PeopleMeans,
  grant: Omit<Grant, 'seal'>,
  session: ClientSession,
): Promise<Grant> {
  const row = { ...grant, seal: markOfGrant(vault, grant) };
  await store.grants.replaceOne({ _id: grant._id }, row, { session });
  return row;
}
