/** Why accounts have not got it, in groups, and the rows of a group. */
import type { QueryFilter } from 'mongoose';
import { regionRange } from '../model/organization.js';
import type { Placement } from '../model/placement.js';
import type { PlacementState } from '../model/states.js';
import { newestWords } from '../placements/history.js';
import type { Count } from '../placements/report.js';
import { isAskedWhy, takenOut, takenOutSaid } from '../placements/why.js';
import type { Store } from '../store/store.js';
import type { Board, CauseGroup } from './board.js';
import { country } from './regions.js';

/** Groups that are told, the largest first; what is in others is told as one. */
const most = 50;
/** Units that are named. */
const mostUnits = 200;

/** Every key there is: a range of its index. */
export const anyCause = { $gt: '' };

export interface TroubleFilter {
  state?: PlacementState | undefined;
  channel?: string | undefined;
  region?: string | undefined;
  organization?: string | undefined;
  why?: string | undefined;
}

/** Rows that failed, wait or need a person, of those asked for; their own index answers. */
export function troubled(release: string, asked: TroubleFilter): QueryFilter<Placement> {
  const { region, why, ...same } = asked;
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  return {
    release,
    why: why ?? anyCause,
    ...given,
    ...(region !== undefined && region !== country && { region: regionRange(region) }),
  };
}

type Group = Pick<CauseGroup, 'why' | 'channel' | 'state' | 'count'>;

/** `counts`: of the whole release. What no group holds is told too, so that the groups add up to it. */
export async function causesOf(store: Store, release: string, counts: readonly Count[]): Promise<CauseGroup[]> {
  const rows = await store.placements.aggregate<{ _id: Required<Omit<Group, 'count'>>; count: number }>([
    { $match: { release, why: anyCause } },
    { $group: { _id: { why: '$why', channel: '$channel', state: '$state' }, count: { $sum: 1 } } },
  ]);
  const groups = rows.map(({ _id, count }): Group => ({ ..._id, count })).sort((one, other) => other.count - one.count);
  const told = await Promise.all(groups.slice(0, most).map((group) => worded(store, release, group)));
  const rest = counts.flatMap(({ channel, state, count }): CauseGroup[] => {
    if (!isAskedWhy(state)) return [];
    const held = told.filter((group) => group.channel === channel && group.state === state);
    const left = count - held.reduce((sum, group) => sum + group.count, 0);
    return left > 0 ? [{ channel, state, count: left, act: state === 'waiting' ? 'wait' : 'retry' }] : [];
  });
  return [...told, ...rest];
}

/** In the words of one of its rows. */
async function worded(store: Store, release: string, group: Group): Promise<CauseGroup> {
  const { why, channel, state } = group;
  if (why === takenOut) return { ...group, cause: takenOutSaid, act: 'none' };
  const row = await store.placements.findOne(troubled(release, { why, channel, state })).lean();
  if (!row) return { ...group, act: 'retry' };
  const { cause, todo, platform } = newestWords(row);
  return {
    ...group,
    ...(cause && { cause }),
    ...(todo && { todo }),
    ...(platform && { code: platform.code }),
    act: actOf(row),
  };
}

function actOf({ state, parked, frozen }: Placement): CauseGroup['act'] {
  if (frozen !== undefined) return 'thaw';
  if (parked) return 'credentials';
  if (state === 'cancelled') return 'none';
  return state === 'waiting' ? 'wait' : 'retry';
}

/** Units whose accounts wait for a person's act or word. */
export async function unconfirmedOf(store: Store, release: string): Promise<Board['unconfirmed']> {
  const groups = await store.placements.aggregate<{
    _id: { organization: string; region: string };
    count: number;
  }>([
    { $match: { release, why: anyCause, state: 'needs_action' } },
    { $group: { _id: { organization: '$organization', region: '$region' }, count: { $sum: 1 } } },
  ]);
  const named = groups.sort((one, other) => other.count - one.count).slice(0, mostUnits);
  const units = await store.organizations
    .find({ _id: { $in: named.map(({ _id }) => _id.organization) } }, { name: 1 })
    .lean();
  const names = new Map(units.map(({ _id, name }) => [_id, name]));
  return named.map(({ _id, count }) => ({ ..._id, name: names.get(_id.organization) ?? _id.organization, count }));
}
