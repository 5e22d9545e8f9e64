import type { ClientSession } from 'mongoose';
import type { Ended } from '../model/review.js';
import type { Store } from '../store/store.js';

/** Ends the review of a release that is under way: what was decided counts for that revision and that audience alone. */
export async function overtake(store: Store, release: string, ended: Ended, session: ClientSession): Promise<void> {
  await store.reviews.updateMany({ release, state: 'open' }, { $set: { state: 'overtaken', ended } }, { session });
}
