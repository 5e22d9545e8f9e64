/** The scenarios of the library: a unit writes one for itself and all below; nobody below changes it. */
import type { ClientSession } from 'mongoose';
import type { Level } from '../../channels/emergency.js';
import { act } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import { newId } from '../ids.js';
import type { Actor } from '../model/actor.js';
import type { DrillScenario } from '../model/drill.js';
import { pathsAbove, within } from '../model/organization.js';
import { checkAudience } from '../placements/audience.js';
import { selectionOf } from '../placements/selection.js';
import { plainAudience } from '../signatures/statement.js';
import type { Store } from '../store/store.js';

interface LibraryMeans {
  store: Store;
  channels: ReadonlyMap<string, unknown>;
}

interface ScenarioText extends Pick<
  DrillScenario,
  'title' | 'event' | 'text' | 'instruction' | 'audience' | 'injects' | 'holders'
> {
  level: Level;
  template?: string | undefined;
  everyMonths?: number | undefined;
}

/** @throws LianfaError field_invalid, account_unknown, channel_unknown */
export async function saveScenario(
  means: LibraryMeans,
  given: ScenarioText,
  unit: { organization?: string; path: string },
  by: Actor,
  now = new Date(),
): Promise<DrillScenario> {
  const text = await checked(means, given);
  const row: DrillScenario = {
    _id: newId('k', now.getTime()),
    ...text,
    ...unit,
    ...{ version: 1, by: by.person, at: now, since: now },
  };
  const entry = { act: 'drill.write', outcome: 'done' as const, who: by, unit: unit.organization };
  await act(means.store, { ...entry, on: { scenario: row._id }, after: text }, async (session) => {
    await means.store.drillScenarios.create([row], { session });
  });
  return row;
}

/** `version`: the one that whoever changes it saw. @throws LianfaError not_found, changed_meanwhile, field_invalid, account_unknown, channel_unknown */
export async function changeScenario(
  means: LibraryMeans,
  id: string,
  { version, ...given }: ScenarioText & { version: number },
  by: Actor,
  now = new Date(),
): Promise<DrillScenario> {
  const { store } = means;
  const after = await checked(means, given);
  const before = await openScenario(store, id);
  const asksAnew = before.everyMonths !== after.everyMonths || before.holders !== after.holders;
  const set = { ...after, version: version + 1, by: by.person, at: now, ...(asksAnew && { since: now }) };
  const gone = {
    ...(after.template === undefined && { template: 1 as const }),
    ...(after.everyMonths === undefined && { everyMonths: 1 as const }),
  };
  const entry = { act: 'drill.rewrite', outcome: 'done' as const, who: by, unit: before.organization };
  await act(store, { ...entry, on: { scenario: id }, before: textOf(before), after }, (session) =>
    write(store, before, { $set: set, ...(Object.keys(gone).length > 0 && { $unset: gone }) }, version, session),
  );
  return openScenario(store, id);
}

/** Nobody is asked to hold it any more; what was held stays. @throws LianfaError not_found, changed_meanwhile */
export async function closeScenario(store: Store, id: string, by: Actor, now = new Date()): Promise<DrillScenario> {
  const before = await store.drillScenarios.findById(id).lean();
  if (!before) throw new LianfaError('not_found', { what: id });
  if (before.closedAt) return before;
  const entry = { act: 'drill.close', outcome: 'done' as const, who: by, unit: before.organization };
  await act(store, { ...entry, on: { scenario: id }, before: { title: before.title } }, (session) =>
    write(store, before, { $set: { closedAt: now } }, before.version, session),
  );
  return { ...before, closedAt: now };
}

/** Those of the places, and those that units above have pushed down, that are open; in order of id. */
export function scenariosFor(
  store: Store,
  places: readonly string[],
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<DrillScenario[]> {
  const above = [...new Set(places.flatMap(pathsAbove))];
  const those =
    above.length > 0
      ? { $or: [within<DrillScenario>(places), { path: { $in: above } }] }
      : within<DrillScenario>(places);
  return store.drillScenarios
    .find({ $and: [those, { closedAt: { $exists: false }, _id: { $gt: after } }] })
    .sort({ _id: 1 })
    .limit(limit)
    .lean();
}

/** @throws LianfaError not_found */
export async function openScenario(store: Store, id: string): Promise<DrillScenario> {
  const row = await store.drillScenarios.findById(id).lean();
  if (!row || row.closedAt) throw new LianfaError('not_found', { what: id });
  return row;
}

function textOf({ title, event, level, text, instruction, template, audience, injects, ...row }: DrillScenario) {
  const { holders, everyMonths } = row;
  return { title, event, level, text, instruction, template, audience, injects, holders, everyMonths };
}

async function checked({ store, channels }: LibraryMeans, given: ScenarioText) {
  const { template, everyMonths, audience, ...rest } = given;
  await checkAudience(store, audience, channels.keys());
  await selectionOf(store, audience);
  return {
    ...rest,
    audience: plainAudience(audience),
    ...(template !== undefined && { template }),
    ...(everyMonths !== undefined && { everyMonths }),
  };
}

async function write(
  store: Store,
  { _id, title }: DrillScenario,
  change: object,
  version: number,
  session: ClientSession,
): Promise<void> {
  const still = { _id, version, closedAt: { $exists: false } };
  const { matchedCount } = await store.drillScenarios.updateOne(still, change, { session });
  if (matchedCount === 0) throw new LianfaError('changed_meanwhile', { what: title });
}
