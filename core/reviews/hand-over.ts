/** Reviews that wait for somebody by name, handed over when that person leaves. */
import type { ClientSession } from 'mongoose';
import { isWithin } from '../model/organization.js';
import type { Review } from '../model/review.js';
import type { Role } from '../model/roles.js';
import { activePerson, rolesOf } from '../people/read.js';
import { rightsOf } from '../people/rights.js';
import type { TaskKeeper, Waiting } from '../people/waiting.js';
import type { PeopleMeans } from '../people/write.js';
import type { Store } from '../store/store.js';
import { chainAt } from './chains.js';
import { boundTo, fills } from './takers.js';

/** Open reviews that are looked through for steps that are bound to one person. */
const mostOpen = 500;
/** Stands in the chain beside who passed the step on. */
const reason = '原办理人已停用 The person it was bound to has left';

/** An open review, and the steps left of it that are bound to the person. */
interface Bound {
  review: Review;
  steps: { id: string; persons: string[]; fills(role: Role): boolean }[];
}

async function boundReviews(means: PeopleMeans, person: string, session?: ClientSession): Promise<Bound[]> {
  const rows = await means.store.reviews
    .find({ state: 'open' }, null, session ? { session } : {})
    .sort({ _id: 1 })
    .limit(mostOpen)
    .lean<Review[]>();
  const found: Bound[] = [];
  for (const review of rows) {
    const { steps } = await chainAt(means, review.chain, session).catch(() => ({ steps: [] }));
    const bound = steps.slice(review.step).flatMap((step) => {
      const persons = boundTo(review, step);
      const filled = (role: Role): boolean => fills(role, step.role, review.lane);
      return persons?.includes(person) ? [{ id: step.id, persons, fills: filled }] : [];
    });
    if (bound.length > 0) found.push({ review, steps: bound });
  }
  return found;
}

/** Texts of theirs that are under way or came back. */
async function textsOf({ reviews }: Store, person: string, session?: ClientSession): Promise<Review[]> {
  const asked = (['returned', 'open'] as const).flatMap((state) => [
    { by: person, state },
    { writer: person, state },
    { heir: person, state },
  ]);
  const rows = new Map<string, Review>();
  for (const of of asked)
    for (const row of await reviews.find(of, null, session ? { session } : {}).lean<Review[]>())
      if (row.newest) rows.set(row._id, row);
  return [...rows.values()];
}

/**
 * A step bound to the person is bound to the heir where they may take it, and stays with the others it names; where nobody
 * is left by name it is open to everybody with its role. Outside of the places of whoever hands over it stays as it is, and
 * the admin there finds it among what nobody can take. Their texts go to the heir where they write there.
 */
export function reviewTasks(means: PeopleMeans): TaskKeeper {
  return {
    async of(store, person, session) {
      const steps = await boundReviews(means, person, session);
      const texts = await textsOf(store, person, session);
      const waiting = (kind: string, { _id, title, path }: Review): Waiting => ({ kind, id: _id, title, path });
      return [
        ...steps.map(({ review }) => waiting('review', review)),
        ...texts.filter(({ state }) => state === 'returned').map((review) => waiting('returned', review)),
      ];
    },
    async handOver(store, person, to, session, { by, over }) {
      const heir = to !== undefined && (await activePerson(means, to, session)) ? to : undefined;
      const held = heir === undefined ? [] : await rolesOf(means, heir, new Date(), session);
      let count = 0;
      for (const { review, steps } of await boundReviews(means, person, session)) {
        if (!over.some((place) => isWithin(review.path, place))) continue;
        const passed = steps.map(({ id, persons, fills: filled }) => {
          const takes = held.some(({ role, path }) => filled(role) && isWithin(review.path, path));
          const left = [...new Set([...persons.filter((one) => one !== person), ...(takes && heir ? [heir] : [])])];
          return { step: id, by, at: new Date(), reason, ...(left.length > 0 && { to: left }) };
        });
        const change = { passedOn: [...review.passedOn, ...passed] };
        await store.reviews.updateOne({ _id: review._id, state: 'open' }, { $set: change }, { session });
        count += 1;
      }
      const rights = rightsOf(held);
      for (const text of await textsOf(store, person, session)) {
        const writes = heir !== undefined && rights.may('releases.write', text.path);
        await store.reviews.updateOne({ _id: text._id }, { $set: { heir: writes ? heir : '' } }, { session });
        if (text.state === 'returned') count += 1;
      }
      return count;
    },
  };
}
