/** What the clock does for the book of acts: when a day is over its head is published, on the hub's own sites too, and the whole book is checked once. */
import { type AnchorPlace } from '../../core/audit/anchors.js';
import { checkBook } from '../../core/audit/checking.js';
import { closeDay } from '../../core/audit/days.js';
import { callForHeads, type HeadsMeans } from './heads.js';

export interface AuditDayMeans extends HeadsMeans {
  anchors: AnchorPlace;
}

/** Returns at once; a check of a large book takes a minute, and nothing else of the clock waits for it. */
export function openAuditDay(
  means: AuditDayMeans,
  report: (error: unknown) => void,
): { look(now: Date): void; close(): Promise<void> } {
  const { store, anchors } = means;
  let running: Promise<void> | undefined;

  async function end(now: Date): Promise<void> {
    if (!(await closeDay(store, anchors, now))) return;
    await callForHeads(means, now);
    await checkBook(store, anchors, 'clock');
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
