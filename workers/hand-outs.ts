/** Deliveries as jobs: one job holds a batch of one lane and one channel. */
import type { Lane } from '../core/model/delivery.js';
import { batchSize, type QueueName, type Queues } from '../core/queue/queues.js';

export interface HandOutRow {
  _id: string;
  lane: Lane;
  channel: string;
}

/** `first`: this hand-out may publish without asking the platform (see publish/attempt.ts). Without a `queue`, rows go to their lanes. */
export async function queueHandOuts<T extends HandOutRow>(
  queues: Queues,
  rows: readonly T[],
  first: (row: T) => boolean,
  queue?: QueueName,
): Promise<void> {
  const groups = new Map<string, { to: QueueName; first: boolean; ids: string[] }>();
  for (const row of rows) {
    const to = queue ?? row.lane;
    const key = `${to} ${row.channel} ${first(row)}`;
    const group = groups.get(key);
    if (group) group.ids.push(row._id);
    else groups.set(key, { to, first: first(row), ids: [row._id] });
  }
  for (const { to, first: clean, ids } of groups.values()) {
    const jobs = Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, part) => ({
      deliveries: ids.slice(part * batchSize, (part + 1) * batchSize),
      first: clean,
    }));
    await queues.addBatches(to, jobs);
  }
}
