/** One move of an order that has not begun, and its entry in the book of acts: both or neither. */
import type { ClientSession, UpdateQuery } from 'mongoose';
import { act, type Doer } from '../audit/book.js';
import type { Order, OrderState } from '../model/order.js';
import type { Store } from '../store/store.js';

export interface Move {
  act: 'order.start' | 'order.hold' | 'order.send' | 'order.unschedule' | 'order.stop';
  who: Doer;
  /** The condition stands in the write: of two who move it at once, one does. */
  from: readonly OrderState[];
  update: UpdateQuery<Order>;
  /** What the book says of it. */
  after: Readonly<Record<string, string | number>>;
  /** In the same commit. */
  also?: (session: ClientSession) => Promise<void>;
}

/** Somebody else has moved it. */
class Moved extends Error {}

/** False where somebody else has moved it meanwhile: then nothing is done and nothing recorded. */
export async function moveOrder(store: Store, order: Order, move: Move): Promise<boolean> {
  const { _id, release, revision } = order;
  const entry = {
    act: move.act,
    outcome: 'done' as const,
    who: move.who,
    unit: unitAt(order.place),
    on: { order: _id, release, ...(revision !== undefined && { revision }) },
    before: { state: order.state, ...(order.notBefore && { notBefore: order.notBefore.toISOString() }) },
    after: move.after,
  };
  try {
    await act(store, entry, async (session) => {
      const still = { _id, state: { $in: [...move.from] }, begun: { $exists: false } };
      const { matchedCount } = await store.orders.updateOne(still, move.update, { session });
      if (matchedCount === 0) throw new Moved();
      await move.also?.(session);
    });
    return true;
  } catch (error) {
    if (error instanceof Moved) return false;
    throw error;
  }
}

/** The id of the unit whose path it is; undefined of the hub as a whole. */
export function unitAt(path: string): string | undefined {
  return path.split('/').at(-2);
}
