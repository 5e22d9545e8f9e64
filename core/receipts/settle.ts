/**
 * A receipt becomes the placement's `confirmed`, by the same event as any other person's word, under an id of its own: told
 * again until the ledger has it, it counts once. Where the placement wants something else by now, nothing follows.
 */
import { change, itemId } from '../callouts/book.js';
import { settled } from '../callouts/protocol.js';
import { cut } from '../callouts/sms-length.js';
import type { Callout, Receipt } from '../model/callout.js';
import { wantedOf, type Placement, type PlacementEvent } from '../model/placement.js';
import type { ClaimBook } from '../queue/claims.js';
import type { Store } from '../store/store.js';

/** Until it is looked whether the ledger has it, ms. */
const patience = 15_000;

export interface SettleMeans {
  store: Store;
  claims: Pick<ClaimBook, 'on'>;
}

/** Tells the ledger what a callout's receipts say, thing by thing, or finds that it knows. */
export async function settleReceipt({ store, claims }: SettleMeans, id: string, now: Date): Promise<void> {
  const row = await store.callouts.findById(id).lean<Callout>();
  if (!row?.settleAt) return;
  for (const item of row.items.filter(({ owed }) => owed)) {
    const placement = await store.placements.findById(item.placement).lean<Placement>();
    const given = row.receipts.filter((one) => one.item === item.id && !one.late);
    const [first] = given;
    if (!first || placement?.state !== 'needs_action' || itemId(placement) !== item.id)
      await change(store, id, (known) => settled(known, item.id));
    else
      await claims
        .on(placement.lane)
        .tell([{ placement: placement._id, event: eventOf(row, given, first, placement) }]);
  }
  await change(store, id, (known) =>
    known.settleAt ? { ...known, settleAt: new Date(now.getTime() + patience), version: known.version + 1 } : undefined,
  );
}

/** Receipts that the ledger may not have yet. Returns how many. */
export async function settleDue(means: SettleMeans, now: Date): Promise<number> {
  const due = await means.store.callouts
    .find({ settleAt: { $lte: now } }, { _id: 1 })
    .sort({ settleAt: 1 })
    .limit(200)
    .lean();
  for (const { _id } of due) await settleReceipt(means, _id, now);
  return due.length;
}

function eventOf(
  { unitName }: Callout,
  given: readonly Receipt[],
  first: Receipt,
  placement: Placement,
): PlacementEvent {
  const url = given.find((one) => one.url !== undefined)?.url;
  const picture = given.find((one) => one.picture !== undefined)?.picture;
  const said = given.map(({ name, words }) => (words === undefined ? name : `${name}：${words}`)).join('；');
  return {
    id: `receipt-${first.item}`,
    is: 'confirmed',
    at: first.at,
    by: cut(`${first.name}（${unitName}）`, 80),
    seq: wantedOf(placement).seq,
    note: `值班回执 ${said}`.slice(0, 500),
    ...(url !== undefined && { url }),
    ...(picture !== undefined && { picture }),
  };
}
