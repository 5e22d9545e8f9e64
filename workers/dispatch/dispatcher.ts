/** Works an order off: sets what is wanted, page by page, and queues the steps. Nobody else creates placements or changes what is wanted. */
import { DelayedError, type Job } from 'bullmq';
import type { UpdateQuery } from 'mongoose';
import type { RedisClient } from '../../core/queue/connection.js';
import { announce } from '../../core/queue/changes.js';
import type { Order } from '../../core/model/order.js';
import type { Lane } from '../../core/model/placement.js';
import { beginPlanned } from '../../core/placements/planned.js';
import { mayBegin } from '../../core/placements/protocol.js';
import { dispatchJob } from '../../core/queue/queues.js';
import { notify } from '../../core/notices/notices.js';
import { signAgain, type Fault } from '../../core/signatures/faults.js';
import { tooEarly } from '../../core/signatures/seal.js';
import type { Sealed } from '../../core/signatures/seals.js';
import type { Store } from '../../core/store/store.js';
import { giveBack, startQueueWorker } from '../queue-worker.js';
import { audiencePage, standingPage, type Page } from './pages.js';
import type { DispatchMeans } from './means.js';

/** Milliseconds until an order is looked at again that waits for those before it. */
const waitsAgain = 200;

/** Orders worked on at once: the emergency lane has workers of its own, so that nothing routine stands in front of it. */
const atOnce = { emergency: 4, routine: 2 };

export interface DispatcherMeans extends DispatchMeans {
  /** Before each page of a routine order: waits for what goes first. */
  letPass(): Promise<void>;
}

export function startDispatcher(
  means: DispatcherMeans,
  connection: RedisClient,
  mine: readonly Lane[],
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  let leaving = false;
  const workers = mine.map((lane) =>
    startQueueWorker(
      `dispatch-${lane}`,
      async (job: Job, token) => {
        const became = await runOrder(dispatchJob.parse(job.data).order, means, () => leaving);
        if (became === 'left') await giveBack(job, token);
        if (became !== 'waits') return;
        await job.moveToDelayed(Date.now() + waitsAgain, token);
        throw new DelayedError();
      },
      { connection, settings: means.settings, concurrency: atOnce[lane] },
      report,
    ),
  );
  return {
    close: async () => {
      leaving = true;
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

/**
 * Goes on where an earlier run stopped. `waits`: an update is put on no placement before the orders that it goes on from.
 * `left`: between two pages it was told to leave the rest to another process.
 * Throws where store or queue fail; the job is tried again.
 */
export async function runOrder(
  id: string,
  means: DispatcherMeans,
  leaving: () => boolean = () => false,
): Promise<'ended' | 'waits' | 'left'> {
  const { store, letPass } = means;
  for (;;) {
    if (leaving()) return 'left';
    const order = await store.orders.findById(id).lean();
    if (order?.state !== 'running') return 'ended';
    if (order.keeps && !mayBegin({ seq: order.seq, keeps: true }, await walking(order, store))) return 'waits';
    const checked = await means.seals.check(order);
    if (!checked.holds) return refused(order, checked.fault, means);
    // Whoever queued it before its time comes again.
    if (tooEarly(checked.is.times, new Date())) return 'ended';
    if (!(await beginPlanned(means, order, new Date()))) {
      await announce(means.redis, means.settings, [{ release: order.release, ids: [] }]);
      return 'ended';
    }
    if (order.lane === 'routine') await letPass();
    // Before any row is written: what was queued under an earlier Redis must not count as sure.
    const run = await means.queues.run();
    const page =
      order.walk === 'audience'
        ? await audiencePage(order, checked.is, run, means)
        : await standingPage(order, checked.is, run, means);
    await store.orders.updateOne({ _id: id }, progressOf(order, page));
    if (order.walk === 'audience' && page.cursor === undefined) await tellChanges(order, checked.is, page, means);
    await announce(means.redis, means.settings, [{ release: order.release, ids: undefined }]);
  }
}

/** Sequences of the orders of its release that are being put on placements. */
async function walking({ release }: Order, store: Store): Promise<number[]> {
  return (await store.orders.find({ release, state: 'running' }, { seq: 1 }).lean()).map(({ seq }) => seq);
}

function progressOf(order: Order, { put, met, cursor }: Page): UpdateQuery<Order> {
  const progress = { placements: order.placements + put, ...(met && { met }) };
  if (cursor !== undefined) return { $set: { ...progress, cursor } };
  if (order.walk === 'audience' && order.reach.standing)
    return { $set: { ...progress, walk: 'standing' }, $unset: { cursor: 1 } };
  return { $set: { ...progress, state: 'done' } };
}

/** It rests: whoever may sign does so again, or nobody ever asked for it. */
async function refused(order: Order, { said }: Fault, means: DispatcherMeans): Promise<'ended'> {
  const { store, redis, settings } = means;
  const running = { _id: order._id, state: 'running' as const };
  await store.orders.updateOne(running, { $set: { state: 'refused', refused: said } });
  await notify(store, {
    level: 'urgent',
    key: `seal ${order._id}`,
    said: {
      zh: `一道发布令没有通过签名核对，已拦下（发布件 ${order.release}）：${said.zh}`,
      en: `An order of the release ${order.release} was refused, for its signature does not hold: ${said.en}`,
    },
    todo: signAgain,
  });
  await announce(redis, settings, [{ release: order.release, ids: undefined }]);
  return 'ended';
}

/** The audience is no longer what was signed: told once, when it has been walked through. */
async function tellChanges(
  order: Order,
  { statement }: Sealed,
  { met }: Page,
  { store }: DispatcherMeans,
): Promise<void> {
  const gone = (statement.accounts?.number ?? 0) - (met?.signed ?? 0);
  const { later = 0, unmarked = 0, dead = 0 } = met ?? {};
  const changes: [number, zh: string, en: string][] = [
    [gone, '个账号已不在其中，没有发送', 'accounts are no longer in it, and nothing was sent there'],
    [later, '个账号是后来进入的，没有发送', 'came into it later, and nothing was sent there'],
    [unmarked, '个已不是演练账号，演练没有发去', 'are no accounts for drills any more, so the drill did not go there'],
    [
      dead,
      '个账号的凭据已失效，更新后自动发送',
      'have a dead credential; they get it by themselves once that is renewed',
    ],
  ];
  const told = changes.filter(([count]) => count > 0);
  if (told.length === 0) return;
  await notify(store, {
    level: 'warning',
    key: `audience ${order._id}`,
    said: {
      zh: `投放范围在签发之后有变化（发布件 ${order.release}）：${told.map(([count, zh]) => `${count} ${zh}`).join('；')}。`,
      en: `The audience has changed since it was signed (release ${order.release}): ${told.map(([count, , en]) => `${count} ${en}`).join('; ')}.`,
    },
    todo: {
      zh: '请核对这些账号；也要发给新账号的，请按现在的范围重新签发。',
      en: 'Look at these accounts; where the later ones are to have it too, sign it again for the audience as it is now.',
    },
  });
}
