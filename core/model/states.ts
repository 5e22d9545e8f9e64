/** The states of a placement and the moves between them, as data. */

export const states = [
  'queued',
  'sending',
  'waiting',
  'accepted',
  'published',
  'verified',
  'confirmed',
  'needs_action',
  'failed',
  'cancelled',
  'withdrawn',
] as const;
export type PlacementState = (typeof states)[number];

/** States in which something is still to be done by the machine: standing does not follow wanted yet. */
export const todoStates = ['queued', 'sending', 'waiting'] as const satisfies readonly PlacementState[];

const todo = todoStates;
/** Where work in hand may end. An outcome that comes late may end any of them. */
const ends = ['accepted', 'published', 'needs_action', 'failed', 'cancelled', 'withdrawn'] as const;

/**
 * Allowed moves. From everywhere a new order leads back to `queued`, and a hand-out that only looks to `sending`; a
 * state listed in its own row may be confirmed (a poll that found nothing new, a reminder). `verified` is reached by
 * reading back alone, `confirmed` by a person's word alone.
 */
export const moves: Readonly<Record<PlacementState, readonly PlacementState[]>> = {
  queued: [...todo, ...ends, 'confirmed'],
  sending: [...todo, ...ends, 'confirmed'],
  waiting: [...todo, ...ends, 'confirmed'],
  accepted: [...todo, ...ends, 'verified', 'confirmed'],
  published: [...todo, ...ends, 'verified', 'confirmed'],
  verified: [...todo, ...ends, 'verified'],
  confirmed: [...todo, ...ends, 'verified', 'confirmed'],
  needs_action: [...todo, ...ends, 'verified', 'confirmed'],
  failed: [...todo, ...ends, 'confirmed'],
  cancelled: [...todo, ...ends, 'confirmed'],
  withdrawn: [...todo, ...ends, 'confirmed'],
};

export const finalStates: readonly PlacementState[] = ['verified', 'confirmed', 'failed', 'cancelled', 'withdrawn'];

export function isFinal(state: PlacementState): boolean {
  return finalStates.includes(state);
}

export function isTodo(state: PlacementState): boolean {
  return (todoStates as readonly PlacementState[]).includes(state);
}

/** Every state that is not final is looked at again after this many seconds, unless its event names a time. */
export const deadlines: Readonly<Partial<Record<PlacementState, number>>> = {
  queued: 15 * 60,
  // A little longer than a claim holds: a dead worker's placements are looked for as soon as they may be.
  sending: 40,
  waiting: 60,
  accepted: 60,
  published: 2,
  needs_action: 24 * 3600,
};

/** What is verified is read again, thinning out: seconds after it was first read. After the last nobody looks any more. */
export const rereads = [600, 3600, 6 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600] as const;

export function mayMove(from: PlacementState, to: PlacementState): boolean {
  return moves[from].includes(to);
}
