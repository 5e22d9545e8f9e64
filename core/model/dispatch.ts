/** One order to deliver: a signed revision, an audience, an action. Its cursor lets a broken dispatch go on where it stopped. */
import { Schema } from 'mongoose';
import { lanes, type Lane } from './delivery.js';
import { actions, type DeliveryAction } from './states.js';

/** A selector over accounts: alternatives inside a list, conditions between lists. An empty selector holds every enabled account. */
export interface Audience {
  channels?: string[] | undefined;
  /** GB/T 2260 codes; each holds its whole subtree. */
  regions?: string[] | undefined;
  /** Unit ids; each holds its whole subtree. */
  organizations?: string[] | undefined;
  tags?: string[] | undefined;
  accounts?: string[] | undefined;
}

export interface Dispatch {
  _id: string;
  release: string;
  revision: string;
  action: DeliveryAction;
  audience: Audience;
  lane: Lane;
  by: string;
  at: Date;
  /** With a withdrawal: why. */
  reason?: string;
  state: 'running' | 'done';
  /** Last account id whose delivery is written and queued. */
  cursor?: string;
  deliveries: number;
}

export const dispatchSchema = new Schema<Dispatch>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    revision: { type: String, required: true },
    action: { type: String, enum: actions, required: true },
    audience: { type: Schema.Types.Mixed, required: true },
    lane: { type: String, enum: lanes, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    reason: String,
    state: { type: String, enum: ['running', 'done'], required: true },
    cursor: String,
    deliveries: { type: Number, default: 0 },
  },
  { versionKey: false, collection: 'dispatches', minimize: false },
);

dispatchSchema.index({ release: 1, at: 1 });
dispatchSchema.index({ state: 1 });
