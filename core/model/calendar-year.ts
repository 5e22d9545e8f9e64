/** The legal holidays of a year as an operator entered them from its notice; it goes before what the program carries. */
import { Schema } from 'mongoose';
import type { Said } from '../../channels/channel.js';

/** A day that the notice of a year names: off, or worked although it is a weekend. */
export interface NoticedDay {
  /** `2026-09-20` */
  day: string;
  working: boolean;
  /** The holiday for which it is so. */
  holiday: Said;
}

export interface CalendarYear {
  /** `2027` */
  _id: string;
  notice: string;
  days: NoticedDay[];
  by: string;
  at: Date;
}

export const calendarYearSchema = new Schema<CalendarYear>(
  {
    _id: { type: String, required: true },
    notice: { type: String, required: true },
    days: { type: Schema.Types.Mixed, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'calendar_years' },
);
