/** Notices for one person alone: written in the same commit as what they tell of, read and seen by that person. */
import type { ClientSession } from 'mongoose';
import { newId } from '../ids.js';
import type { PersonalNotice } from '../model/personal-notice.js';
import type { Store } from '../store/store.js';

/** So many of the newest are shown. */
const mostShown = 50;

/** Ms for which a notice is kept, seen or not: what it told of stands in the book of acts for good. */
export const personalKept = 180 * 24 * 3_600_000;
/** Taken away at one look. */
const mostForgotten = 1_000;

/** Takes away what is older than it is kept for; at the next look what is left of it. */
export async function forgetPersonal(store: Store, now: Date): Promise<void> {
  const old = await store.personalNotices
    .find({ at: { $lt: new Date(now.getTime() - personalKept) } }, { _id: 1 })
    .sort({ at: 1 })
    .limit(mostForgotten)
    .lean();
  await store.personalNotices.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } });
}

export async function tellPerson(
  store: Store,
  notice: Omit<PersonalNotice, '_id' | 'at' | 'unseen'>,
  session: ClientSession,
  at = new Date(),
): Promise<void> {
  const row = { _id: newId('n', at.getTime()), at, unseen: true as const, ...notice };
  await store.personalNotices.create([row], { session });
}

/** With the name in place of `{by}`. */
export type Told = Omit<PersonalNotice, 'by'>;

/** Newest first, with names as they are now. */
export async function personalNotices(store: Store, person: string): Promise<Told[]> {
  const rows = await store.personalNotices.find({ person }).sort({ _id: -1 }).limit(mostShown).lean();
  const ids = [...new Set(rows.flatMap(({ by }) => by ?? []))];
  const known = await store.people.find({ _id: { $in: ids } }, { displayName: 1 }).lean();
  const names = new Map(known.map(({ _id, displayName }) => [_id, displayName]));
  return rows.map(({ by, said, ...row }) => {
    const name = by === undefined ? '' : (names.get(by) ?? by);
    const filled = { zh: said.zh.replace('{by}', () => name), en: said.en.replace('{by}', () => name) };
    return { ...row, said: filled };
  });
}

/** The person has seen all up to this one. */
export async function seenUpTo(store: Store, person: string, id: string): Promise<void> {
  await store.personalNotices.updateMany({ person, unseen: true, _id: { $lte: id } }, { $unset: { unseen: 1 } });
}
