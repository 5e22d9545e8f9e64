/** Rosters in the store: the ladder of a unit at an instant, and units for whose accounts nobody answers. */
import { usualMinutes, type DutyEntry, type DutyRule } from '../model/duty.js';
import type { Organization } from '../model/organization.js';
import type { Lane } from '../model/placement.js';
import type { Store } from '../store/store.js';
import { onDuty, toldBy, type DutyStep, type Gone, type Rung } from './roster.js';

/** Ids asked for in one query. */
const together = 500;

export interface Rosters {
  units: ReadonlyMap<string, Organization>;
  entries: ReadonlyMap<string, DutyEntry[]>;
  gone: Gone;
}

/** All that is known of these units and those above them. */
export async function rostersOf(store: Store, organizations: readonly string[]): Promise<Rosters> {
  const units = await unitsAbove(store, organizations);
  const entries = new Map<string, DutyEntry[]>();
  for (const ids of pieces([...units.keys()]))
    for (const entry of await store.dutyEntries.find({ organization: { $in: ids } }).lean<DutyEntry[]>())
      entries.set(entry.organization, [...(entries.get(entry.organization) ?? []), entry]);
  const named = [...new Set([...entries.values()].flat().flatMap(({ person }) => person ?? []))];
  return { units, entries, gone: await goneAmong(store, named) };
}

async function unitsAbove(store: Store, organizations: readonly string[]): Promise<Map<string, Organization>> {
  const found = new Map<string, Organization>();
  for (let wanted = [...new Set(organizations)]; wanted.length > 0;) {
    for (const ids of pieces(wanted))
      for (const unit of await store.organizations.find({ _id: { $in: ids } }).lean<Organization[]>())
        found.set(unit._id, unit);
    const above = [...found.values()].flatMap(({ path }) => path.split('/').filter(Boolean));
    const missing = [...new Set(above)].filter((id) => !found.has(id));
    // One that is named and is not there is asked for once.
    wanted = missing.filter((id) => !wanted.includes(id));
  }
  return found;
}

/** Of these persons, those who are disabled, erased or unknown. */
export async function goneAmong(store: Store, persons: readonly string[]): Promise<Gone> {
  const here = new Set<string>();
  for (const ids of pieces(persons))
    for (const { _id, enabled, erased } of await store.people
      .find({ _id: { $in: ids } }, { enabled: 1, erased: 1 })
      .lean())
      if (enabled && !erased) here.add(_id);
  return new Set(persons.filter((id) => !here.has(id)));
}

function pieces(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / together);
  return Array.from({ length: count }, (_, n) => ids.slice(n * together, (n + 1) * together));
}

/**
 * The steps of the unit itself, then those of the nearest unit above that has anybody on duty: whoever answers for a
 * place that does not answer.
 */
export function ladderOf({ units, entries, gone }: Rosters, organization: string, at: Date): Rung[] {
  const path = units.get(organization)?.path ?? `${organization}/`;
  const upward = path.split('/').filter(Boolean).reverse();
  const stepsOf = (unit: string): DutyStep[] => onDuty(entries.get(unit) ?? [], at, gone);
  const [own = organization, ...above] = upward;
  const answering = above.findIndex((unit) => stepsOf(unit).some(({ people }) => people.length > 0));
  const rungs = (unit: string, level: number): Rung[] =>
    stepsOf(unit).map(({ step, people }) => ({
      unit,
      unitName: units.get(unit)?.name ?? unit,
      level,
      step,
      people: people.map((entry) => ({
        called: calledBy(entry, { unit, unitName: units.get(unit)?.name ?? unit, level, step }),
        told: toldBy(entry),
      })),
    }));
  const superior = above[answering];
  return [...rungs(own, 0), ...(superior === undefined ? [] : rungs(superior, answering + 1))];
}

function calledBy(
  { name, person, phone, mail, webhook, required }: DutyEntry,
  place: Pick<Rung, 'unit' | 'unitName' | 'level' | 'step'>,
): Rung['people'][number]['called'] {
  return {
    ...place,
    name,
    ...(person !== undefined && { person }),
    ...(phone !== undefined && { phone }),
    ...(mail !== undefined && { mail }),
    ...(webhook !== undefined && { webhook }),
    ...(required && { required }),
  };
}

export interface WithoutDuty {
  organization: string;
  unitName: string;
  /** A step of its roster with nobody; absent where the unit has no step at all. */
  step?: number;
  /** Name of the unit above that would be told in its place, where there is one. */
  instead?: string;
}

/** Units among these that have nobody on duty at the instant, or a step with nobody. */
export async function unitsWithoutDuty(
  store: Store,
  organizations: readonly string[],
  at: Date,
): Promise<WithoutDuty[]> {
  const rosters = await rostersOf(store, organizations);
  return organizations.flatMap((organization): WithoutDuty[] => {
    const ladder = ladderOf(rosters, organization, at);
    const own = ladder.filter(({ level }) => level === 0);
    const empty = own.filter(({ people }) => people.length === 0);
    const superior = ladder.find(({ level, people }) => level > 0 && people.length > 0)?.unitName;
    const instead = superior !== undefined && { instead: superior };
    const unitName = rosters.units.get(organization)?.name ?? organization;
    if (empty.length === own.length) return [{ organization, unitName, ...instead }];
    return empty.map(({ step }) => ({ organization, unitName, step, ...instead }));
  });
}

/** Minutes that a unit lets each step. */
export async function minutesOf(store: Store, organization: string, lane: Lane): Promise<number> {
  const rule = await store.dutyRules.findById(organization).lean<DutyRule>();
  return (rule ?? usualMinutes)[lane];
}
