/** The publishing process: workers of their own for each lane, to publish and to read back. */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { coalesce } from '../../core/coalesce.js';
import { newId } from '../../core/ids.js';
import { lanes, wantedOf, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { isFinal, isTodo } from '../../core/model/states.js';
import { seconds } from '../../core/placements/outcomes.js';
import type { Outcome, Told } from '../../core/queue/claims.js';
import type { BatchJob } from '../../core/queue/queues.js';
import { startQueueWorker } from '../queue-worker.js';
import { sideBySide } from '../side-by-side.js';
import { loadOwners, ownerOf, Unfit } from './errand.js';
import { followUp } from './follow-up.js';
import { handOut } from './hand-out.js';
import type { PublishMeans } from './means.js';

/** Batches worked on at once, by lane. Emergency has its own, so nothing routine can stand in front of it. */
const batchesAtOnce = { publish: { emergency: 4, routine: 3 }, verify: { emergency: 2, routine: 2 } };

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
  // What one hand-out has to tell stays together, in one step.
  const say = coalesce<Outcome[]>((outcomes) => means.claims.say(outcomes.flat()), together);
  const tell = coalesce<Told>((events) => means.claims.tell(events), together);
  // What the hub itself wrote into a job is not checked again.
  const work = {
    publish: (job: Job<BatchJob>) =>
      handOut(job.data, job.attemptsStarted > 1 || job.attemptsMade > 0 || job.stalledCounter > 0, means, say),
    verify: (job: Job<BatchJob>) => readBack(job.data, means, tell),
  };

  const workers = (['publish', 'verify'] as const).flatMap((kind) =>
    lanes.map((lane) =>
      startQueueWorker<BatchJob>(
        `${kind}-${lane}`,
        work[kind],
        { ...queue, concurrency: batchesAtOnce[kind][lane] },
        report,
      ),
    ),
  );
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

async function readBack(job: BatchJob, means: PublishMeans, tell: (event: Told) => Promise<void>): Promise<void> {
  if (!('steps' in job)) return;
  const ids = job.steps.map(({ placement }) => placement);
  const all: Placement[] = await means.store.placements.find({ _id: { $in: ids } }).lean();
  const rows = all.filter((row) => !isTodo(row.state));
  const { accounts, units } = await loadOwners(means.store, rows);
  await sideBySide(rows, means.inFlight, async (row) => {
    const unit = units.get(row.organization) ?? row.organization;
    const event = await readOne(row, () => ownerOf(row, accounts.get(row.account), unit, means, false), means);
    if (event) await tell({ placement: row._id, event });
  });
}

async function readOne(
  row: Placement,
  owner: () => ReturnType<typeof ownerOf>,
  means: PublishMeans,
): Promise<PlacementEvent | undefined> {
  try {
    return await followUp(row, owner(), means);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const frame = { id: newId('e'), at: new Date(), by: 'verify', seq: wantedOf(row).seq };
    const remote = row.standing.at(-1)?.remote;
    // What is settled stays so: an account that was closed since says nothing about what stands there.
    if (isFinal(row.state))
      return remote && { is: 'read', outcome: 'pending', remote, dueAt: seconds(new Date(), 24 * 3600), ...frame };
    return { is: 'person', cause: error.said, todo: error.todo, ...frame };
  }
}
