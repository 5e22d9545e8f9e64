/** Writes events into the ledger: read the rows, apply, write back under their versions. Replaying changes nothing twice. */
import { applyEvents } from '../../core/deliveries/apply.js';
import { deliveryId, type Delivery, type DeliveryEvent } from '../../core/model/delivery.js';
import { grouped } from '../../core/grouped.js';
import type { CarriedEvent } from '../../core/queue/events.js';
import type { Change } from '../../core/queue/changes.js';
import type { Store } from '../../core/store/store.js';

const rowsAtOnce = 1_000;
/** More changed rows than this are announced as "reload". */
const mostNamed = 200;

export interface Recorded {
  changes: Change[];
  /** Events that follow from what was written (a withdrawal moves the delivery it withdraws). */
  following: CarriedEvent[];
}

/** Throws only where the store does; then nothing is confirmed and all of it comes again. */
export async function recordEvents(store: Store, events: readonly CarriedEvent[]): Promise<Recorded> {
  const byDelivery = new Map<string, DeliveryEvent[]>();
  for (const { delivery, event } of events) {
    const list = byDelivery.get(delivery);
    if (list) list.push(event);
    else byDelivery.set(delivery, [event]);
  }
  const written: Delivery[] = [];
  const ids = [...byDelivery.keys()];
  for (let at = 0; at < ids.length; at += rowsAtOnce)
    written.push(...(await writeRows(store, ids.slice(at, at + rowsAtOnce), byDelivery)));
  return { changes: changesOf(written), following: written.flatMap(withdrawnBy) };
}

/** The rows as they then stand, those too that held all of it before: an earlier run may have ended before it told of them. */
async function writeRows(
  store: Store,
  ids: string[],
  events: ReadonlyMap<string, DeliveryEvent[]>,
): Promise<Delivery[]> {
  const rows = await store.deliveries.find({ _id: { $in: ids } }).lean();
  const after = rows.map((row) => applyEvents(row, events.get(row._id) ?? []) ?? row);
  const changed = after.filter((row, place) => row !== rows[place]);
  if (changed.length === 0) return after;
  // The native face: these rows are whole and typed already, and casting each would cost more than writing it.
  const result = await store.deliveries.collection.bulkWrite(
    changed.map((row) => ({
      replaceOne: { filter: { _id: row._id as never, version: row.version - 1 }, replacement: row as never },
    })),
    { ordered: false },
  );
  if (result.matchedCount === changed.length) return after;
  // Another recorder was quicker on some row: what it did not know of is applied on top.
  return writeRows(store, ids, events);
}

function changesOf(rows: readonly Delivery[]): Change[] {
  return Array.from(
    grouped(rows, (row) => row.release),
    ([release, those]) => ({ release, ids: those.length > mostNamed ? undefined : those.map((row) => row._id) }),
  );
}

function withdrawnBy(row: Delivery): CarriedEvent[] {
  if (row.action !== 'withdraw' || row.state !== 'withdrawn') return [];
  return [
    {
      delivery: deliveryId(row.revision, row.account, 'publish'),
      event: { id: `${row._id}-done`, to: 'withdrawn', at: row.since, by: 'record' },
    },
  ];
}
