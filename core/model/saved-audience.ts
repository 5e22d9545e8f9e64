/** A saved audience (常用范围): a selector under a name, of a unit, for it and all below. An order stores the selector, never the name. */
import { Schema } from 'mongoose';
import type { Audience } from './order.js';

export interface SavedAudience {
  _id: string;
  name: string;
  organization?: string;
  /** Of the unit; empty of the hub as a whole. */
  path: string;
  audience: Audience;
  /** Grows with every change: a change says which one it saw. */
  version: number;
  by: string;
  at: Date;
  closedAt?: Date;
}

export const savedAudienceSchema = new Schema<SavedAudience>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    organization: String,
    path: { type: String, default: '' },
    audience: { type: Schema.Types.Mixed, required: true },
    version: { type: Number, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    closedAt: Date,
  },
  { versionKey: false, collection: 'saved_audiences', minimize: false },
);

savedAudienceSchema.index({ path: 1, _id: 1 });
savedAudienceSchema.index({ organization: 1 });
