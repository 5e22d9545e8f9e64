/**
 * Which collections a sharded MongoDB divides, by which key, and how each question carries it. One table: the commands that
 * an operator runs, the filters as they leave for MongoDB, and the test over all questions of the code are made from it.
 */
import { isPlainObject, type Document } from '../embedded/values.js';
import { partsOf, placementIds } from '../../model/placement.js';

export interface Sharded {
  /** In MongoDB's form: `hashed` spreads releases, whose ids grow with time, and keeps the rows of one side by side. */
  key: Readonly<Record<string, 1 | 'hashed'>>;
  /** Fields by which the whole collection is asked, of every shard: see docs/operations.md for who does and how often. */
  whole: readonly string[];
}

export const sharded: Readonly<Record<string, Sharded>> = {
  // One id is of one release, so it has one place, and no second one of it can be made elsewhere.
  placements: { key: { release: 'hashed', _id: 1 }, whole: ['dueAt', 'frozen', 'account'] },
  events: { key: { _id: 1 }, whole: [] },
  records: { key: { _id: 1 }, whole: [] },
};

/** All others: they grow with people, units, accounts and releases, not with what is sent, and lie on one shard. */
export const unsharded: readonly string[] = (
  'account_lists accounts alert_entries alert_inlets alert_raws alert_sources alerts api_keys askings audit_days ' +
  'audit_entries audit_head calendar_years callout_settings callouts chains comments drill_scenarios drills ' +
  'duty_entries duty_rules event_template_versions event_templates freezeHeads freezes grants identities ' +
  'identities_asked links looks media notices orders organizations people personal_notices recovery_codes ' +
  'region_outlines releases reviews revisions saved_audiences signing_keys solo_duties spent_steps'
).split(' ');

/** Where a filter says nothing of the shard key but its ids do, with it; else the filter itself. */
export function keyed(collection: string, filter: unknown): unknown {
  if (collection !== 'placements' || !isPlainObject(filter)) return filter;
  const parts = conditionsOf(filter);
  if (parts.some((part) => isEquality(part['release']))) return filter;
  const release = parts.map((part) => releaseOf(part['_id'])).find((one) => one !== undefined);
  return release === undefined ? filter : { ...filter, release };
}

/** The same for a pipeline, whose filter stands first, and for one operation of a bulk write. */
export function keyedPipeline(collection: string, pipeline: unknown): unknown {
  if (!Array.isArray(pipeline)) return pipeline;
  const [first, ...more] = pipeline as unknown[];
  return isPlainObject(first) && '$match' in first
    ? [{ ...first, $match: keyed(collection, first['$match']) }, ...more]
    : pipeline;
}

export function keyedOperation(collection: string, operation: unknown): unknown {
  if (!isPlainObject(operation)) return operation;
  return Object.fromEntries(
    Object.entries(operation).map(([kind, parts]) => [
      kind,
      isPlainObject(parts) && 'filter' in parts ? { ...parts, filter: keyed(collection, parts['filter']) } : parts,
    ]),
  );
}

/** Whether a filter, as it leaves, names the shards that it is for. */
export function carriesKey(collection: string, filter: unknown): boolean {
  const [[first, kind] = []] = Object.entries(sharded[collection]?.key ?? {});
  if (first === undefined) return true;
  // What is spread by its hash has no neighbours, so a range of it is everywhere.
  const names = kind === 'hashed' ? isEquality : isBound;
  return isPlainObject(filter) && conditionsOf(filter).some((part) => names(part[first]));
}

/** Whether a filter is one of those that are meant for every shard. */
export function asksWhole(collection: string, filter: unknown): boolean {
  const fields = sharded[collection]?.whole ?? [];
  return isPlainObject(filter) && conditionsOf(filter).some((part) => fields.some((field) => isBound(part[field])));
}

/** What an operator gives to mongosh on a mongos, in this order. */
export function shardCommands(database: string): string[] {
  return [
    `sh.enableSharding(${JSON.stringify(database)})`,
    ...Object.entries(sharded).flatMap(([collection, { key }]) => [
      `db.getSiblingDB(${JSON.stringify(database)}).${collection}.createIndex(${JSON.stringify(key)})`,
      `sh.shardCollection(${JSON.stringify(`${database}.${collection}`)}, ${JSON.stringify(key)})`,
    ]),
  ];
}

/** A filter and those that it joins by `$and`. */
function conditionsOf(filter: Document): Document[] {
  const { $and: joined } = filter;
  return [filter, ...(Array.isArray(joined) ? joined.filter(isPlainObject).flatMap(conditionsOf) : [])];
}

function isEquality(condition: unknown): boolean {
  return typeof condition === 'string' || (isPlainObject(condition) && Array.isArray(condition['$in']));
}

/** One value, several, or a range that has an end on either side. */
function isBound(condition: unknown): boolean {
  if (condition === undefined || condition === null) return false;
  return !isPlainObject(condition) || ['$in', '$gt', '$gte', '$lt', '$lte'].some((operator) => operator in condition);
}

/** The releases that ids of placements name: one, several, or that of a range within one. */
function releaseOf(ids: unknown): unknown {
  if (typeof ids === 'string') return named(ids);
  if (!isPlainObject(ids)) return undefined;
  const { $in: several, $gt: after, $lt: before } = ids;
  if (Array.isArray(several)) {
    const releases = several.map((one) => (typeof one === 'string' ? named(one) : undefined));
    return releases.includes(undefined) ? undefined : { $in: [...new Set(releases)] };
  }
  const release = typeof after === 'string' ? named(after) : undefined;
  return release !== undefined && before === placementIds(release).$lt ? release : undefined;
}

function named(id: string): string | undefined {
  return id.includes('-') ? partsOf(id)[0] : undefined;
}
