/** The clock: one process at a time starts planned orders to the moment, sweeps what is due, watches credentials, has drawn again what it has overtaken, wakes stored orders nobody works on, enters freezes that the ledger could not take, rebuilds after a loss of Redis, fetches alerts and finishes drafts of them that a crash left, calls people out, and ends the day of the book of acts. */
import { randomUUID } from 'node:crypto';
import type { RedisClient, RedisSettings } from '../../core/queue/connection.js';
import { redisKey } from '../../core/queue/keys.js';
import { openPoller } from '../alerts/poller.js';
import type { PollMeans } from '../alerts/turn.js';
import { openCaller, type CallerMeans } from '../callouts/caller.js';
import { forgetPersonal } from '../../core/notices/personal.js';
import { openAuditDay, type AuditDayMeans } from './audit-day.js';
import { handOutChecks, settleCredentials, type CredentialMeans } from './credentials.js';
import { finishTaking } from '../../core/alerts/take-in.js';
import { callOverdue, type OverdueMeans } from './overdue.js';
import { holdAhead, nextDue, startDue, type PlanMeans } from './plans.js';
import { rebuild } from './rebuild.js';
import { Sweeper, type SweepMeans } from './sweep.js';
import { recordUnwritten } from '../../core/freezes/record-late.js';
import type { FreezeWatch } from '../../core/freezes/watch.js';
import type { PeopleMeans } from '../../core/people/write.js';
import { openThaws, type ThawMeans } from './thaws.js';

const tick = 250;
const leadership = 10_000;
/** Ms between looks for accounts to check. */
const checksEvery = 1_000;
/** Ms between looks for pages that the clock has overtaken, for plans whose signer was disabled, and for personal notices that are old. */
const overdueEvery = 60_000;
/** Ms after which an alert that is still on its way into a draft was left so by a crash. */
const takingFor = 60_000;
/** Ms between looks whether somebody is to be called out. */
const calloutsEvery = 1_000;
/** Ms between looks whether a feed or a watched folder is due. */
const inletsEvery = 1_000;
/** Ms between looks whether a day is over. */
const dayEvery = 60_000;
/** Ms between looks whether something was thawed, and whether the ledger takes now what is in force without it. */
const thawsEvery = 1_000;
/** Stored orders and pictures older than this, in ms, and still not worked on are queued again. */
const stranded = 15_000;

export function startClock(
  means: SweepMeans &
    CredentialMeans &
    OverdueMeans &
    AuditDayMeans &
    PlanMeans &
    ThawMeans &
    CallerMeans &
    PeopleMeans &
    PollMeans & { redis: RedisClient; settings: RedisSettings; freezes: FreezeWatch },
  report: (error: unknown) => void,
): { close(): Promise<void> } {
  const { redis, settings, store, queues } = means;
  const me = randomUUID();
  const leader = redisKey(settings, 'leader');
  const alive = redisKey(settings, 'alive');
  const sweeper = new Sweeper(means);
  let open = true;
  // By what has passed: a clock that somebody sets back keeps nothing waiting for an hour.
  let lookedForStranded = -Infinity;
  let lookedForChecks = -Infinity;
  let lookedForOverdue = -Infinity;
  let lookedForDay = -Infinity;
  let lookedForCallouts = -Infinity;
  const auditDay = openAuditDay(means, report);
  const caller = openCaller(means, report);
  const poller = openPoller(means, report);
  let lookedForInlets = -Infinity;
  let lookedForThaws = -Infinity;
  let lookedForUnwritten = -Infinity;
  const wakeThawed = openThaws(means);

  async function lead(): Promise<boolean> {
    if ((await redis.set(leader, me, 'PX', leadership, 'NX')) === 'OK') return true;
    if ((await redis.get(leader)) !== me) return false;
    await redis.pexpire(leader, leadership);
    return true;
  }

  async function once(): Promise<void> {
    if (!(await lead())) return;
    // First, for whatever comes after may fail as the store does.
    if (performance.now() - lookedForUnwritten >= thawsEvery) {
      lookedForUnwritten = performance.now();
      await recordUnwritten(means, means.freezes).catch(report);
    }
    // Another Redis, or one that came back or took over without its last second: what was queued in that is queued again.
    const runs = await queues.run();
    if ((await redis.get(alive)) !== runs) {
      await rebuild(means);
      await redis.set(alive, runs);
    }
    await sweeper.sweep(new Date());
    await settleCredentials(means, new Date());
    if (performance.now() - lookedForOverdue >= overdueEvery) {
      lookedForOverdue = performance.now();
      await callOverdue(means, new Date());
      await holdAhead(means, new Date());
      await forgetPersonal(store, new Date());
      await finishTaking(store, new Date(Date.now() - takingFor));
    }
    if (performance.now() - lookedForCallouts >= calloutsEvery) {
      lookedForCallouts = performance.now();
      caller.look();
    }
    if (performance.now() - lookedForInlets >= inletsEvery) {
      lookedForInlets = performance.now();
      poller.look();
    }
    if (performance.now() - lookedForDay >= dayEvery) {
      lookedForDay = performance.now();
      auditDay.look(new Date());
    }
    if (performance.now() - lookedForThaws >= thawsEvery) {
      lookedForThaws = performance.now();
      await wakeThawed();
    }
    if (performance.now() - lookedForChecks > checksEvery) {
      lookedForChecks = performance.now();
      await handOutChecks(means, new Date());
    }
    if (performance.now() - lookedForStranded > stranded) {
      lookedForStranded = performance.now();
      await wakeStranded();
    }
  }

  async function wakeStranded(): Promise<void> {
    const before = new Date(Date.now() - stranded);
    for (const { _id, lane } of await store.orders.find({ state: 'running', at: { $lt: before } }, { lane: 1 }).lean())
      await queues.addDispatch(_id, lane);
    for (const { _id } of await store.media.find({ state: 'preparing', createdAt: { $lt: before } }, { _id: 1 }).lean())
      await queues.addMedia(_id);
  }

  async function run(): Promise<void> {
    while (open) {
      await once().catch(report);
      await new Promise((wait) => setTimeout(wait, tick));
    }
    if ((await redis.get(leader).catch(() => undefined)) === me) await redis.del(leader);
  }

  /** By themselves, and to the moment: the end of a countdown does not stand behind what an earlier broadcast has left to sweep. */
  async function runPlanned(): Promise<void> {
    while (open) {
      let wait = tick;
      try {
        // Asked, and not prolonged: a clock whose other work hangs loses its lead to the next.
        if ((await redis.get(leader)) === me) {
          await startDue(means, new Date());
          const next = await nextDue(store, new Date(), tick);
          if (next) wait = Math.max(1, next.getTime() - Date.now());
        }
      } catch (error) {
        report(error);
      }
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  const running = Promise.all([run(), runPlanned()]);
  return {
    async close() {
      open = false;
      await running;
      await auditDay.close();
      await caller.close();
      await poller.close();
    },
  };
}
