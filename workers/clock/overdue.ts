/**
 * What the clock alone changes in public: a warning ends while nobody publishes. Each channel knows which of its accounts
 * are overdue, so that no other is looked at; those are checked and prepared next, by the role that publishes.
 */
import type { Call, Channel } from '../../channels/channel.js';
import type { Store } from '../../core/store/store.js';

export interface OverdueMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  callFor(channel: Channel, signal: AbortSignal): Call;
}

/** Longest time for one channel to say which, ms. */
const patience = 20_000;
/** Accounts in one write. */
const together = 500;
/** A check that is due within this time, ms, is on its way already, or was without an answer just now. */
const near = 32 * 60_000;

/** Makes due at once the checks of accounts whose pages the clock has overtaken at `now`. Returns how many. */
export async function callOverdue({ store, channels, callFor }: OverdueMeans, now: Date): Promise<number> {
  let count = 0;
  for (const channel of channels.values()) {
    const accounts = await channel.overdue?.({ ...callFor(channel, AbortSignal.timeout(patience)), now: () => now });
    for (let at = 0; accounts && at < accounts.length; at += together) {
      const { modifiedCount } = await store.accounts.updateMany(
        { _id: { $in: accounts.slice(at, at + together) }, checkDueAt: { $gt: new Date(now.getTime() + near) } },
        { $set: { checkDueAt: now } },
      );
      count += modifiedCount;
    }
  }
  return count;
}
