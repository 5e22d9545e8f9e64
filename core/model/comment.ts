/** A remark on a text, about a passage of it or about the whole. It belongs to the release: a new revision keeps it. */
import { Schema } from 'mongoose';

/** Words of one block of a body, with what stands before and after them, so that they are found again elsewhere. */
export interface Anchor {
  /** Place of the block among the body's, from 0. */
  block: number;
  quote: string;
  prefix: string;
  suffix: string;
}

export interface Answer {
  by: string;
  at: Date;
  words: string;
}

export interface Comment {
  _id: string;
  release: string;
  /** On which it was made. */
  revision: string;
  anchor?: Anchor;
  words: string;
  by: string;
  at: Date;
  answers: Answer[];
  closed?: { by: string; at: Date };
}

export const commentSchema = new Schema<Comment>(
  {
    _id: { type: String, required: true },
    release: { type: String, required: true },
    revision: { type: String, required: true },
    anchor: Schema.Types.Mixed,
    words: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
    answers: { type: Schema.Types.Mixed, default: [] },
    closed: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'comments' },
);

commentSchema.index({ release: 1, _id: 1 });
