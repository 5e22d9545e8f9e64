/** The queues and their jobs. Payloads carry ids only; the ledger is the truth. */
import { Queue, type JobsOptions } from 'bullmq';
import { z } from 'zod';
import { lanes } from '../model/delivery.js';
import { LianfaError } from '../errors.js';
import { connectRedis, type RedisSettings } from './connection.js';

/** `emergency` and `routine` publish and withdraw; each queue has workers of its own. */
export const queueNames = [...lanes, 'verify', 'dispatch', 'media', 'check'] as const;
export type QueueName = (typeof queueNames)[number];

export const batchJob = z.object({
  deliveries: z.array(z.string()).min(1),
  /** These deliveries were never handed out before, or the platform surely did nothing the last time. */
  first: z.boolean(),
  /** The Redis run under which the job was added: an append-only file may lose its tail. */
  run: z.string(),
});
export type BatchJob = z.infer<typeof batchJob>;

export const dispatchJob = z.object({ dispatch: z.string() });
export const mediaJob = z.object({ hash: z.string() });
/** Accounts to check. `until` is their `checkDueAt` while the job is good: what somebody else has taken since has another one. */
export const checkJob = z.object({ accounts: z.array(z.string()).min(1), until: z.coerce.date() });
export type CheckJob = z.infer<typeof checkJob>;

/** Deliveries in one job: enough to spare Redis, few enough that a lost worker holds up little. */
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
  addBatches(queue: QueueName, jobs: { deliveries: string[]; first: boolean }[]): Promise<void>;
  addDispatch(dispatch: string): Promise<void>;
  addMedia(hash: string): Promise<void>;
  addCheck(job: CheckJob): Promise<void>;
  /** Jobs waiting or running, by queue. */
  depths(): Promise<Record<QueueName, number>>;
  close(): Promise<void>;
}

export function openQueues(settings: RedisSettings): Queues {
  const connection = connectRedis(settings, 'worker');
  const queues = Object.fromEntries(queueNames.map((name) => [name, openQueue(name)])) as Record<QueueName, Queue>;
  let run: string | undefined;
  connection.on('close', () => {
    run = undefined;
  });

  function openQueue(name: QueueName): Queue {
    const queue = new Queue(name, { connection, prefix: `{${settings.prefix}}`, defaultJobOptions: options });
    queue.on('error', () => undefined);
    return queue;
  }

  async function currentRun(): Promise<string> {
    run ??= await redisRun(connection);
    return run;
  }

  return {
    async addBatches(queue, jobs) {
      if (jobs.length === 0) return;
      await within(async () => {
        const now = await currentRun();
        await queues[queue].addBulk(
          jobs.map((job) => ({ name: 'batch', data: { ...job, run: now } satisfies BatchJob })),
        );
      });
    },
    async addDispatch(dispatch) {
      await within(() => queues.dispatch.add('dispatch', { dispatch }, { jobId: `d-${dispatch}`, removeOnFail: true }));
    },
    async addMedia(hash) {
      await within(() => queues.media.add('prepare', { hash }, { jobId: `m-${hash}`, removeOnFail: true }));
    },
    async addCheck({ accounts, until }) {
      await within(() => queues.check.add('check', { accounts, until: until.toISOString() }, { attempts: 3 }));
    },
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

/** The id of the running Redis server: a restart makes a new one. */
async function redisRun(redis: { info(section: string): Promise<string> }): Promise<string> {
  return /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
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
