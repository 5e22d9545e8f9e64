/** How many accounts a broadcast reaches, by channel: those of its audience, and beside them those where its release went before. */
import { placementIds } from '../model/placement.js';
import { audienceSize } from '../placements/audience.js';
import { located, selectionOf } from '../placements/selection.js';
import type { Store } from '../store/store.js';
import type { Reaching } from '../placements/reaching.js';

const pageSize = 1_000;

export async function channelsReached(store: Store, of: Reaching): Promise<Map<string, number>> {
  const selection = await selectionOf(store, of.audience, of.release.path);
  const size = of.reach.audience ? await audienceSize(store, of.audience, [of.release.path]) : undefined;
  const counts = new Map(Object.entries(size?.byChannel ?? {}));
  const add = (channel: string, count: number): void => {
    counts.set(channel, (counts.get(channel) ?? 0) + count);
  };
  for (let after: string | undefined; of.reach.standing;) {
    const page = await store.placements
      .find({ _id: placementIds(of.release._id, after) }, { account: 1, channel: 1 })
      .sort({ _id: 1 })
      .limit(pageSize)
      .lean();
    const ids = { _id: { $in: page.map(({ account }) => account) } };
    const named = of.reach.audience ? await store.accounts.find({ $and: [selection.filter, ids] }, located).lean() : [];
    const counted = new Set(named.filter((row) => selection.standing(row) === 'in').map(({ _id }) => _id));
    for (const { account, channel } of page) if (!counted.has(account)) add(channel, 1);
    after = page.at(-1)?._id;
    if (page.length < pageSize) break;
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
