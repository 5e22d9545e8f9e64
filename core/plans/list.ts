/** What goes out when: the orders that carry a time. */
import type { QueryFilter } from 'mongoose';
import type { Kind } from '../../channels/channel.js';
import type { Order } from '../model/order.js';
import { subtree } from '../model/organization.js';
import type { Store } from '../store/store.js';

/** Orders in one answer. */
export const mostPlans = 1_000;

export interface Plan {
  order: Order;
  /** Of the text that goes out. */
  title: string;
  number: number;
  kind: Kind;
}

/** Planned, held and started orders whose time lies in `[from, to)`, by time, of the releases that lie in the places. What was taken back is left out. `more`: there are more than fit. */
export async function plansBetween(
  store: Store,
  from: Date,
  to: Date,
  places: readonly string[],
): Promise<{ plans: Plan[]; more: boolean }> {
  const orders = await store.orders
    .find({ $and: [{ notBefore: { $gte: from, $lt: to } }, inPlaces(places)] })
    .sort({ notBefore: 1 })
    .limit(mostPlans + 1)
    .lean();
  const shown = orders.slice(0, mostPlans).filter(({ state }) => state !== 'unscheduled');
  const ids = shown.flatMap(({ revision }) => revision ?? []);
  const texts = await store.revisions.find({ _id: { $in: ids } }, { title: 1, number: 1, kind: 1 }).lean();
  const text = new Map(texts.map((row) => [row._id, row]));
  const plans = shown.flatMap((order) => {
    const of = text.get(order.revision ?? '');
    return of ? [{ order, title: of.title, number: of.number, kind: of.kind }] : [];
  });
  return { plans, more: orders.length > mostPlans };
}

function inPlaces(places: readonly string[]): QueryFilter<Order> {
  if (places.includes('')) return {};
  return places.length === 0 ? { place: { $in: [] } } : { $or: places.map((place) => ({ place: subtree(place) })) };
}

/** The pending plan of each of these releases. */
export async function pendingPlans(store: Store, releases: readonly string[]): Promise<Map<string, Order>> {
  const orders = await store.orders
    .find({ release: { $in: [...releases] }, state: { $in: ['planned', 'held'] } })
    .sort({ seq: 1 })
    .lean();
  return new Map(orders.map((order) => [order.release, order]));
}
