/** Whether a planned order may start: a pure function of the order, of what is so now, and of the clock. */
import type { Hold, HoldReason, Order } from '../model/order.js';

/**
 * What has become of somebody who signed. `serving` and `left` (moved, retired, away) are the same to a plan: a signature
 * counts as of the moment it was given. `removed`: disabled for cause, and what they signed asks. `missing`: nobody is ever
 * deleted here, so somebody took their row out of the database.
 */
export type SignerState = 'serving' | 'left' | 'removed' | 'missing';

/** What is so now. */
export interface Circumstances {
  signers: readonly SignerState[];
  /** The revision is there and signed. */
  signed: boolean;
  /** It is the word that a warning is over, which is better late than never. */
  lifts?: boolean;
  /** Of a warning: when it ends. */
  warningEnds?: Date | undefined;
  /** The audience holds an account that can be written to, or the release stands somewhere that the order reaches. */
  reachable: boolean;
}

export type Verdict = { is: 'start' } | { is: 'wait' } | { is: 'hold'; reason: HoldReason; minutes?: number };

/** Minutes by which a planned order may be late without asking, by lane, unless the order says otherwise. */
export const tolerances = { routine: 10, emergency: 2 } as const;

/** Reasons that a person may overrule: what is due all the same can still succeed. */
export const overruled: readonly HoldReason[] = ['late', 'signer_removed'];

type Planned = Pick<Order, 'notBefore' | 'expires' | 'tolerance' | 'lane' | 'sent' | 'held'>;

/** Before its time an order is held only for what a person should know ahead. */
export function verdictOf(order: Planned, now: Date, circumstances: Circumstances): Verdict {
  const due = order.notBefore === undefined || order.notBefore <= now;
  const known = removedSigner(order, circumstances);
  if (!due) return known ? { is: 'hold', reason: known } : { is: 'wait' };
  const reason = hopeless(order, now, circumstances) ?? known;
  if (reason) return { is: 'hold', reason };
  const late = lateness(order, now);
  return late > 0 ? { is: 'hold', reason: 'late', minutes: late } : { is: 'start' };
}

/** Why it cannot succeed, whatever a person says. */
export function hopeless(
  { expires, notBefore }: Planned,
  now: Date,
  { signed, signers, lifts, warningEnds, reachable }: Circumstances,
): HoldReason | undefined {
  if (signers.includes('missing')) return 'signer_missing';
  if (expires && expires <= now && !lifts) return 'expired';
  const leaves = notBefore && notBefore > now ? notBefore : now;
  if (warningEnds && warningEnds <= leaves) return 'warning_ended';
  if (!signed) return 'not_signed';
  return reachable ? undefined : 'audience_empty';
}

function removedSigner({ sent }: Planned, { signers }: Circumstances): HoldReason | undefined {
  if (signers.includes('missing')) return 'signer_missing';
  return signers.includes('removed') && !sent?.over.includes('signer_removed') ? 'signer_removed' : undefined;
}

/** Whole minutes by which it is later than it may be; 0 where it is in time. A person who said "send" begins the count anew. */
export function lateness({ notBefore, tolerance, lane, sent }: Planned, now: Date): number {
  if (!notBefore) return 0;
  const from = Math.max(notBefore.getTime(), sent?.at.getTime() ?? 0);
  const allowed = (tolerance ?? tolerances[lane]) * 60_000;
  return now.getTime() - from > allowed ? minutesLate(notBefore, now) : 0;
}

/** Whole minutes between the instant planned and the one at which it was done. */
export function minutesLate(planned: Date, done: Date): number {
  return Math.max(0, Math.floor((done.getTime() - planned.getTime()) / 60_000));
}

export function holdOf(verdict: Extract<Verdict, { is: 'hold' }>, at: Date): Hold {
  const { reason, minutes } = verdict;
  return { at, reason, ...(minutes !== undefined && { minutes }) };
}
