/** Writing and reading notices. */
import type { ClientSession } from 'mongoose';
import { newId } from '../ids.js';
import type { Store } from '../store/store.js';
import type { Notice } from '../model/notice.js';
import { within } from '../model/organization.js';

/** Unseen notices are counted no further. */
export const mostCounted = 100;

/** Keeps a notice, unless the same `key` was told before; inside a transaction, where a second one ends it, the key must be new. It is of the unit of `path`, of its account's, or of the hub as a whole. */
export async function notify(
  store: Store,
  notice: Pick<Notice, 'level' | 'said' | 'key'> & Partial<Pick<Notice, 'todo' | 'account' | 'path'>>,
  at = new Date(),
  session?: ClientSession,
): Promise<void> {
  const account =
    notice.account === undefined ? null : await store.accounts.findById(notice.account, { path: 1 }).lean();
  const row = { _id: newId('n', at.getTime()), at, unseen: true as const, path: account?.path ?? '', ...notice };
  if (session) {
    await store.notices.create([row], { session });
    return;
  }
  try {
    await store.notices.create(row);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 11_000) throw error;
  }
}

/** Newest first; `after` is the last id of the page before. */
export async function listNotices(
  store: Store,
  { after, limit }: { after?: string | undefined; limit: number },
  places: readonly string[],
): Promise<{ items: Notice[]; next?: string; unseen: number }> {
  const mine = within<Notice>(places);
  const [rows, unseen] = await Promise.all([
    store.notices
      .find(after === undefined ? mine : { ...mine, _id: { $lt: after } })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean(),
    store.notices
      .find({ ...mine, unseen: true }, { _id: 1 })
      .sort({ _id: 1 })
      .limit(mostCounted)
      .lean(),
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, unseen: unseen.length, ...(rows.length > limit && last && { next: last._id }) };
}

/** Somebody has seen this one. False where there is none. */
export async function markSeen(store: Store, id: string, by: string): Promise<boolean> {
  await store.notices.updateOne(
    { _id: id, unseen: true },
    { $set: { seen: { by, at: new Date() } }, $unset: { unseen: 1 } },
  );
  return (await store.notices.findById(id, { _id: 1 }).lean()) !== null;
}

/** Somebody has seen all up to this one. */
export async function markSeenUpTo(store: Store, id: string, by: string, places: readonly string[]): Promise<void> {
  await store.notices.updateMany(
    { ...within<Notice>(places), unseen: true, _id: { $lte: id } },
    { $set: { seen: { by, at: new Date() } }, $unset: { unseen: 1 } },
  );
}
