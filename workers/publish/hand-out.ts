/** One job: a batch of deliveries of one channel. Claims them together, acts on them side by side, writes each outcome at once. */
import { randomUUID } from 'node:crypto';
import type { AccountRow } from '../../core/model/account.js';
import { refuseCredential } from '../../core/accounts/check.js';
import { deliveryId, type Delivery, type DeliveryEvent } from '../../core/model/delivery.js';
import { isFinal } from '../../core/model/states.js';
import { seconds } from '../../core/deliveries/outcomes.js';
import { newId } from '../../core/ids.js';
import type { Claim, Outcome } from '../../core/queue/claims.js';
import type { BatchJob } from '../../core/queue/queues.js';
import { attempt } from './attempt.js';
import { sideBySide } from '../side-by-side.js';
import { loadOwners, prepareErrand, Unfit, type Errand } from './errand.js';
import type { PublishMeans } from './means.js';

/** Seconds a claim holds; renewed while the batch is worked on. */
const lease = 30;

interface Granted {
  row: Delivery;
  number: number;
  first: boolean;
  settledAt: Date;
}

/** `again`: BullMQ has handed this job out before. `write` keeps outcomes; the batch ends when all are kept. */
export async function handOut(
  job: BatchJob,
  again: boolean,
  means: PublishMeans,
  write: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const { rows, accounts, units, withdrawn } = await load(job, means);
  if (rows.length === 0) return;
  const token = randomUUID();
  let leaseEnd = Date.now() + lease * 1_000;
  const granted = await claim(job, again, rows, token, means);
  const open = new Set(granted.map(({ row }) => row._id));
  const renewal = setInterval(
    () => {
      const end = Date.now() + lease * 1_000;
      means.claims.renew(token, [...open], lease).then(
        () => {
          leaseEnd = end;
        },
        () => undefined,
      );
    },
    (lease * 1_000) / 3,
  );
  try {
    await sideBySide(granted, means.inFlight, async ({ row, number, ...handOut }) => {
      // A claim that could not be renewed is somebody else's now; the clock hands the delivery out again.
      if (Date.now() >= leaseEnd) return;
      const event =
        withdrawn.has(row.release) && row.action === 'publish'
          ? cancelled()
          : await act(
              row,
              accounts.get(row.account),
              units.get(row.organization) ?? row.organization,
              { attempt: number, ...handOut },
              means,
            );
      const accepted = (event.to === 'accepted' || event.to === 'published') && event.remote;
      await write({
        delivery: row._id,
        attempt: number,
        event,
        remoteKey:
          accepted && means.channels.get(row.channel)?.callback
            ? `${row.channel}:${row.account}:${event.remote?.id}`
            : undefined,
      });
      open.delete(row._id);
    });
  } finally {
    clearInterval(renewal);
  }
}

async function load(job: BatchJob, { store }: PublishMeans) {
  const rows = (await store.deliveries.find({ _id: { $in: job.deliveries } }).lean()).filter(
    (row) => row.state === 'queued' || row.state === 'sending' || row.state === 'waiting',
  );
  const [owners, releases] = await Promise.all([
    loadOwners(store, rows),
    store.releases.find({ _id: { $in: [...new Set(rows.map((row) => row.release))] } }, { withdrawnAt: 1 }).lean(),
  ]);
  return {
    rows,
    ...owners,
    withdrawn: new Set(releases.filter((release) => release.withdrawnAt).map((release) => release._id)),
  };
}

async function claim(
  job: BatchJob,
  again: boolean,
  rows: readonly Delivery[],
  token: string,
  means: PublishMeans,
): Promise<Granted[]> {
  const requests = rows.map((row) => ({ delivery: row._id, attempt: row.attempts + 1 }));
  const event: DeliveryEvent = { id: `s-${token.slice(0, 8)}`, to: 'sending', at: new Date(), by: 'publish' };
  const { claims, run, startedAt } = await means.claims.claim(token, requests, lease, event);
  return rows.flatMap((row, place) => {
    const verdict = claims[place] as Claim;
    if (verdict === 'busy' || verdict === 'done') return [];
    const first =
      job.first && !again && verdict === 'clean' && run === job.run && (row.attempts === 0 || row.clean === true);
    // What an earlier attempt, or a claim that Redis lost with its last second, may still be about to land.
    const settledAt = seconds(new Date(Math.max(lastSent(row), startedAt.getTime())), means.settle);
    return [{ row, number: row.attempts + 1, first, settledAt }];
  });
}

/** When something may last have left for the platform, ms; 0 where nothing did. */
function lastSent({ events }: Delivery): number {
  const harmless = new Set(events.filter((event) => event.looked || event.clean).map((event) => event.attempt));
  return events.findLast((event) => event.to === 'sending' && !harmless.has(event.attempt))?.at.getTime() ?? 0;
}

async function act(
  row: Delivery,
  account: AccountRow | undefined,
  unit: string,
  handOut: { attempt: number; first: boolean; settledAt: Date },
  means: PublishMeans,
): Promise<DeliveryEvent> {
  try {
    const errand = await prepareErrand(row, account, unit, means);
    const event =
      (row.action === 'withdraw' && (await nothingToWithdraw(errand, means))) || (await attempt(errand, handOut));
    if (event.parked && account) await refuseCredential(means.store, account, event);
    return event;
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return {
      id: newId('e'),
      at: new Date(),
      by: 'publish',
      to: 'needs_action',
      attempt: handOut.attempt,
      cause: error.said,
      todo: error.todo,
      ...(error.parked && { parked: true, clean: handOut.first }),
    };
  }
}

/** Takes the address from the delivery that is to be withdrawn; answers early where there is none, or none yet. */
async function nothingToWithdraw(errand: Errand, { store }: PublishMeans): Promise<DeliveryEvent | undefined> {
  const { row } = errand;
  const target = await store.deliveries.findById(deliveryId(row.revision, row.account, 'publish')).lean();
  if (target?.remote) {
    errand.row = { ...row, remote: target.remote };
    return undefined;
  }
  const event = { id: newId('e'), at: new Date(), by: 'publish' };
  if (!target || isFinal(target.state))
    return {
      ...event,
      to: 'withdrawn',
      cause: { zh: '该账号上没有发布过，无需撤回。', en: 'It was never published here; nothing to withdraw.' },
    };
  return {
    ...event,
    to: 'waiting',
    dueAt: seconds(new Date(), 5),
    cause: {
      zh: '发布尚在进行，得到平台答复后再撤回。',
      en: 'Still being published; it is withdrawn once the platform has answered.',
    },
  };
}

function cancelled(): DeliveryEvent {
  return {
    id: newId('e'),
    at: new Date(),
    by: 'publish',
    to: 'cancelled',
    cause: { zh: '发布件已撤回，尚未发出的投递不再发送。', en: 'The release was withdrawn before this was sent.' },
  };
}
