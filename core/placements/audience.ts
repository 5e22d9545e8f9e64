/** An audience as a query over accounts, and the checks that it names only what exists. */
import type { QueryFilter } from 'mongoose';
import type { AccountRow } from '../model/account.js';
import { LianfaError } from '../errors.js';
import { regionRange, subtree } from '../model/organization.js';
import type { Store } from '../store/store.js';
import type { Audience } from '../model/order.js';
import { within } from '../model/organization.js';

/** `place`: the path of the unit whose release it is; accounts of others are never reached. Throws `account_unknown` where a named unit does not exist. */
export async function audienceFilter(store: Store, audience: Audience, place = ''): Promise<QueryFilter<AccountRow>> {
  const conditions: QueryFilter<AccountRow>[] = [{ enabled: true }];
  if (place !== '') conditions.push({ path: subtree(place) });
  if (audience.channels?.length) conditions.push({ channel: { $in: audience.channels } });
  if (audience.accounts?.length) conditions.push({ _id: { $in: audience.accounts } });
  if (audience.tags?.length) conditions.push({ tags: { $in: audience.tags } });
  if (audience.regions?.length)
    conditions.push({ $or: audience.regions.map((code) => ({ region: regionRange(code) })) });
  if (audience.organizations?.length) {
    const units = await store.organizations.find({ _id: { $in: audience.organizations } }).lean();
    const missing = audience.organizations.find((id) => !units.some((unit) => unit._id === id));
    if (missing !== undefined)
      throw new LianfaError('account_unknown', { account: missing, field: 'audience.organizations' });
    conditions.push({ $or: units.map((unit) => ({ path: subtree(unit.path) })) });
  }
  return { $and: conditions };
}

/** Throws where the audience names an account, unit or channel that does not exist. */
export async function checkAudience(store: Store, audience: Audience, channels: Iterable<string>): Promise<void> {
  const known = [...channels];
  const channel = audience.channels?.find((name) => !known.includes(name));
  if (channel !== undefined)
    throw new LianfaError('channel_unknown', { channel, known: known.join('、'), field: 'audience.channels' });
  if (audience.accounts?.length) {
    const found = new Set(
      (await store.accounts.find({ _id: { $in: audience.accounts } }, { _id: 1 }).lean()).map((row) => row._id),
    );
    const missing = audience.accounts.find((id) => !found.has(id));
    if (missing !== undefined)
      throw new LianfaError('account_unknown', { account: missing, field: 'audience.accounts' });
  }
}

/** How many accounts a selector holds now, by channel. */
export async function audienceSize(
  store: Store,
  audience: Audience,
  places: readonly string[],
): Promise<{ total: number; byChannel: Record<string, number> }> {
  const filter = { $and: [within<AccountRow>(places), await audienceFilter(store, audience)] };
  const groups = await store.accounts.aggregate<{ _id: string; count: number }>([
    { $match: filter },
    { $group: { _id: '$channel', count: { $sum: 1 } } },
  ]);
  return {
    total: groups.reduce((sum, group) => sum + group.count, 0),
    byChannel: Object.fromEntries(groups.map((group) => [group._id, group.count])),
  };
}
