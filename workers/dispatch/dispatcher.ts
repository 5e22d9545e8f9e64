/** Works an order off: sets what is wanted, page by page, and queues the steps. Nobody else creates placements or changes what is wanted. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, type Job } from 'bullmq';
import type { UpdateQuery } from 'mongoose';
import type { Redis } from 'ioredis';
import { announce } from '../../core/queue/changes.js';
import type { Order } from '../../core/model/order.js';
import { lanes } from '../../core/model/placement.js';
import { dispatchJob } from '../../core/queue/queues.js';
import { audiencePage, standingPage, type Page } from './pages.js';
import type { DispatchMeans } from './means.js';

/** Orders worked on at once: the emergency lane has workers of its own, so that nothing routine stands in front of it. */
const atOnce = { emergency: 4, routine: 2 };

export function startDispatcher(
  means: DispatchMeans,
  connection: Redis,
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  const workers = lanes.map((lane) => {
    const worker = new Worker(`dispatch-${lane}`, (job: Job) => runOrder(dispatchJob.parse(job.data).order, means), {
      connection,
      prefix: `{${means.settings.prefix}}`,
      concurrency: atOnce[lane],
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 1_000,
    });
    worker.on('error', report);
    worker.on('failed', (_job, error) => {
      report(error);
    });
    return worker;
  });
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/** How long an order waits for the older ones to end, ms, before the clock brings it back, and how often it looks. */
const patience = { whole: 8_000, look: 100 };

/** Goes on where an earlier run stopped. Throws where store or queue fail; the job is tried again. */
export async function runOrder(id: string, means: DispatchMeans): Promise<void> {
  const { store } = means;
  for (;;) {
    const order = await store.orders.findById(id).lean();
    if (!order || order.state === 'done') return;
    if (order.walk === 'again' && order.cursor === undefined && !(await olderEnded(order, means))) return;
    // Before any row is written: what was queued under an earlier Redis must not count as sure.
    const run = await means.queues.run();
    const page = await pageOf(order, run, means);
    await store.orders.updateOne({ _id: id }, progressOf(order, page));
    await announce(means.redis, means.settings, [{ release: order.release, ids: undefined }]);
  }
}

async function pageOf(order: Order, run: string, means: DispatchMeans): Promise<Page> {
  if (order.stopped) return { put: 0 };
  return order.walk === 'audience' ? audiencePage(order, run, means) : standingPage(order, run, means);
}

function progressOf(order: Order, { put, cursor }: Page): UpdateQuery<Order> {
  const placements = order.placements + put;
  if (cursor !== undefined) return { $set: { placements, cursor } };
  const walk = order.stopped ? undefined : nextWalk(order);
  return walk ? { $set: { placements, walk }, $unset: { cursor: 1 } } : { $set: { placements, state: 'done' } };
}

/** Placements that an older order makes while this one walks are met by a second walk, after the older has ended. */
function nextWalk({ walk, reach, overlaps }: Order): Order['walk'] | undefined {
  if (walk === 'audience' && reach.standing) return 'standing';
  return walk === 'standing' && overlaps ? 'again' : undefined;
}

async function olderEnded({ release, seq }: Order, { store }: DispatchMeans): Promise<boolean> {
  for (const end = Date.now() + patience.whole; Date.now() < end; await pause(patience.look)) {
    const orders = await store.orders.find({ release }).lean();
    if (orders.every((order) => order.seq >= seq || order.state === 'done')) return true;
  }
  return false;
}
