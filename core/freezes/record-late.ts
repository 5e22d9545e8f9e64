/** What was in force without the ledger is written down as soon as that can be written: late, with the time at which it was ordered. */
import type { Entry } from '../audit/book.js';
import type { Freeze } from '../model/freeze.js';
import type { PeopleMeans } from '../people/write.js';
import { isDuplicate } from '../store/duplicates.js';
import { change, setEntry } from './book.js';
import { writtenAmong, type Forged, type UnwrittenFreeze } from './unwritten.js';
import type { FreezeWatch } from './watch.js';

/** All of it, oldest first. Throws where the ledger cannot be written yet: then it holds as before. */
export async function recordUnwritten(
  means: PeopleMeans,
  watch: Pick<FreezeWatch, 'sync' | 'unwritten' | 'takeAway' | 'tell'>,
): Promise<void> {
  await watch.sync();
  const late = watch.unwritten().toSorted((one, other) => one.freeze.at.getTime() - other.freeze.at.getTime());
  for (const one of late) await recordLate(means, one);
  if (late.length === 0) return;
  await watch.takeAway(late.map((one) => one.freeze._id));
  await watch.tell();
}

/** Nothing where the ledger has it. What nobody can have ordered the hub enters. */
async function recordLate(means: PeopleMeans, { freeze, by }: UnwrittenFreeze | Forged): Promise<void> {
  const { store } = means;
  const { unwritten: _, ...ordered } = freeze;
  const entry = (made: Freeze): Entry => {
    const set = setEntry(made, by ?? 'hub');
    return { ...set, after: { ...set.after, at: made.at.toISOString(), late: true } };
  };
  if ((await writtenAmong(store, [freeze._id])).size > 0) return;
  await change(store, entry, async (version, session) => {
    const made = { ...ordered, recordedAt: new Date(), version };
    await store.freezes.create([made], { session });
    return made;
  }).catch((error: unknown) => {
    // Another process was first.
    if (!isDuplicate(error)) throw error;
  });
}
