/** The publishing process: workers of their own for the emergency lane, the routine lane and reading back. */
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { isFinal } from '../../core/model/states.js';
import type { DeliveryEvent } from '../../core/model/delivery.js';
import type { CarriedEvent } from '../../core/queue/events.js';
import { newId } from '../../core/ids.js';
import { batchJob, type QueueName } from '../../core/queue/queues.js';
import { coalesce } from '../coalesce.js';
import { loadOwners, prepareErrand, Unfit } from './errand.js';
import { followUp } from './follow-up.js';
import { sideBySide } from '../side-by-side.js';
import { handOut } from './hand-out.js';
import type { PublishMeans } from './means.js';

/** Batches worked on at once, by lane. Emergency has its own, so nothing routine can stand in front of it. */
const batchesAtOnce = { emergency: 4, routine: 3, verify: 2 };

/** Outcomes written together: 5 ms is the most that a crash can leave to be asked for again. */
const together = { most: 200, linger: 5 };

export interface RunningWorker {
  close(): Promise<void>;
}

export function startPublisher(
  means: PublishMeans,
  queue: { connection: Redis; prefix: string },
  report: (error: unknown) => void,
): RunningWorker {
  const write = coalesce(means.claims.finish.bind(means.claims), together);
  const say = coalesce((events: CarriedEvent[]) => means.events.send(events), together);

  const publishing = (job: Job) =>
    handOut(
      batchJob.parse(job.data),
      job.attemptsStarted > 1 || job.attemptsMade > 0 || job.stalledCounter > 0,
      means,
      write,
    );
  const verifying = (job: Job) => readBack(batchJob.parse(job.data).deliveries, means, say);

  const workers = (
    [
      ['emergency', publishing],
      ['routine', publishing],
      ['verify', verifying],
    ] as const
  ).map(([name, work]) => {
    const worker = new Worker(name satisfies QueueName, work, {
      connection: queue.connection,
      prefix: queue.prefix,
      concurrency: batchesAtOnce[name],
      // A dead worker's batch is handed out again within about 20 s; deliveries have their own leases.
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 1_000,
    });
    worker.on('error', report);
    worker.on('failed', (_job, error) => report(error));
    return worker;
  });
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

async function readBack(
  ids: readonly string[],
  means: PublishMeans,
  say: (event: CarriedEvent) => Promise<void>,
): Promise<void> {
  const rows = (await means.store.deliveries.find({ _id: { $in: ids } }).lean()).filter(
    (row) => !isFinal(row.state) && row.remote,
  );
  const { accounts, units } = await loadOwners(means.store, rows);
  await sideBySide(rows, means.inFlight, async (row) => {
    const event = await prepareErrand(
      row,
      accounts.get(row.account),
      units.get(row.organization) ?? row.organization,
      means,
    ).then(followUp, unfit);
    await say({ delivery: row._id, event });
  });
}

function unfit(error: unknown): DeliveryEvent {
  if (!(error instanceof Unfit)) throw error;
  return { id: newId('e'), at: new Date(), by: 'verify', to: 'needs_action', cause: error.said, todo: error.todo };
}
