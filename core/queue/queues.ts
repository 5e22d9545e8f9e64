/** The queues and their jobs. Payloads carry ids only; the ledger is the truth. */
import { Queue, type JobsOptions } from 'bullmq';
import { z } from 'zod';
import type { Lane, Wanted } from '../model/placement.js';
import { LianfaError } from '../errors.js';
import { connectRedis, type RedisSettings } from './connection.js';
import { openRun } from './run.js';

/** Publishing, reading back and dispatching have a queue a lane, each with workers of its own. */
export const queueNames = [
  'publish-emergency',
  'publish-routine',
  'verify-emergency',
  'verify-routine',
  'dispatch-emergency',
  'dispatch-routine',
  'media',
  'check',
] as const;
export type QueueName = (typeof queueNames)[number];

/** What every placement of a fresh batch has in common, and what each has of its own. */
export interface FreshBatch {
  release: string;
  channel: string;
  lane: Lane;
  wanted: Wanted;
  to: { account: string; organization: string; region: string }[];
}

/** The Redis run in which dispatch, or whoever made the job, began: under another run nothing in it is sure. */
export type BatchJob = { run: string } & ({ fresh: FreshBatch } | { steps: { placement: string; seq: number }[] });

export const dispatchJob = z.object({ order: z.string() });
export const mediaJob = z.object({ hash: z.string() });
/** Accounts to check. `until` is their `checkDueAt` while the job is good: what somebody else has taken since has another one. */
export const checkJob = z.object({ accounts: z.array(z.string()).min(1), until: z.coerce.date() });
export type CheckJob = z.infer<typeof checkJob>;

/** Placements in one job: enough to spare Redis, few enough that a lost worker holds up little. */
export const batchSize = 100;

const options: JobsOptions = {
  // A repeated hand-out asks the platform first, so trying again is safe; it is only needed where our own store or code failed.
  attempts: 50,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: 1_000 },
};

export interface Queues {
  /** Throws `queue_unavailable` where Redis does not answer within 4 s. */
  addBatches(queue: QueueName, jobs: readonly BatchJob[]): Promise<void>;
  addDispatch(order: string, lane: Lane): Promise<void>;
  addMedia(hash: string): Promise<void>;
  addCheck(job: CheckJob): Promise<void>;
  /** Which Redis this is (see run.ts). Throws `queue_unavailable` too. */
  run(): Promise<string>;
  /** Jobs waiting or running, by queue. */
  depths(): Promise<Record<QueueName, number>>;
  close(): Promise<void>;
}

export function openQueues(settings: RedisSettings): Queues {
  const connection = connectRedis(settings, 'worker');
  const queues = Object.fromEntries(queueNames.map((name) => [name, openQueue(name)])) as Record<QueueName, Queue>;
  const run = openRun(connection, settings);

  function openQueue(name: QueueName): Queue {
    const queue = new Queue(name, { connection, prefix: `{${settings.prefix}}`, defaultJobOptions: options });
    queue.on('error', () => undefined);
    return queue;
  }

  return {
    async addBatches(queue, jobs) {
      if (jobs.length === 0) return;
      await within(() => queues[queue].addBulk(jobs.map((data) => ({ name: 'batch', data }))));
    },
    async addDispatch(order, lane) {
      await within(() =>
        queues[`dispatch-${lane}`].add('dispatch', { order }, { jobId: `d-${order}`, removeOnFail: true }),
      );
    },
    async addMedia(hash) {
      await within(() => queues.media.add('prepare', { hash }, { jobId: `m-${hash}`, removeOnFail: true }));
    },
    async addCheck({ accounts, until }) {
      await within(() => queues.check.add('check', { accounts, until: until.toISOString() }, { attempts: 3 }));
    },
    run: () => within(run),
    async depths() {
      const counts = await Promise.all(
        queueNames.map(
          async (name) =>
            [name, await queues[name].getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')] as const,
        ),
      );
      return Object.fromEntries(counts) as Record<QueueName, number>;
    },
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

/** BullMQ's `add` waits for ever while Redis is away; a caller must hear of it. */
async function within<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new LianfaError('queue_unavailable')), 4_000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
