/** The queues and their jobs. Payloads carry ids only; the ledger is the truth. */
import { Queue, type JobsOptions } from 'bullmq';
import { z } from 'zod';
import { lanes, type Lane, type Wanted } from '../model/placement.js';
import { LianfaError } from '../errors.js';
import { format } from '../format.js';
import { connectRedis, type RedisSettings } from './connection.js';
import { queuePrefix } from './keys.js';
import { openRun } from './run.js';

export const batchKinds = ['publish', 'verify'] as const;
export type BatchKind = (typeof batchKinds)[number];

/** Publishing and reading back have a queue for each lane and channel, so that channels share a lane fairly; dispatching has one a lane. Each has workers of its own. */
export type BatchQueueName = `${BatchKind}-${Lane}-${string}`;
export type QueueName = BatchQueueName | `dispatch-${Lane}` | 'media' | 'check';

/** What every placement of a fresh batch has in common, and what each has of its own. */
export interface FreshBatch {
  release: string;
  channel: string;
  lane: Lane;
  wanted: Wanted;
  to: { account: string; organization: string; region: string }[];
}

/** The Redis runs in which dispatch, or whoever made the job, began: under another one nothing in it is sure. */
export type BatchJob = { run: string } & (
  { fresh: FreshBatch } | { channel: string; steps: { placement: string; seq: number }[] }
);

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

export function queueNames(channels: readonly string[]): QueueName[] {
  const batches = batchKinds.flatMap((kind) =>
    lanes.flatMap((lane) => channels.map((channel): QueueName => `${kind}-${lane}-${channel}`)),
  );
  return [...batches, ...lanes.map((lane) => `dispatch-${lane}` as const), 'media', 'check'];
}

/** Under which its keys lie: those of a channel under the channel's own tag. */
export function prefixOf(settings: RedisSettings, name: QueueName): string {
  return queuePrefix(
    settings,
    batchKinds.some((kind) => name.startsWith(`${kind}-`)) ? name.split('-').slice(2).join('-') : undefined,
  );
}

export interface Queues {
  /**
   * `turn` `after`: they come when nothing of the lane's channel waits that is not so. Throws `queue_unavailable` where
   * Redis does not answer within 4 s.
   */
  addBatches(
    kind: BatchKind,
    lane: Lane,
    channel: string,
    jobs: readonly BatchJob[],
    turn?: 'next' | 'after',
  ): Promise<void>;
  addDispatch(order: string, lane: Lane): Promise<void>;
  addMedia(hash: string): Promise<void>;
  addCheck(job: CheckJob): Promise<void>;
  /** Which Redis this is, by shard (see run.ts). Throws `queue_unavailable` too. */
  run(): Promise<string>;
  /** Orders of a lane that are being dispatched. */
  dispatching(lane: Lane): Promise<number>;
  /** Jobs waiting or running, by queue. */
  depths(): Promise<Map<QueueName, number>>;
  /** Seconds that the oldest job has waited for a worker, by queue; 0 where none waits. Throws `queue_unavailable`. */
  ages(): Promise<Map<QueueName, number>>;
  close(): Promise<void>;
}

/** `channels`: names of those that are installed. */
export function openQueues(settings: RedisSettings, channels: readonly string[]): Queues {
  const connection = connectRedis(settings, 'worker');
  const names = queueNames(channels);
  const queues = new Map<QueueName, Queue>(names.map((name) => [name, openQueue(name)]));
  const run = openRun(connection, settings);

  function openQueue(name: QueueName): Queue {
    const queue = new Queue(name, { connection, prefix: prefixOf(settings, name), defaultJobOptions: options });
    queue.on('error', () => undefined);
    return queue;
  }

  function queue(name: QueueName): Queue {
    const found = queues.get(name);
    if (!found) throw new Error(`no queue ${name}`);
    return found;
  }

  return {
    async addBatches(kind, lane, channel, jobs, turn = 'next') {
      if (jobs.length === 0) return;
      // To BullMQ a job with a priority comes after all that have none.
      const opts = turn === 'after' ? { priority: 1 } : {};
      // Any publisher can say of a channel that it is not installed.
      const through = channels.includes(channel) ? channel : (channels[0] ?? '');
      await within(() =>
        queue(`${kind}-${lane}-${through}`).addBulk(
          jobs.map((data) => ({ name: 'batch', data: { format, ...data }, opts })),
        ),
      );
    },
    async addDispatch(order, lane) {
      await within(() =>
        queue(`dispatch-${lane}`).add('dispatch', { format, order }, { jobId: `d-${order}`, removeOnFail: true }),
      );
    },
    async addMedia(hash) {
      await within(() => queue('media').add('prepare', { format, hash }, { jobId: `m-${hash}`, removeOnFail: true }));
    },
    async addCheck({ accounts, until }) {
      await within(() =>
        queue('check').add('check', { format, accounts, until: until.toISOString() }, { attempts: 3 }),
      );
    },
    run: () => within(run),
    dispatching: (lane) => queue(`dispatch-${lane}`).getActiveCount(),
    async depths() {
      const counts = await Promise.all(
        Array.from(
          queues,
          async ([name, one]) =>
            [name, await one.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')] as const,
        ),
      );
      return new Map(counts);
    },
    ages: () =>
      within(
        async () =>
          new Map(await Promise.all(Array.from(queues, async ([name, one]) => [name, await age(one)] as const))),
      ),
    async close() {
      await Promise.all(Array.from(queues.values(), (one) => one.close()));
      connection.disconnect();
    },
  };
}

async function age(queue: Queue): Promise<number> {
  const oldest = await Promise.all([queue.getJobs('waiting', 0, 0, true), queue.getJobs('prioritized', 0, 0, true)]);
  return Math.max(0, ...oldest.flat().map(({ timestamp }) => (Date.now() - timestamp) / 1000));
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
