/** The states of a delivery and the moves between them, as data. */

export const states = [
  'queued',
  'sending',
  'accepted',
  'published',
  'verified',
  'waiting',
  'needs_action',
  'failed',
  'cancelled',
  'withdrawn',
] as const;
export type DeliveryState = (typeof states)[number];

export const actions = ['publish', 'withdraw'] as const;
export type DeliveryAction = (typeof actions)[number];

/**
 * Allowed moves. A state listed in its own row may be confirmed (a poll that found nothing new, a reminder).
 * `verified`, `failed`, `cancelled` and `withdrawn` are final for the machine; a person may still retry a failure, and
 * what was verified may later be withdrawn or be found changed.
 */
export const moves: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  queued: ['queued', 'sending', 'accepted', 'published', 'waiting', 'needs_action', 'failed', 'cancelled', 'withdrawn'],
  sending: ['sending', 'accepted', 'published', 'verified', 'waiting', 'needs_action', 'failed', 'withdrawn'],
  waiting: [
    'waiting',
    'queued',
    'sending',
    'accepted',
    'published',
    'needs_action',
    'failed',
    'cancelled',
    'withdrawn',
  ],
  accepted: ['accepted', 'published', 'verified', 'needs_action', 'failed', 'withdrawn'],
  published: ['published', 'verified', 'needs_action', 'withdrawn'],
  verified: ['needs_action', 'withdrawn'],
  needs_action: ['needs_action', 'queued', 'accepted', 'published', 'verified', 'failed', 'cancelled', 'withdrawn'],
  failed: ['queued', 'withdrawn'],
  cancelled: [],
  withdrawn: [],
};

export const finalStates: readonly DeliveryState[] = ['verified', 'failed', 'cancelled', 'withdrawn'];

export function isFinal(state: DeliveryState): boolean {
  return finalStates.includes(state);
}

export function mayMove(from: DeliveryState, to: DeliveryState): boolean {
  return moves[from].includes(to);
}

/** Every state that is not final is looked at again after this many seconds, unless its event names a time. */
export const deadlines: Readonly<Partial<Record<DeliveryState, number>>> = {
  queued: 15 * 60,
  // A little longer than a claim holds: a dead worker's deliveries are looked for as soon as they may be.
  sending: 40,
  waiting: 60,
  accepted: 60,
  published: 2,
  needs_action: 24 * 3600,
};
