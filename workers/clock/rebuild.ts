/** After the loss of Redis: everything that was on its way is queued anew from the ledger, asking the platforms first. */
import { isTodo } from '../../core/model/states.js';
import { endsEverywhere } from '../../core/model/order.js';
import { wantedOf } from '../../core/model/placement.js';
import type { ClaimBook } from '../../core/queue/claims.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueSteps } from '../hand-outs.js';

const pageSize = 1_000;

export interface Rebuilt {
  placements: number;
  orders: number;
  media: number;
}

/** Returns how many placements, orders and pictures were queued. What waits for a time of its own is left to the sweep. */
export async function rebuild(
  { store, queues, claims }: { store: Store; queues: Queues; claims: ClaimBook },
  progress: (done: number) => void = () => undefined,
): Promise<Rebuilt> {
  let placements = 0;
  let after: { dueAt: Date; ids: Set<string> } = { dueAt: new Date(0), ids: new Set() };
  const run = await queues.run();
  const orders = await store.orders.find({ state: 'running' }).lean();
  for (const order of orders) if (endsEverywhere(order)) await claims.callOff(order.release, order.seq);
  for (;;) {
    const page = await store.placements
      .find({ dueAt: { $gte: after.dueAt } })
      .sort({ dueAt: 1 })
      .limit(pageSize + after.ids.size)
      .lean();
    const rows = page.filter((row) => !after.ids.has(row._id));
    const last = rows.at(-1)?.dueAt;
    if (!last) break;
    const todo = rows.filter((row) => isTodo(row.state));
    // What waits goes on at its own time, but nothing older than what it wants may leave before.
    await claims.fence(todo.map((row) => ({ placement: row._id, seq: wantedOf(row).seq })));
    const open = todo.filter((row) => row.state !== 'waiting');
    await queueSteps(queues, open, run);
    placements += open.length;
    progress(placements);
    const sameInstant = rows.filter((row) => row.dueAt?.getTime() === last.getTime()).map((row) => row._id);
    after = {
      dueAt: last,
      ids: new Set(last.getTime() === after.dueAt.getTime() ? [...after.ids, ...sameInstant] : sameInstant),
    };
  }
  for (const { _id, lane } of orders) await queues.addDispatch(_id, lane);
  const media = await store.media.find({ state: 'preparing' }, { _id: 1 }).lean();
  for (const { _id } of media) await queues.addMedia(_id);
  return { placements, orders: orders.length, media: media.length };
}
