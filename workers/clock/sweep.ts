/** Looks at every delivery whose time has come. The ledger is the only timer: nothing can be forgotten in a queue. */
import { LRUCache } from 'lru-cache';
import type { Delivery, DeliveryEvent } from '../../core/model/delivery.js';
import type { DeliveryState } from '../../core/model/states.js';
import { newId } from '../../core/ids.js';
import type { CarriedEvent, EventStream } from '../../core/queue/events.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueHandOuts } from '../hand-outs.js';

export interface SweepMeans {
  store: Store;
  queues: Queues;
  events: EventStream;
}

const pageSize = 1_000;
/** Seconds until the same row, unchanged, is looked at again: its job is on the way. */
const patience: Partial<Record<DeliveryState, number>> = {
  queued: 900,
  sending: 30,
  waiting: 60,
  accepted: 60,
  published: 60,
  needs_action: 600,
};

type DueRow = Pick<Delivery, '_id' | 'lane' | 'channel' | 'state' | 'version' | 'clean' | 'remote' | 'dueAt'>;

export class Sweeper {
  private readonly seen = new LRUCache<string, true>({ max: 300_000 });
  private readonly means: SweepMeans;

  constructor(means: SweepMeans) {
    this.means = means;
  }

  /** One pass over all rows due at `now`. Returns how many it acted on. */
  async sweep(now: Date): Promise<number> {
    let acted = 0;
    let from = new Date(0);
    for (;;) {
      const page: DueRow[] = await this.means.store.deliveries
        .find({ dueAt: { $gte: from, $lte: now } }, { events: 0 })
        .sort({ dueAt: 1 })
        .limit(pageSize)
        .lean();
      const rows = page.filter((row) => !this.seen.has(`${row._id} ${row.version}`));
      await this.act(rows, now);
      for (const row of rows)
        this.seen.set(`${row._id} ${row.version}`, true, { ttl: (patience[row.state] ?? 60) * 1_000 });
      acted += rows.length;
      const last = page.at(-1)?.dueAt;
      if (page.length < pageSize || !last) return acted;
      // Where a whole page shares one instant and is known already, step over it.
      from = rows.length === 0 && last.getTime() === from.getTime() ? new Date(last.getTime() + 1) : last;
    }
  }

  private async act(rows: readonly DueRow[], now: Date): Promise<void> {
    const handOuts = rows.filter((row) => row.state === 'queued' || row.state === 'sending' || row.state === 'waiting');
    const readBacks = rows.filter(
      (row) => (row.state === 'accepted' || row.state === 'published' || row.state === 'needs_action') && row.remote,
    );
    const events = rows.flatMap((row) => reminderFor(row, now));
    await queueHandOuts(this.means.queues, handOuts, (row) => row.clean === true && row.state !== 'sending');
    await queueHandOuts(this.means.queues, readBacks, () => false, 'verify');
    await this.means.events.send(events);
  }
}

/** What the history should say about a row whose deadline has passed. */
function reminderFor(row: DueRow, now: Date): CarriedEvent[] {
  const event = (rest: Pick<DeliveryEvent, 'to' | 'cause'> & Partial<DeliveryEvent>): CarriedEvent[] => [
    { delivery: row._id, event: { id: newId('e'), at: now, by: 'clock', ...rest } },
  ];
  switch (row.state) {
    case 'needs_action':
      return row.remote
        ? []
        : event({
            to: 'needs_action',
            cause: { zh: '等待人工处理已超过一天。', en: 'Has waited for a person for more than a day.' },
          });
    case 'accepted':
    case 'published':
      return row.remote
        ? []
        : event({
            to: 'needs_action',
            cause: {
              zh: '没有平台编号，无法自动核验。',
              en: 'No platform id is known; it cannot be checked by machine.',
            },
            todo: { zh: '请到平台查看后在此处理。', en: 'Look on the platform and settle it here.' },
          });
    default:
      return [];
  }
}
