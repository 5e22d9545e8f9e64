/** People come in as rows, each invited by a link of their own. Whoever is known by their address already is a duplicate, and stays as they are. */
import type { Said } from '../../channels/channel.js';
import { counted, invalid, refuse, resultOf, type Given } from '../import-given.js';
import { LianfaError } from '../errors.js';
import { mayNotMeet, roleNames, type Role } from '../model/roles.js';
import type { Store } from '../store/store.js';
import { breathe } from '../tables/table.js';
import type { Actor } from '../model/actor.js';
import { addressOf } from './addresses.js';
import { roleNamed, type PersonRow } from './input.js';
import type { LinkMeans } from './links.js';
import { invitePerson, type Newcomer } from './persons.js';
import { forbidden } from './forbidden.js';
import type { PeopleImportResult } from './import-result.js';
import { unknownUnit } from './standing.js';

const batch = 100;

/** With `dryRun` nobody is made. `may`: whether the importer manages people there. */
export async function importPeople(
  means: LinkMeans,
  by: Actor,
  given: Given<PersonRow>,
  { dryRun = false, may }: { dryRun?: boolean; may: (path: string) => boolean },
): Promise<PeopleImportResult> {
  const result: PeopleImportResult = { ...resultOf(given, dryRun), duplicates: [], links: [] };
  const units = await unitPaths(means.store, given);
  const known = await addressesKnown(means.store, given);
  const seen = new Map<string, number>();
  const told = new Set<Said>();
  for (const [place, { row, value }] of given.rows.entries()) {
    if (place % batch === 0) await breathe();
    try {
      const newcomer = newcomerOf(value, units, may);
      const earlier = seen.get(newcomer.address);
      if (earlier !== undefined || known.has(newcomer.address)) {
        result.duplicates.push({ row, message: earlier === undefined ? isKnown : sameAs(earlier) });
        continue;
      }
      seen.set(newcomer.address, row);
      if (newcomer.roles.length > 1) told.add(twoSteps);
      if (!dryRun) {
        const { person, link } = await invitePerson(means, by, newcomer);
        const { displayName: name, address = '' } = person;
        result.links.push({ row, name, address, link: link.address, until: link.until.toISOString() });
      }
      result.changes.push({ row, is: 'created', name: newcomer.displayName, fields: [] });
    } catch (error) {
      // Somebody else made the person while the file was read.
      if (error instanceof LianfaError && ['address_taken', 'name_taken'].includes(error.code))
        result.duplicates.push({ row, message: isKnown });
      else refuse(result.refused, row, error);
    }
  }
  result.told.push(...told);
  return { ...result, ...counted(result, given.rows.length + given.refused.length) };
}

/** @throws LianfaError field_invalid, roles_apart, forbidden */
function newcomerOf(
  { displayName, address, organization, roles: named }: PersonRow,
  units: ReadonlyMap<string, string>,
  may: (path: string) => boolean,
): Newcomer & { address: string; roles: Role[] } {
  if (address === '') throw new LianfaError('field_missing', { field: 'address' });
  const path = organization === undefined ? '' : units.get(organization);
  if (path === undefined) throw invalid('organization', unknownUnit);
  const roles = [...new Set(named.map(roleNamed))];
  const [one, other] = roles.flatMap((a) => roles.flatMap((b) => (mayNotMeet(a, b) ? [a, b] : [])));
  if (one && other) throw invalid('role', apart(one, other));
  const whole = { displayName, address: addressOf(address), organization, roles };
  if (!may(path)) throw forbidden('people.manage');
  return whole;
}

async function unitPaths(store: Store, { rows }: Given<PersonRow>): Promise<Map<string, string>> {
  const named = [...new Set(rows.flatMap(({ value }) => value.organization ?? []))];
  const found = new Map<string, string>();
  for (let at = 0; at < named.length; at += batch)
    for (const unit of await store.organizations
      .find({ _id: { $in: named.slice(at, at + batch) } }, { path: 1 })
      .lean())
      found.set(unit._id, unit.path);
  return found;
}

async function addressesKnown(store: Store, { rows }: Given<PersonRow>): Promise<Set<string>> {
  const addresses = rows.flatMap(({ value }) => {
    try {
      return addressOf(value.address);
    } catch {
      return [];
    }
  });
  const known = new Set<string>();
  for (let at = 0; at < addresses.length; at += batch) {
    const part = addresses.slice(at, at + batch);
    const rows = await store.people.find({ $or: [{ address: { $in: part } }, { name: { $in: part } }] }).lean();
    for (const { address, name } of rows) known.add(address ?? name);
    await breathe();
  }
  return known;
}

function apart(one: Role, other: Role): Said {
  const [a, b] = [roleNames[one], roleNames[other]];
  return {
    zh: `三员分立：${a.zh}与${b.zh}不能由同一个人担任。`,
    en: `${a.en} and ${b.en} are never one person.`,
  };
}

function sameAs(row: number): Said {
  return {
    zh: `与第 ${row} 行是同一个邮箱，以第 ${row} 行为准。`,
    en: `row ${row} has the same address, and counts.`,
  };
}

const isKnown: Said = {
  zh: '这个邮箱已有人员，未作改动；要改姓名、单位或角色，请打开此人的页面。',
  en: 'the address is known already and nothing was changed; change the person on their page.',
};
const twoSteps: Said = {
  zh: '有人兼任多个角色：同一发布件里，一个人只能办其中一步。',
  en: 'Some hold several roles: of one release, a person does one step only.',
};
