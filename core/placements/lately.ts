/** The same words twice: a second press, a second desk, a file handed in once more. It asks; it holds nothing up. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { LianfaError } from '../errors.js';
import type { Audience, Order } from '../model/order.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { audienceFilter } from './audience.js';

/** How far back it looks, and at how many orders of the same words at most, the newest first: so an order's cost stays bounded. */
export const lately = { hours: 24, orders: 10 };

/**
 * Refuses words that another release took to any account of the audience lately, or is planned to take there. The
 * audiences themselves are compared, for placements come some moments after an order. A release withdrawn whole doesn't count, for writing it anew is how
 * it comes back; a warning's update or cancel is never asked about. Two orders placed in the same instant both pass.
 * @throws LianfaError already_published_lately
 */
export async function refuseRepeated(
  store: Store,
  revision: Revision,
  audience: Audience,
  place: string,
): Promise<void> {
  const { release, words, emergency } = revision;
  if (words === undefined || (emergency && emergency.msgType !== 'Alert')) return;
  const since = new Date(Date.now() - lately.hours * 3_600_000);
  const same = await store.orders
    .find({ words, $or: [{ release: { $lt: release } }, { release: { $gt: release } }] })
    .sort({ at: -1 })
    .limit(lately.orders)
    .lean();
  const orders = same.filter((order) => order.state !== 'unscheduled' && leftAt(order) >= since);
  const releases = await store.releases
    .find({ _id: { $in: orders.map((order) => order.release) } }, { title: 1, withdrawnAt: 1 })
    .lean();
  const standing = new Map(releases.filter((row) => !row.withdrawnAt).map(({ _id, title }) => [_id, title]));
  const met = await firstMet(
    store,
    audience,
    place,
    orders.filter((order) => standing.has(order.release)),
  );
  if (!met) return;
  throw new LianfaError('already_published_lately', {
    title: standing.get(met.release) ?? '',
    release: met.release,
    at: beijingMinute(leftAt(met)),
    hours: String(lately.hours),
  });
}

/** When it went out, or is to. */
function leftAt({ startedAt, notBefore, at }: Order): Date {
  return startedAt ?? notBefore ?? at;
}

/** One of the orders that has an account of the audience in its own. Accounts are gone through once, however many orders there are. */
async function firstMet(
  store: Store,
  audience: Audience,
  place: string,
  orders: readonly Order[],
): Promise<Order | undefined> {
  if (orders.length === 0) return undefined;
  const selectors = new Map(orders.map((order) => [JSON.stringify([order.audience, order.place]), order]));
  const others = await Promise.all(
    Array.from(selectors.values(), (other) => audienceFilter(store, other.audience, other.place)),
  );
  const mine = await audienceFilter(store, audience, place);
  const account = await store.accounts.findOne({ $and: [mine, { $or: others }] }, { _id: 1 }).lean();
  if (!account) return undefined;
  for (const order of orders) {
    const its = await audienceFilter(store, order.audience, order.place);
    if (await store.accounts.exists({ $and: [{ _id: account._id }, its] })) return order;
  }
  return undefined;
}
