/** The publishing process: workers of their own for each lane, to publish and to read back. */
import type { Job } from 'bullmq';
import { coalesce } from '../../core/coalesce.js';
import { newId } from '../../core/ids.js';
import { wantedOf, type Lane, type Placement, type PlacementEvent } from '../../core/model/placement.js';
import { isFinal, isTodo } from '../../core/model/states.js';
import { seconds } from '../../core/placements/outcomes.js';
import type { Outcome, Told } from '../../core/queue/claims.js';
import { batchKinds, type BatchJob, type Queues } from '../../core/queue/queues.js';
import { giveBack, startQueueWorker, type WorkerQueue } from '../queue-worker.js';
import { sideBySide } from '../side-by-side.js';
import { fromOf, loadOwners, ownerOf, Unfit } from './errand.js';
import { followUp } from './follow-up.js';
import { giveBackAll, type GivenBack } from './giving-back.js';
import { handOut, type InWork } from './hand-out.js';
import type { PublishMeans } from './means.js';
import { NoTurn, openLane } from './turns.js';

/** Batches of a channel taken at once, by lane. Emergency has its own, so nothing routine can stand in front of it. */
const batchesAtOnce = { publish: { emergency: 4, routine: 3 }, verify: { emergency: 2, routine: 2 } };

/** Outcomes written together: 5 ms is the most that a crash can leave to be asked for again. */
const together = { most: 200, linger: 5 };

export interface RunningWorker {
  close(): Promise<void>;
}

export function startPublisher(
  given: Omit<PublishMeans, 'turns' | 'giveBack'> & { queues: Queues },
  queue: WorkerQueue,
  mine: readonly Lane[],
  report: (error: unknown) => void,
): RunningWorker {
  const inHand = new Set<Promise<void>>();

  /**
   * A job ends when its batch is in hand, not with its slowest: the ledger knows by then. Were it handed out again it
   * would find every claim held; what a dead process leaves is brought back by the deadline of `sending`.
   */
  function keep(work: Promise<void>): void {
    const ended = work.catch(report).finally(() => inHand.delete(ended));
    inHand.add(ended);
  }

  /** A job for which there is no place any more goes back as it is. */
  async function begin(job: Job<BatchJob>, token: string | undefined, work: () => Promise<InWork>): Promise<void> {
    try {
      keep((await work()).told);
    } catch (error) {
      if (error instanceof NoTurn) await giveBack(job, token);
      throw error;
    }
  }

  const lanesTurns = mine.map((lane) => ({ lane, turns: openLane() }));
  const workers = lanesTurns.flatMap(({ lane, turns }) => {
    const claims = given.claims.on(lane);
    // What one hand-out has to tell stays together, in one step.
    const say = coalesce<Outcome[]>((outcomes) => claims.say(outcomes.flat()), together);
    const tell = coalesce<Told>((events) => claims.tell(events), together);
    const back = coalesce<GivenBack>((all) => giveBackAll(all, lane, claims, given.queues), together);
    const means = { ...given, claims, turns, giveBack: back };
    // What the hub itself wrote into a job is not checked again.
    const work = {
      publish: async (job: Job<BatchJob>, token?: string) => {
        const again = job.attemptsStarted > 1 || job.attemptsMade > 0 || job.stalledCounter > 0;
        await begin(job, token, () => handOut(job.data, again, means, say));
      },
      verify: async (job: Job<BatchJob>, token?: string) => {
        await begin(job, token, () => readBack(job.data, means, tell));
      },
    };
    return batchKinds.flatMap((kind) =>
      Array.from(given.channels.keys(), (channel) => {
        const concurrency = batchesAtOnce[kind][lane];
        return startQueueWorker<BatchJob>(`${kind}-${lane}-${channel}`, work[kind], { ...queue, concurrency }, report);
      }),
    );
  });
  return {
    /** What has begun is ended; the rest is given back at once. */
    close: async () => {
      for (const { turns } of lanesTurns) for (const kind of batchKinds) turns[kind].close();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(inHand);
    },
  };
}

async function readBack(job: BatchJob, means: PublishMeans, tell: (event: Told) => Promise<void>): Promise<InWork> {
  if (!('steps' in job)) return { told: Promise.resolve() };
  await means.turns.verify.room(job.channel, job.steps.length);
  const ids = job.steps.map(({ placement }) => placement);
  const all: Placement[] = await means.store.placements.find({ _id: { $in: ids } }).lean();
  // Where readings wait for longer than the clock does, each is queued again: what was read meanwhile is not due any more.
  const rows = all.filter((row) => !isTodo(row.state) && isDue(row));
  const { accounts, units } = await loadOwners(means.store, rows);
  const told = sideBySide(rows, rows.length, async (row) => {
    const unit = units.get(row.organization) ?? row.organization;
    try {
      const event = await readOne(row, () => ownerOf(row, accounts.get(row.account), unit, means, false), means);
      if (event) await tell({ placement: row._id, event });
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      const { run, channel } = job;
      await means.giveBack({ kind: 'verify', channel, run, placement: row._id, seq: wantedOf(row).seq });
    }
  });
  return { told };
}

/** Two machines' clocks may differ by so much, ms. */
const clockDoubt = 5_000;

function isDue({ dueAt }: Placement): boolean {
  return dueAt !== undefined && dueAt.getTime() <= Date.now() + clockDoubt;
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
