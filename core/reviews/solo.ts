/** 单人值守 and 紧急直发: what persons may do alone. An admin names them, and they lift no chain that was set above that admin. */
import type { ClientSession } from 'mongoose';
import { act } from '../audit/book.js';
import type { SoloDuty, SoloKind } from '../model/chain.js';
import { isWithin } from '../model/organization.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';
import { standard, unitsOn, type Chain } from './chains.js';

const uses = { unit: 'solo duty', glass: 'break-glass' } as const satisfies Record<SoloKind, string>;

function markOf(
  { vault }: Pick<PeopleMeans, 'vault'>,
  kind: SoloKind,
  { unit, persons, reach }: Omit<SoloDuty, 'seal'>,
): string {
  return vault.mark(uses[kind], [unit, persons, reach]);
}

function isSealed(means: PeopleMeans, kind: SoloKind, row: SoloDuty): boolean {
  return row._id === `${kind}:${row.unit}` && row.seal === markOf(means, kind, row);
}

/** Names who may, or nobody. `reach`: the place that the admin is over. */
export async function setSolo(
  means: PeopleMeans,
  { unit, persons, reach, kind = 'unit' }: { unit: string; persons: string[]; reach: string; kind?: SoloKind },
  by: Actor,
  now = new Date(),
): Promise<SoloDuty> {
  const { store } = means;
  const row = { _id: `${kind}:${unit}`, unit, persons: [...new Set(persons)], reach, by: by.person, at: now };
  const sealed = { ...row, seal: markOf(means, kind, row) };
  const name = kind === 'glass' ? 'chain.break-glass' : 'chain.solo';
  const entry = { act: name, outcome: 'done', who: by, ...(unit !== '' && { unit }), on: { unit } } as const;
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
  kind: SoloKind = 'unit',
): Promise<SoloDuty[]> {
  const rows = await means.store.soloDuties
    .find({ _id: { $in: units.map((unit) => `${kind}:${unit}`) } }, null, session ? { session } : {})
    .lean();
  return rows.filter((row) => isSealed(means, kind, row));
}

/** Whether the person may pass a text of the unit on this path alone, through this chain. */
export async function mayAlone(
  means: PeopleMeans,
  person: string,
  path: string,
  chain: Chain,
  session?: ClientSession,
  kind: SoloKind = 'unit',
): Promise<boolean> {
  const duties = await soloDuties(means, unitsOn(path), session, kind);
  const setAt = placeOf(chain, path);
  return duties.some(({ persons, reach }) => persons.includes(person) && isWithin(setAt, reach));
}

/** Where a chain was set. Where nobody has set one, whoever is over the unit may lift it. */
function placeOf({ id, unit }: Chain, path: string): string {
  if (id === standard.id) return path;
  const at = unit === '' ? -1 : `/${path}`.indexOf(`/${unit}/`);
  return at < 0 ? '' : path.slice(0, at + unit.length + 1);
}
