/** One job: a batch of placements of one channel. Claims them together, acts on each in its turn, tells each outcome at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { refuseCredential } from '../../core/accounts/check.js';
import type { FreezeTarget } from '../../core/freezes/frozen.js';
import { newId } from '../../core/ids.js';
import type { AccountRow } from '../../core/model/account.js';
import { placementId, type Placement } from '../../core/model/placement.js';
import { isTodo } from '../../core/model/states.js';
import { lastClaimed } from '../../core/placements/history.js';
import { seconds } from '../../core/placements/outcomes.js';
import { actsAtOnce, firstKnown, type HandOut } from '../../core/placements/protocol.js';
import type { Sealed } from '../../core/signatures/seals.js';
import type { ClaimAnswer, Granted, Outcome } from '../../core/queue/claims.js';
import type { BatchJob, FreshBatch } from '../../core/queue/queues.js';
import { runFor, runSince } from '../../core/queue/run.js';
import { sideBySide } from '../side-by-side.js';
import { fromOf, lease, loadOwners, ownerOf, Unfit, type Target } from './errand.js';
import type { PublishMeans } from './means.js';
import { ordersOf, requireOrder, type Orders } from './sealed.js';
import { ended, endedUnseen, frameOf, type Hand, type InHand, type Told } from './hand.js';
import { NoTurn } from './turns.js';
import { isSurelyTakenOut, nothingLeft, takeStep } from './step.js';

/** How long a batch waits for the ledger to catch up, ms, and how often it looks. */
const patience = { whole: 20_000, look: 40 };

interface Step {
  target: Target;
  seq: number;
  /** As dispatch made it; absent where the row is read. */
  made?: InHand['row'];
}

interface Taken extends Step {
  handOut: HandOut;
  granted: Granted;
}

/** A batch in work. */
export interface InWork {
  /** Until every outcome is kept. Fails where keeping one does, after all have ended. */
  told: Promise<void>;
}

interface Batch {
  token: string;
  /** As the job has it. */
  run: string;
  accounts: ReadonlyMap<string, AccountRow>;
  units: ReadonlyMap<string, string>;
  orders: Orders;
}

/** Answers when the batch is claimed. `again`: BullMQ has handed this job out before. `say` keeps outcomes. */
export async function handOut(
  job: BatchJob,
  again: boolean,
  means: PublishMeans,
  say: (outcomes: Outcome[]) => Promise<void>,
): Promise<InWork> {
  await ('fresh' in job
    ? means.turns.publish.room(job.fresh.channel, job.fresh.to.length)
    : means.turns.publish.room(job.channel, job.steps.length));
  const steps =
    'fresh' in job
      ? freshSteps(job.fresh, (placement) => runFor(means.settings, job.run, placement))
      : await knownSteps(job.steps, means);
  if (steps.length === 0) return { told: Promise.resolve() };
  const [owners, orders] = await Promise.all([
    loadOwners(
      means.store,
      steps.map(({ target }) => target),
    ),
    ordersOf(steps, means),
  ]);
  const token = newId('k');
  const requests = steps.map(({ target, seq }) => ({ placement: target._id, seq }));
  const answers = await means.claims.claim(token, requests, lease, new Date());
  const taken = steps.flatMap(
    (step, place) => takenOf(step, answers[place], runFor(means.settings, job.run, step.target._id), again) ?? [],
  );
  const waiting = Promise.all(steps.map((step, place) => waitForOlder(step, answers[place], say)));
  return {
    told: Promise.all([workOff(taken, { token, run: job.run, orders, ...owners }, means, say), waiting]).then(
      () => undefined,
    ),
  };
}

/** Holds the claims until each has had its turn. */
async function workOff(
  taken: readonly Taken[],
  batch: Batch,
  means: PublishMeans,
  say: (outcomes: Outcome[]) => Promise<void>,
): Promise<void> {
  const { token } = batch;
  const open = new Set(taken.map(({ target }) => target._id));
  const renewal = setInterval(
    () => {
      means.claims.renew(token, [...open], lease).catch(() => undefined);
    },
    (lease * 1_000) / 3,
  );
  try {
    const rows = await rowsOf(taken, token, means);
    await sideBySide(taken, taken.length, async (one) => {
      const hand = handOf(one, rows, batch, means);
      try {
        const outcomes = hand ? await take(hand, one.target, batch, means) : [];
        if (outcomes.length > 0) await say(outcomes);
      } catch (error) {
        if (!(error instanceof NoTurn)) throw error;
        await giveBack(one, batch, means);
      }
      open.delete(one.target._id);
    });
  } catch (error) {
    if (!(error instanceof NoTurn)) throw error;
    await Promise.all(taken.map((one) => giveBack(one, batch, means)));
  } finally {
    clearInterval(renewal);
  }
}

/** Nothing left under its claim: whoever takes it goes on from where it was. */
function giveBack({ target, handOut }: Taken, { token, run }: Batch, means: PublishMeans): Promise<void> {
  const { _id: placement, channel } = target;
  return means.giveBack({ kind: 'publish', channel, run, placement, seq: handOut.seq, token });
}

function freshSteps({ release, channel, lane, wanted, to }: FreshBatch, runOf: (placement: string) => string): Step[] {
  return to.map(({ account, organization, region }) => {
    const _id = placementId(release, account);
    return {
      target: { _id, release, channel, account, organization, region, lane },
      seq: wanted.seq,
      made: { attempts: 0, ...firstKnown(wanted, runOf(_id)) },
    };
  });
}

/** Those of the job that still have something to do; the rest was done by whoever had the job before. */
async function knownSteps(
  asked: readonly { placement: string; seq: number }[],
  { store }: PublishMeans,
): Promise<Step[]> {
  const columns = { release: 1, channel: 1, account: 1, organization: 1, region: 1, lane: 1, state: 1 } as const;
  const rows = await store.placements.find({ _id: { $in: asked.map(({ placement }) => placement) } }, columns).lean();
  const seqs = new Map(asked.map(({ placement, seq }) => [placement, seq]));
  return rows.filter((row) => isTodo(row.state)).map((row) => ({ target: row, seq: seqs.get(row._id) ?? 0 }));
}

function takenOf(step: Step, granted: ClaimAnswer | undefined, jobRun: string, again: boolean): Taken | undefined {
  if (granted?.verdict !== 'granted') return undefined;
  const before = granted.known ? granted : undefined;
  const handOut: HandOut = { seq: step.seq, fresh: step.made !== undefined, again, jobRun, run: granted.run, before };
  return { handOut, granted, ...step };
}

/** An older order is still in hand: its outcome brings this one back, and where that fails to come, the clock soon does. */
async function waitForOlder(
  { target, seq }: Step,
  answer: ClaimAnswer | undefined,
  say: (outcomes: Outcome[]) => Promise<void>,
): Promise<void> {
  if (answer?.verdict !== 'busy' || !answer.older) return;
  const now = new Date();
  const frame = { id: newId('e'), at: now, by: 'publish', seq };
  const event = { is: 'unanswered' as const, dueAt: seconds(now, 5), cause: olderInHand, ...frame };
  await say([{ placement: target._id, token: '', event }]);
}

const olderInHand = { zh: '上一次投递正在收尾，随后继续。', en: 'The order before is just ending; this one is next.' };

/** The rows of all that are not surely first, read when the ledger has caught up with their claims. @throws NoTurn */
async function rowsOf(taken: readonly Taken[], token: string, means: PublishMeans): Promise<Map<string, Placement>> {
  const ids = taken.filter(({ handOut }) => !actsAtOnce(handOut)).map(({ target }) => target._id);
  if (ids.length === 0) return new Map();
  const behind = await stillBehind(ids, means);
  const rows: Placement[] = await means.store.placements
    .find({ _id: { $in: ids.filter((id) => !behind.has(id)) } })
    .lean();
  // What lies for a person, or was given up, is not begun again by a job that comes twice.
  const idle = [...behind, ...rows.flatMap(({ _id, halt }) => (halt ? [_id] : []))];
  if (idle.length > 0) await means.claims.release(token, idle);
  return new Map(rows.flatMap((row) => (row.halt ? [] : [[row._id, row]])));
}

async function stillBehind(ids: readonly string[], { claims, turns }: PublishMeans): Promise<Set<string>> {
  for (const end = Date.now() + patience.whole; ; await pause(patience.look)) {
    if (turns.publish.closed()) throw new NoTurn();
    const pending = await claims.pending(ids);
    const behind = ids.filter((_, place) => (pending[place] ?? 0) > 0);
    if (behind.length === 0 || Date.now() > end) return new Set(behind);
  }
}

function handOf(
  one: Taken,
  rows: ReadonlyMap<string, Placement>,
  { token }: Batch,
  means: PublishMeans,
): Hand | undefined {
  const { target, granted } = one;
  const first = actsAtOnce(one.handOut);
  const read = first ? undefined : rows.get(target._id);
  const row = first ? one.made : read;
  if (!row) return undefined;
  // The ledger has caught up: what the claim said was pending is in the row.
  const before = one.handOut.before && { ...one.handOut.before, pending: 0 };
  // Where the claim was lost with its Redis, what left under it may have left until then.
  const claimed = (read && lastClaimed(read, token))?.getTime() ?? 0;
  const since = runSince(granted.run).getTime();
  const lost = Math.max(since, claimed) + means.settle * 1_000;
  // Where the door was opened before, a post may show only so long after.
  const shows = one.handOut.before?.left.length ? (means.channels.get(target.channel)?.limits.showsAfter ?? 0) : 0;
  // A Redis that came back, or took over, without its last second may tell of an earlier end than there was.
  const afterStart = since + means.settle * 1_000;
  const settled = granted.known ? Math.max(granted.until.getTime(), afterStart) : lost;
  const underWayUntil = new Date(settled);
  const settledAt = seconds(underWayUntil, shows);
  const handOut = { ...one.handOut, before };
  return { placement: target._id, lane: target.lane, token, handOut, row, first, underWayUntil, settledAt, saw: [] };
}

async function take(
  hand: Hand,
  target: Target,
  { accounts, units, orders }: Batch,
  means: PublishMeans,
): Promise<Told> {
  try {
    const account = accounts.get(target.account);
    const { seq } = hand.handOut;
    const wanted = hand.row.orders.find((order) => order.seq === seq);
    const sealed = await requireOrder({ target, seq, wanted }, orders, means.seals, account);
    // Whatever has become of the account, nothing is asked of it.
    if (wanted && isSurelyTakenOut(hand, wanted)) return nothingLeft(hand, wanted);
    const owner = ownerOf(
      target,
      account,
      units.get(target.organization) ?? target.organization,
      means,
      !wanted?.stops,
    );
    const at = placeOf(target, account, sealed);
    const outcomes = await means.turns.publish.take(fromOf(owner), () =>
      takeStep({ owner, sealed, at, ...hand }, means),
    );
    const event = outcomes.at(-1)?.event;
    if ((event?.is === 'nothing' || event?.is === 'person') && event.parked && account)
      await refuseCredential(means.store, account, event);
    return outcomes;
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return unfit(hand, error);
  }
}

/** An account may have been moved since its placement was made: it is where it is now. */
function placeOf(
  { channel, account, region, release }: Target,
  row: AccountRow | undefined,
  { statement }: Sealed,
): FreezeTarget {
  const lifts = statement.over === true;
  return { release, lifts, channel, account, path: row?.path ?? '', region: row?.region ?? region };
}

/** Nothing left under this claim; what may have left before it stays open. */
function unfit(hand: Hand, { said, todo, parked }: Unfit): Told {
  const words = { cause: said, todo, ...(parked && { parked: true as const }), ...frameOf(hand) };
  return (hand.handOut.before?.left ?? []).length === 0
    ? ended(hand, { is: 'nothing', then: 'needs_action', ...words })
    : endedUnseen(hand, { is: 'person', ...words });
}
