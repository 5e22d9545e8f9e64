/** Whether what callouts list still asks: what a machine or another person has settled meanwhile calls nobody any more. */
import type { Said } from '../../channels/channel.js';
import type { Callout } from '../model/callout.js';
import { wantedOf, type Placement } from '../model/placement.js';
import { endedAt } from '../releases/emergency.js';
import type { Store } from '../store/store.js';
import { change, itemId } from './book.js';
import { calledOff, over } from './protocol.js';

/** Callouts in one page, and placements in one query. */
const together = 500;

/**
 * Ends what asks no more, and answers the rows as they stand then, without those that have ended so. `clock`: by which a
 * warning ends, where `now` is one that nobody sets: the one measures, the other is an instant.
 */
export async function stillAsking(store: Store, rows: readonly Callout[], now: Date, clock = now): Promise<Callout[]> {
  const open = rows.flatMap(({ items }) => items.filter(({ state }) => state === 'open'));
  const asking = await askingAmong(store, [...new Set(open.map(({ placement }) => placement))]);
  const ends = await endsAmong(store, [...asking.values()], clock);
  const after: Callout[] = [];
  for (const row of rows) {
    const left = row.items.filter(({ state }) => state === 'open');
    const settled = left.filter(({ id }) => !asking.has(id)).map(({ id }) => id);
    const ended = left.some(({ id }) => ends.has(id));
    if (settled.length === 0 && !ended) {
      after.push(row);
      continue;
    }
    if (settled.length > 0) await change(store, row._id, (known) => over(known, settled, settledMeanwhile, now));
    const { row: next } = await change(store, row._id, (known) => calledOff(known, ends, warningOver, now));
    if (next.state === 'calling' || row.state !== 'calling') after.push(next);
  }
  return after;
}

type Row = Pick<Placement, '_id' | 'state' | 'since' | 'orders' | 'standing'>;

/** The items that these placements are now. */
async function askingAmong(store: Store, placements: readonly string[]): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (let at = 0; at < placements.length; at += together) {
    const rows = await store.placements
      .find({ _id: { $in: placements.slice(at, at + together) } }, { state: 1, since: 1, orders: 1, standing: 1 })
      .lean<Row[]>();
    for (const row of rows) if (row.state === 'needs_action') found.set(itemId(row), row);
  }
  return found;
}

/** Of those that a hand is to put there and nobody has: the items whose warnings have ended by the clock, and when. */
export async function endsAmong(store: Store, rows: readonly Row[], now: Date): Promise<Map<string, Date>> {
  const held = rows.filter(({ standing }) => standing.length > 0 && standing.every(({ seen }) => seen === 'held'));
  const ids = [...new Set(held.flatMap((row) => wantedOf(row).revision ?? []))];
  if (ids.length === 0) return new Map();
  const texts = await store.revisions.find({ _id: { $in: ids } }, { emergency: 1 }).lean();
  const over = new Map(
    texts.flatMap(({ _id, emergency }) =>
      emergency?.expires !== undefined && endedAt(emergency, now) !== undefined
        ? [[_id, new Date(emergency.expires)] as const]
        : [],
    ),
  );
  return new Map(
    held.flatMap((row) => {
      const at = over.get(wantedOf(row).revision ?? '');
      return at ? [[itemId(row), at] as const] : [];
    }),
  );
}

/** Ends all that asks no more. Returns how many callouts it looked at. */
export async function endSettled(store: Store, now: Date, clock = now): Promise<number> {
  let looked = 0;
  for (let last = ''; ;) {
    const page = await store.callouts
      .find({ state: 'calling', _id: { $gt: last } })
      .sort({ _id: 1 })
      .limit(together)
      .lean<Callout[]>();
    await stillAsking(store, page, now, clock);
    looked += page.length;
    last = page.at(-1)?._id ?? '';
    if (page.length < together) return looked;
  }
}

const settledMeanwhile: Said = {
  zh: '已不需要人工处理（已处理、已读回，或已撤回）。',
  en: 'Needs no person any more: settled, read back, or taken back.',
};

const warningOver: Said = {
  zh: '预警已失效，不要再发布；已经发布的请撤下，或标明“已失效”。',
  en: 'The warning has ended: it is not to be published any more; where it is, take it away or mark it as expired.',
};
