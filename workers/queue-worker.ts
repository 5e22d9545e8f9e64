/** One worker on one queue. */
import { DelayedError, WaitingError, Worker, type Job } from 'bullmq';
import { LianfaError } from '../core/errors.js';
import { format, formatOf } from '../core/format.js';
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

type Work<T> = (job: Job<T>, token?: string) => Promise<void>;

/** Ms until a job that is handed back is taken again. */
const handedBack = 5_000;

/**
 * The work, for jobs that this version can read. One of a newer format is handed back, for a process of that version: this
 * one was overtaken while it stood still, and is about to end (core/queue/processes.ts).
 */
export function readable<T>(work: Work<T>, report: (error: unknown) => void): Work<T> {
  return async (job, token) => {
    const told = formatOf((job.data as { format?: unknown }).format);
    if (told <= format) return work(job, token);
    report(new LianfaError('newer_version', { format: String(format), who: `${job.queueName} (${told})` }));
    await job.moveToDelayed(Date.now() + handedBack, token);
    throw new DelayedError();
  };
}

/** A job whose process has died is handed out again within about 20 s, as often as it takes. */
export function startQueueWorker<T>(
  name: QueueName,
  work: Work<T>,
  queue: WorkerQueue & { concurrency: number },
  report: (error: unknown) => void,
): Worker<T> {
  const worker = new Worker<T>(name, readable(work, report), {
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
