/** What people say of an order that has not started: take it back, or send it although it was held. */
import { LianfaError } from '../errors.js';
import { pendingStates, type HoldReason, type Order } from '../model/order.js';
import { sayHeld, stateWords } from '../plans/held.js';
import { hopeless, overruled } from '../plans/verdict.js';
import type { Store } from '../store/store.js';
import { circumstancesOf, startPlanned } from './planned.js';

/** Takes a plan back before it starts. What stands is not touched. @throws LianfaError not_found, plan_settled */
export async function unschedule(store: Store, id: string, by: string): Promise<Order> {
  await pendingOrder(store, id);
  const { matchedCount } = await store.orders.updateOne(
    { _id: id, state: { $in: [...pendingStates] } },
    { $set: { state: 'unscheduled', unscheduled: { by, at: new Date() } } },
  );
  return settledBy(store, id, matchedCount);
}

/**
 * A person says that a held order is to go out: now where its time has come, else at its time.
 * @throws LianfaError not_found, plan_settled, plan_hopeless (nothing can come of it)
 */
export async function sendHeld(
  means: { store: Store; channels: ReadonlyMap<string, unknown> },
  id: string,
  by: string,
): Promise<Order> {
  const { store } = means;
  const order = await pendingOrder(store, id);
  if (order.state !== 'held' || !order.held) throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  const now = new Date();
  const reason = hopeless(order, now, await circumstancesOf(means, order));
  if (reason) throw new LianfaError('plan_hopeless', { reason: sayHeld({ at: now, reason }).said });
  const over: HoldReason[] = [...(order.sent?.over ?? []), ...overruled.filter((one) => one === order.held?.reason)];
  const sent = { by, at: now, over };
  if (!order.notBefore || order.notBefore <= now) {
    const moved = await startPlanned(store, order, 'held', now, { sent });
    return settledBy(store, id, moved ? 1 : 0);
  }
  const { matchedCount } = await store.orders.updateOne(
    { _id: id, state: 'held' },
    { $set: { state: 'planned', sent }, $unset: { held: 1 } },
  );
  return settledBy(store, id, matchedCount);
}

async function pendingOrder(store: Store, id: string): Promise<Order> {
  const order = await store.orders.findById(id).lean();
  if (!order) throw new LianfaError('not_found', { what: id });
  if (!(pendingStates as readonly string[]).includes(order.state))
    throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  return order;
}

/** The order as it is now. @throws LianfaError plan_settled where somebody else was quicker */
async function settledBy(store: Store, id: string, moved: number): Promise<Order> {
  const order = await store.orders.findById(id).lean();
  if (!order) throw new LianfaError('not_found', { what: id });
  if (moved === 0) throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  return order;
}
