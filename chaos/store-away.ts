/** What whoever orders and judges meets where the store is a host that can be lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { LianfaError } from '../core/errors.js';
import { outageOf } from '../core/store/mongodb/outage.js';
import type { Desk } from './desk.js';
import type { Order } from './plan.js';

/**
 * What whoever asked is told with 503. The wire server, cut off in a transaction, refuses the next of that session: it is
 * the book then.
 */
const away = new Set<string>(['store_unavailable', 'outcome_unknown', 'audit_unavailable']);

/** It was not there, or nobody knows what it did. */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof LianfaError) return away.has(error.code);
  return outageOf(error) !== undefined;
}

/** Then it does not come back. */
const mostTries = 60;

/**
 * Whatever became of an order without an answer, the same is given anew as another release, until one is taken: that one
 * is judged.
 */
export async function giveUntilTaken(desk: Desk, order: Order): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const release = `${order.release}${'又'.repeat(tries - 1)}`;
    try {
      return await desk.order({ ...order, release });
    } catch (error) {
      if (!isStoreAway(error) || tries === mostTries) throw error;
      console.error(`  ${release}: ${String(error)}`);
    }
    await pause(1_000);
  }
}
