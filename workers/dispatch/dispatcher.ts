/** Turns an order into deliveries, page by page, and queues them. Nobody else creates deliveries. */
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { dispatchJob } from '../../core/queue/queues.js';
import { audienceFilter } from '../../core/deliveries/audience.js';
import type { Dispatch } from '../../core/model/dispatch.js';
import { announce } from '../../core/queue/changes.js';
import { insertMissing, newDelivery, queueRows, type DispatchMeans, type Page } from './rows.js';
import { withdrawPage } from './withdrawal.js';

/** Accounts in a page. The first is small, so that the first requests leave at once. */
const pageSize = { first: 200, next: 1_000 };

export function startDispatcher(
  means: DispatchMeans,
  connection: Redis,
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  const worker = new Worker('dispatch', (job: Job) => runDispatch(dispatchJob.parse(job.data).dispatch, means), {
    connection,
    prefix: `{${means.settings.prefix}}`,
    concurrency: 2,
    lockDuration: 15_000,
    stalledInterval: 5_000,
    maxStalledCount: 1_000,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => report(error));
  return { close: () => worker.close() };
}

/** Goes on where an earlier run stopped. Throws where store or queue fail; the job is tried again. */
export async function runDispatch(id: string, means: DispatchMeans): Promise<void> {
  const { store } = means;
  for (;;) {
    const dispatch = await store.dispatches.findById(id).lean();
    if (!dispatch || dispatch.state === 'done') return;
    const page =
      dispatch.action === 'publish' ? await publishPage(dispatch, means) : await withdrawPage(dispatch, means);
    const progress = {
      deliveries: dispatch.deliveries + page.made,
      ...(page.cursor !== undefined && { cursor: page.cursor }),
    };
    await store.dispatches.updateOne(
      { _id: id },
      { $set: page.cursor === undefined ? { ...progress, state: 'done' } : progress },
    );
    await announce(means.redis, means.settings, [{ release: dispatch.release, ids: undefined }]);
  }
}

async function publishPage(dispatch: Dispatch, means: DispatchMeans): Promise<Page> {
  const filter = await audienceFilter(means.store, dispatch.audience);
  const most = dispatch.cursor === undefined ? pageSize.first : pageSize.next;
  const accounts = await means.store.accounts
    .find(dispatch.cursor === undefined ? filter : { $and: [filter, { _id: { $gt: dispatch.cursor } }] }, {
      channel: 1,
      organization: 1,
      region: 1,
    })
    .sort({ _id: 1 })
    .limit(most)
    .lean();
  const rows = accounts.map((account) => newDelivery(dispatch, { account: account._id, ...account }));
  await queueRows(dispatch, rows, await insertMissing(means.store, rows), means);
  const last = accounts.at(-1);
  return accounts.length < most || !last ? { made: rows.length } : { made: rows.length, cursor: last._id };
}
