/** Works an order off: sets what is wanted, page by page, and queues the steps. Nobody else creates placements or changes what is wanted. */
import type { Job } from 'bullmq';
import type { UpdateQuery } from 'mongoose';
import type { Redis } from 'ioredis';
import { announce } from '../../core/queue/changes.js';
import type { Order } from '../../core/model/order.js';
import type { Lane } from '../../core/model/placement.js';
import { beginPlanned } from '../../core/placements/planned.js';
import { dispatchJob } from '../../core/queue/queues.js';
import { startQueueWorker } from '../queue-worker.js';
import { audiencePage, standingPage, type Page } from './pages.js';
import type { DispatchMeans } from './means.js';

/** Orders worked on at once: the emergency lane has workers of its own, so that nothing routine stands in front of it. */
const atOnce = { emergency: 4, routine: 2 };

export interface DispatcherMeans extends DispatchMeans {
  /** Before each page of a routine order: waits for what goes first. */
  letPass(): Promise<void>;
}

export function startDispatcher(
  means: DispatcherMeans,
  connection: Redis,
  mine: readonly Lane[],
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  const workers = mine.map((lane) =>
    startQueueWorker(
      `dispatch-${lane}`,
      (job: Job) => runOrder(dispatchJob.parse(job.data).order, means),
      { connection, prefix: `{${means.settings.prefix}}`, concurrency: atOnce[lane] },
      report,
    ),
  );
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/** Goes on where an earlier run stopped. Throws where store or queue fail; the job is tried again. */
export async function runOrder(id: string, means: DispatcherMeans): Promise<void> {
  const { store, letPass } = means;
  for (;;) {
    const order = await store.orders.findById(id).lean();
    if (!order || order.state !== 'running') return;
    if (!(await beginPlanned(means, order, new Date()))) {
      await announce(means.redis, means.settings, [{ release: order.release, ids: [] }]);
      return;
    }
    if (order.lane === 'routine') await letPass();
    // Before any row is written: what was queued under an earlier Redis must not count as sure.
    const run = await means.queues.run();
    const page =
      order.walk === 'audience' ? await audiencePage(order, run, means) : await standingPage(order, run, means);
    await store.orders.updateOne({ _id: id }, progressOf(order, page));
    await announce(means.redis, means.settings, [{ release: order.release, ids: undefined }]);
  }
}

function progressOf(order: Order, { put, cursor }: Page): UpdateQuery<Order> {
  const placements = order.placements + put;
  if (cursor !== undefined) return { $set: { placements, cursor } };
  if (order.walk === 'audience' && order.reach.standing)
    return { $set: { placements, walk: 'standing' }, $unset: { cursor: 1 } };
  return { $set: { placements, state: 'done' } };
}
