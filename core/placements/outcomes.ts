/**
 * What a channel answered, as events of the ledger. Here and wherever something is made for each delivery, new fields stand
 * before a spread, not behind it: behind it each costs V8 microseconds, and leaves an object that is slow to read.
 */
import type { Acceptance, Verification } from '../../channels/channel.js';
import type { DeliveryEvent } from '../model/delivery.js';
import type { DeliveryState } from '../model/states.js';

export interface EventFrame {
  id: string;
  at: Date;
  by: string;
  attempt?: number;
}

export function eventOfAcceptance(acceptance: Acceptance, frame: EventFrame): DeliveryEvent {
  const { at } = frame;
  const said = acceptance.platform ? { platform: acceptance.platform, ...frame } : frame;
  switch (acceptance.outcome) {
    case 'accepted':
      return { to: 'accepted', remote: acceptance.remote, dueAt: seconds(at, acceptance.checkAfter ?? 30), ...said };
    case 'published':
      return { to: 'published', remote: acceptance.remote, dueAt: seconds(at, acceptance.checkAfter ?? 1), ...said };
    case 'action':
      return {
        to: 'needs_action',
        cause: acceptance.cause,
        todo: acceptance.todo,
        // What a person does on the platform with what we left there (a draft) is looked for by itself.
        ...(acceptance.remote && { remote: acceptance.remote, dueAt: seconds(at, 60) }),
        ...said,
      };
  }
}

/** `now` is when the news is looked at; `state` is where the delivery stands, which `pending` does not change. */
export function eventOfVerification(
  verification: Verification,
  frame: EventFrame & { now: Date; state?: DeliveryState },
): DeliveryEvent {
  const { now, state = 'accepted', ...rest } = frame;
  const said =
    'platform' in verification && verification.platform ? { platform: verification.platform, ...rest } : rest;
  switch (verification.outcome) {
    case 'verified':
      return { to: 'verified', remote: verification.remote, cause: verification.evidence, ...said };
    case 'published':
      return { to: 'published', remote: verification.remote, dueAt: seconds(now, verification.again), ...said };
    case 'pending':
      return { to: state, dueAt: seconds(now, verification.again), ...said };
    case 'mismatch':
      return { to: 'needs_action', cause: verification.cause, todo: verification.todo, ...said };
    case 'rejected':
      return { to: 'failed', cause: verification.cause, todo: verification.todo, ...said };
  }
}

export function seconds(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 1_000);
}
