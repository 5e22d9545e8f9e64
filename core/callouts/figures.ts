/** How far the calling of a release has come, counted from the rows themselves. */
import type { Callout } from '../model/callout.js';
import type { Store } from '../store/store.js';

export interface CalloutFigures {
  callouts: number;
  items: number;
  answered: number;
  calls: number;
  sent: number;
  accepted: number;
  opened: number;
  receipts: number;
  nobody: number;
}

export async function figuresOf(store: Store, release: string): Promise<CalloutFigures> {
  const sum = { callouts: 0, items: 0, answered: 0, calls: 0, sent: 0, accepted: 0, opened: 0, receipts: 0, nobody: 0 };
  const rows = store.callouts
    .find({ releases: { $in: [release] } }, { items: 1, messages: 1, receipts: 1, exhausted: 1 })
    .lean<Pick<Callout, 'items' | 'messages' | 'receipts' | 'exhausted'>[]>()
    .cursor();
  for await (const row of rows) {
    const calls = row.messages.filter(({ kind }) => kind === 'call');
    const items = row.items.filter((item) => item.release === release);
    const ids = new Set(items.map(({ id }) => id));
    sum.callouts += 1;
    sum.items += items.length;
    sum.answered += items.filter(({ state }) => state === 'answered').length;
    sum.calls += calls.length;
    sum.sent += calls.filter(({ sentAt }) => sentAt).length;
    sum.accepted += calls.filter(({ acceptedAt }) => acceptedAt).length;
    sum.opened += calls.filter(({ openedAt }) => openedAt).length;
    sum.receipts += row.receipts.filter(({ item }) => ids.has(item)).length;
    if (row.exhausted && calls.length === 0) sum.nobody += 1;
  }
  return sum;
}
