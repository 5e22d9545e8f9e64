/** Reads the command screen's board from the ledger. What many ask for at the same moment is read once. */
import type { PlacementFilter, Queries } from '../placements/queries.js';
import type { Store } from '../store/store.js';
import type { Board, Troubles } from './board.js';
import { answersOf, paceOf } from './pace.js';
import { causesOf, troubled, unconfirmedOf, type TroubleFilter } from './causes.js';
import { courseOf } from './messages.js';
import { openShared } from '../shared-reading.js';
import { leftToCome } from '../placements/to-come.js';
import { countsIn, placesOf, tilesOf } from './tiles.js';

export interface BoardFilter {
  region?: string | undefined;
  channel?: string | undefined;
}

export interface Boards {
  board(release: string, filter: BoardFilter): Promise<Board>;
  troubles(release: string, filter: TroubleFilter & Pick<PlacementFilter, 'after' | 'limit'>): Promise<Troubles>;
}

export function openBoards(store: Store, queries: Queries, now: () => number = Date.now): Boards {
  const shared = openShared(now);

  /** What does not depend on the region, once for all who look: one reading of the rows serves the numbers and every tile of regions. */
  async function whole(release: string) {
    const at = new Date(now());
    // The orders first: what is put meanwhile is then counted twice at no time.
    const course = await courseOf(store, release, at);
    const places = await placesOf(store, release);
    const counts = countsIn(places);
    const [causes, unconfirmed, answers, pace] = await Promise.all([
      causesOf(store, release, counts),
      unconfirmedOf(store, release),
      answersOf(store, release),
      course.began
        ? paceOf(store, release, course.began, at)
        : Promise.resolve({ every: 10, from: at.toISOString(), steps: [] }),
    ]);
    const { clocks, messages } = course;
    const toCome = leftToCome(course.signedFor, counts);
    return { places, told: { counts, toCome, causes, unconfirmed, answers, pace, clocks, messages }, at };
  }

  return {
    async board(release, { region, channel }) {
      return shared(JSON.stringify([release, region, channel]), async () => {
        const { places, told, at } = await shared(release, () => whole(release));
        const tiles = await tilesOf(store, release, places, region, channel);
        return { release, at: at.toISOString(), ...tiles, ...told };
      });
    },

    async troubles(release, { after, limit, ...asked }) {
      const filter = troubled(release, asked);
      const [total, rows] = await Promise.all([
        store.placements.countDocuments(filter),
        store.placements
          .find(after === undefined ? filter : { ...filter, _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit + 1)
          .lean(),
      ]);
      const items = await queries.named(rows.slice(0, limit));
      const last = items.at(-1);
      return { items, total, ...(rows.length > limit && last && { next: last.id }) };
    },
  };
}
