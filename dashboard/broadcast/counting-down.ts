/** Whether a broadcast is about to leave, rather than planned for a time that is still far. */
import type { OrderBody } from '../api';

/** Ms. */
const near = 60_000;

export function isCountingDown({ state, broadcast }: OrderBody): boolean {
  return state === 'planned' && broadcast?.leavesIn !== undefined && broadcast.leavesIn <= near;
}
