/** How the accounts of a release are, by place: one pass over an index, however many look at however many regions. */
import { regionRange } from '../model/organization.js';
import { states, type PlacementState } from '../model/states.js';
import type { Store } from '../store/store.js';
import type { Count } from '../placements/report.js';
import type { Tile } from './board.js';
import { above, childOf, country, regionNames } from './regions.js';

export interface Place {
  channel: string;
  region: string;
  state: PlacementState;
  count: number;
}

/** Numbers of accounts by channel, region and state: whatever is told of the whole release comes from this one reading. */
export async function placesOf(store: Store, release: string): Promise<Place[]> {
  const groups = await store.placements.aggregate<{ _id: Omit<Place, 'count'>; count: number }>([
    { $match: { release } },
    { $group: { _id: { channel: '$channel', region: '$region', state: '$state' }, count: { $sum: 1 } } },
  ]);
  return groups.map(({ _id, count }) => ({ ..._id, count }));
}

/** The same by channel and state alone. */
export function countsIn(places: readonly Place[]): Count[] {
  const sums = new Map<string, Count>();
  for (const { channel, state, count } of places) {
    const key = `${channel} ${state}`;
    sums.set(key, { channel, state, count: (sums.get(key)?.count ?? 0) + count });
  }
  return [...sums.values()];
}

export interface Tiles {
  region: { code: string; name: string };
  above: { code: string; name: string }[];
  tiles: Tile[];
  total: number;
}

/** Of the region asked for; where none is, of the smallest that holds every account of the release. */
export async function tilesOf(
  store: Store,
  release: string,
  places: readonly Place[],
  asked: string | undefined,
  channel: string | undefined,
): Promise<Tiles> {
  const code = asked ?? smallest(places);
  const sums = byChild(
    code,
    places.filter((place) => (channel ?? place.channel) === place.channel),
  );
  const over = above(code);
  const names = await regionNames(store, [...over, code, ...sums.keys()]);
  const nameOf = (one: string): string => names.get(one) ?? one;
  const tiles = [
    ...[...sums].map(([id, counts]) => tileOf(id, 'region', nameOf(id), counts)),
    ...(await unitTiles(store, release, code, channel)),
  ];
  tiles.sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    region: { code, name: nameOf(code) },
    above: over.map((one) => ({ code: one, name: nameOf(one) })),
    tiles,
    total: tiles.reduce((sum, { total }) => sum + total, 0),
  };
}

type Counts = Map<PlacementState, number>;

function add(sums: Map<string, Counts>, id: string, state: PlacementState, count: number): void {
  const counts = sums.get(id) ?? new Map<PlacementState, number>();
  sums.set(id, counts.set(state, (counts.get(state) ?? 0) + count));
}

/** Of the regions one level below; what belongs to the region itself stands there by its units. */
function byChild(code: string, places: readonly Place[]): Map<string, Counts> {
  const { $gte, $lte } = regionRange(code);
  const sums = new Map<string, Counts>();
  for (const { region, state, count } of places) {
    const child = childOf(code, region);
    const inside = code === country || (region >= $gte && region <= $lte);
    if (inside && child !== undefined && child !== code) add(sums, child, state, count);
  }
  return sums;
}

/** A hub of one province begins with its cities. */
function smallest(places: readonly Place[]): string {
  let code = country;
  for (;;) {
    const [only, another] = new Set(places.map(({ region }) => childOf(code, region)));
    if (only === undefined || another !== undefined || only === code) return code;
    code = only;
  }
}

/** Units of the region's own level; of a city, all in it. */
async function unitTiles(store: Store, release: string, code: string, channel: string | undefined): Promise<Tile[]> {
  const region = childOf(code, code) === undefined ? regionRange(code) : code;
  const groups = await store.placements.aggregate<{
    _id: { organization: string; state: PlacementState };
    count: number;
  }>([
    { $match: { release, region, ...(channel !== undefined && { channel }) } },
    { $group: { _id: { organization: '$organization', state: '$state' }, count: { $sum: 1 } } },
  ]);
  const sums = new Map<string, Counts>();
  for (const { _id, count } of groups) add(sums, _id.organization, _id.state, count);
  const rows = await store.organizations.find({ _id: { $in: [...sums.keys()] } }, { name: 1 }).lean();
  const names = new Map(rows.map(({ _id, name }) => [_id, name]));
  return [...sums].map(([id, counts]) => tileOf(id, 'unit', names.get(id) ?? id, counts));
}

function tileOf(id: string, kind: Tile['kind'], name: string, counts: Counts): Tile {
  const present = states.flatMap((state) => (counts.has(state) ? [[state, counts.get(state) ?? 0]] : []));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { id, kind, name, states: Object.fromEntries(present) as Tile['states'], total };
}
