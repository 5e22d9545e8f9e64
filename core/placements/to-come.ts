/** How many accounts an order under way was signed for that it has not met yet: from the first moment the screens count to what was signed. */
import type { Order } from '../model/order.js';
import { readStatement } from '../signatures/statement.js';
import type { Count } from './report.js';

/** The largest number that an order which is under way, or in its countdown, was signed for; 0 where none is. */
export function signedFor(orders: readonly Pick<Order, 'state' | 'action' | 'statement'>[]): number {
  const under = orders.filter(
    ({ state, action }) => action === 'publish' && (state === 'running' || state === 'planned'),
  );
  return Math.max(0, ...under.map(({ statement }) => numberIn(statement)));
}

/** What is on the release's rows already is counted there, whatever order put it; so nobody is counted twice. */
export function leftToCome(signed: number, counts: readonly Count[]): number {
  return Math.max(0, signed - counts.reduce((sum, { count }) => sum + count, 0));
}

/** Of a broadcast the number that both typed; of any other what its audience held at signing. */
function numberIn(statement: string | undefined): number {
  if (statement === undefined) return 0;
  try {
    const { broadcast, accounts } = readStatement(statement);
    return broadcast?.accounts ?? accounts?.number ?? 0;
  } catch {
    // What was written by hand in place of a statement says nothing; dispatch refuses it.
    return 0;
  }
}
