/**
 * A planned order from its making to its start. One a release: whatever is ordered of the whole release later takes its
 * place. Each move's condition stands in its write, so that of two clocks, or of a clock and a person, one moves it.
 */
import type { ClientSession } from 'mongoose';
import { beijingMinute } from '../../channels/beijing-calendar.js';
import type { Said } from '../../channels/channel.js';
import { append, type Doer } from '../audit/book.js';
import { pendingStates, type Hold, type HoldReason, type Order } from '../model/order.js';
import { notify } from '../notices/notices.js';
import { sayHeld } from '../plans/held.js';
import { sayInstant } from '../plans/planned-time.js';
import { holdOf, verdictOf } from '../plans/verdict.js';
import type { Store } from '../store/store.js';
import { circumstancesOf, type PlanningMeans } from './circumstances.js';
import { moveOrder, unitAt } from './move-order.js';

/** Inside the transaction that stores `by`: the plan that it takes the place of never leaves. A withdrawal or a taking out of some accounts leaves the plan alone, and wins on those. */
export async function replacePlan(store: Store, by: Order, session: ClientSession): Promise<void> {
  const named = Object.values(by.audience).some((list: readonly unknown[] | undefined) => list?.length);
  if (by.action !== 'publish' && named) return;
  const pending = { release: by.release, state: { $in: [...pendingStates] } };
  for (const { _id, notBefore } of await store.orders.find(pending, { notBefore: 1 }, { session }).lean()) {
    const unscheduled = { by: by.by, at: by.at, instead: by._id };
    await store.orders.updateOne({ ...pending, _id }, { $set: { state: 'unscheduled', unscheduled } }, { session });
    const entry = {
      act: 'order.replace',
      outcome: 'done' as const,
      who: { person: by.by },
      unit: unitAt(by.place),
      on: { order: _id, instead: by._id, release: by.release },
      before: notBefore && { notBefore: notBefore.toISOString() },
      after: by.notBefore && { notBefore: by.notBefore.toISOString() },
    };
    await append(store, entry, session);
  }
}

/** A person's word over a hold. */
export interface Word {
  who: Doer;
  sent: { by: string; at: Date; over: HoldReason[] };
}

/** Lets it run, and the release counts as sent from now on. Without a person's word, by the clock. False where somebody else has moved it. */
export async function startPlanned(store: Store, order: Order, now: Date, word?: Word): Promise<boolean> {
  return moveOrder(store, order, {
    act: word ? 'order.send' : 'order.start',
    who: word?.who ?? 'clock',
    from: [word ? 'held' : 'planned'],
    update: { $set: { state: 'running', startedAt: now, ...(word && { sent: word.sent }) }, $unset: { held: 1 } },
    after: { state: 'running' },
    also: async (session) => {
      const unsent = { _id: order.release, publishedAt: { $exists: false } };
      await store.releases.updateOne(unsent, { $set: { publishedAt: now } }, { session });
    },
  });
}

/** Holds an order and tells it to those who may read notices over its unit, once. False where somebody else has moved it. */
export async function holdPlanned(
  store: Store,
  order: Order,
  from: 'planned' | 'running',
  held: Hold,
): Promise<boolean> {
  const { said, todo } = sayHeld(held);
  const what = await named(store, order);
  const notice = {
    level: 'urgent' as const,
    said: { zh: `${what.zh}：${said.zh}`, en: `${what.en}: ${said.en}` },
    todo,
    path: order.place,
    key: `held ${order._id} ${held.reason} ${held.at.toISOString()}`,
  };
  return moveOrder(store, order, {
    act: 'order.hold',
    who: from === 'planned' ? 'clock' : 'dispatch',
    from: [from],
    update: { $set: { state: 'held', held } },
    after: { state: 'held', reason: held.reason, ...(held.minutes !== undefined && { minutes: held.minutes }) },
    also: (session) => notify(store, notice, held.at, session),
  });
}

/** The order by its text and its time. */
async function named(store: Store, { release, revision, notBefore }: Order): Promise<Said> {
  const title = (await store.revisions.findById(revision ?? '', { title: 1 }).lean())?.title ?? release;
  const at = notBefore
    ? { zh: `，排定于 ${sayInstant(notBefore)}`, en: `, planned for ${beijingMinute(notBefore)} Beijing time` }
    : { zh: '', en: '' };
  return { zh: `《${title}》（${release}${at.zh}）`, en: `"${title}" (${release}${at.en})` };
}

/**
 * Marks the first page of a planned order as begun. Where it is later than it may be (the hub stopped between its start
 * and its first page), or nothing can come of it any more, it is held instead. True where it may go on.
 */
export async function beginPlanned(means: PlanningMeans, order: Order, now: Date): Promise<boolean> {
  if (order.begun || (!order.notBefore && !order.expires)) return true;
  const { store } = means;
  const verdict = verdictOf(order, now, await circumstancesOf(means, order));
  if (verdict.is === 'hold') {
    await holdPlanned(store, order, 'running', holdOf(verdict, now));
    return false;
  }
  const running = { _id: order._id, state: 'running' as const };
  const { matchedCount } = await store.orders.updateOne(running, { $set: { begun: true } });
  return matchedCount > 0;
}
