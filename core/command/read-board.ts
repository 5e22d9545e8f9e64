/** Reads the command screen's board from the ledger. What many ask for at the same moment is read once. */
import type { PlacementFilter, Queries } from '../placements/queries.js';
import type { Store } from '../store/store.js';
import type { Board, Troubles } from './board.js';
import { answersOf, paceOf } from './pace.js';
import { causesOf, troubled, unconfirmedOf, type TroubleFilter } from './causes.js';
import { courseOf } from './messages.js';
import { openShared } from '../shared-reading.js';
import { placesOf, tilesOf } from './tiles.js';

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

  /** What does not depend on the region, once for all who look. */
  async function whole(release: string) {
    const [counts, course] = await Promise.all([queries.counts([release]), courseOf(store, release)]);
    const at = new Date(now());
    const [causes, unconfirmed, answers, pace] = await Promise.all([
      causesOf(store, release, counts.get(release) ?? []),
      unconfirmedOf(store, release),
      answersOf(store, release),
      course.began
        ? paceOf(store, release, course.began, at)
        : Promise.resolve({ every: 10, from: at.toISOString(), steps: [] }),
    ]);
    return { causes, unconfirmed, answers, pace, clocks: course.clocks, messages: course.messages };
  }

  return {
    async board(release, { region, channel }) {
      return shared(JSON.stringify([release, region, channel]), async () => {
        const at = new Date(now()).toISOString();
        const [common, places] = await Promise.all([
          shared(release, () => whole(release)),
          shared(JSON.stringify([release, 'places', channel]), () => placesOf(store, release, channel)),
        ]);
        const tiles = await tilesOf(store, release, places, region, channel);
        return { release, at, ...tiles, ...common };
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
