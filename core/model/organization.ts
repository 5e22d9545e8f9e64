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

/** The range of GB/T 2260 codes inside a region: `350000` holds the province, `350100` the city, `350102` itself. */
export function regionRange(code: string): { $gte: string; $lte: string } {
  const stem = code.replace(/(00){1,2}$/, '');
  return { $gte: code, $lte: stem.padEnd(6, '9') };
}

/** Whether a unit's path lies in a place: a unit with all below it, or the hub as a whole where it is empty. */
export function isWithin(path: string, place: string): boolean {
  return path.startsWith(place);
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
