/** Who is overdue for a drill: of every scenario that asks for it, the units whose last one is longer ago than it allows. */
import type { DrillScenario } from '../model/drill.js';
import { isWithin, within, type Organization } from '../model/organization.js';
import type { Grant } from '../model/person.js';
import type { Store } from '../store/store.js';
import { heldAt } from './held.js';
import { scenariosFor } from './scenarios.js';

export interface Overdue {
  scenario: DrillScenario;
  unit: Pick<Organization, '_id' | 'name' | 'path' | 'region'>;
  /** When it was due. */
  due: Date;
  /** When the unit last held it. */
  last?: Date;
  /** The commanders nearest to the unit: its own, else those of the unit above that has any. Ids of persons. */
  responsible: string[];
}

/** Scenarios that one answer takes in. */
const mostScenarios = 500;

/** Of the units in the places, region by region; the longest overdue first within one. */
export async function overdueIn(store: Store, places: readonly string[], now = new Date()): Promise<Overdue[]> {
  if (places.length === 0) return [];
  const scenarios = (await scenariosFor(store, places, { limit: mostScenarios })).filter((one) => one.everyMonths);
  if (scenarios.length === 0) return [];
  const columns = { name: 1, path: 1, region: 1, parent: 1, closedAt: 1 } as const;
  const units = (await store.organizations.find(within<Organization>(places), columns).lean()).filter(
    ({ closedAt }) => !closedAt,
  );
  const commanders = await commandersOf(store, now);
  const rows: Overdue[] = [];
  for (const scenario of scenarios) {
    const held = await lastHeld(store, scenario._id);
    for (const unit of units) {
      if (!asks(scenario, unit)) continue;
      const last = held.get(unit._id);
      const due = monthsAfter(last ?? scenario.since, scenario.everyMonths ?? 0);
      if (due > now) continue;
      rows.push({ scenario, unit, due, ...(last && { last }), responsible: nearest(commanders, unit.path) });
    }
  }
  return rows.sort(
    (a, b) =>
      compare(a.unit.region, b.unit.region) || a.due.getTime() - b.due.getTime() || compare(a.unit._id, b.unit._id),
  );
}

/** Those of them for which one person is responsible. */
export async function overdueOf(
  store: Store,
  { person, places }: { person: string; places: readonly string[] },
  now = new Date(),
): Promise<Overdue[]> {
  return (await overdueIn(store, places, now)).filter(({ responsible }) => responsible.includes(person));
}

function asks(
  { holders, organization, path }: DrillScenario,
  unit: Pick<Organization, '_id' | 'path' | 'parent'>,
): boolean {
  switch (holders) {
    case 'own':
      return unit._id === organization;
    case 'below':
      return unit.parent === organization;
    case 'all':
      return isWithin(unit.path, path);
  }
}

/** By unit, when it last held the scenario. */
async function lastHeld(store: Store, scenario: string): Promise<Map<string, Date>> {
  const drills = await store.drills.find({ scenario }, { organization: 1, release: 1 }).lean();
  const times = await heldAt(store, drills);
  const last = new Map<string, Date>();
  for (const { organization = '', release } of drills) {
    const at = times.get(release);
    const known = last.get(organization);
    if (at && (!known || known < at)) last.set(organization, at);
  }
  return last;
}

/** A day that the month lacks is its last. */
function monthsAfter(from: Date, months: number): Date {
  const due = new Date(from);
  due.setUTCDate(1);
  due.setUTCMonth(due.getUTCMonth() + months + 1, 0);
  due.setUTCDate(Math.min(from.getUTCDate(), due.getUTCDate()));
  return due;
}

async function commandersOf(store: Store, now: Date): Promise<Grant[]> {
  const grants = await store.grants.find({ role: 'commander' }).lean();
  return grants.filter(({ asked, from, until }) => !asked && (!from || from <= now) && (!until || until > now));
}

function nearest(grants: readonly Grant[], path: string): string[] {
  const over = grants.filter((grant) => isWithin(path, grant.path));
  const closest = Math.max(...over.map((grant) => grant.path.length));
  return [...new Set(over.filter((grant) => grant.path.length === closest).map(({ person }) => person))];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
