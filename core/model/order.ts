/** One order (发布令): a signed revision or a withdrawal, an audience, a lane, and where it is planned its time. Its cursor lets a broken dispatch go on where it stopped. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { lanes, type Lane } from './placement.js';

/** Whose signature lies beside that of the statement's own signer, over the same text: the second one of a broadcast. */
export interface SecondSignature {
  person: string;
  key: string;
  /** The countdown runs from this instant. */
  at: Date;
}

/**
 * A selector over accounts: alternatives inside a list, conditions between lists, but that codes and shapes name places
 * together: who lies in any of them is in. An empty selector holds every enabled account.
 */
export interface Audience {
  channels?: string[] | undefined;
  /** GB/T 2260 codes; each holds its whole subtree. */
  regions?: string[] | undefined;
  /** CAP's notation: `lat,lon lat,lon …`, closed. Who lies on the line is inside. */
  polygons?: string[] | undefined;
  /** CAP's notation: `lat,lon radius`, in kilometres. */
  circles?: string[] | undefined;
  /** Unit ids; each holds its whole subtree. */
  organizations?: string[] | undefined;
  tags?: string[] | undefined;
  accounts?: string[] | undefined;
  /** Left out, whatever else holds them, and why. */
  except?: Exception[] | undefined;
}

/** Units with all below them, or accounts. */
export interface Exception {
  organizations?: string[] | undefined;
  accounts?: string[] | undefined;
  reason: string;
}

/** `narrow` (移出): its accounts are taken out; nothing more leaves there, and what is public stays. */
export const actions = ['publish', 'withdraw', 'narrow'] as const;
export type OrderAction = (typeof actions)[number];

/**
 * Which placements an order reaches. `audience`: the accounts it names, new or not. `standing`: those where the release
 * stands or may stand, in the audience or not. A correction reaches both, a cancel only the latter.
 */
export interface Reach {
  audience: boolean;
  standing: boolean;
}

/**
 * `planned`: for its time. `held`: it was due, or will be, and asks a person. `unscheduled`: taken back before it started,
 * or replaced. `running`: being put on placements. `done`: put on all of them.
 */
export const orderStates = ['planned', 'held', 'unscheduled', 'running', 'done', 'refused'] as const;
export type OrderState = (typeof orderStates)[number];
/** An order that has not started and still may. */
export const pendingStates = ['planned', 'held'] as const satisfies readonly OrderState[];

export const holdReasons = [
  'late',
  'signer_removed',
  'signer_missing',
  'expired',
  'warning_ended',
  'not_signed',
  'audience_empty',
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** Why an order is held. `minutes`: how late it is. */
export interface Hold {
  at: Date;
  reason: HoldReason;
  minutes?: number;
}

export interface Met {
  /** Signed, and still there. */
  signed: number;
  /** Come into the audience since. */
  later: number;
  /** Of those signed: no account for drills any more, so that a drill does not go there. */
  unmarked?: number;
  /** Of those signed: their credential has died. */
  dead?: number;
}

export interface Order {
  _id: string;
  release: string;
  /** Grows with every order of the release. */
  seq: number;
  /** Absent with a withdrawal and with a taking out. */
  revision?: string;
  /** Of the revision, as there: what was ordered lately is looked up by it. */
  words?: string;
  action: OrderAction;
  audience: Audience;
  /** Path of the unit whose release it is: accounts of others are not reached, whatever the selector. */
  place: string;
  reach: Reach;
  /** As in `Wanted`. */
  keeps?: true;
  over?: true;
  lane: Lane;
  by: string;
  at: Date;
  /** With a withdrawal or a taking out: why. */
  reason?: string;
  /** 定时: not before this instant. */
  notBefore?: Date;
  /** From this instant on it is not begun any more, and nothing of it that waits goes out: see `leavesUntil`. */
  expires?: Date;
  /** With `notBefore`: minutes by which it may be late without asking. */
  tolerance?: number;
  /** 期限, of a broadcast: by then it is to have reached everybody. */
  deadline?: Date;
  /** `refused`: its seal does not hold, so nothing of it is done. */
  state: OrderState;
  /** Why it was refused. */
  refused?: Said;
  held?: Hold;
  /** With `notBefore`: when it started. */
  startedAt?: Date;
  /** With `notBefore`: its first page has been begun; what has begun is finished, however late. */
  begun?: true;
  /** A person who was asked has said "send", over these reasons. */
  sent?: { by: string; at: Date; over: HoldReason[] };
  /** Who took it back, or which order took its place. */
  unscheduled?: { by: string; at: Date; instead?: string };
  /** What was signed, in the words of core/signatures/statement.ts, and by its signers' keys. An order without them is none. */
  statement?: string;
  signatures?: string[];
  /** Of a broadcast (联动发布): the second signature is the last of `signatures`. */
  second?: SecondSignature;
  /** Where the walk stands: over accounts first, then over placements. */
  walk: 'audience' | 'standing';
  cursor?: string;
  /** Accounts of the audience that the walk has met. */
  met?: Met;
  /** Placements whose wanted this order has set. */
  placements: number;
}

/** Nothing of the release is to stand anywhere: so it may be called off before the order has come to each placement. */
export function endsEverywhere({ action, audience }: Pick<Order, 'action' | 'audience'>): boolean {
  return action === 'withdraw' && Object.keys(audience).length === 0;
}

export const orderSchema = new Schema<Order>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    seq: { type: Number, required: true },
    revision: String,
    words: String,
    action: { type: String, enum: actions, required: true },
    audience: { type: Schema.Types.Mixed, required: true },
    place: { type: String, default: '' },
    reach: { type: Schema.Types.Mixed, required: true },
    keeps: Boolean,
    over: Boolean,
    lane: { type: String, enum: lanes, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    reason: String,
    notBefore: Date,
    expires: Date,
    tolerance: Number,
    deadline: Date,
    state: { type: String, enum: orderStates, required: true },
    refused: Schema.Types.Mixed,
    held: Schema.Types.Mixed,
    startedAt: Date,
    begun: Boolean,
    sent: Schema.Types.Mixed,
    unscheduled: Schema.Types.Mixed,
    statement: String,
    signatures: { type: [String], default: undefined },
    second: Schema.Types.Mixed,
    walk: { type: String, enum: ['audience', 'standing'], required: true },
    cursor: String,
    met: Schema.Types.Mixed,
    placements: { type: Number, default: 0 },
  },
  { versionKey: false, collection: 'orders', minimize: false },
);

orderSchema.index({ release: 1, seq: 1 }, { unique: true });
orderSchema.index({ state: 1, notBefore: 1 });
orderSchema.index({ notBefore: 1 }, { sparse: true });
orderSchema.index({ words: 1, at: -1 });
