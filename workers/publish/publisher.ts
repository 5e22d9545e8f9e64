/** The publishing process: workers of their own for each lane, to publish and to read back. */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { coalesce } from '../../core/coalesce.js';
import { newId } from '../../core/ids.js';
import { lanes, wantedOf, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { isFinal, isTodo } from '../../core/model/states.js';
import { seconds } from '../../core/placements/outcomes.js';
import type { Outcome, Told } from '../../core/queue/claims.js';
import { batchKinds, type BatchJob } from '../../core/queue/queues.js';
import { startQueueWorker } from '../queue-worker.js';
import { sideBySide } from '../side-by-side.js';
import { fromOf, loadOwners, ownerOf, Unfit } from './errand.js';
import { followUp } from './follow-up.js';
import { handOut } from './hand-out.js';
import type { PublishMeans } from './means.js';
import { openLane } from './turns.js';

/** Batches of a channel claimed at once, by lane. Emergency has its own, so nothing routine can stand in front of it. */
const batchesAtOnce = { publish: { emergency: 4, routine: 3 }, verify: { emergency: 2, routine: 2 } };

/** Milliseconds after which a batch makes room for the next, whoever of it is still at a platform. */
const batchLasts = 2_000;

/** Outcomes written together: 5 ms is the most that a crash can leave to be asked for again. */
const together = { most: 200, linger: 5 };

export interface RunningWorker {
  close(): Promise<void>;
}

export function startPublisher(
  given: Omit<PublishMeans, 'turns'>,
  queue: { connection: Redis; prefix: string },
  report: (error: unknown) => void,
): RunningWorker {
  // What one hand-out has to tell stays together, in one step.
  const say = coalesce<Outcome[]>((outcomes) => given.claims.say(outcomes.flat()), together);
  const tell = coalesce<Told>((events) => given.claims.tell(events), together);
  const inHand = new Set<Promise<void>>();

  /** Ends with the work, or earlier: what is slow then goes on by itself. */
  async function briskly(work: Promise<void>): Promise<void> {
    inHand.add(work);
    const ended = work.finally(() => inHand.delete(work));
    let timer: NodeJS.Timeout | undefined;
    const slow = new Promise<void>((done) => {
      timer = setTimeout(() => {
        ended.catch(report);
        done();
      }, batchLasts);
    });
    await Promise.race([ended, slow]).finally(() => {
      clearTimeout(timer);
    });
  }

  const workers = lanes.flatMap((lane) => {
    const means = { ...given, turns: openLane() };
    // What the hub itself wrote into a job is not checked again.
    const work = {
      publish: async (job: Job<BatchJob>) => {
        const again = job.attemptsStarted > 1 || job.attemptsMade > 0 || job.stalledCounter > 0;
        await briskly((await handOut(job.data, again, means, say)).told);
      },
      verify: (job: Job<BatchJob>) => briskly(readBack(job.data, means, tell)),
    };
    return batchKinds.flatMap((kind) =>
      Array.from(given.channels.keys(), (channel) => {
        const concurrency = batchesAtOnce[kind][lane];
        return startQueueWorker<BatchJob>(`${kind}-${lane}-${channel}`, work[kind], { ...queue, concurrency }, report);
      }),
    );
  });
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.allSettled(inHand);
    },
  };
}

async function readBack(job: BatchJob, means: PublishMeans, tell: (event: Told) => Promise<void>): Promise<void> {
  if (!('steps' in job)) return;
  await means.turns.verify.room(job.channel);
  const ids = job.steps.map(({ placement }) => placement);
  const all: Placement[] = await means.store.placements.find({ _id: { $in: ids } }).lean();
  const rows = all.filter((row) => !isTodo(row.state));
  const { accounts, units } = await loadOwners(means.store, rows);
  await sideBySide(rows, rows.length, async (row) => {
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
    const of = owner();
    return await means.turns.verify.take(fromOf(of), () => followUp(row, of, means));
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
