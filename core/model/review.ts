/** A review (审签): one submission of one revision, on its way through the steps of a chain. */
import { Schema } from 'mongoose';
import type { Kind } from '../../channels/channel.js';
import { occasions, type Occasion } from './chain.js';
import type { Audience } from './order.js';
import { lanes, type Lane } from './placement.js';
import { kinds } from './release.js';
import type { Role } from './roles.js';

/** One person's yes to a step. */
export interface Decision {
  step: string;
  person: string;
  role: Role;
  at: Date;
  note?: string;
  /** With the person's key, over what was decided: see core/signatures. */
  key?: string;
  signature?: string;
}

/** A step that was bound to persons who can take it no more, opened by an admin: to everybody with its role, or to others by name. */
export interface PassedOn {
  step: string;
  to?: string[];
  by: string;
  at: Date;
  reason: string;
}

/** Who ended it, and when; of a return, signed like any decision. */
export interface Ended {
  by: string;
  at: Date;
  key?: string;
  signature?: string;
}

/** The first of a broadcast's two signatures: the order's statement, as whoever signs second signs it too. */
export interface FirstSignature {
  person: string;
  key: string;
  at: Date;
  /** The canonical text. */
  statement: string;
  signature: string;
}

/** 紧急直发: one person sent a broadcast alone, which somebody else looks into afterwards (事后审查). */
export interface Glass {
  by: string;
  at: Date;
  reason: string;
  /** By when somebody else is to look into it; absent once somebody has. */
  due?: Date;
  closed?: { by: string; at: Date; finding: string };
}

export const reviewStates = ['open', 'returned', 'signed', 'overtaken', 'taken_back'] as const;

/** `step`: the place of the step that is next, or at which it ended. */
export type ReviewState =
  | { state: 'open'; step: number }
  | { state: 'returned'; step: number; ended: Ended; reason: string }
  | { state: 'signed'; step: number; ended: Ended; order: string }
  /** A newer revision or submission exists: nothing of this one counts for that. */
  | { state: 'overtaken'; step: number; ended: Ended }
  | { state: 'taken_back'; step: number; ended: Ended };

export interface ReviewHead {
  _id: string;
  release: string;
  /** Of the release, for lists. */
  title: string;
  kind: Kind;
  organization?: string;
  path: string;
  occasion: Occasion;
  revision: string;
  /** SHA-256 over the content of the revision: what is decided on. */
  hash: string;
  audience: Audience;
  lane: Lane;
  /** The same words went out lately: whoever submitted knows. */
  again?: true;
  notBefore?: Date;
  expires?: Date;
  /** Minutes by which it may be late without asking. */
  tolerance?: number;
  /** 期限, of a broadcast: minutes. See core/broadcasts/deadline.ts. */
  deadline?: number;
  /** Which version of which chain it follows to its end, whatever becomes of the chain. */
  chain: { id: string; version: number };
  /** Who wrote the revision, and who submitted it. */
  writer: string;
  by: string;
  /** Who looks after it since the one who wrote it has left; empty: whoever writes there. */
  heir?: string;
  at: Date;
  decisions: Decision[];
  passedOn: PassedOn[];
  /** 单人值守: one person stood for several steps, or for the writer. */
  solo?: true;
  /** 联动发布: two persons sign it, see core/broadcasts. */
  broadcast?: true;
  /** A drill that goes to real accounts, too. */
  live?: true;
  first?: FirstSignature;
  glass?: Glass;
  /** The newest of its release. */
  newest?: true;
}

export type Review = ReviewHead & ReviewState;

export const reviewSchema = new Schema<Review>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    title: { type: String, required: true },
    kind: { type: String, enum: kinds, required: true },
    organization: String,
    path: { type: String, default: '' },
    occasion: { type: String, enum: occasions, required: true },
    revision: { type: String, required: true },
    hash: { type: String, required: true },
    audience: { type: Schema.Types.Mixed, required: true },
    lane: { type: String, enum: lanes, required: true },
    again: Boolean,
    notBefore: Date,
    expires: Date,
    tolerance: Number,
    deadline: Number,
    chain: { type: Schema.Types.Mixed, required: true },
    writer: { type: String, required: true },
    by: { type: String, required: true },
    heir: String,
    at: { type: Date, required: true },
    decisions: { type: Schema.Types.Mixed, default: [] },
    passedOn: { type: Schema.Types.Mixed, default: [] },
    solo: Boolean,
    broadcast: Boolean,
    live: Boolean,
    first: Schema.Types.Mixed,
    glass: Schema.Types.Mixed,
    newest: Boolean,
    state: { type: String, enum: reviewStates, required: true },
    step: { type: Number, required: true },
    ended: Schema.Types.Mixed,
    reason: String,
    order: String,
  },
  { versionKey: false, collection: 'reviews', minimize: false },
);

reviewSchema.index({ release: 1, _id: 1 });
reviewSchema.index({ state: 1, path: 1 });
reviewSchema.index({ broadcast: 1, _id: -1 }, { sparse: true });
reviewSchema.index({ 'glass.due': 1 }, { sparse: true });
reviewSchema.index({ path: 1 });
reviewSchema.index({ by: 1, state: 1 });
reviewSchema.index({ writer: 1, state: 1 });
reviewSchema.index({ heir: 1, state: 1 }, { sparse: true });
