/** Whether what callouts list still asks: what a machine or another person has settled meanwhile calls nobody any more. */
import type { Said } from '../../channels/channel.js';
import type { Callout } from '../model/callout.js';
import type { Placement } from '../model/placement.js';
import type { Store } from '../store/store.js';
import { change, itemId } from './book.js';
import { over } from './protocol.js';

/** Callouts in one page, and placements in one query. */
const together = 500;

/** Ends what asks no more, and answers the rows as they stand then, without those that have ended so. */
export async function stillAsking(store: Store, rows: readonly Callout[], now: Date): Promise<Callout[]> {
  const open = rows.flatMap(({ items }) => items.filter(({ state }) => state === 'open'));
  const asking = await askingAmong(store, [...new Set(open.map(({ placement }) => placement))]);
  const after: Callout[] = [];
  for (const row of rows) {
    const ended = row.items.filter(({ id, state }) => state === 'open' && !asking.has(id)).map(({ id }) => id);
    if (ended.length === 0) {
      after.push(row);
      continue;
    }
    const { row: next } = await change(store, row._id, (known) => over(known, ended, settledMeanwhile, now));
    if (next.state === 'calling' || row.state !== 'calling') after.push(next);
  }
  return after;
}

/** The items that these placements are now. */
async function askingAmong(store: Store, placements: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let at = 0; at < placements.length; at += together) {
    const rows = await store.placements
      .find({ _id: { $in: placements.slice(at, at + together) } }, { state: 1, since: 1 })
      .lean<Pick<Placement, '_id' | 'state' | 'since'>[]>();
    for (const row of rows) if (row.state === 'needs_action') found.add(itemId(row));
  }
  return found;
}

/** Ends all that asks no more. Returns how many callouts it looked at. */
export async function endSettled(store: Store, now: Date): Promise<number> {
  let looked = 0;
  for (let last = ''; ;) {
    const page = await store.callouts
      .find({ state: 'calling', _id: { $gt: last } })
      .sort({ _id: 1 })
      .limit(together)
      .lean<Callout[]>();
    await stillAsking(store, page, now);
    looked += page.length;
    last = page.at(-1)?._id ?? '';
    if (page.length < together) return looked;
  }
}

const settledMeanwhile: Said = {
  zh: '已不需要人工处理（已处理、已读回，或已撤回）。',
  en: 'Needs no person any more: settled, read back, or taken back.',
};
