/** The outline of a region, by its GB/T 2260 code, as it was imported. */
import { Schema } from 'mongoose';

export interface RegionOutline {
  /** GB/T 2260 code, six digits. */
  _id: string;
  name: string;
  /** Pieces of land, each an outer line and its holes, of `[lon, lat]` pairs: the coordinates of a GeoJSON MultiPolygon, as text. */
  pieces: string;
  points: number;
  box: { south: number; north: number; west: number; east: number };
  /** Grows with every import. */
  at: Date;
}

export const regionOutlineSchema = new Schema<RegionOutline>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    pieces: { type: String, required: true },
    points: { type: Number, required: true },
    box: { type: Schema.Types.Mixed, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'region_outlines' },
);

regionOutlineSchema.index({ at: 1 });
