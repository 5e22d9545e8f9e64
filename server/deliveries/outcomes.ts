/** What a channel answered, as events of the ledger. */
import type { Acceptance, Verification } from '../../channels/channel.js';
import type { DeliveryEvent } from './delivery.js';
import type { DeliveryState } from './states.js';

export interface EventFrame {
  id: string;
  at: Date;
  by: string;
  attempt?: number;
}

export function eventOfAcceptance(acceptance: Acceptance, frame: EventFrame): DeliveryEvent {
  const { at } = frame;
  const said = { ...frame, ...(acceptance.platform && { platform: acceptance.platform }) };
  switch (acceptance.outcome) {
    case 'accepted': return { ...said, to: 'accepted', remote: acceptance.remote, dueAt: seconds(at, acceptance.checkAfter ?? 30) };
    case 'published': return { ...said, to: 'published', remote: acceptance.remote, dueAt: seconds(at, acceptance.checkAfter ?? 1) };
    case 'action': return {
      ...said, to: 'needs_action', cause: acceptance.cause, todo: acceptance.todo,
      // What a person does on the platform with what we left there (a draft) is looked for by itself.
      ...(acceptance.remote && { remote: acceptance.remote, dueAt: seconds(at, 60) }),
    };
  }
}

/** `now` is when the news is looked at; `state` is where the delivery stands, which `pending` does not change. */
export function eventOfVerification(verification: Verification, frame: EventFrame & { now: Date; state?: DeliveryState }): DeliveryEvent {
  const { now, state = 'accepted', ...rest } = frame;
  const said = { ...rest, ...('platform' in verification && verification.platform && { platform: verification.platform }) };
  switch (verification.outcome) {
    case 'verified': return { ...said, to: 'verified', remote: verification.remote, cause: verification.evidence };
    case 'published': return { ...said, to: 'published', remote: verification.remote, dueAt: seconds(now, verification.again) };
    case 'pending': return { ...said, to: state, dueAt: seconds(now, verification.again) };
    case 'mismatch': return { ...said, to: 'needs_action', cause: verification.cause, todo: verification.todo };
    case 'rejected': return { ...said, to: 'failed', cause: verification.cause, todo: verification.todo };
  }
}

export function seconds(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 1_000);
}
