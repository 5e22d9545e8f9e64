/** What a move is, and what all processes share. */
import type { Known } from '../../core/placements/protocol.js';
import type { Decisions } from './decisions.js';
import type { Mishaps, Scenario } from './scenarios.js';
import type { Job, Place, Publisher, Redis, State } from './state.js';
import { otherPlace } from './state.js';

export interface World {
  scenario: Scenario;
  decisions: Decisions;
}

export interface Move {
  name: string;
  to: State;
  /** What must never be, and is by this move. */
  fault?: string | undefined;
  /** It may happen, and nobody may count on it. */
  mishap?: true;
}

/** What no move may do. */
export const faults = {
  twice: 'one text stands twice',
  oldLanded: 'an older text landed after a newer one',
  oldLeft: 'an older text left after a newer one was wanted',
  besideAnother: 'called verified while another text stands there',
  changedVerified: 'the public changes under a placement already called verified',
  besideHolder: 'a publisher begins beside one that is being answered',
  notThere: 'a person is asked about a text that is not there',
  nothingLeft: 'the older text was taken away while the newer one is not public',
  afterFreeze: 'something leaves after the acknowledged freeze',
  afterEnd: 'something leaves after the end that was signed with it',
  takenAway: 'what is public is taken away where the placement was only taken out',
  newestRefused: 'the newest order is refused as overtaken',
} as const;

export const mayHappen = ({ mishaps }: State, mishap: keyof Mishaps): boolean => (mishaps[mishap] ?? 0) > 0;

/** The move that uses one of this mishap up. */
export function mishap(which: keyof Mishaps, name: string, to: State): Move {
  const mishaps = { ...to.mishaps, [which]: (to.mishaps[which] ?? 0) - 1 };
  return { name, to: { ...to, mishaps }, mishap: true };
}

export const withRedis = (state: State, redis: Redis): State => ({ ...state, redis });

export function withJob(redis: Redis, job: Job): Redis {
  return { ...redis, jobs: [...redis.jobs, job].sort((a, b) => textOf(a).localeCompare(textOf(b))) };
}

export const textOf = (part: object): string => JSON.stringify(part);

export function withPublisher(state: State, place: Place, publisher: Publisher): State {
  const other = state.publishers[otherPlace(place)];
  return { ...state, publishers: place === 0 ? [publisher, other] : [other, publisher] };
}

/** Sequence of the newest order. */
export function newestOf({ orders }: Known): number {
  return orders.at(-1)?.seq ?? 0;
}
