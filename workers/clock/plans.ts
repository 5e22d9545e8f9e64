/**
 * Planned orders by the clock: those whose time has come start, or are held and told; those whose signer was disabled for
 * cause are held before their time. Two clocks may both come by: the condition is in the write, and the second finds nothing.
 */
import { circumstancesOf } from '../../core/placements/circumstances.js';
import { holdPlanned, startPlanned } from '../../core/placements/planned.js';
import type { Order } from '../../core/model/order.js';
import { signerStates } from '../../core/plans/signers.js';
import { holdOf, verdictOf } from '../../core/plans/verdict.js';
import { announce } from '../../core/queue/changes.js';
import type { RedisClient, RedisSettings } from '../../core/queue/connection.js';
import type { Queues } from '../../core/queue/queues.js';
import type { PeopleMeans } from '../../core/people/write.js';
import type { Store } from '../../core/store/store.js';
import { pieces } from '../hand-outs.js';

export interface PlanMeans extends PeopleMeans {
  queues: Queues;
  redis: RedisClient;
  settings: RedisSettings;
  channels: ReadonlyMap<string, unknown>;
}

/** Orders in one look. */
const pageSize = 200;

/** Moves every order whose time has come by `now`. Returns how many it moved. @throws what the first of those threw that failed; the others are moved */
export async function startDue(means: PlanMeans, now: Date): Promise<number> {
  let moved = 0;
  for (;;) {
    const due = await means.store.orders
      .find({ state: 'planned', notBefore: { $lte: now } })
      .sort({ notBefore: 1 })
      .limit(pageSize)
      .lean();
    // An emergency does not stand behind what is due with it.
    const first = due.filter(({ lane }) => lane === 'emergency');
    moved += await moveAll([...first, ...due.filter(({ lane }) => lane !== 'emergency')], now, means);
    if (due.length < pageSize) return moved;
  }
}

/** When the next order is due, where that is within so many ms of `now`. */
export async function nextDue(store: Store, now: Date, within: number): Promise<Date | undefined> {
  const soon = new Date(now.getTime() + within);
  const [next] = await store.orders
    .find({ state: 'planned', notBefore: { $gt: now, $lte: soon } }, { notBefore: 1 })
    .sort({ notBefore: 1 })
    .limit(1)
    .lean();
  return next?.notBefore;
}

/** Holds what is still to come, where somebody who signed it was disabled for cause, or was taken out of the database. Returns how many. */
export async function holdAhead(means: PlanMeans, now: Date): Promise<number> {
  const { store } = means;
  const coming = await store.orders.find({ state: 'planned', notBefore: { $gt: now } }, { revision: 1, by: 1 }).lean();
  const signedBy = new Map<string, string>();
  for (const part of pieces(coming, pageSize)) {
    const ids = part.flatMap(({ revision }) => revision ?? []);
    for (const { _id, signed } of await store.revisions.find({ _id: { $in: ids } }, { signed: 1 }).lean())
      if (signed) signedBy.set(_id, signed.by);
  }
  const states = await signerStates(means, [...new Set([...signedBy.values(), ...coming.map(({ by }) => by)])]);
  const asks = (person: string | undefined): boolean => ['removed', 'missing'].includes(states.get(person ?? '') ?? '');
  const doubtful = coming.filter(({ revision, by }) => asks(by) || asks(signedBy.get(revision ?? '')));
  const orders = await store.orders.find({ _id: { $in: doubtful.map(({ _id }) => _id) } }).lean();
  return moveAll(orders, now, means);
}

async function moveAll(orders: readonly Order[], now: Date, means: PlanMeans): Promise<number> {
  const failures: unknown[] = [];
  let moved = 0;
  for (const order of orders) {
    try {
      if (await move(order, now, means)) moved += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return moved;
}

async function move(order: Order, now: Date, means: PlanMeans): Promise<boolean> {
  const { store, queues, redis, settings } = means;
  const verdict = verdictOf(order, now, await circumstancesOf(means, order));
  switch (verdict.is) {
    case 'wait':
      return false;
    case 'hold':
      if (!(await holdPlanned(store, order, 'planned', holdOf(verdict, now)))) return false;
      break;
    case 'start':
      if (!(await startPlanned(store, order, now))) return false;
      // Whatever has become of Redis, the order runs: the clock finds running orders that nobody works on.
      await queues.addDispatch(order._id, order.lane).catch(() => undefined);
  }
  await announce(redis, settings, [{ release: order.release, ids: [] }]).catch(() => undefined);
  return true;
}
