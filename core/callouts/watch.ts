/** Whether the placements of callouts still ask: what a machine or another person has settled meanwhile calls nobody any more. */
import type { Said } from '../../channels/channel.js';
import type { Callout } from '../model/callout.js';
import type { Placement } from '../model/placement.js';
import type { Store } from '../store/store.js';
import { calloutId, change } from './book.js';
import { over } from './protocol.js';

/** Callouts in one page. */
const together = 500;

/** Ends those of the rows whose placement asks no more, and answers the others. */
export async function stillAsking(store: Store, rows: readonly Callout[], now: Date): Promise<Callout[]> {
  const calling = rows.filter(({ state }) => state === 'calling');
  const ids = [...new Set(calling.map(({ placement }) => placement))];
  const found = await store.placements
    .find({ _id: { $in: ids } }, { state: 1, since: 1 })
    .lean<Pick<Placement, '_id' | 'state' | 'since'>[]>();
  const asking = new Set(found.filter(({ state }) => state === 'needs_action').map((row) => calloutId(row)));
  const ended = calling.filter(({ _id }) => !asking.has(_id));
  for (const { _id } of ended) await change(store, _id, (row) => over(row, settled, now));
  return rows.filter((row) => !ended.includes(row));
}

/** Ends all whose placement asks no more. Returns how many it looked at. */
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

const settled: Said = {
  zh: '已不需要人工处理（已处理、已读回，或已撤回）。',
  en: 'Needs no person any more: settled, read back, or taken back.',
};
