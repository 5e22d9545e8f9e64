/** The checks that an audience names only what exists, and how many it holds. */
import { LianfaError } from '../errors.js';
import type { AccountRow } from '../model/account.js';
import type { Audience } from '../model/order.js';
import { within } from '../model/organization.js';
import type { Store } from '../store/store.js';
import { pagesOf, selectionOf } from './selection.js';

/** Throws where the audience names an account, unit or channel that does not exist. */
export async function checkAudience(store: Store, audience: Audience, channels: Iterable<string>): Promise<void> {
  const known = [...channels];
  const channel = audience.channels?.find((name) => !known.includes(name));
  if (channel !== undefined)
    throw new LianfaError('channel_unknown', { channel, known: known.join('、'), field: 'audience.channels' });
  await checkAccounts(store, audience.accounts ?? [], 'audience.accounts');
  await checkAccounts(store, audience.except?.flatMap(({ accounts = [] }) => accounts) ?? [], 'audience.except');
}

/**
 * Where nothing is named every account is meant, and an emergency is for everybody only by mistake. Whom it is for is said
 * by place, unit, tag or account: by which channels it goes says nothing of that.
 * @throws LianfaError audience_unnamed
 */
export function requireNamed(audience: Audience): void {
  const { except: _except, channels: _channels, ...whom } = audience;
  if (!namesSome(whom)) throw new LianfaError('audience_unnamed', { field: 'audience' });
}

/** @throws LianfaError audience_unnamed where nothing would be taken out, or everything */
export function requireSome({ except: _except, ...some }: Audience): void {
  if (!namesSome(some)) throw new LianfaError('audience_unnamed', { field: 'audience' });
}

function namesSome(selector: Audience): boolean {
  return Object.values(selector).some((list) => list && list.length > 0);
}

async function checkAccounts(store: Store, ids: readonly string[], field: string): Promise<void> {
  if (ids.length === 0) return;
  const rows = await store.accounts.find({ _id: { $in: [...ids] } }, { _id: 1 }).lean();
  const found = new Set(rows.map((row) => row._id));
  const missing = ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new LianfaError('account_unknown', { account: missing, field });
}

/** How many accounts a selector holds now, by channel. */
export async function audienceSize(
  store: Store,
  audience: Audience,
  places: readonly string[],
): Promise<{ total: number; byChannel: Record<string, number> }> {
  const selection = await selectionOf(store, audience);
  const filter = { $and: [within<AccountRow>(places), selection.filter] };
  const byChannel: Record<string, number> = {};
  const add = (channel: string, count: number): void => {
    byChannel[channel] = (byChannel[channel] ?? 0) + count;
  };
  if (selection.exact) {
    const counts = await store.accounts.aggregate<{ _id: string; count: number }>([
      { $match: filter },
      { $group: { _id: '$channel', count: { $sum: 1 } } },
    ]);
    for (const { _id, count } of counts) add(_id, count);
  } else
    for await (const page of pagesOf(store, { filter }, ['channel']))
      for (const row of page) if (selection.standing(row) === 'in') add(row.channel, 1);
  return { total: Object.values(byChannel).reduce((sum, count) => sum + count, 0), byChannel };
}
