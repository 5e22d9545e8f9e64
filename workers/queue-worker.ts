/** One worker on one queue. */
import { WaitingError, Worker, type Job } from 'bullmq';
import type { RedisClient, RedisSettings } from '../core/queue/connection.js';
import { prefixOf, type QueueName } from '../core/queue/queues.js';

/** What a worker stands on. */
export interface WorkerQueue {
  connection: RedisClient;
  settings: RedisSettings;
}

/** Gives a job back that this process does not end: another has it at once. */
export async function giveBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

/** A job whose process has died is handed out again within about 20 s, as often as it takes. */
export function startQueueWorker<T>(
  name: QueueName,
  work: (job: Job<T>, token?: string) => Promise<void>,
  queue: WorkerQueue & { concurrency: number },
  report: (error: unknown) => void,
): Worker<T> {
  const worker = new Worker<T>(name, work, {
    connection: queue.connection,
    prefix: prefixOf(queue.settings, name),
    concurrency: queue.concurrency,
    lockDuration: 15_000,
    stalledInterval: 5_000,
    maxStalledCount: 1_000,
    // ms: a Redis that was away is there again sooner than BullMQ believes.
    runRetryDelay: 1_000,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => {
    report(error);
  });
  return worker;
}
