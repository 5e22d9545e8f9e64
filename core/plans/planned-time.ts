/**
 * When something is to go out, as people write it. One rule: a time is the clock of Beijing unless it names an offset; a
 * date without an hour means the whole day, so what begins then begins at its 00:00 and what ends then ends at its 24:00;
 * 24:00 of a day is 00:00 of the next. What was read is told back with its hour.
 */
import { beijingInstant, beijingTime } from '../../channels/beijing-calendar.js';
import { readDay, readInstant } from '../documents/written-times.js';

/** Which end of a day a date without an hour means. */
export type DayEnd = 'begins' | 'ends';

/** Undefined where the words name no instant. */
export function readPlannedTime(written: string, whole: DayEnd): Date | undefined {
  const text = written.trim();
  const day = readDay(text);
  if (day === undefined) return readInstant(text);
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return beijingInstant({ year, month, day: date, hour: whole === 'begins' ? 0 : 24, minute: 0 });
}

/** `2026年12月1日 09:00（北京时间）` */
export function sayInstant(instant: Date): string {
  const { year, month, day, hour, minute } = beijingTime(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}年${month}月${day}日 ${two(hour)}:${two(minute)}（北京时间）`;
}
