/**
 * Who took part (参加) in a drill: units whose accounts its exercise reached, beside the one that held it (组织). The rules ask
 * each unit to hold drills of its own, so taking part never stands for that; it is told beside it, by a word of its own.
 */
import { LRUCache } from 'lru-cache';
import type { Drill } from '../model/drill.js';
import type { PlacementState } from '../model/states.js';
import type { Store } from '../store/store.js';
import { heldAt } from './held.js';

export interface Part {
  drill: string;
  /** Who held it; absent of the hub as a whole. */
  organization?: string;
  at: Date;
}

interface Participant {
  organization: string;
  placements: number;
  reached: number;
}

/** The text was there, whatever became of it afterwards. */
const there: ReadonlySet<PlacementState> = new Set(['accepted', 'published', 'verified', 'confirmed', 'withdrawn']);

/** Drills of a scenario among which a unit's last part is looked for, the newest first. */
const mostDrills = 20;
/** A drill of a province is counted once for all who look within this, ms. */
const shown = 60_000;
const kept = new WeakMap<Store, LRUCache<string, Promise<Participant[]>>>();

/** Of the units other than the one that held it. The largest first. */
export async function participantsOf(
  store: Store,
  { release, organization: holder }: Pick<Drill, 'release' | 'organization'>,
): Promise<Participant[]> {
  let cache = kept.get(store);
  if (!cache) kept.set(store, (cache = new LRUCache({ max: 200, ttl: shown })));
  let counted = cache.get(release);
  if (!counted) {
    counted = countParts(store, release);
    cache.set(release, counted);
    counted.catch(() => cache.delete(release));
  }
  return (await counted).filter(({ organization }) => organization !== holder);
}

async function countParts(store: Store, release: string): Promise<Participant[]> {
  const groups = await store.placements.aggregate<{
    _id: { organization: string; state: PlacementState };
    count: number;
  }>([
    { $match: { release } },
    { $group: { _id: { organization: '$organization', state: '$state' }, count: { $sum: 1 } } },
  ]);
  const parts = new Map<string, Participant>();
  for (const { _id, count } of groups) {
    const { organization, state } = _id;
    const part = parts.get(organization) ?? { organization, placements: 0, reached: 0 };
    part.placements += count;
    if (there.has(state)) part.reached += count;
    parts.set(organization, part);
  }
  return [...parts.values()].sort((a, b) => b.placements - a.placements || (a.organization < b.organization ? -1 : 1));
}

/** By unit, its last part in a drill of the scenario that another unit held. */
export async function lastParts(store: Store, scenario: string): Promise<Map<string, Part>> {
  const drills = await store.drills.find({ scenario }).sort({ _id: -1 }).limit(mostDrills).lean();
  const times = await heldAt(store, drills);
  const last = new Map<string, Part>();
  for (const drill of drills) {
    const at = times.get(drill.release);
    if (!at) continue;
    const { _id, organization } = drill;
    const part: Part = { drill: _id, at, ...(organization !== undefined && { organization }) };
    for (const one of await participantsOf(store, drill)) {
      const known = last.get(one.organization);
      if (one.reached > 0 && (!known || known.at < at)) last.set(one.organization, part);
    }
  }
  return last;
}
