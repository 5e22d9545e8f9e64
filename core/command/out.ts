/**
 * What of a release is out, at one moment: each account at exactly one of these places, counted from its row. While it is
 * paused nothing moves, so that the numbers stay.
 */
import type { QueryFilter } from 'mongoose';
import { placementIds, wantedOf, type Placement } from '../model/placement.js';
import { isTodo, states, type PlacementState } from '../model/states.js';
import { judged } from '../placements/protocol.js';
import type { Store } from '../store/store.js';
import { childOf, country, regionNames } from './regions.js';
import { countsIn, placesOf, type Place } from './tiles.js';
import { wheres, type Where } from './wheres.js';

export interface Part {
  id: string;
  name: string;
  counts: Record<Where, number>;
}

export interface Out {
  at: Date;
  total: number;
  counts: Record<Where, number>;
  /** Accounts that show an earlier message and not the newest: they are counted where the newest is. */
  older: number;
  channels: Part[];
  regions: Part[];
}

type Row = Pick<Placement, '_id' | 'channel' | 'region' | 'orders' | 'standing' | 'open' | 'state' | 'frozen'>;
const columns = { channel: 1, region: 1, orders: 1, standing: 1, open: 1, state: 1, frozen: 1 } as const;
const pageSize = 1_000;

export function whereOf(row: Omit<Row, '_id' | 'channel' | 'region'>): Where {
  const wanted = wantedOf(row);
  if (row.open.length > 0 || row.state === 'sending') return 'inFlight';
  if (showsNewest(row)) return 'out';
  if (wanted.stops) return 'takenOut';
  if (row.frozen !== undefined) return 'held';
  if (isTodo(row.state)) return 'toGo';
  return row.state === 'failed' || row.state === 'needs_action' ? 'stuck' : 'calledOff';
}

/** What is wanted is public; where nothing is, whatever is. */
function showsNewest(row: Pick<Row, 'orders' | 'standing'>): boolean {
  const wanted = wantedOf(row);
  if (wanted.revision === undefined) return isShown(row);
  const { right } = judged(row.standing, wanted);
  return right !== undefined && right.seen !== 'held';
}

function isShown({ standing }: Pick<Row, 'standing'>): boolean {
  return standing.some(({ seen }) => seen !== 'held');
}

/** Of these the state alone says where they are: they are counted off an index, and no row is read. */
const byState: Readonly<Partial<Record<PlacementState, Where>>> = {
  verified: 'out',
  confirmed: 'out',
  published: 'out',
  accepted: 'out',
  sending: 'inFlight',
  withdrawn: 'calledOff',
};

/**
 * Counted so that the night's hundred thousands cost no more than an index: only rows whose state leaves it open (waiting
 * or stopped, and what an order is about to change) are read one by one.
 */
export async function outOf(store: Store, release: string, region = country): Promise<Out> {
  const at = new Date();
  const counts = none();
  const channels = new Map<string, Part['counts']>();
  const regions = new Map<string, Part['counts']>();
  let older = 0;
  const put = (row: Pick<Row, 'channel' | 'region'>, where: Where, count: number): void => {
    counts[where] += count;
    add(channels, row.channel, where, count);
    add(regions, placeIn(region, row.region), where, count);
  };
  const isFirst = (await store.orders.find({ release }, { seq: 1 }).limit(2).lean()).length < 2;
  const places = await placesOf(store, release);
  const left = new Map<string, Place>();
  for (const place of places) {
    // On its way over an earlier text it shows that one still: of these each is read.
    const where = place.state === 'sending' && !isFirst ? undefined : byState[place.state];
    if (where) put(place, where, place.count);
    else left.set(keyOf(place), { ...place });
  }
  for (const { channel, state } of countsIn([...left.values()])) {
    // What the first order has put there and nobody has tried yet is to go: nothing of it is out, nor under way.
    const tried = isFirst && state === 'queued' ? { attempts: { $gt: 0 } } : {};
    for await (const page of pagesOf(store, { release, channel, state, ...tried }))
      for (const row of page) {
        const place = left.get(keyOf(row));
        // It came here after all were counted, and stands where it was then.
        if (!place || place.count === 0) continue;
        place.count -= 1;
        put(row, whereOf(row), 1);
        if (isShown(row) && !showsNewest(row)) older += 1;
      }
  }
  // What else was not met has moved on since all were counted: something is being done there right now.
  for (const place of left.values())
    if (place.count > 0) put(place, isFirst && place.state === 'queued' ? 'toGo' : 'inFlight', place.count);
  const names = await regionNames(store, [...regions.keys()]);
  const total = wheres.reduce((sum, where) => sum + counts[where], 0);
  const parts = (of: typeof channels, name: (id: string) => string): Part[] =>
    [...of]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, part]) => ({ id, name: name(id), counts: part }));
  return {
    ...{ at, total, counts, older },
    channels: parts(channels, (id) => id),
    regions: parts(regions, (id) => names.get(id) ?? id),
  };
}

export interface OutFilter {
  where: Where;
  channel?: string | undefined;
  region?: string | undefined;
  after?: string | undefined;
  limit: number;
}

/** Ids of the placements that are counted at one place, ascending; one more than `limit` where there are more. */
export async function idsAt(store: Store, release: string, asked: OutFilter): Promise<string[]> {
  const { where, channel, region = country, after, limit } = asked;
  const isMeant = (row: Row): boolean =>
    whereOf(row) === where && (channel ?? row.channel) === row.channel && isIn(region, row.region);
  const possible = states.filter((state) => (byState[state] ?? where) === where);
  const found: string[] = [];
  for await (const page of pagesOf(store, { _id: placementIds(release, after), state: { $in: possible } })) {
    found.push(...page.filter(isMeant).map(({ _id }) => _id));
    if (found.length > limit) break;
  }
  return found.slice(0, limit + 1);
}

const keyOf = ({ channel, region, state }: Pick<Row, 'channel' | 'region' | 'state'>): string =>
  `${channel} ${region} ${state}`;

/** By id. */
async function* pagesOf(store: Store, filter: QueryFilter<Placement>): AsyncGenerator<Row[]> {
  for (let after: string | undefined; ;) {
    const page: Row[] = await store.placements
      .find(after === undefined ? filter : { $and: [filter, { _id: { $gt: after } }] }, columns)
      .sort({ _id: 1 })
      .limit(pageSize)
      .lean();
    if (page.length > 0) yield page;
    after = page.at(-1)?._id;
    if (page.length < pageSize) return;
  }
}

/** Of the country by province, of a province by city, of a city by the codes themselves. */
function placeIn(region: string, code: string): string {
  return childOf(region, code) ?? code;
}

function isIn(region: string, code: string): boolean {
  if (region === country) return true;
  return code === region || code.startsWith(region.replace(/(00){1,2}$/, ''));
}

function none(): Record<Where, number> {
  return { out: 0, inFlight: 0, held: 0, toGo: 0, stuck: 0, takenOut: 0, calledOff: 0 };
}

function add(to: Map<string, Part['counts']>, id: string, where: Where, count: number): void {
  const known = to.get(id) ?? none();
  known[where] += count;
  to.set(id, known);
}
