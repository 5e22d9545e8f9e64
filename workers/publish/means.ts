/** What a publishing process works with. */
import type { Call, Channel } from '../../channels/channel.js';
import type { Vault } from '../../core/accounts/vault.js';
import type { ClaimBook } from '../../core/queue/claims.js';
import type { EventStream } from '../../core/queue/events.js';
import type { Store } from '../../core/store/store.js';

export interface PublishMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  claims: ClaimBook;
  events: EventStream;
  vault: Vault;
  callFor(channel: Channel, signal: AbortSignal): Call;
  /** Requests in flight for one batch. */
  inFlight: number;
  /** After an attempt without an answer, "absent" is believed only this many seconds later. */
  settle: number;
}
