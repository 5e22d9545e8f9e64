/** Part of the HTTP API, as zod schemas: requests are checked with them, `/api/openapi.json` is made from them. */
import { z } from 'zod';
import { id } from '../../core/ids.js';
import { kinds } from '../../core/model/release.js';
import { order } from '../../core/placements/report.js';
import { said } from '../../core/said.js';

const civilDay = z.iso.date();
/** Both days included; at most 400. */
export const daysQuery = z
  .object({ from: civilDay, to: civilDay })
  .describe('civil days of Beijing, both included, at most 400 / 北京日期，含首尾，最多 400 天');
/** GET /calendar/days?from&to */
export const calendarDay = z.object({
  day: civilDay,
  working: z.boolean(),
  /** 上班 or 休息, and why. */
  said,
  /** The notice that says so. Absent: none of that year is known, and the weekday alone speaks. */
  notice: z.string().optional(),
});
export const calendarDays = z.object({ days: z.array(calendarDay) });
/** PUT /calendar/years/:year: the whole year as its notice arranges it. */
const holidayName = z.string().trim().min(1).max(40);
export const calendarYear = z.object({
  notice: z.string().trim().min(4).max(200).describe('the notice, by name and number / 放假通知的名称和文号'),
  off: z
    .array(z.object({ day: civilDay, holiday: holidayName }))
    .max(366)
    .describe('days off / 休息的日子'),
  working: z
    .array(z.object({ day: civilDay, holiday: holidayName }))
    .max(366)
    .describe('weekend days that are worked / 上班的周末'),
});
/** How many days were entered. */
export const calendarYearEntered = z.object({ off: z.int(), working: z.int() });
/** GET /plans?from&to: what goes out on these days, by time. */
export const plan = order.extend({ release: id, title: z.string(), number: z.int(), kind: z.enum(kinds) });
/** `more`: there are more than fit into one answer; ask for fewer days. */
export const plans = z.object({ items: z.array(plan), more: z.boolean() });
export type CalendarDayBody = z.infer<typeof calendarDay>;
export type PlanBody = z.infer<typeof plan>;
