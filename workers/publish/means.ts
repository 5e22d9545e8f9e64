/** What a publishing process works with. */
import type { Call, Channel } from '../../channels/channel.js';
import type { Config } from '../../core/hub/config.js';
import type { FreezeWatch } from '../../core/freezes/watch.js';
import type { Vault } from '../../core/accounts/vault.js';
import type { ClaimBook } from '../../core/queue/claims.js';
import type { RedisSettings } from '../../core/queue/connection.js';
import type { BatchKind } from '../../core/queue/queues.js';
import type { Seals } from '../../core/signatures/seals.js';
import type { Store } from '../../core/store/store.js';
import type { GivenBack } from './giving-back.js';
import type { Turns } from './turns.js';

export interface PublishMeans {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  /** Where further channels lie. */
  config: Pick<Config, 'channelFolders'>;
  settings: RedisSettings;
  claims: ClaimBook;
  freezes: Pick<FreezeWatch, 'version' | 'edition' | 'stopping' | 'sync' | 'look' | 'ended'>;
  vault: Vault;
  seals: Seals;
  callFor(channel: Channel, signal: AbortSignal): Call;
  /** Of one lane of this process, to publish and to read back. */
  turns: Record<BatchKind, Turns>;
  /** To another process, as this one ends. */
  giveBack(one: GivenBack): Promise<void>;
  /** Seconds after which a request without an answer cannot be under way any more: until then "absent" is not believed. */
  settle: number;
}
