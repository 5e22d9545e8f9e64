/** 单人值守: persons who may write and sign alone. An admin names them, and they lift no chain that was set above that admin. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import type { SoloDuty } from '../model/chain.js';
import { isWithin } from '../model/organization.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import { standard, unitsOn, type Chain } from './chains.js';

function markOf({ vault }: Pick<PeopleMeans, 'vault'>, { unit, persons, reach }: Omit<SoloDuty, 'seal'>): string {
  return vault.mark('solo duty', [unit, persons, reach]);
}

function isSealed(means: PeopleMeans, row: SoloDuty): boolean {
  return row._id === `unit:${row.unit}` && row.seal === markOf(means, row);
}

/** Names who may, or nobody. `reach`: the place that the admin is over. */
export async function setSolo(
  means: PeopleMeans,
  { unit, persons, reach }: { unit: string; persons: string[]; reach: string },
  by: Actor,
  now = new Date(),
): Promise<SoloDuty> {
  const { store } = means;
  const row = { _id: `unit:${unit}`, unit, persons: [...new Set(persons)], reach, by: by.person, at: now };
  const sealed = { ...row, seal: markOf(means, row) };
  const entry = { act: 'chain.solo', outcome: 'done', who: by, ...(unit !== '' && { unit }), on: { unit } } as const;
  return act(store, { ...entry, after: { persons: row.persons, reach } }, async (session) => {
    const { _id, ...said } = sealed;
    await store.soloDuties.updateOne({ _id }, { $set: said }, { session, upsert: true });
    return sealed;
  });
}

/** Those that the hub wrote itself, of these units. */
export async function soloDuties(
  means: PeopleMeans,
  units: readonly string[],
  session?: ClientSession,
): Promise<SoloDuty[]> {
  const rows = await means.store.soloDuties
    .find({ _id: { $in: units.map((unit) => `unit:${unit}`) } }, null, session ? { session } : {})
    .lean();
  return rows.filter((row) => isSealed(means, row));
}

/** Whether the person may pass a text of the unit on this path alone, through this chain. */
export async function mayAlone(
  means: PeopleMeans,
  person: string,
  path: string,
  chain: Chain,
  session?: ClientSession,
): Promise<boolean> {
  const duties = await soloDuties(means, unitsOn(path), session);
  const setAt = placeOf(chain, path);
  return duties.some(({ persons, reach }) => persons.includes(person) && isWithin(setAt, reach));
}

/** Where a chain was set. Where nobody has set one, whoever is over the unit may lift it. */
function placeOf({ id, unit }: Chain, path: string): string {
  if (id === standard.id) return path;
  const at = unit === '' ? -1 : `/${path}`.indexOf(`/${unit}/`);
  return at < 0 ? '' : path.slice(0, at + unit.length + 1);
}
