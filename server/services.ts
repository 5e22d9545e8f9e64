/** What the HTTP face needs from the rest of the program, as small interfaces: no queue and no platform is known here. */
import type { Logger } from 'pino';
import type { RedisClient } from '../core/queue/connection.js';
import type { Call, Channel } from '../channels/channel.js';
import type { Files } from '../channels/files.js';
import type { AnchorPlace } from '../core/audit/anchors.js';
import type { Vault } from '../core/accounts/vault.js';
import type { Config } from '../core/hub/config.js';
import type { FreezeDesk } from '../core/freezes/desk.js';
import type { Orders } from '../core/placements/orders.js';
import type { TaskKeeper } from '../core/people/waiting.js';
import type { Queries } from '../core/placements/queries.js';
import type { Change, ChangeFeed } from '../core/queue/changes.js';
import type { Leaving } from './leaving.js';
import type { Store } from '../core/store/store.js';
import type { SmsAdapter } from '../sms/sms.js';

export interface Changes extends Pick<ChangeFeed, 'place' | 'follow' | 'since'> {
  /** Lets every server hear of it. */
  announce(change: Change): Promise<void>;
}

export interface MediaQueue {
  /** Orders the variants of a picture to be made; they are ready some seconds later. */
  prepare(hash: string): Promise<void>;
}

export interface Services {
  /** Seconds that the oldest job has waited for a worker, by queue. */
  queueAges(): Promise<ReadonlyMap<string, number>>;
  leaving: Leaving;
  store: Store;
  config: Config;
  redis: RedisClient;
  channels: ReadonlyMap<string, Channel>;
  vault: Vault;
  /** The bytes of the media library. */
  library: Files;
  anchors: AnchorPlace;
  /** Signs session cookies. */
  sessionSecret: string;
  log: Logger;
  orders: Orders;
  freezes: FreezeDesk;
  queries: Queries;
  changes: Changes;
  media: MediaQueue;
  smsAdapters: ReadonlyMap<string, SmsAdapter>;
  receipts: {
    /** Tells the ledger what a callout's receipts say. */
    settle(callout: string): Promise<void>;
  };
  /** Whoever keeps tasks that wait for a person by name. */
  taskKeepers: readonly TaskKeeper[];
  /** What one call of a channel gets: the door out, shared memory, media, its files. */
  callFor(channel: Channel, signal: AbortSignal): Call;
}
