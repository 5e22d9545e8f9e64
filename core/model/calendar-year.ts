/** The legal holidays of a year as an operator entered them from its notice; it goes before what the program carries. */
import { Schema } from 'mongoose';
import type { NoticedDay } from '../plans/working-days.js';

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
