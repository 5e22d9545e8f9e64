/** What somebody who signs a broadcast has opened: one channel's text, as it would be shown on one account. */
import { Schema } from 'mongoose';

export interface Look {
  /** `<review> <person> <channel>` */
  _id: string;
  release: string;
  review: string;
  person: string;
  channel: string;
  account: string;
  /** SHA-256 of the rendition that was shown: what has changed since was not looked at. */
  hash: string;
  at: Date;
}

export const lookSchema = new Schema<Look>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    review: { type: String, required: true },
    person: { type: String, required: true },
    channel: { type: String, required: true },
    account: { type: String, required: true },
    hash: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'looks' },
);

lookSchema.index({ release: 1, _id: 1 });
lookSchema.index({ review: 1, person: 1 });
