/** What the HTTP face needs from the rest of the program, as small interfaces: no queue and no platform is known here. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Call, Channel, CallbackAnswer } from '../../channels/channel.js';
import type { Vault } from '../accounts/vault.js';
import type { Config } from '../config.js';
import type { Lane } from '../deliveries/delivery.js';
import type { Audience, Dispatch } from '../deliveries/dispatch.js';
import type { Store } from '../store/store.js';
import type { AudienceSize, Count, DeliveryBody, DeliveryPage, DeliveryQuery, ReleaseStatus, ResolveOrder } from './contract.js';

/** Everything that changes a delivery. `by` is a user's id. */
export interface Orders {
  /** Signs the revision and orders its delivery; resolves once the order is stored. @throws LianfaError revision_stale, media_not_ready, audience_empty, account_unknown, channel_unknown, already_withdrawn, queue_unavailable. */
  publish(order: { release: string; revision: string; audience: Audience; lane: Lane; by: string }): Promise<Dispatch>;
  withdraw(order: { release: string; audience: Audience | undefined; reason: string; by: string }): Promise<Dispatch>;
  /** @throws LianfaError not_found, move_forbidden */
  retry(delivery: string, by: string): Promise<void>;
  /** A person says what happened. @throws LianfaError not_found, move_forbidden */
  resolve(delivery: string, order: ResolveOrder, by: string): Promise<void>;
  /** What a platform told us by itself. Resolves once it is stored. */
  callbackNews(channel: string, account: string, news: CallbackAnswer['news']): Promise<void>;
}

/** What the dashboard and the CLI read: queries over the ledger, never counters. */
export interface Queries {
  counts(releases: readonly string[]): Promise<ReadonlyMap<string, Count[]>>;
  /** @throws LianfaError not_found */
  status(release: string): Promise<ReleaseStatus>;
  deliveries(release: string, query: DeliveryQuery): Promise<DeliveryPage>;
  /** @throws LianfaError not_found */
  delivery(id: string): Promise<DeliveryBody>;
  audienceSize(audience: Audience): Promise<AudienceSize>;
}

/** `ids`: the deliveries that changed; undefined where there are too many to name. */
export interface Change {
  release: string;
  ids: string[] | undefined;
}

export interface Changes {
  /** Returns the way to stop listening. */
  subscribe(listener: (change: Change) => void): () => void;
}

export interface MediaQueue {
  /** Orders the variants of a picture to be made; they are ready some seconds later. */
  prepare(hash: string): Promise<void>;
}

export interface Services {
  store: Store;
  config: Config;
  redis: Redis;
  channels: ReadonlyMap<string, Channel>;
  vault: Vault;
  /** Signs session cookies. */
  sessionSecret: string;
  log: Logger;
  orders: Orders;
  queries: Queries;
  changes: Changes;
  media: MediaQueue;
  /** What one call of a channel gets: the door out, shared memory, media, its folder. */
  callFor(channel: Channel, signal: AbortSignal): Call;
}
