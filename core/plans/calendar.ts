/** The calendar of working days as the hub knows it: what the program carries, and what operators entered. */
import { act } from '../audit/book.js';
import type { CalendarYear } from '../model/calendar-year.js';
import type { Actor } from '../model/actor.js';
import type { Store } from '../store/store.js';
import { calendarDay, carriedYears, daysBetween, type CalendarDay, type NoticedYear } from './working-days.js';

/** The years that are there, entered ones first. */
export async function knownYears(store: Store): Promise<NoticedYear[]> {
  const entered = await store.calendarYears.find({}).sort({ _id: 1 }).lean();
  const own = entered.map(({ _id, notice, days }) => ({ year: Number(_id), notice, days }));
  return [...own, ...carriedYears.filter(({ year }) => !own.some((one) => one.year === year))];
}

/** What the days are, from the one to the other, both included. */
export async function calendarDays(store: Store, from: string, to: string): Promise<CalendarDay[]> {
  const years = await knownYears(store);
  return daysBetween(from, to).map((day) => calendarDay(day, years));
}

/** Enters a year, or enters it anew: whole, in place of what was known of it. */
export async function enterYear(store: Store, { year, notice, days }: NoticedYear, by: Actor): Promise<void> {
  const row: Omit<CalendarYear, '_id'> = { notice, days: [...days], by: by.person, at: new Date() };
  const on = { year: String(year) };
  const told = days.map(({ day, working, holiday }) => `${day} ${working ? '上班' : '休息'} ${holiday.zh}`);
  const entry = { act: 'calendar.enter', outcome: 'done' as const, who: by, on, after: { notice, days: told } };
  await act(store, entry, (session) =>
    store.calendarYears.updateOne({ _id: on.year }, { $set: row }, { upsert: true, session }),
  );
}
