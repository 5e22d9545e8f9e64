/**
 * 上班 or 休息: weekends, legal holidays and the days worked for them, by the civil days of Beijing. Days of a year whose
 * notice is not there are told by their weekday alone, and say so. Advice: nothing is refused for falling on a holiday.
 */
import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Said } from '../../channels/channel.js';
import type { NoticedDay } from '../model/calendar-year.js';

/** One year as the State Council's notice arranges it. */
export interface NoticedYear {
  year: number;
  /** The notice, by name and number. */
  notice: string;
  days: readonly NoticedDay[];
}

export interface CalendarDay {
  day: string;
  working: boolean;
  /** 上班 or 休息, and why. */
  said: Said;
  /** The notice that says so; absent where none of the year is there and the weekday alone speaks. */
  notice?: string;
}

const dayLength = 24 * 3_600_000;

/** The notices that this version carries. The package holds other years too; without their notice's name they count as not there. */
const carried: Readonly<Record<number, string>> = {
  2025: '国务院办公厅关于2025年部分节假日安排的通知',
  2026: '国务院办公厅关于2026年部分节假日安排的通知',
};

/** `{"2026-09-20":"National Day,国庆节,3"}` */
const named = z.record(z.iso.date(), z.string());
const packaged = z.object({ holidays: named, workdays: named });
const load = createRequire(import.meta.url);

export const carriedYears: readonly NoticedYear[] = Object.entries(carried).map(([year, notice]) => {
  // The data alone: the functions of the package are off by a day on a server that stands west of Greenwich.
  const { holidays, workdays } = packaged.parse(load(`chinese-days/dist/years/${year}.json`));
  return { year: Number(year), notice, days: [...noticed(holidays, false), ...noticed(workdays, true)] };
});

function noticed(days: z.infer<typeof named>, working: boolean): NoticedDay[] {
  return Object.entries(days).map(([day, words]) => {
    const [en = '', zh = ''] = words.split(',');
    return { day, working, holiday: { zh, en } };
  });
}

const weekdays: readonly Said[] = [
  { zh: '周日', en: 'Sunday' },
  { zh: '周一', en: 'Monday' },
  { zh: '周二', en: 'Tuesday' },
  { zh: '周三', en: 'Wednesday' },
  { zh: '周四', en: 'Thursday' },
  { zh: '周五', en: 'Friday' },
  { zh: '周六', en: 'Saturday' },
];

/** What a civil day is. `years`: the notices that are there, an operator's before those carried. */
export function calendarDay(day: string, years: readonly NoticedYear[]): CalendarDay {
  const number = new Date(`${day}T00:00:00Z`).getUTCDay();
  const weekday = weekdays[number] ?? { zh: '', en: '' };
  const weekend = number === 0 || number === 6;
  const year = years.find((one) => one.year === Number(day.slice(0, 4)));
  const special = year?.days.find((one) => one.day === day);
  const working = special?.working ?? !weekend;
  return { day, working, said: said(day, working, weekday, special, year), ...(year && { notice: year.notice }) };
}

function said(
  day: string,
  working: boolean,
  weekday: Said,
  special: NoticedDay | undefined,
  year: NoticedYear | undefined,
): Said {
  const word = working ? { zh: '上班', en: 'works' } : { zh: '休息', en: 'off' };
  if (special) {
    const { zh, en } = special.holiday;
    return working
      ? { zh: `上班（${weekday.zh}，因${zh}放假补班）`, en: `works (${weekday.en}, made up for ${en})` }
      : { zh: `休息（${weekday.zh}，${zh}）`, en: `off (${weekday.en}, ${en})` };
  }
  if (year) return { zh: `${word.zh}（${weekday.zh}）`, en: `${word.en} (${weekday.en})` };
  const of = day.slice(0, 4);
  return {
    zh: `${word.zh}（${weekday.zh}；${of} 年放假安排尚未录入，只按周一至周五推算）`,
    en: `${word.en} (${weekday.en}; no notice for ${of} is loaded: told by the weekday alone)`,
  };
}

/** The civil days from one to the other, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = Date.parse(`${to}T00:00:00Z`);
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= end; at += dayLength)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
