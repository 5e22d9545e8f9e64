/** Writes events into the ledger: read the rows, apply, write back under their versions. Replaying changes nothing twice. */
import { grouped } from '../../core/grouped.js';
import type { Placement, PlacementEvent } from '../../core/model/placement.js';
import { applyEvents } from '../../core/placements/apply.js';
import { replaceRows } from '../../core/placements/write.js';
import type { Change } from '../../core/queue/changes.js';
import type { Told } from '../../core/queue/claims.js';
import type { Store } from '../../core/store/store.js';

const rowsAtOnce = 1_000;
/** More changed rows than this are announced as "reload". */
const mostNamed = 200;

/** Returns what changed. Throws only where the store does; then nothing is confirmed and all of it comes again. */
export async function recordEvents(store: Store, events: readonly Told[]): Promise<Change[]> {
  const byPlacement = new Map<string, PlacementEvent[]>();
  for (const { placement, event } of events) {
    const list = byPlacement.get(placement);
    if (list) list.push(event);
    else byPlacement.set(placement, [event]);
  }
  const written: Placement[] = [];
  const ids = [...byPlacement.keys()];
  for (let at = 0; at < ids.length; at += rowsAtOnce)
    written.push(...(await writeRows(store, ids.slice(at, at + rowsAtOnce), byPlacement)));
  return changesOf(written);
}

/** The rows as they then stand, those too that held all of it before: an earlier run may have ended before it told of them. */
async function writeRows(
  store: Store,
  ids: string[],
  events: ReadonlyMap<string, PlacementEvent[]>,
): Promise<Placement[]> {
  const rows: Placement[] = await store.placements.find({ _id: { $in: ids } }).lean();
  const after = rows.map((row) => applyEvents(row, events.get(row._id) ?? []) ?? row);
  const changed = after.filter((row, place) => row !== rows[place]);
  if (changed.length === 0) return after;
  if (await replaceRows(store, changed)) return after;
  // Another recorder, or dispatch, was quicker on some row: what it did not know of is applied on top.
  return writeRows(store, ids, events);
}

function changesOf(rows: readonly Placement[]): Change[] {
  return Array.from(
    grouped(rows, (row) => row.release),
    ([release, those]) => ({ release, ids: those.length > mostNamed ? undefined : those.map((row) => row._id) }),
  );
}
