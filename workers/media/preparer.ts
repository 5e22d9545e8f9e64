/** Prepares pictures for every channel in a queue of their own: nothing about media stands in front of publishing. */
import { Worker, type Job } from 'bullmq';
import { mediaJob, prefixOf } from '../../core/queue/queues.js';
import { readable, type WorkerQueue } from '../queue-worker.js';

/** `queueLacking` hands over what channels installed since lack; until it has, it is tried again. */
export function startPreparer(
  prepare: (hash: string) => Promise<void>,
  queueLacking: () => Promise<unknown>,
  queue: WorkerQueue,
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  let open = true;
  let again: NodeJS.Timeout | undefined;
  const look = (): void => {
    queueLacking().catch((error: unknown) => {
      if (!open) return;
      report(error);
      again = setTimeout(look, 10_000);
    });
  };
  look();
  const work = readable((job: Job) => prepare(mediaJob.parse(job.data).hash), report);
  const worker = new Worker('media', work, {
    connection: queue.connection,
    prefix: prefixOf(queue.settings, 'media'),
    concurrency: 1,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => report(error));
  return {
    close: () => {
      open = false;
      clearTimeout(again);
      return worker.close();
    },
  };
}
