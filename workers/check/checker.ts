/**
 * Checks accounts as the clock hands them out, and stages what their channels can stage. It runs beside publishing,
 * for platforms that admit by address must see the same one; few at a time, so that publishing does not feel it.
 */
import { Worker, type Job } from 'bullmq';
import type { Call, Channel } from '../../channels/channel.js';
import type { AccountRow, Credential } from '../../core/model/account.js';
import { publishedDays } from '../../core/audit/days.js';
import { checkAccount } from '../../core/accounts/check.js';
import { openAccount } from '../../core/accounts/open.js';
import type { Vault } from '../../core/accounts/vault.js';
import { notify } from '../../core/notices/notices.js';
import { checkJob, type CheckJob, prefixOf } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { sideBySide } from '../side-by-side.js';
import { giveBack, readable, type WorkerQueue } from '../queue-worker.js';

export interface CheckerMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  vault: Vault;
  callFor(channel: Channel, signal: AbortSignal): Call;
}

const atOnce = 4;
/** Longest time for a check, and for staging, ms. */
const checkTime = 30_000;
const stageTime = 60_000;

export function startChecker(
  means: CheckerMeans,
  queue: WorkerQueue,
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  let leaving = false;
  const work = readable(async (job: Job, token?: string) => {
    await checkBatch(checkJob.parse(job.data), means, () => leaving);
    // Those that were checked are no longer due to it.
    if (leaving) await giveBack(job, token);
  }, report);
  const worker = new Worker('check', work, {
    connection: queue.connection,
    prefix: prefixOf(queue.settings, 'check'),
    concurrency: 1,
    lockDuration: 60_000,
    stalledInterval: 30_000,
    maxStalledCount: 1_000,
  });
  worker.on('error', report);
  worker.on('failed', (_job, error) => report(error));
  return {
    close: () => {
      leaving = true;
      return worker.close();
    },
  };
}

/** Checks those of the batch that are still its own: a job handed out again leaves alone what is done. Throws where the store does. */
export async function checkBatch(
  { accounts, until }: CheckJob,
  means: CheckerMeans,
  leaving: () => boolean = () => false,
): Promise<void> {
  const rows = await means.store.accounts.find({ _id: { $in: accounts } }).lean();
  await sideBySide(
    rows.filter((row) => row.checkDueAt?.getTime() === until.getTime()),
    atOnce,
    async (row) => {
      if (leaving()) return;
      const channel = means.channels.get(row.channel);
      // A channel that is not installed here: when the job has run out, another process may have it.
      if (!channel) return;
      const credential = await checkAccount(
        { ...means, channel, call: means.callFor(channel, AbortSignal.timeout(checkTime)) },
        row,
      );
      if (isGood(credential)) {
        await stage(row, channel, means);
        await showHeads(row, channel, means);
      }
    },
  );
}

/** Good now, not only when it was last heard of. */
function isGood({ state, cause }: Credential): boolean {
  return state === 'ok' && cause === undefined;
}

/** Stages a token, a standing cover and the like for the night it is needed. That it fails stops nothing, and is told once a month. */
async function stage(row: AccountRow, channel: Channel, { store, vault, callFor }: CheckerMeans): Promise<void> {
  if (!channel.prepare) return;
  try {
    const unit = await store.organizations.findById(row.organization).lean();
    const signal = AbortSignal.timeout(stageTime);
    await inTime(
      channel.prepare(openAccount(channel, row, unit?.name ?? row.organization, vault), callFor(channel, signal)),
      signal,
    );
    await store.accounts.updateOne({ _id: row._id }, { $set: { prepared: { at: new Date() } } });
  } catch (error) {
    const now = new Date();
    const disposition = channel.classify(error, now);
    await store.accounts.updateOne({ _id: row._id }, { $set: { prepared: { at: now, failed: disposition.cause } } });
    await notify(
      store,
      {
        account: row._id,
        level: 'info',
        key: `prepare ${row._id} ${now.toISOString().slice(0, 7)} ${disposition.cause.en}`,
        said: {
          zh: `${channel.label.zh}账号“${row.name}”的应急准备没有完成：${disposition.cause.zh}`,
          en: `The ${channel.label.en} account “${row.name}” could not be prepared for emergencies: ${disposition.cause.en}`,
        },
        todo:
          'todo' in disposition
            ? disposition.todo
            : {
                zh: '明天会自动再试；发布不受影响，只是届时多几步。',
                en: 'It is tried again tomorrow; publishing still works, with a few more steps.',
              },
      },
      now,
    );
  }
}

/** The heads of days of the book of acts, wherever a channel has pages of its own. Where that fails the log says so, and the next check shows them. */
async function showHeads(row: AccountRow, channel: Channel, means: CheckerMeans): Promise<void> {
  if (!channel.showHeads) return;
  const { store, vault, callFor } = means;
  try {
    const unit = await store.organizations.findById(row.organization, { name: 1 }).lean();
    const signal = AbortSignal.timeout(stageTime);
    const account = openAccount(channel, row, unit?.name ?? row.organization, vault);
    await inTime(channel.showHeads(account, await publishedDays(store), callFor(channel, signal)), signal);
  } catch (error) {
    process.emitWarning(
      `the heads of days could not be shown on ${row._id}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** A channel that overlooks its signal must not hold up the others. */
async function inTime(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const late = new Promise<never>((_, fail) => {
    signal.addEventListener(
      'abort',
      () => {
        fail(signal.reason instanceof Error ? signal.reason : new Error('not prepared in time'));
      },
      { once: true },
    );
  });
  await Promise.race([work, late]);
}
