/** What whoever acts on people stands on, read inside the act so that it holds until the commit: their right, the person, the unit. */
import type { ClientSession } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';
import { invalid } from '../import-given.js';
import type { Person } from '../model/person.js';
import type { Permission, Role } from '../model/roles.js';
import type { Store } from '../store/store.js';
import type { Actor } from '../model/actor.js';
import { forbidden } from './forbidden.js';
import { activePerson, rolesOf } from './read.js';
import { rightsOf } from './rights.js';
import { isGrantSealed, isSealed, type PeopleMeans } from './write.js';

/** The role that lets them, over every one of the places. @throws LianfaError forbidden */
export async function requireRight(
  means: PeopleMeans,
  by: Actor,
  permission: Permission,
  paths: readonly string[],
  session: ClientSession,
): Promise<Role | undefined> {
  const active = await activePerson(means, by.person, session);
  const rights = rightsOf(active ? await rolesOf(means, by.person, new Date(), session) : []);
  const [first] = paths.map((path) => rights.roleFor(permission, path) ?? refuse(permission));
  return first;
}

function refuse(permission: Permission): never {
  throw forbidden(permission);
}

/** @throws LianfaError not_found; person_unsealed, so that nothing written by hand is sealed by the next change */
export async function personIn(means: PeopleMeans, id: string, session: ClientSession): Promise<Person> {
  const person = await means.store.people.findById(id, null, { session }).lean();
  if (!person || person.erased) throw new LianfaError('not_found', { what: id });
  if (!isSealed(means, person)) throw new LianfaError('person_unsealed', { name: person.displayName });
  return person;
}

/** @throws LianfaError person_disabled, and as `personIn` */
export async function enabledIn(means: PeopleMeans, id: string, session: ClientSession): Promise<Person> {
  const person = await personIn(means, id, session);
  requireEnabled(person);
  return person;
}

/** @throws LianfaError person_disabled */
export function requireEnabled({ enabled, displayName }: Person): void {
  if (!enabled) throw new LianfaError('person_disabled', { name: displayName });
}

/** Where somebody holds or may come to hold a role: what gives them power reaches as far as that. */
export async function reachOf(means: PeopleMeans, person: Person, session: ClientSession): Promise<string[]> {
  const grants = await means.store.grants.find({ person: person._id }, null, { session }).lean();
  const now = new Date();
  const held = grants.filter((grant) => isGrantSealed(means, grant) && (!grant.until || grant.until > now));
  return [person.path, ...held.map(({ path }) => path)];
}

export interface Place {
  organization?: string;
  path: string;
}

/** The hub as a whole where no unit is named. @throws LianfaError field_invalid */
export async function placeOf(
  store: Store,
  organization: string | undefined,
  session: ClientSession | undefined,
): Promise<Place> {
  if (organization === undefined) return { path: '' };
  const unit = await store.organizations.findById(organization, { path: 1 }, session ? { session } : {}).lean();
  if (!unit) throw invalid('organization', unknownUnit);
  return { organization, path: unit.path };
}

export const unknownUnit: Said = { zh: '没有这个单位。', en: 'there is no such unit.' };

/** The unit by its name, for a sentence. */
export async function placeName(store: Store, { organization }: Place, session?: ClientSession): Promise<Said> {
  if (organization === undefined) return { zh: '全部单位', en: 'the whole hub' };
  const unit = await store.organizations.findById(organization, { name: 1 }, session ? { session } : {}).lean();
  const name = unit?.name ?? organization;
  return { zh: name, en: name };
}
