/** What people say of an order that has not started: take it back, or send it although it was held. */
import { LianfaError } from '../errors.js';
import { pendingStates, type Order, type OrderState } from '../model/order.js';
import type { Actor } from '../model/actor.js';
import { sayHeld, stateWords } from '../plans/held.js';
import { hopeless, overruled } from '../plans/verdict.js';
import type { Store } from '../store/store.js';
import { circumstancesOf, type PlanningMeans } from './circumstances.js';
import { moveOrder } from './move-order.js';
import { startPlanned, type Word } from './planned.js';

/** Takes a plan back before it starts. What stands is not touched. @throws LianfaError not_found, plan_settled */
export async function unschedule(store: Store, id: string, by: Actor): Promise<Order> {
  const order = await orderIn(store, id, pendingStates);
  const moved = await moveOrder(store, order, {
    act: 'order.unschedule',
    who: by,
    from: pendingStates,
    update: { $set: { state: 'unscheduled', unscheduled: { by: by.person, at: new Date() } } },
    after: { state: 'unscheduled' },
  });
  return movedOrder(store, id, moved);
}

/**
 * A person says that a held order is to go out: now where its time has come, else at its time.
 * @throws LianfaError not_found, plan_settled, plan_hopeless (nothing can come of it)
 */
export async function sendHeld(means: PlanningMeans, id: string, by: Actor): Promise<Order> {
  const { store } = means;
  const order = await orderIn(store, id, ['held']);
  const now = new Date();
  const reason = hopeless(order, now, await circumstancesOf(means, order));
  if (reason) throw new LianfaError('plan_hopeless', { reason: sayHeld({ at: now, reason }).said });
  const over = [...(order.sent?.over ?? []), ...overruled.filter((one) => one === order.held?.reason)];
  const word: Word = { who: by, sent: { by: by.person, at: now, over } };
  const due = !order.notBefore || order.notBefore <= now;
  const moved = due ? await startPlanned(store, order, now, word) : await letWait(store, order, word);
  return movedOrder(store, id, moved);
}

/** Its time is still to come: it waits on, and is not asked about the same again. */
async function letWait(store: Store, order: Order, { who, sent }: Word): Promise<boolean> {
  return moveOrder(store, order, {
    act: 'order.send',
    who,
    from: ['held'],
    update: { $set: { state: 'planned', sent }, $unset: { held: 1 } },
    after: { state: 'planned' },
  });
}

async function orderIn(store: Store, id: string, states: readonly OrderState[]): Promise<Order> {
  const order = await store.orders.findById(id).lean();
  if (!order) throw new LianfaError('not_found', { what: id });
  if (!states.includes(order.state)) throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  return order;
}

/** The order as it is now. @throws LianfaError plan_settled where somebody else was quicker */
async function movedOrder(store: Store, id: string, moved: boolean): Promise<Order> {
  const order = await store.orders.findById(id).lean();
  if (!order) throw new LianfaError('not_found', { what: id });
  if (!moved) throw new LianfaError('plan_settled', { state: stateWords[order.state] });
  return order;
}
