/** What a channel keeps for itself, under a key of its own. */
import { Schema } from 'mongoose';

export interface KeptRecord {
  /** `<channel>:<key>`. */
  _id: string;
  value: string;
  at: Date;
}

export const recordSchema = new Schema<KeptRecord>(
  {
    _id: { type: String, required: true },
    value: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'records' },
);
