/** A picture or attachment, named by the SHA-256 of its cleaned bytes. The bytes lie in the library. */
import { Schema } from 'mongoose';

export interface Medium {
  /** SHA-256, hex. */
  _id: string;
  name: string;
  mime: string;
  bytes: number;
  /** Pixels; absent where it is no picture. */
  width?: number;
  height?: number;
  /** A picture of more than one frame. */
  moving?: true;
  createdBy: string;
  createdAt: Date;
  /** Whose it is: ids of the units that uploaded it or use it; the hub as a whole is an empty one. */
  units: string[];
  /** `<channel>.<variant>` of every rendition that is prepared. */
  variants: string[];
  state: 'preparing' | 'ready' | 'refused';
  refusal?: string;
  /** Of a picture: its copy that says 演练, made when an exercise first needed it. */
  drill?: string;
  /** Of such a copy: the picture that it is of. */
  drillOf?: string;
}

export const mediumSchema = new Schema<Medium>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    mime: { type: String, required: true },
    bytes: { type: Number, required: true },
    width: Number,
    height: Number,
    moving: Boolean,
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    units: { type: [String], default: [] },
    variants: { type: [String], default: [] },
    state: { type: String, enum: ['preparing', 'ready', 'refused'], required: true },
    refusal: String,
    drill: String,
    drillOf: String,
  },
  { versionKey: false, collection: 'media' },
);

mediumSchema.index({ state: 1 });
