/** The same words twice: a second press, a second desk, a file handed in once more. It asks; it holds nothing up. */
import { beijingMinute } from '../../channels/beijing-calendar.js';
import { LianfaError } from '../errors.js';
import type { Audience } from '../model/order.js';
import type { Revision } from '../model/release.js';
import type { Store } from '../store/store.js';
import { audienceFilter } from './audience.js';

/** How far back it looks, and at how many orders of the same words at most, the newest first: so an order's cost stays bounded. */
export const lately = { hours: 24, orders: 20 };

/**
 * Refuses words that another release took to any account of the audience lately. The audiences themselves are compared,
 * for placements come some moments after an order. A release withdrawn whole doesn't count, for writing it anew is how
 * it comes back; a warning's update or cancel is never asked about. Two orders placed in the same instant both pass.
 * @throws LianfaError already_published_lately
 */
export async function refuseRepeated(store: Store, revision: Revision, audience: Audience): Promise<void> {
  const { release, words, emergency } = revision;
  if (words === undefined || (emergency && emergency.msgType !== 'Alert')) return;
  const since = new Date(Date.now() - lately.hours * 3_600_000);
  const orders = await store.orders
    .find({ words, at: { $gte: since }, $or: [{ release: { $lt: release } }, { release: { $gt: release } }] })
    .sort({ at: -1 })
    .limit(lately.orders)
    .lean();
  for (const earlier of orders) {
    const row = await store.releases.findById(earlier.release, { title: 1, withdrawnAt: 1 }).lean();
    if (!row || row.withdrawnAt || !(await meet(store, audience, earlier.audience))) continue;
    const { title, _id } = row;
    throw new LianfaError('already_published_lately', {
      title,
      release: _id,
      at: beijingMinute(earlier.at),
      hours: String(lately.hours),
    });
  }
}

/** Whether any account is in both. */
async function meet(store: Store, one: Audience, other: Audience): Promise<boolean> {
  const both = await Promise.all([audienceFilter(store, one), audienceFilter(store, other)]);
  return (await store.accounts.exists({ $and: both })) !== null;
}
