/** Deliveries as rows: made, inserted where they are missing, and queued. */
import type { ClaimBook } from '../../core/queue/claims.js';
import type { EventStream } from '../../core/queue/events.js';
import type { RedisSettings } from '../../core/queue/connection.js';
import type { Queues } from '../../core/queue/queues.js';
import { deliveryId, type Delivery } from '../../core/model/delivery.js';
import type { Dispatch } from '../../core/model/dispatch.js';
import { deadlines } from '../../core/model/states.js';
import type { Store } from '../../core/store/store.js';
import type { Redis } from 'ioredis';
import { queueHandOuts } from '../hand-outs.js';

export interface DispatchMeans {
  store: Store;
  queues: Queues;
  claims: ClaimBook;
  events: EventStream;
  redis: Redis;
  settings: RedisSettings;
}

export interface Page {
  made: number;
  /** Where the next page begins; absent after the last. */
  cursor?: string;
}

type Destination = Pick<Delivery, 'channel' | 'account' | 'organization' | 'region'> &
  Partial<Pick<Delivery, 'revision' | 'remote'>>;

export function newDelivery(dispatch: Dispatch, to: Destination): Delivery {
  const now = new Date();
  const revision = to.revision ?? dispatch.revision;
  return {
    _id: deliveryId(revision, to.account, dispatch.action),
    release: dispatch.release,
    revision,
    dispatch: dispatch._id,
    action: dispatch.action,
    channel: to.channel,
    account: to.account,
    organization: to.organization,
    region: to.region,
    lane: dispatch.lane,
    state: 'queued',
    since: now,
    dueAt: new Date(now.getTime() + (deadlines.queued ?? 0) * 1_000),
    attempts: 0,
    ...(to.remote && { remote: to.remote }),
    events: [
      {
        id: 'q',
        to: 'queued',
        at: now,
        by: dispatch.by,
        ...(dispatch.reason && { cause: { zh: dispatch.reason, en: dispatch.reason } }),
      },
    ],
    version: 0,
  };
}

/** Inserts what is not there yet and returns the ids that were new. */
export async function insertMissing(store: Store, rows: readonly Delivery[]): Promise<Set<string>> {
  const fresh = new Set(rows.map((row) => row._id));
  if (rows.length === 0) return fresh;
  try {
    await store.deliveries.collection.insertMany(rows as never[], { ordered: false });
  } catch (error) {
    const { writeErrors } = error as { writeErrors?: unknown };
    const failed = (Array.isArray(writeErrors) ? writeErrors : []) as { index: number; code: number }[];
    if (failed.length === 0 || failed.some(({ code }) => code !== 11_000)) throw error;
    for (const { index } of failed) fresh.delete(rows[index]?._id ?? '');
  }
  return fresh;
}

/**
 * Queues new rows as first hand-outs. A row that was there before is queued too if it is still untouched and ours: a
 * run may have died between inserting and queueing; that hand-out asks the platform first.
 */
export async function queueRows(
  dispatch: Dispatch,
  rows: readonly Delivery[],
  fresh: ReadonlySet<string>,
  { store, queues }: DispatchMeans,
): Promise<void> {
  const old = rows.filter((row) => !fresh.has(row._id)).map((row) => row._id);
  const stranded =
    old.length === 0
      ? []
      : await store.deliveries.find({ _id: { $in: old }, dispatch: dispatch._id, state: 'queued' }).lean();
  await queueHandOuts(
    queues,
    rows.filter((row) => fresh.has(row._id)),
    () => true,
  );
  await queueHandOuts(queues, stranded, () => false);
}
