/** A notice for whoever runs the hub: something that needs no answer now, and should not be found out from the public. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';

/** `good`: something mended itself. `urgent`: publishing suffers now. */
export const noticeLevels = ['good', 'info', 'warning', 'urgent'] as const;
export type NoticeLevel = (typeof noticeLevels)[number];

export interface Notice {
  _id: string;
  at: Date;
  level: NoticeLevel;
  said: Said;
  todo?: Said;
  account?: string;
  /** Of the unit that it concerns; empty where it concerns the hub as a whole. */
  path: string;
  /** What it is about, so that one thing is told once. */
  key: string;
  /** Until somebody has seen it; then absent. */
  unseen?: true;
  seen?: { by: string; at: Date };
}

export const noticeSchema = new Schema<Notice>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    level: { type: String, enum: noticeLevels, required: true },
    said: { type: Schema.Types.Mixed, required: true },
    todo: Schema.Types.Mixed,
    account: String,
    path: { type: String, default: '' },
    key: { type: String, required: true },
    unseen: Boolean,
    seen: Schema.Types.Mixed,
  },
  { versionKey: false, collection: 'notices', minimize: false },
);

noticeSchema.index({ key: 1 }, { unique: true });
noticeSchema.index({ path: 1 });
noticeSchema.index({ unseen: 1, _id: 1 }, { sparse: true });
