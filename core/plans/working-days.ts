/**
 * 上班 or 休息: weekends, legal holidays and the days worked for them, by the civil days of Beijing. Days of a year whose
 * notice is not there are told by their weekday alone, and say so. Advice: nothing is refused for falling on a holiday.
 */
import chineseDays from 'chinese-days';
import type { Said } from '../../channels/channel.js';

/** A day that the notice of a year names: off, or worked although it is a weekend. */
export interface NoticedDay {
  /** `2026-09-20` */
  day: string;
  working: boolean;
  /** The holiday for which it is so. */
  holiday: Said;
}

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

/** The notices that this version carries. The package holds other years too; without their notice's name they count as not there. */
const carried: Readonly<Record<number, string>> = {
  2025: '国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号）',
  2026: '国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）',
};

export const carriedYears: readonly NoticedYear[] = Object.entries(carried).map(([year, notice]) => ({
  year: Number(year),
  notice,
  days: daysOfYear(Number(year)).flatMap(packaged),
}));

/** What the package says of a special day; its ordinary days are named by their weekday alone. */
function packaged(day: string): NoticedDay[] {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  // Given as text it would be read as UTC and told as local: a day too early west of Greenwich. Noon here is that day here.
  const { work, name } = chineseDays.getDayDetail(new Date(year, month - 1, date, 12));
  const [en = '', zh] = name.split(',');
  return zh === undefined ? [] : [{ day, working: work, holiday: { zh, en } }];
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

const dayLength = 24 * 3_600_000;

/** The civil days from one to the other, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = Date.parse(`${to}T00:00:00Z`);
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= end; at += dayLength)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

function daysOfYear(year: number): string[] {
  return daysBetween(`${year}-01-01`, `${year}-12-31`);
}
