/** Reviews as lists: those of a place, those that wait for somebody, those that nobody can take. */
import type { QueryFilter } from 'mongoose';
import { isWithin, within } from '../model/organization.js';
import type { Review } from '../model/review.js';
import type { PeopleMeans } from '../people/write.js';
import type { Rights } from '../people/rights.js';
import { chainOf } from './chains.js';
import { boundTo, fills, mayBeOwner, ownersOf, takersOf, type Known } from './takers.js';

/** Open reviews that are looked through for what waits for one person. */
const mostOpen = 500;

export async function openIn({ store }: Pick<PeopleMeans, 'store'>, places: readonly string[]): Promise<Review[]> {
  if (places.length === 0) return [];
  return store.reviews
    .find({ $and: [{ state: 'open' }, within<Review>(places)] } as QueryFilter<Review>)
    .sort({ _id: 1 })
    .limit(mostOpen)
    .lean<Review[]>();
}

/** Open reviews at a step that the person may take now. */
export async function waitingFor(
  means: PeopleMeans,
  { person, rights }: { person: string; rights: Rights },
): Promise<Review[]> {
  const open = await openIn(means, rights.places('releases.review'));
  const waiting: Review[] = [];
  for (const review of open) if (await mayTake(means, review, person, rights)) waiting.push(review);
  return waiting;
}

/** As the roles stand that were read with the request; what is pressed is judged anew. */
export async function mayTake(means: PeopleMeans, review: Review, person: string, rights: Rights): Promise<boolean> {
  const steps = await chainOf(means, review).then(
    (chain) => chain.steps,
    () => [],
  );
  const step = steps[review.step];
  if (review.state !== 'open' || !step) return false;
  const bound = boundTo(review, step);
  const holds = rights.held.some(
    ({ role, path }) => isWithin(review.path, path) && fills(role, step.role, review.lane),
  );
  if (!holds || (bound && !bound.includes(person))) return false;
  if (review.decisions.some((one) => one.person === person)) return false;
  return mayBeOwner(review, steps, step) || !(await ownersOf(means, review)).has(person);
}

/** Ids of the steps left that nobody can take. */
export async function stuckAt(means: PeopleMeans, review: Review, known?: Known): Promise<string[]> {
  if (review.state !== 'open') return [];
  const { steps } = await chainOf(means, review);
  const left = steps.slice(review.step);
  const takers = await takersOf(means, review, left, known);
  return left.filter(({ id }) => takers.get(id)?.length === 0).map(({ id }) => id);
}

export async function stuckIn(means: PeopleMeans, places: readonly string[]): Promise<Review[]> {
  const stuck: Review[] = [];
  const known: Known = new Map();
  for (const review of await openIn(means, places))
    if ((await stuckAt(means, review, known).catch(() => ['unknown'])).length > 0) stuck.push(review);
  return stuck;
}
