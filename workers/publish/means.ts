/** What a publishing process works with. */
import type { Channel } from '../../channels/channel.js';
import type { Outbound } from '../../channels/outbound.js';
import type { AccountRow } from '../../server/accounts/account.js';
import type { ClaimBook } from '../../server/queue/claims.js';
import type { EventStream } from '../../server/queue/events.js';
import type { Store } from '../../server/store/store.js';
import type { MediaReader, SharedMemory } from '../../channels/channel.js';

export interface PublishMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  claims: ClaimBook;
  events: EventStream;
  http: Outbound;
  /** Opens sealed credentials. */
  openCredentials(account: AccountRow): unknown;
  memoryOf(channel: string): SharedMemory;
  mediaOf(channel: string): MediaReader;
  folderOf(channel: string): string;
  hubUrl: string;
  /** Requests in flight for one batch. */
  inFlight: number;
  /** After an attempt without an answer, "absent" is believed only this many seconds later. */
  settle: number;
}
