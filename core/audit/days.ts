/** The head of each day: when a day is over in Beijing, its head is kept and published, so that a later rewriting contradicts what strangers hold. */
import { beijingDay } from '../../channels/beijing-calendar.js';
import { insertMissing } from '../store/insert-missing.js';
import type { Store } from '../store/store.js';
import { wholeTree } from './tree.js';
import { keepDay, raise, type Anchor, type AnchorPlace } from './anchors.js';

const day = 24 * 3_600_000;

export type Day = Anchor & { day: string; root: string };

/**
 * Publishes the head of the day before `now`, once. Returns whether it did; a book in which nothing stands yet has no
 * days. Days in which the hub was down are not made up: the next one covers them.
 * @throws AnchorLost where the line no longer holds what was kept of it: that head is not published
 */
export async function closeDay(store: Store, place: AnchorPlace, now = new Date()): Promise<boolean> {
  const _id = beijingDay(new Date(now.getTime() - day));
  if (await store.auditDays.exists({ _id })) return false;
  await raise(store, place);
  const head = await store.auditHead.findById('head').lean();
  if (!head) return false;
  const { hub, n, hash } = head;
  const { root } = await wholeTree(store, n);
  // Kept first: kept twice does no harm, published and not kept would.
  await keepDay(place, { hub, n, hash, root, at: now.toISOString() });
  await insertMissing(store.auditDays, [{ _id, hub, n, hash, root, at: now }]);
  return true;
}

/** What the hub has published, the newest first. */
export async function publishedDays(store: Store): Promise<Day[]> {
  const rows = await store.auditDays.find({}).sort({ _id: -1 }).lean();
  return rows.map(({ _id, hub, n, hash, root, at }) => ({ day: _id, hub, n, hash, root, at: at.toISOString() }));
}
