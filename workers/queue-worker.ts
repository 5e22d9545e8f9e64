/** One worker on one queue. */
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueName } from '../core/queue/queues.js';

/** A job whose process has died is handed out again within about 20 s, as often as it takes. */
export function startQueueWorker<T>(
  name: QueueName,
  work: (job: Job<T>, token?: string) => Promise<void>,
  queue: { connection: Redis; prefix: string; concurrency: number },
  report: (error: unknown) => void,
): Worker<T> {
  const worker = new Worker<T>(name, work, {
    ...queue,
    lockDuration: 15_000,
    stalledInterval: 5_000,
    maxStalledCount: 1_000,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => {
    report(error);
  });
  return worker;
}
