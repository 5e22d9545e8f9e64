/** Where the hub fetches alerts by itself (自动收取): a feed at an address, or a folder that is watched; and what a feed has listed. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';

export const inletKinds = ['feed', 'folder'] as const;

export interface AlertInlet {
  _id: string;
  is: (typeof inletKinds)[number];
  name: string;
  /** Of a feed its address; of a folder its name under the hub's own place for such folders. */
  address: string;
  /** Seconds between two looks. */
  every: number;
  /** Whose the drafts are of senders who are no unit's own. */
  organization?: string;
  path: string;
  enabled: boolean;
  createdBy: string;
  createdAt: Date;
  /** When it is looked at next; while one process looks, when another may take that over. Absent while it is paused. */
  nextAt?: Date;
  /** Of the look that is under way: whoever has lost it writes nothing any more. */
  turn?: string;
  /** The last look that went well. */
  goodAt?: Date;
  /** When what is listed last changed. */
  changedAt?: Date;
  /** Where it was really read, since when, if its own address sends on. */
  via?: { address: string; since: Date };
  /** As its server gave them, to be given back. */
  etag?: string;
  modified?: string;
  /** The last request without them. */
  plainAt?: Date;
  /** Over what is listed, in whatever order. */
  digest?: string;
  /** What the feed itself says of its last change: the newest seen. */
  updated?: Date;
  /** Of the entries seen: the newest. */
  newest?: Date;
  /** Entries in the last listing; of a folder the files left lying. */
  listed?: number;
  /** Looks in a row that went wrong. */
  fails: number;
  broken?: { since: Date; why: Said };
  /** Something may have been listed and gone between two looks. */
  missed?: { at: Date; why: Said };
  /** An older copy came. */
  steppedBack?: { at: Date; from: Date; to: Date };
}

export const entryStates = ['due', 'taken', 'refused', 'unreached', 'none'] as const;

/** One alert that a feed lists. `none`: an entry without one. */
export interface AlertEntry {
  /** Over the feed, the entry's own name and its link. */
  _id: string;
  inlet: string;
  at: Date;
  title: string;
  link?: string;
  /** Its own time, as far as it can be read. */
  dated?: Date;
  state: (typeof entryStates)[number];
  why?: Said;
  /** What it became. */
  alert?: string;
  tries: number;
  /** When it is asked for next. */
  dueAt?: Date;
  /** When it was last asked for. */
  askedAt?: Date;
}

export const alertInletSchema = new Schema<AlertInlet>(
  {
    _id: { type: String, required: true },
    is: { type: String, enum: inletKinds, required: true },
    name: { type: String, required: true },
    address: { type: String, required: true },
    every: { type: Number, required: true },
    organization: String,
    path: { type: String, default: '' },
    enabled: { type: Boolean, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    nextAt: Date,
    turn: String,
    goodAt: Date,
    changedAt: Date,
    via: Schema.Types.Mixed,
    etag: String,
    modified: String,
    plainAt: Date,
    digest: String,
    updated: Date,
    newest: Date,
    listed: Number,
    fails: { type: Number, default: 0 },
    broken: Schema.Types.Mixed,
    missed: Schema.Types.Mixed,
    steppedBack: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'alert_inlets' },
);

alertInletSchema.index({ address: 1 }, { unique: true });
alertInletSchema.index({ path: 1 });
alertInletSchema.index({ nextAt: 1 });

export const alertEntrySchema = new Schema<AlertEntry>(
  {
    _id: { type: String, required: true },
    inlet: { type: String, required: true },
    at: { type: Date, required: true },
    title: { type: String, default: '' },
    link: String,
    dated: Date,
    state: { type: String, enum: entryStates, required: true },
    why: Schema.Types.Mixed,
    alert: String,
    tries: { type: Number, default: 0 },
    dueAt: Date,
    askedAt: Date,
  },
  { versionKey: false, collection: 'alert_entries' },
);

alertEntrySchema.index({ inlet: 1, at: 1 });
alertEntrySchema.index({ inlet: 1, dueAt: 1 });
