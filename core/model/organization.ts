/** A unit in the tree of government. */
import { Schema, type QueryFilter } from 'mongoose';

export interface Organization {
  _id: string;
  name: string;
  parent?: string;
  /** Ids from the root to this unit, each followed by `/`: a subtree is a range of strings. */
  path: string;
  /** GB/T 2260 code, six digits. */
  region: string;
  /** Where it lies, degrees, WGS 84. */
  position?: { lat: number; lon: number };
  /** Since when it is closed: nothing is written for it and nothing reaches its accounts, nor those below it. */
  closedAt?: Date;
}

export const organizationSchema = new Schema<Organization>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    parent: String,
    path: { type: String, required: true },
    region: { type: String, required: true },
    position: Schema.Types.Mixed,
    closedAt: Date,
  },
  { versionKey: false, collection: 'organizations' },
);

organizationSchema.index({ name: 1 });
organizationSchema.index({ path: 1 }, { unique: true });
organizationSchema.index({ region: 1 });

/** The string range that holds a unit and everything below it; an empty path holds every unit. */
export function subtree(path: string): { $gte: string; $lt: string } {
  return { $gte: path, $lt: path === '' ? '\u{10FFFD}' : `${path.slice(0, -1)}0` };
}

/** The six digits of a code that is written with the zeros of towns and villages (`350128000000`); else the code as it is. */
export function plainRegion(code: string): string {
  return code.replace(/^(\d{6})(?:0{3}|0{6})$/, '$1');
}

/** The range of GB/T 2260 codes inside a region: `350000` holds the province, `350100` the city, `350102` itself. A town's or village's own code holds itself alone. */
export function regionRange(code: string): { $gte: string; $lte: string } {
  const plain = plainRegion(code);
  if (plain.length > 6) return { $gte: plain, $lte: plain };
  return { $gte: plain, $lte: plain.replace(/(00){1,2}$/, '').padEnd(6, '9') };
}

/** What an account repeats of its unit. */
export function placeOf({ path, region, position }: Pick<Organization, 'path' | 'region' | 'position'>): {
  path: string;
  region: string;
  lat?: number;
  lon?: number;
} {
  return { path, region, ...position };
}

/** Whether a unit's path lies in a place: a unit with all below it, or the hub as a whole where it is empty. */
export function isWithin(path: string, place: string): boolean {
  return path.startsWith(place);
}

/** Paths of the places above a unit: the hub as a whole first, its superior last. */
export function pathsAbove(path: string): string[] {
  const ids = path.split('/').filter(Boolean);
  return ids.map((_, depth) =>
    ids
      .slice(0, depth)
      .map((id) => `${id}/`)
      .join(''),
  );
}

/** Rows whose `path` lies in one of the places. */
export function within<T extends { path: string }>(places: readonly string[]): QueryFilter<T> {
  if (places.includes('')) return {};
  // With no place there is nothing to find.
  const ranges = places.map((place) => ({ path: subtree(place) }));
  return (
    ranges.length === 1 ? ranges[0] : ranges.length > 1 ? { $or: ranges } : { path: { $in: [] } }
  ) as QueryFilter<T>;
}
