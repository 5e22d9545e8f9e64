/** Writes events into the ledger: read the rows, apply, write back under their versions. Replaying changes nothing twice. */
import { askForHands } from '../../core/callouts/asking.js';
import { grouped } from '../../core/grouped.js';
import { loggedId, type LoggedEvent, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { isTodo } from '../../core/model/states.js';
import { applyEvents } from '../../core/placements/apply.js';
import { knownInLog, logEvents, relieved } from '../../core/placements/history.js';
import { replaceRows } from '../../core/placements/write.js';
import type { Change } from '../../core/queue/changes.js';
import type { Told } from '../../core/queue/claims.js';
import type { Store } from '../../core/store/store.js';
import { keptRows } from '../kept-rows.js';

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
  const asking: Placement[] = [];
  const ids = [...byPlacement.keys()];
  for (let at = 0; at < ids.length; at += rowsAtOnce)
    for (const { row, mayAsk } of await writeRows(store, ids.slice(at, at + rowsAtOnce), byPlacement)) {
      written.push(row);
      if (mayAsk) asking.push(row);
    }
  await askForHands(store, asking);
  return changesOf(written);
}

/** `mayAsk`: whether it asks for a person since now, as far as can be told; polls of what has long asked are no news. */
interface Written {
  row: Placement;
  mayAsk: boolean;
}

/** ms after which whoever noted that a row asks has surely done so. */
const surely = 3_600_000;

/** The rows as they then stand, those too that held all of it before: an earlier run may have ended before it told of them. */
async function writeRows(
  store: Store,
  ids: readonly string[],
  events: ReadonlyMap<string, PlacementEvent[]>,
): Promise<Written[]> {
  const kept = keptRows(store);
  const { rows, others } = kept.take(ids);
  if (others.length > 0) rows.push(...(await store.placements.find({ _id: { $in: others } }).lean()));
  const logged = await knownInLog(store, rows, events);
  const isNew = (row: Placement, event: PlacementEvent): boolean => !logged.has(loggedId(row._id, event.id));
  const after: Written[] = [];
  const changed: Placement[] = [];
  const going: LoggedEvent[] = [];
  for (const row of rows) {
    const told = events.get(row._id) ?? [];
    const next = applyEvents(row, row.past ? told.filter((event) => isNew(row, event)) : told);
    if (!next) {
      after.push({ row, mayAsk: true });
      continue;
    }
    const lighter = relieved(row, next);
    going.push(...lighter.logged);
    const long = row.state === 'needs_action' && Date.now() - new Date(row.since).getTime() > surely;
    after.push({ row: lighter.row, mayAsk: !long });
    changed.push(lighter.row);
  }
  if (changed.length > 0) {
    await logEvents(store, going);
    // Another recorder, or dispatch, was quicker on some row: what it did not know of is applied on top.
    if (!(await replaceRows(store, changed))) return writeRows(store, ids, events);
  }
  kept.keep(after.map(({ row }) => row).filter(isInHand));
  return after;
}

/** Its outcome is due. */
function isInHand({ open, state }: Placement): boolean {
  return open.length > 0 && isTodo(state);
}

function changesOf(rows: readonly Placement[]): Change[] {
  return Array.from(
    grouped(rows, (row) => row.release),
    ([release, those]) => ({ release, ids: those.length > mostNamed ? undefined : those.map((row) => row._id) }),
  );
}
