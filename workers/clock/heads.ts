/**
 * A day of the book of acts is over: wherever a channel shows its heads on pages that lie on this machine, the account is
 * checked next, by the role that publishes, and shows them with that. Where this is missed, its own daily check does it.
 */
import type { Channel } from '../../channels/channel.js';
import { profileOf } from '../../core/accounts/open.js';
import type { AccountRow } from '../../core/model/account.js';
import type { Store } from '../../core/store/store.js';

export interface HeadsMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
}

/** Accounts in one read. */
const together = 500;

/** Returns how many are to show them. */
export async function callForHeads({ store, channels }: HeadsMeans, now: Date): Promise<number> {
  let count = 0;
  for (const channel of channels.values()) {
    if (!channel.showHeads) continue;
    for (let after = '', more = true; more;) {
      const rows = await store.accounts
        .find({ channel: channel.name, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(together)
        .lean();
      const ids = rows.filter((row) => row.enabled && isOnThisMachine(channel, row)).map(({ _id }) => _id);
      await store.accounts.updateMany({ _id: { $in: ids }, checkDueAt: { $gt: now } }, { $set: { checkDueAt: now } });
      count += ids.length;
      after = rows.at(-1)?._id ?? '';
      more = rows.length === together;
    }
  }
  return count;
}

/** Settings that the channel no longer takes are told by the account's own check. */
function isOnThisMachine(channel: Channel, row: AccountRow): boolean {
  try {
    return channel.hostOf(profileOf(channel, row, row.organization)) === '';
  } catch {
    return false;
  }
}
