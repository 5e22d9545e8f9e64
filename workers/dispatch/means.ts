/** What a dispatching process works with. */
import type { ClaimBook } from '../../core/queue/claims.js';
import type { RedisClient, RedisSettings } from '../../core/queue/connection.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Seals } from '../../core/signatures/seals.js';
import type { PeopleMeans } from '../../core/people/write.js';

export interface DispatchMeans extends PeopleMeans {
  seals: Seals;
  queues: Queues;
  claims: ClaimBook;
  redis: RedisClient;
  settings: RedisSettings;
  channels: ReadonlyMap<string, unknown>;
}
