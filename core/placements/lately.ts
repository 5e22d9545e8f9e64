/** The same words twice: a second press, a second desk, a file handed in once more. It asks; it holds nothing up. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { LianfaError } from '../errors.js';
import type { Audience, Order } from '../model/order.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { pagesOf, selectionOf, type Located, type Selection } from './selection.js';

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
  const mine = await selectionOf(store, audience, place);
  const theirs: { order: Order; its: Selection }[] = [];
  for (const order of orders) theirs.push({ order, its: await selectionOf(store, order.audience, order.place) });
  const filter = { $and: [mine.filter, { $or: theirs.map(({ its }) => its.filter) }] };
  for await (const page of pagesOf(store, { filter }, [])) {
    const held = page.filter((row) => mine.standing(row) === 'in');
    for (const { order, its } of theirs) if (await meets(store, its, held)) return order;
  }
  return undefined;
}

async function meets(store: Store, { filter, standing }: Selection, held: readonly Located[]): Promise<boolean> {
  const ids = held.filter((row) => standing(row) === 'in').map(({ _id }) => _id);
  return ids.length > 0 && (await store.accounts.exists({ $and: [{ _id: { $in: ids } }, filter] })) !== null;
}
