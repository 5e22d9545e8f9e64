/** A delivery: one action of one release revision on one account. The unit of status. */
import { Schema } from 'mongoose';
import type { PlatformWords, Remote, Said } from '../../channels/channel.js';
import { actions, states, type DeliveryAction, type DeliveryState } from './states.js';

export const lanes = ['emergency', 'routine'] as const;
export type Lane = (typeof lanes)[number];

/** One thing that happened to a delivery. `to` is the state it asks for; a move that the table forbids is kept as `ignored`. */
export interface DeliveryEvent {
  /** Within its delivery: the same event that comes twice is applied once. */
  id: string;
  to: DeliveryState;
  at: Date;
  /** Which hand-out this belongs to, from 1. */
  attempt?: number;
  /** Who: `publish`, `clock`, `callback`, or a user's id. */
  by: string;
  cause?: Said;
  todo?: Said;
  platform?: PlatformWords;
  remote?: Remote;
  /** When it is looked at again. */
  dueAt?: Date;
  /** With `waiting` or `needs_action`: the platform did nothing, so the next hand-out may publish without asking `find`. */
  clean?: boolean;
  /** With `needs_action`: it lies here because the account's credential is dead, and goes on by itself when that is renewed. */
  parked?: boolean;
  /** This hand-out only asked the platform; nothing was sent. */
  looked?: boolean;
  ignored?: boolean;
}

export interface Delivery {
  /** `<revision>-<account>`, with `-w` behind for a withdrawal: unique by construction. */
  _id: string;
  release: string;
  revision: string;
  dispatch: string;
  action: DeliveryAction;
  channel: string;
  account: string;
  organization: string;
  region: string;
  lane: Lane;
  state: DeliveryState;
  /** When the present state began. */
  since: Date;
  /** When `clock` looks at it again; absent where the state is final. */
  dueAt?: Date;
  attempts: number;
  /** Of the newest event: see `DeliveryEvent.clean` and `.parked`. */
  clean?: boolean;
  parked?: boolean;
  remote?: Remote;
  events: DeliveryEvent[];
  version: number;
}

/** Events are written whole by `record` and never queried inside, so they are kept as plain values. */
export const deliverySchema = new Schema<Delivery>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    revision: { type: String, required: true },
    dispatch: { type: String, required: true },
    action: { type: String, enum: actions, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    organization: { type: String, required: true },
    region: { type: String, required: true },
    lane: { type: String, enum: lanes, required: true },
    state: { type: String, enum: states, required: true },
    since: { type: Date, required: true },
    dueAt: Date,
    attempts: { type: Number, default: 0 },
    clean: Boolean,
    parked: Boolean,
    remote: Schema.Types.Mixed,
    events: [Schema.Types.Mixed],
    version: { type: Number, default: 0 },
  },
  { versionKey: false, collection: 'deliveries', minimize: false },
);

deliverySchema.index({ release: 1, action: 1, channel: 1, state: 1, _id: 1 });
deliverySchema.index({ release: 1, _id: 1 });
deliverySchema.index({ account: 1, state: 1 });
deliverySchema.index({ dueAt: 1 }, { sparse: true });

export function deliveryId(revision: string, account: string, action: DeliveryAction): string {
  return action === 'publish' ? `${revision}-${account}` : `${revision}-${account}-w`;
}

/** The revision that a delivery's id begins with. */
export function revisionOf(delivery: string): string {
  return delivery.split('-', 1)[0] ?? delivery;
}
