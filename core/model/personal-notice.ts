/** A notice for one person alone: something of theirs has changed, and they should know although nobody asks them anything. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';
import { noticeLevels, type NoticeLevel } from './notice.js';

export interface PersonalNotice {
  _id: string;
  person: string;
  at: Date;
  level: NoticeLevel;
  /** `{by}` stands for whoever did it: names are looked up when it is read, so that an erased one is gone here too. */
  said: Said;
  todo?: Said;
  /** Id of the person who did it. */
  by?: string;
  /** Where in the dashboard it is about. */
  to?: string;
  /** Until the person has seen it; then absent. */
  unseen?: true;
}

export const personalNoticeSchema = new Schema<PersonalNotice>(
  {
    _id: { type: String, required: true },
    person: { type: String, required: true },
    at: { type: Date, required: true },
    level: { type: String, enum: noticeLevels, required: true },
    said: { type: Schema.Types.Mixed, required: true },
    todo: Schema.Types.Mixed,
    by: String,
    to: String,
    unseen: Boolean,
  },
  { versionKey: false, collection: 'personal_notices', minimize: false },
);

personalNoticeSchema.index({ person: 1, _id: 1 });
personalNoticeSchema.index({ at: 1 });
