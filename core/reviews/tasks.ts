/** 我的待办: what waits for one person, and what of theirs is under way. */
import type { Order } from '../model/order.js';
import type { Placement } from '../model/placement.js';
import { within } from '../model/organization.js';
import type { Release } from '../model/release.js';
import type { Review } from '../model/review.js';
import type { Rights } from '../people/rights.js';
import type { PeopleMeans } from '../people/write.js';
import { openGlass } from './glass.js';
import { stuckIn, waitingFor } from './list.js';

export interface Waiting {
  reviews: Review[];
  returned: Review[];
  stuck: Review[];
  placements: { row: Placement; release: Release }[];
  mine: Review[];
  /** Broadcasts that one person sent alone, for somebody else to look into; the oldest first. */
  glass: Review[];
  /** Plans that ask a person. */
  held: { row: Order; release: Release }[];
}

/** Rows of each kind that are shown. */
export const mostShown = 100;
/** Of the person's places, among whose placements those that need a person are looked for. */
const newestReleases = 200;

export async function tasksOf(
  means: PeopleMeans,
  { person, rights }: { person: string; rights: Rights },
): Promise<Waiting> {
  const { store } = means;
  const own = async (state: 'open' | 'returned'): Promise<Review[]> => {
    const asked = [
      { by: person, state },
      { writer: person, state },
      { heir: person, state },
      { heir: '', state },
    ].map((of) => store.reviews.find(of).sort({ _id: -1 }).limit(mostShown).lean<Review[]>());
    const rows = new Map((await Promise.all(asked)).flat().map((row) => [row._id, row]));
    // What was freed is for whoever writes there.
    const theirs = ({ heir, path }: Review): boolean => heir !== '' || rights.may('releases.write', path);
    return [...rows.values()]
      .filter(theirs)
      .filter(({ newest }) => newest)
      .sort((a, b) => (a._id < b._id ? 1 : -1));
  };
  const [reviews, returned, mine, stuck, placements, held, glass] = await Promise.all([
    waitingFor(means, { person, rights }),
    own('returned'),
    own('open'),
    stuckIn(means, rights.places('chains.manage')),
    placementsIn(means, rights),
    heldIn(means, rights),
    openGlass(means, rights.places('releases.sign')),
  ]);
  const others = glass.filter((one) => ![one.glass?.by, one.writer, one.by].includes(person));
  return { reviews, returned, mine, stuck, placements, held, glass: others };
}

async function placementsIn({ store }: PeopleMeans, rights: Rights): Promise<Waiting['placements']> {
  const places = rights.places('placements.settle');
  if (places.length === 0) return [];
  const releases = await store.releases.find(within<Release>(places)).sort({ _id: -1 }).limit(newestReleases).lean();
  const found: Waiting['placements'] = [];
  for (const release of releases.filter(({ publishedAt }) => publishedAt)) {
    if (found.length >= mostShown) break;
    const rows = await store.placements
      .find({ release: release._id, state: 'needs_action' })
      .sort({ _id: 1 })
      .limit(mostShown - found.length)
      .lean();
    found.push(...rows.map((row) => ({ row, release })));
  }
  return found;
}

async function heldIn({ store }: PeopleMeans, rights: Rights): Promise<Waiting['held']> {
  const places = rights.places('releases.sign');
  if (places.length === 0) return [];
  const rows = await store.orders.find({ state: 'held' }).sort({ notBefore: 1 }).limit(mostShown).lean();
  const ids = rows.map(({ release }) => release);
  const releases = await store.releases.find({ $and: [{ _id: { $in: ids } }, within<Release>(places)] }).lean();
  const known = new Map(releases.map((release) => [release._id, release]));
  return rows.flatMap((row) => {
    const release = known.get(row.release);
    return release ? [{ row, release }] : [];
  });
}
