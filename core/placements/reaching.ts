/** Whose accounts an order would reach: those of other units, and in a drill those that the public reads. */
import type { QueryFilter } from 'mongoose';
import type { Emergency } from '../../channels/emergency.js';
import { LianfaError } from '../errors.js';
import type { AccountRow } from '../model/account.js';
import type { Audience, Reach } from '../model/order.js';
import { placementIds } from '../model/placement.js';
import type { Release } from '../model/release.js';
import { holdsAny, pagesOf, selectionOf } from './selection.js';
import type { Store } from '../store/store.js';

export interface Reaching {
  release: Pick<Release, '_id' | 'path' | 'organization'>;
  audience: Audience;
  reach: Reach;
}

/** Whether it reaches an account of another unit than the release's own. A release of the hub as a whole has no unit: every account is another's. */
export async function reachesOthers(store: Store, { release, audience, reach }: Reaching): Promise<boolean> {
  const { _id, path, organization = '' } = release;
  const others = { $or: [{ organization: { $lt: organization } }, { organization: { $gt: organization } }] };
  if (reach.audience && (await holdsAny(store, await selectionOf(store, audience, path), others))) return true;
  return reach.standing && (await store.placements.exists({ $and: [{ release: _id }, others] })) !== null;
}

/**
 * A drill goes to accounts that were made for it. Live, it goes to real ones, and whoever signs says yes to that.
 * @throws LianfaError drill_real_account; field_invalid where what is no drill is called live
 */
export async function refuseRealInDrill(
  store: Store,
  { release: { _id, path }, audience, reach }: Reaching,
  emergency: Emergency | undefined,
  live = false,
): Promise<void> {
  if (emergency?.status !== 'Exercise') {
    if (!live) return;
    throw new LianfaError('field_invalid', {
      field: 'live',
      reason: { zh: '只有演练才能选择“实盘演练”。', en: 'only a drill can be live.' },
    });
  }
  if (live) return;
  const real = { exercise: { $exists: false } };
  const found = reach.audience ? await namedReal(store, audience, path, real) : undefined;
  const account = found ?? (reach.standing ? await standingReal(store, _id, real) : null);
  if (account) throw new LianfaError('drill_real_account', { account: account.name });
}

/** A real account of the audience. */
async function namedReal(
  store: Store,
  audience: Audience,
  path: string,
  real: QueryFilter<AccountRow>,
): Promise<{ name: string } | undefined> {
  const selection = await selectionOf(store, audience, path);
  for await (const page of pagesOf(store, { filter: { $and: [selection.filter, real] } }, ['name'])) {
    const found = page.find((row) => selection.standing(row) === 'in');
    if (found) return found;
  }
  return undefined;
}

/** A real account on which it stands or may stand. */
async function standingReal(
  { placements, accounts }: Store,
  release: string,
  real: QueryFilter<AccountRow>,
): Promise<{ name: string } | null> {
  for (let after: string | undefined; ;) {
    const page = await placements
      .find({ _id: placementIds(release, after) }, { account: 1 })
      .sort({ _id: 1 })
      .limit(1_000)
      .lean();
    if (page.length === 0) return null;
    const found = await accounts
      .findOne({ $and: [{ _id: { $in: page.map(({ account }) => account) } }, real] }, { name: 1 })
      .lean();
    if (found) return found;
    after = page.at(-1)?._id;
  }
}
