/**
 * An audience as a query over accounts, and what no query can say: whether a unit lies in a shape, and who is left out. The
 * query holds every account that may be meant; `standing` then says of each whether it is.
 */
import type { QueryFilter } from 'mongoose';
import { LianfaError } from '../errors.js';
import { regionsMet, type Regions } from '../geography/outlines.js';
import type { Box } from '../geography/ring.js';
import { shapesOf, type Shape } from '../geography/shape.js';
import type { AccountRow } from '../model/account.js';
import type { Audience } from '../model/order.js';
import { isWithin, regionRange, subtree } from '../model/organization.js';
import type { Store } from '../store/store.js';

/** What decides on an account. */
export type Located = Pick<AccountRow, '_id' | 'path' | 'region' | 'lat' | 'lon'>;
/** `unplaced`: a shape asks, and nobody knows where its unit lies. `excepted`: held, and left out by name. */
export type Standing = 'in' | 'out' | 'unplaced' | 'excepted';

export interface Selection {
  filter: QueryFilter<AccountRow>;
  standing(row: Located): Standing;
  /** The query alone says who is in. */
  exact: boolean;
  /** Where shapes are named: what codes say of an account, and what shapes say, each for itself. */
  parts?: Parts;
}

export interface Parts {
  code(row: Located): boolean;
  shape(row: Located): Standing;
}

/** `whole`: also accounts that are switched off, and those that nobody knows to lie in the shapes or not: for whoever looks for gaps. */
export type Width = 'reached' | 'whole';

/**
 * `place`: the path of the unit whose release it is; accounts of others are never reached.
 * @throws LianfaError account_unknown where a named unit does not exist
 */
export async function selectionOf(
  store: Store,
  audience: Audience,
  place = '',
  width: Width = 'reached',
): Promise<Selection> {
  const where = await whereOf(store, audience, width);
  const excepted = await exceptionsOf(store, audience);
  const conditions: QueryFilter<AccountRow>[] = width === 'whole' ? [] : [{ enabled: true }];
  if (place !== '') conditions.push({ path: subtree(place) });
  if (audience.channels?.length) conditions.push({ channel: { $in: audience.channels } });
  if (audience.accounts?.length) conditions.push({ _id: { $in: audience.accounts } });
  if (audience.tags?.length) conditions.push({ tags: { $in: audience.tags } });
  if (where) conditions.push(where.filter);
  if (audience.organizations?.length) {
    const paths = await pathsOf(store, audience.organizations, 'audience.organizations');
    conditions.push({ $or: paths.map((path) => ({ path: subtree(path) })) });
  }
  return {
    filter: conditions.length > 0 ? { $and: conditions } : {},
    exact: !excepted && !where?.parts,
    ...(where?.parts && { parts: where.parts }),
    standing: (row) => {
      const lies = !where?.parts || where.parts.code(row) ? 'in' : where.parts.shape(row);
      return lies === 'in' && excepted?.(row) ? 'excepted' : lies;
    },
  };
}

interface Where {
  filter: QueryFilter<AccountRow>;
  parts?: Parts;
}

/** By codes and shapes together; undefined where neither is named. */
async function whereOf(store: Store, audience: Audience, width: Width): Promise<Where | undefined> {
  const ranges = (audience.regions ?? []).map(regionRange);
  const byCode = ranges.map((range): QueryFilter<AccountRow> => ({ region: range }));
  const shapes = shapesOf(audience);
  if (shapes.length === 0) return byCode.length === 0 ? undefined : { filter: { $or: byCode } };
  const regions = await regionsMet(store, audience);
  const unplaced: QueryFilter<AccountRow> = { lat: { $exists: false } };
  const filter = {
    $or: [
      ...byCode,
      ...shapes.flatMap(({ box }) => inBox(box)),
      width === 'whole' ? unplaced : { ...unplaced, region: { $in: [...regions.met] } },
    ],
  };
  return {
    filter,
    parts: {
      code: ({ region }) => ranges.some(({ $gte, $lte }) => region >= $gte && region <= $lte),
      shape: (row) => byShape(row, shapes, regions),
    },
  };
}

function byShape({ lat, lon, region }: Located, shapes: readonly Shape[], { outlined, met }: Regions): Standing {
  if (lat !== undefined && lon !== undefined) return shapes.some((shape) => shape.holds({ lat, lon })) ? 'in' : 'out';
  if (met.has(region)) return 'in';
  return outlined.has(region) ? 'out' : 'unplaced';
}

/** A box over the antimeridian lies on both ends of the scale. */
function inBox({ south, north, west, east }: Box): QueryFilter<AccountRow>[] {
  const spans =
    east - west >= 360
      ? [{ $gte: -180, $lte: 180 }]
      : [0, 360, -360].map((turn) => ({ $gte: west + turn, $lte: east + turn }));
  return spans
    .filter(({ $gte, $lte }) => $gte <= 180 && $lte >= -180)
    .map((lon) => ({ lat: { $gte: south, $lte: north }, lon }));
}

async function exceptionsOf(store: Store, { except = [] }: Audience): Promise<((row: Located) => boolean) | undefined> {
  if (except.length === 0) return undefined;
  const paths = await pathsOf(
    store,
    except.flatMap(({ organizations = [] }) => organizations),
    'audience.except',
  );
  const accounts = new Set(except.flatMap(({ accounts: ids = [] }) => ids));
  return ({ _id, path }) => accounts.has(_id) || paths.some((one) => isWithin(path, one));
}

async function pathsOf(store: Store, ids: readonly string[], field: string): Promise<string[]> {
  if (ids.length === 0) return [];
  const units = await store.organizations.find({ _id: { $in: [...ids] } }, { path: 1 }).lean();
  const missing = ids.find((id) => !units.some((unit) => unit._id === id));
  if (missing !== undefined) throw new LianfaError('account_unknown', { account: missing, field });
  return units.map(({ path }) => path);
}

/** Columns that `standing` reads. */
export const located = { path: 1, region: 1, lat: 1, lon: 1 } as const;

/** Accounts read in one go: what is kept in memory. */
const pageSize = 1_000;

/** The accounts of a selection that its query holds, by pages in ascending order of id. */
export async function* pagesOf<K extends keyof AccountRow>(
  { accounts }: Pick<Store, 'accounts'>,
  { filter }: Pick<Selection, 'filter'>,
  columns: readonly K[],
): AsyncGenerator<(Located & Pick<AccountRow, K>)[]> {
  const asked = { ...located, ...Object.fromEntries(columns.map((column) => [column, 1])) };
  for (let after: string | undefined; ;) {
    const page = await accounts
      .find(after === undefined ? filter : { $and: [filter, { _id: { $gt: after } }] }, asked)
      .sort({ _id: 1 })
      .limit(pageSize)
      .lean<(Located & Pick<AccountRow, K>)[]>();
    if (page.length > 0) yield page;
    after = page.at(-1)?._id;
    if (page.length < pageSize) return;
  }
}

/** Whether an account is in, and fulfils the condition too. */
export async function holdsAny(
  store: Pick<Store, 'accounts'>,
  selection: Selection,
  also: QueryFilter<AccountRow> = {},
): Promise<boolean> {
  const filter = { $and: [selection.filter, also] };
  if (selection.exact) return (await store.accounts.exists(filter)) !== null;
  for await (const page of pagesOf(store, { filter }, []))
    if (page.some((row) => selection.standing(row) === 'in')) return true;
  return false;
}
