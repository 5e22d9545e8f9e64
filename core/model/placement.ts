/** A placement: one release on one account. What should stand there, what does, and how we know: the unit of status. */
import { Schema } from 'mongoose';
import type { Lane, PlatformWords, Remote, Said, Standing } from '../../channels/channel.js';
import { states, type PlacementState } from './states.js';

export const lanes = ['emergency', 'routine'] as const satisfies readonly Lane[];
export type { Lane };

/** What one order asks of one placement. */
export interface Wanted {
  /** Of the order within its release: only a higher one is ever wanted over a lower one. */
  seq: number;
  /** Absent: nothing is to stand. */
  revision?: string;
  /** What stood before may stay beside it (续报). */
  keeps?: true;
  /** With `keeps` or `stops`: orders before this one had been put right or taken back already, and what they left may not stay. */
  keepsFrom?: number;
  /** Only where something stands or may stand: a cancel never makes a post of its own. */
  over?: true;
  /** Taken out (移出): nothing more leaves here, and what is public stays. */
  stops?: true;
}

/** One thing that stands on the account. */
export interface Stands extends Standing {
  /** `held`: it lies with the platform and a person must publish it (a draft). `accepted`: the platform's yes. `published`: a public address. */
  seen: 'held' | 'accepted' | 'published';
  /** It was read back and is not what was signed: it counts as wrong until it is replaced. */
  changed?: true;
  /** Told when a newer order was through already, which may have taken it away: it counts as wrong until it is seen. */
  late?: true;
  /** What goes with it (a push to phones) has not left: the step is to be done again. */
  owed?: true;
}

/** How we know that what stands is right. */
export type Evidence =
  | { by: 'machine'; at: Date; said: Said }
  | { by: 'person'; who: string; at: Date; note: string; url?: string; picture?: string };

interface Happened {
  /** Within its placement: the same event that comes twice is applied once. */
  id: string;
  at: Date;
  /** Who: `publish`, `verify`, `clock`, `callback`, `dispatch`, or a person's id. */
  by: string;
  /** The order it belongs to. */
  seq: number;
  /** The claim under which it happened. */
  try?: string;
  cause?: Said;
  todo?: Said;
  platform?: PlatformWords;
  /** When it is looked at again. */
  dueAt?: Date;
  /** The state it led to; set when it is applied. */
  to?: PlacementState;
  /** It came for an order that nobody waits for any more, or again: kept, and nothing changed by it. */
  ignored?: true;
}

/** One thing that happened to a placement. */
export type PlacementEvent = Happened &
  /** A worker has claimed it: something may leave from now on. */
  (
    | { is: 'sending' }
    /** The platform's yes. `replaces`: the remote id that stands no more because of it. */
    | { is: 'accepted'; revision: string; remote: Remote; seen: Stands['seen']; replaces?: string }
    /** The text is out as in `accepted`, but what goes with it was refused. `then` says what becomes of that. */
    | {
        is: 'owed';
        revision: string;
        remote: Remote;
        seen: Stands['seen'];
        replaces?: string;
        then: 'waiting' | 'needs_action';
        parked?: true;
      }
    | { is: 'withdrawn'; remote: string }
    /** The platform was asked for these orders. `settles`: nothing of this order is under way or will be. */
    | { is: 'looked'; asked: number[]; found: Stands[]; settles?: true }
    /** Nothing left under this claim, surely. `then` says what becomes of it. `frozen`: the freeze that holds it. */
    | { is: 'nothing'; then: 'waiting' | 'failed' | 'cancelled' | 'needs_action'; parked?: true; frozen?: string }
    /** Something may have left and there is no answer; or it is too early to say. */
    | { is: 'unanswered' }
    /** The platform cannot tell whether these earlier orders left something. */
    | { is: 'doubt'; about: number[] }
    /** Only a person can tell what became of it. */
    | { is: 'person'; parked?: true }
    | { is: 'read'; remote: Remote; outcome: 'verified' | 'published' | 'pending' | 'mismatch' | 'rejected' | 'ask' }
    /** A person's word: it stands (at `url`), or nothing stands where nothing should. `picture`: what proves it, in the media library. */
    | { is: 'confirmed'; url?: string; note: string; picture?: string }
    /** A person's word: nothing of it is out, send it. `run`: the Redis in which the doubt was taken off its claim. */
    | { is: 'denied'; run: string; note: string }
    | { is: 'given_up'; note: string }
    | { is: 'retry' }
  );

/** A placement's history as people read it: what was ordered, and what happened. An order is kept once, not with each of its placements. */
export type HistoryEntry = PlacementEvent | (Happened & { is: 'wanted'; revision?: string });

export type EventWords = Pick<Happened, 'cause' | 'todo' | 'platform'>;

/** What the row must know of events that lie in the log. */
export interface Past {
  /** How many lie there. */
  count: number;
  /** Of the newest that was not ignored. */
  words: EventWords;
  /** Of the newest that asked a person to do something. */
  asked?: EventWords;
  /** Of the newest doubt. */
  doubt?: EventWords;
  /** Something of the release has stood here. */
  stood?: true;
  /** The newest two hand-outs, the newest last. */
  claims: { try: string | undefined; at: Date }[];
  /** The newest hand-outs whose outcome is known. */
  ended: string[];
}

/** One event of the log. */
export interface LoggedEvent {
  /** `<placement>/<id of the event>`. */
  _id: string;
  /** Its place among the events of its placement, from 0. */
  n: number;
  event: PlacementEvent;
}

export interface Placement {
  /** `<release>-<account>`: unique by construction. */
  _id: string;
  release: string;
  channel: string;
  account: string;
  organization: string;
  region: string;
  lane: Lane;
  /** What was wanted here, oldest first; the last is what is wanted now. Never empty. */
  orders: Wanted[];
  /** Newest order with a sure outcome of its own. */
  settled: number;
  /** Orders of which something may be under way, or of which nobody knows whether it left. */
  open: number[];
  /** Those of `open` that the platform cannot tell of. */
  doubted: number[];
  /** Orders that were closed by a look alone: asked for again with each later reading. */
  unsure: number[];
  standing: Stands[];
  /** Redis run under which the newest order was made, and the oldest that is not settled. */
  run: string;
  oldestRun: string;
  /** Set while the machine leaves it alone: refused for good, given up, or for a person. */
  halt?: 'failed' | 'cancelled' | 'needs_action';
  /** It lies because the account's credential is dead, and goes on by itself when that is renewed. */
  parked?: true;
  /** The freeze that holds it: it goes on by itself when that is thawed. */
  frozen?: string;
  evidence?: Evidence;
  /** Where it failed, waits or needs a person: which cause it shares with others (see core/placements/why.ts). */
  why?: string;
  state: PlacementState;
  /** When the present state began. */
  since: Date;
  /** When the clock looks at it again; absent where nobody needs to. */
  dueAt?: Date;
  /** Hand-outs of the newest order. */
  attempts: number;
  /** What happened last, oldest first. What happened before lies in the log, so that a row stays as small as it was made. */
  recent: PlacementEvent[];
  past?: Past;
  version: number;
}

/** Written whole by `record` and `dispatch` under its version; what is never queried inside is kept as plain values. */
export const placementSchema = new Schema<Placement>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    organization: { type: String, required: true },
    region: { type: String, required: true },
    lane: { type: String, enum: lanes, required: true },
    orders: [Schema.Types.Mixed],
    settled: { type: Number, default: 0 },
    open: [Number],
    doubted: [Number],
    unsure: [Number],
    standing: [Schema.Types.Mixed],
    run: { type: String, default: '' },
    oldestRun: { type: String, default: '' },
    halt: String,
    parked: Boolean,
    frozen: String,
    evidence: Schema.Types.Mixed,
    why: String,
    state: { type: String, enum: states, required: true },
    since: { type: Date, required: true },
    dueAt: Date,
    attempts: { type: Number, default: 0 },
    recent: [Schema.Types.Mixed],
    past: Schema.Types.Mixed,
    version: { type: Number, default: 0 },
  },
  { versionKey: false, collection: 'placements', minimize: false },
);

// All rows of a release are found by their ids, which begin with its own: see `placementIds`.
placementSchema.index({ release: 1, channel: 1, state: 1, _id: 1 });
placementSchema.index({ account: 1, state: 1, since: 1 });
// The command screen: when rows came to their states, and where they are; written at its end, as time goes.
placementSchema.index({ release: 1, since: 1, state: 1, channel: 1, region: 1, organization: 1 });
// What lies still. A row that goes well never moves in it.
placementSchema.index({ release: 1, why: 1, region: 1, organization: 1, _id: 1 });
placementSchema.index({ dueAt: 1 }, { sparse: true });
placementSchema.index({ frozen: 1 }, { sparse: true });

/** Appended only, read for a history alone, and to know an old event that comes again. */
export const eventSchema = new Schema<LoggedEvent>(
  {
    _id: { type: String, required: true },
    n: { type: Number, required: true },
    event: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, collection: 'events', minimize: false },
);

export function placementId(release: string, account: string): string {
  return `${release}-${account}`;
}

/** The release and the account that a placement's id names. */
export function partsOf(placement: string): [release: string, account: string] {
  const cut = placement.indexOf('-');
  return [placement.slice(0, cut), placement.slice(cut + 1)];
}

/** The range of ids that the placements of a release have; of those after `after`, where that is given. */
export function placementIds(release: string, after?: string): { $gt: string; $lt: string } {
  return { $gt: after ?? `${release}-`, $lt: `${release}.` };
}

/** The range of ids that the logged events of a placement have. */
export function loggedIdsOf(placement: string): { $gt: string; $lt: string } {
  return { $gt: loggedId(placement, ''), $lt: `${placement}0` };
}

export function loggedId(placement: string, event: string): string {
  return `${placement}/${event}`;
}

/** The key of a step, the same for every attempt at it. */
export function stepKey(placement: string, seq: number): string {
  return `${placement}-${seq}`;
}

/** What is wanted now. */
export function wantedOf({ orders }: Pick<Placement, 'orders'>): Wanted {
  const newest = orders.at(-1);
  if (!newest) throw new Error('a placement without an order');
  return newest;
}
