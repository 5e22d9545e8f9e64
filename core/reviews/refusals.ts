/** What was refused is recorded as well: who tried what. */
import { announceAct } from '../audit/book.js';
import { LianfaError } from '../errors.js';
import type { Review } from '../model/review.js';
import type { Actor } from '../model/actor.js';
import type { PeopleMeans } from '../people/write.js';

/** Does the work; where it is refused for a reason that is the person's or the moment's, the book says so too. */
export async function orRefused<T>(
  { store }: Pick<PeopleMeans, 'store'>,
  name: string,
  id: string,
  by: Actor,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LianfaError && [403, 409].includes(error.status)) {
      const review = await store.reviews.findById(id).lean<Review>();
      const on = { review: id, ...(review && { release: review.release, revision: review.revision }) };
      const entry = {
        act: name,
        outcome: 'refused',
        code: error.code,
        who: by,
        unit: review?.organization,
        on,
      } as const;
      await announceAct(store, entry);
    }
    throw error;
  }
}
