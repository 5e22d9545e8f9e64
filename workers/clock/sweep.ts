/** Looks at every placement whose time has come. The ledger is the only timer: nothing can be forgotten in a queue. */
import { LRUCache } from 'lru-cache';
import { newId } from '../../core/ids.js';
import { wantedOf, type Placement } from '../../core/model/placement.js';
import { isFinal, isTodo, type PlacementState } from '../../core/model/states.js';
import type { ClaimBook, Told } from '../../core/queue/claims.js';
import type { Queues } from '../../core/queue/queues.js';
import type { Store } from '../../core/store/store.js';
import { queueSteps } from '../hand-outs.js';

export interface SweepMeans {
  store: Store;
  queues: Queues;
  claims: ClaimBook;
}

const pageSize = 1_000;
/** Seconds until the same row, unchanged, is looked at again: its job is on the way. */
const patience: Partial<Record<PlacementState, number>> = {
  queued: 900,
  sending: 30,
  waiting: 60,
  accepted: 60,
  published: 60,
  needs_action: 600,
};

type DueRow = Pick<
  Placement,
  '_id' | 'lane' | 'channel' | 'orders' | 'state' | 'version' | 'standing' | 'unsure' | 'dueAt'
>;

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
      // Columns alone: behind a large burst most of what is due is in hand already.
      const page = await this.means.store.placements
        .find({ dueAt: { $gte: from, $lte: now } }, { version: 1, dueAt: 1 })
        .sort({ dueAt: 1 })
        .limit(pageSize)
        .lean();
      const fresh = page.filter((row) => !this.seen.has(`${row._id} ${row.version}`)).map(({ _id }) => _id);
      const rows = await this.dueOf(fresh, now);
      await this.act(rows, now);
      for (const row of rows)
        this.seen.set(`${row._id} ${row.version}`, true, { ttl: (patience[row.state] ?? 60) * 1_000 });
      acted += rows.length;
      const last = page.at(-1)?.dueAt;
      if (page.length < pageSize || !last) return acted;
      // Where a whole page shares one instant and is known already, step over it.
      from = fresh.length === 0 && last.getTime() === from.getTime() ? new Date(last.getTime() + 1) : last;
    }
  }

  /** Those of them that are due still. */
  private async dueOf(ids: readonly string[], now: Date): Promise<DueRow[]> {
    if (ids.length === 0) return [];
    const rows: DueRow[] = await this.means.store.placements.find({ _id: { $in: ids } }).lean();
    return rows.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
  }

  private async act(rows: readonly DueRow[], now: Date): Promise<void> {
    if (rows.length === 0) return;
    const { queues, claims } = this.means;
    const run = await queues.run();
    const readable = (row: DueRow): boolean => row.standing.length > 0 || row.unsure.length > 0;
    const resting = rows.filter((row) => !isTodo(row.state));
    await queueSteps(
      queues,
      rows.filter((row) => isTodo(row.state)),
      run,
    );
    await queueSteps(queues, resting.filter(readable), run, 'verify');
    await claims.tell(resting.filter((row) => !readable(row) && !isFinal(row.state)).map((row) => reminder(row, now)));
  }
}

/** What the history should say about a row that has waited for a person for too long. */
function reminder(row: DueRow, at: Date): Told {
  const cause = { zh: '等待人工处理已超过一天。', en: 'Has waited for a person for more than a day.' };
  const frame = { id: newId('e'), at, by: 'clock', seq: wantedOf(row).seq };
  return { placement: row._id, event: { is: 'person', cause, ...frame } };
}
