import type { Callout } from '../model/callout.js';
import { hasAnswered } from './protocol.js';
import type { Store } from '../store/store.js';

/** Callouts that wait, looked through for what concerns one person. */
const mostOpen = 1_000;

/** Those that wait and in which the person was told, and has not answered yet. */
export async function calledTo(store: Store, person: string): Promise<Callout[]> {
  const open = await store.callouts.find({ state: 'calling' }).sort({ _id: 1 }).limit(mostOpen).lean<Callout[]>();
  const isMine = (row: Callout): boolean =>
    row.messages.some(
      ({ n, kind, to }) =>
        kind === 'call' &&
        to.person === person &&
        row.items.some(({ id, state }) => state === 'open' && !hasAnswered(row, n, id)),
    );
  return open.filter(isMine);
}
