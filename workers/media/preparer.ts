/** Prepares pictures for every channel in a queue of their own: nothing about media stands in front of publishing. */
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { mediaJob } from '../../core/queue/queues.js';

export function startPreparer(
  prepare: (hash: string) => Promise<void>,
  queue: { connection: Redis; prefix: string },
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  const worker = new Worker('media', (job: Job) => prepare(mediaJob.parse(job.data).hash), {
    connection: queue.connection,
    prefix: queue.prefix,
    concurrency: 1,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => report(error));
  return { close: () => worker.close() };
}
