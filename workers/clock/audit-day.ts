/** What the clock does for the book of acts: when a day is over its head is published, and the whole book is checked once. */
import { type AnchorPlace } from '../../core/audit/anchors.js';
import { checkBook } from '../../core/audit/checking.js';
import { closeDay } from '../../core/audit/days.js';
import type { Store } from '../../core/store/store.js';

export interface AuditDayMeans {
  store: Store;
  anchors: AnchorPlace;
}

/** Returns at once; a check of a large book takes a minute, and nothing else of the clock waits for it. */
export function openAuditDay(
  { store, anchors }: AuditDayMeans,
  report: (error: unknown) => void,
): { look(now: Date): void; close(): Promise<void> } {
  let running: Promise<void> | undefined;

  async function end(now: Date): Promise<void> {
    if (await closeDay(store, anchors, now)) await checkBook(store, anchors, 'clock');
  }

  return {
    look(now) {
      running ??= end(now)
        .catch(report)
        .finally(() => {
          running = undefined;
        });
    },
    async close() {
      await running;
    },
  };
}
