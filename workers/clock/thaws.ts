/** What waited for a thaw goes on by itself: handed out again as soon as the freeze that held it is in force no more. */
import type { FreezeWatch } from '../../core/freezes/watch.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueSteps, type HandOutRow } from '../hand-outs.js';

export interface ThawMeans {
  store: Store;
  queues: Queues;
  freezes: Pick<FreezeWatch, 'sync' | 'version' | 'inForce'>;
}

const pageSize = 1_000;

/** Answers a look, to be taken again and again: it acts where the freezes are others than at the last one that it finished. */
export function openThaws(means: ThawMeans): () => Promise<void> {
  let done = -1;
  return async () => {
    const { freezes } = means;
    await freezes.sync();
    const version = freezes.version();
    if (version === done) return;
    await wake(means);
    done = version;
  };
}

/** Another freeze may hold them still: then that is what they wait for next. */
async function wake({ store, queues, freezes }: ThawMeans): Promise<void> {
  const inForce = new Set(freezes.inForce().map(({ _id }) => _id));
  const run = await queues.run();
  for (let last = ''; ;) {
    const next = await store.placements
      .findOne({ frozen: { $gt: last } }, { frozen: 1 })
      .sort({ frozen: 1 })
      .lean();
    if (next?.frozen === undefined) return;
    last = next.frozen;
    if (!inForce.has(last)) await wakeHeldBy(last, run, { store, queues });
  }
}

async function wakeHeldBy(
  freeze: string,
  run: string,
  { store, queues }: Pick<ThawMeans, 'store' | 'queues'>,
): Promise<void> {
  let rows: HandOutRow[] = [];
  for await (const row of store.placements
    .find({ frozen: freeze }, { lane: 1, channel: 1, orders: 1 })
    .lean()
    .cursor()) {
    rows.push(row);
    if (rows.length < pageSize) continue;
    await queueSteps(queues, rows, run);
    rows = [];
  }
  await queueSteps(queues, rows, run);
}
