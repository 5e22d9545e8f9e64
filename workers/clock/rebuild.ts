/** After the loss of Redis: everything that was on its way is queued anew from the ledger, asking the platforms first. */
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueHandOuts } from '../hand-outs.js';

const pageSize = 1_000;

/** Returns how many deliveries, dispatches and pictures were queued. What waits for a time of its own is left to the sweep. */
export async function rebuild(
  { store, queues }: { store: Store; queues: Queues },
  progress: (done: number) => void = () => undefined,
): Promise<{ deliveries: number; dispatches: number; media: number }> {
  let deliveries = 0;
  let after: { dueAt: Date; ids: Set<string> } = { dueAt: new Date(0), ids: new Set() };
  for (;;) {
    // Only rows that are not final have a `dueAt`, so its index is the list of what is open.
    const page = await store.deliveries
      .find({ dueAt: { $gte: after.dueAt } }, { events: 0 })
      .sort({ dueAt: 1 })
      .limit(pageSize + after.ids.size)
      .lean();
    const rows = page.filter((row) => !after.ids.has(row._id));
    const last = rows.at(-1)?.dueAt;
    if (!last) break;
    const open = rows.filter((row) => row.state === 'queued' || row.state === 'sending');
    await queueHandOuts(queues, open, () => false);
    deliveries += open.length;
    progress(deliveries);
    const sameInstant = rows.filter((row) => row.dueAt?.getTime() === last.getTime()).map((row) => row._id);
    after = {
      dueAt: last,
      ids: new Set(last.getTime() === after.dueAt.getTime() ? [...after.ids, ...sameInstant] : sameInstant),
    };
  }
  const dispatches = await store.dispatches.find({ state: 'running' }, { _id: 1 }).lean();
  for (const { _id } of dispatches) await queues.addDispatch(_id);
  const media = await store.media.find({ state: 'preparing' }, { _id: 1 }).lean();
  for (const { _id } of media) await queues.addMedia(_id);
  return { deliveries, dispatches: dispatches.length, media: media.length };
}
