/** Placements as jobs: one job holds a batch of one lane and one channel. */
import { grouped } from '../core/grouped.js';
import { wantedOf, type Placement } from '../core/model/placement.js';
import { batchSize, type BatchJob, type BatchKind, type Queues } from '../core/queue/queues.js';

export type HandOutRow = Pick<Placement, '_id' | 'lane' | 'channel' | 'orders'>;

/**
 * Queues the next step of each, or a reading back. `run`: the Redis in which whoever asks began, before it read or wrote
 * the rows.
 */
export async function queueSteps(
  queues: Queues,
  rows: readonly HandOutRow[],
  run: string,
  kind: BatchKind = 'publish',
): Promise<void> {
  for (const [, those] of grouped(rows, ({ lane, channel }) => `${lane} ${channel}`)) {
    const [first] = those;
    if (!first) continue;
    const steps = those.map((row) => ({ placement: row._id, seq: wantedOf(row).seq }));
    const { lane, channel } = first;
    const jobs: BatchJob[] = pieces(steps, batchSize).map((part) => ({ run, channel, steps: part }));
    await queues.addBatches(kind, lane, channel, jobs);
  }
}

export function pieces<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, place) =>
    items.slice(place * size, (place + 1) * size),
  );
}
