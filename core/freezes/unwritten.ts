/**
 * Freezes that are in force and in no ledger yet, because the store could not be written: as words in Redis, sealed by the
 * hub's secret. Whoever writes into Redis without it can stop everything by what they put there, and lift nothing: what a
 * process has heard it holds to, and lays down again, until the ledger has it.
 */
import type { PeopleMeans } from '../people/write.js';
import type { Freeze } from '../model/freeze.js';
import type { Actor } from '../model/actor.js';
import type { Store } from '../store/store.js';

/** What is needed to write the freeze down later. */
export interface UnwrittenFreeze {
  freeze: Freeze;
  by: Actor;
}

const sealedFor = (id: string): string => `unwritten freeze ${id}`;

export function wordOf(vault: Pick<PeopleMeans['vault'], 'seal'>, { freeze, by }: UnwrittenFreeze): string {
  return vault.seal(sealedFor(freeze._id), { freeze: { ...freeze, at: freeze.at.getTime() }, by });
}

/** What cannot be opened may have been a freeze: it holds everything until two persons say otherwise. It is entered in the hub's name. */
export function openWord(
  vault: Pick<PeopleMeans['vault'], 'open'>,
  id: string,
  word: string,
): UnwrittenFreeze | Forged {
  try {
    // Only the hub seals words, so what opens is its own.
    const { freeze, by } = vault.open(sealedFor(id), word) as { freeze: Freeze & { at: number }; by: Actor };
    return { freeze: { ...freeze, at: new Date(freeze.at) }, by };
  } catch {
    return { freeze: unreadable(id) };
  }
}

/** Nobody's word. */
export interface Forged {
  freeze: Freeze;
  by?: undefined;
}

function unreadable(_id: string): Freeze {
  const reason =
    'Redis 中有一条无法核对的冻结记录，先停发一切 A freeze in Redis that cannot be checked: everything is held';
  const all = { scope: { kind: 'everything' as const }, within: [''], emergencyToo: true };
  return { _id, ...all, reason, by: 'hub', at: new Date(), version: 0, inForce: true, unwritten: true };
}

/** Those of them that the ledger knows, thawed ones too. */
export async function writtenAmong(store: Store, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await store.freezes.find({ _id: { $in: [...ids] } }, { _id: 1 }).lean();
  return new Set(rows.map(({ _id }) => _id));
}
