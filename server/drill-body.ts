/** Drills as the API shows them. */
import { figuresOf, type DrillFigures } from '../core/drills/figures.js';
import { heldAt } from '../core/drills/held.js';
import type { Overdue } from '../core/drills/overdue.js';
import { lastParts, participantsOf, type Part } from '../core/drills/taken-part.js';
import type { Drill, DrillScenario } from '../core/model/drill.js';
import { namesOf } from '../core/people/register.js';
import type { Store } from '../core/store/store.js';
import type { DrillBody, DrillRow, OverdueDrill, ScenarioBody } from './contract/drills.js';
import { unitNames } from './people.js';
import type { Services } from './services.js';

export function scenarioBody(
  row: DrillScenario,
  names: ReadonlyMap<string, string>,
  { last, tookPart }: Pick<ScenarioBody, 'last' | 'tookPart'> = {},
): ScenarioBody {
  const { _id: id, path: _path, closedAt: _closed, since: _since, at, ...rest } = row;
  const name = row.organization === undefined ? undefined : names.get(row.organization);
  return {
    id,
    ...rest,
    ...(name !== undefined && { organizationName: name }),
    at: new Date(at).toISOString(),
    ...(last && { last }),
    ...(tookPart && { tookPart }),
  };
}

type TookPart = NonNullable<ScenarioBody['tookPart']>;

function partBody({ drill, at, organization }: Part, names: ReadonlyMap<string, string>): TookPart {
  const name = organization === undefined ? undefined : names.get(organization);
  return { drill, at: at.toISOString(), ...(name !== undefined && { organizationName: name }) };
}

/** The unit's last part in a drill of the scenario that another held. */
export async function tookPartOf(store: Store, scenario: string, unit: string | undefined) {
  const part = unit === undefined ? undefined : (await lastParts(store, scenario)).get(unit);
  return part && partBody(part, await unitNames(store, [part]));
}

/** Units that are named. */
const mostNamed = 200;

async function participantsBody(store: Store, row: Drill): Promise<DrillBody['participants']> {
  const all = await participantsOf(store, row);
  const named = all.slice(0, mostNamed);
  const names = await unitNames(store, named);
  return {
    items: named.map((one) => ({ ...one, name: names.get(one.organization) ?? one.organization })),
    total: all.length,
  };
}

export async function rowsOf(store: Store, rows: readonly Drill[]): Promise<DrillRow[]> {
  const [held, names] = await Promise.all([heldAt(store, rows), unitNames(store, rows)]);
  return rows.map(({ _id: id, scenario, title, organization, release, by, at, findings }) => {
    const name = organization === undefined ? undefined : names.get(organization);
    const when = held.get(release);
    return {
      ...{ id, scenario, title, release, by },
      ...(organization !== undefined && { organization }),
      ...(name !== undefined && { organizationName: name }),
      at: new Date(at).toISOString(),
      ...(when && { held: when.toISOString() }),
      openFindings: findings.filter(({ done }) => !done).length,
    };
  });
}

async function findingsOf(store: Store, { findings }: Drill): Promise<DrillBody['findings']> {
  const people = await namesOf(
    store,
    findings.map(({ owner }) => owner),
  );
  const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
  return findings.map(({ done, at, ...finding }) => ({
    ...finding,
    ownerName: names.get(finding.owner) ?? finding.owner,
    at: new Date(at).toISOString(),
    ...(done && { done: { by: done.by, at: new Date(done.at).toISOString() } }),
  }));
}

export function figuresBody({ began, ...figures }: DrillFigures): DrillBody['figures'] {
  return { ...figures, ...(began && { began: began.toISOString() }) };
}

export async function bodyOf(store: Store, row: Drill, figures: DrillBody['figures']): Promise<DrillBody> {
  const [head] = await rowsOf(store, [row]);
  if (!head) throw new RangeError(row._id);
  const { audience, injects } = row;
  const [findings, participants] = [await findingsOf(store, row), await participantsBody(store, row)];
  return { ...head, audience, injects, findings, figures, participants };
}

/** The last drill of the scenario that was held in the place: what it has shown. */
export async function lastOf(
  { store, queries }: Pick<Services, 'store' | 'queries'>,
  scenario: string,
  path: string,
): Promise<ScenarioBody['last']> {
  const drills = (await store.drills.find({ scenario }).sort({ _id: -1 }).limit(mostLooked).lean()).filter(
    (row) => row.path === path,
  );
  const held = await heldAt(store, drills);
  const row = drills.find(({ release }) => held.has(release));
  if (!row) return undefined;
  const { placements, reached, reached99, verified99 } = await figuresOf(store, queries, row.release);
  const findings = await findingsOf(store, row);
  return {
    ...{ id: row._id, held: held.get(row.release)?.toISOString(), placements, reached, findings },
    ...(reached99 !== undefined && { reached99 }),
    ...(verified99 !== undefined && { verified99 }),
    openFindings: findings.filter(({ done }) => !done).length,
  };
}

/** Drills of a scenario among which the unit's last is looked for, the newest first. */
const mostLooked = 2_000;

export async function overdueBody(store: Store, rows: readonly Overdue[]): Promise<OverdueDrill[]> {
  const people = await namesOf(store, [...new Set(rows.flatMap(({ responsible }) => responsible))]);
  const names = new Map(people.map((person) => [person.id, person]));
  const parts = new Map<string, ReadonlyMap<string, Part>>();
  for (const { _id } of new Set(rows.map(({ scenario }) => scenario)))
    if (!parts.has(_id)) parts.set(_id, await lastParts(store, _id));
  const units = await unitNames(
    store,
    [...parts.values()].flatMap((one) => [...one.values()]),
  );
  const partOf = (scenario: string, unit: string): TookPart | undefined => {
    const part = parts.get(scenario)?.get(unit);
    return part && partBody(part, units);
  };
  return rows.map(({ scenario, unit, due, last, responsible }) => ({
    ...withPart(partOf(scenario._id, unit._id)),
    ...{ scenario: scenario._id, title: scenario.title },
    ...{ organization: unit._id, organizationName: unit.name, region: unit.region },
    due: due.toISOString(),
    ...(last && { last: last.toISOString() }),
    responsible: responsible.flatMap((id) => names.get(id) ?? []),
  }));
}

function withPart(tookPart: TookPart | undefined): { tookPart?: TookPart } {
  return tookPart ? { tookPart } : {};
}
