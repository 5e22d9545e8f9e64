/** Dates and times as people in an office write them, by the clock of Beijing: 2026年11月20日, 2026/11/20, 上午9时, 9:00, 二〇二六年. */
import { beijingDay, beijingInstant, beijingTime, type BeijingTime } from '../../channels/beijing-calendar.js';

type Day = Pick<BeijingTime, 'year' | 'month' | 'day'>;

/** `YYYY-MM-DD` of a written date; undefined where it is none, or names a time besides. */
export function readDay(written: string): string | undefined {
  const { day, rest } = splitDay(inFigures(written));
  const { year, month, day: number } = day ?? {};
  if (year === undefined || month === undefined || number === undefined || rest) return undefined;
  const midnight = beijingInstant({ year, month, day: number, hour: 0, minute: 0 });
  return midnight && beijingDay(midnight);
}

/**
 * The instant of a written time; undefined where it is none. A date without an hour is none. `from`: an instant whose
 * year, month or day goes for what is not written (of an end, the beginning).
 */
export function readInstant(written: string, from?: Date): Date | undefined {
  const text = inFigures(written);
  const exact = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i.exec(text.replace(' ', 'T'));
  if (exact) {
    const date = new Date(exact[0]);
    return Number.isNaN(date.getTime()) ? undefined : date;
  }
  const { day, rest } = splitDay(text);
  const clock = readClock(rest);
  const known = from && beijingTime(from);
  if (!clock || (!day && !known)) return undefined;
  const whole = { ...known, ...day };
  const { year, month, day: number } = whole;
  if (year === undefined || month === undefined || number === undefined) return undefined;
  return beijingInstant({ year, month, day: number, hour: clock.hour, minute: clock.minute }, clock.second);
}

/** Full-width and Chinese figures as 0–9, without blanks around the marks of a date. */
function inFigures(written: string): string {
  return written
    .normalize('NFKC')
    .trim()
    .replace(/[〇○零一二三四五六七八九]{4}(?=年)/g, (year) =>
      [...year].map((sign) => '零一二三四五六七八九'.indexOf(sign.replace(/[〇○]/, '零'))).join(''),
    )
    .replace(/[一二三四五六七八九十廿卅]+(?=[月日号时点分])/g, numberOf)
    .replace(/\s*([年月日号时点分秒:/.-])\s*/g, '$1')
    .replace(/^(\d{4})(\d\d)(\d\d)(?=$|\s)/, '$1-$2-$3')
    .replace(/^(\d.*?)(?:\((?:星期|周).\)|(?:星期|周)[一二三四五六日天])/, '$1');
}

/** 十一, 二十, 廿三 */
function numberOf(words: string): string {
  const digits = '零一二三四五六七八九';
  const plain = words.replace('廿', '二十').replace('卅', '三十');
  const [tens, ones] = plain.includes('十') ? plain.split('十') : ['', plain];
  if (!plain.includes('十')) return String(digits.indexOf(plain));
  return String((tens ? digits.indexOf(tens) : 1) * 10 + (ones ? digits.indexOf(ones) : 0));
}

const days = [
  /^(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})(?!\d)/,
  /^(?:(?<year>\d{4})年)?(?:(?<month>\d{1,2})月)?(?<day>\d{1,2})[日号]/,
];

function splitDay(text: string): { day: Partial<Day> | undefined; rest: string } {
  for (const form of days) {
    const found = form.exec(text);
    if (!found) continue;
    const day: Partial<Day> = {};
    for (const part of ['year', 'month', 'day'] as const) {
      const value = found.groups?.[part];
      if (value !== undefined) day[part] = Number(value);
    }
    return { day, rest: text.slice(found[0].length).replace(/^T|^,/, '').trim() };
  }
  return { day: undefined, rest: text };
}

const clockForm =
  /^(?<half>凌晨|早上|上午|中午|下午|傍晚|晚上|夜间)?\s*(?<hour>\d{1,2})(?:(?::(?<minute>\d\d)(?::(?<second>\d\d))?)|[时点](?:(?<minutes>\d{1,2})分?|(?<halfPast>半)|整)?)\s*(?<suffix>[AaPp]\.?[Mm]\.?)?$/;

function readClock(text: string): { hour: number; minute: number; second: number } | undefined {
  const { half, hour, minute, second, minutes, halfPast, suffix } = clockForm.exec(text)?.groups ?? {};
  if (hour === undefined) return undefined;
  const late = /^(?:下午|傍晚|晚上|夜间)$/.test(half ?? '') || /^p/i.test(suffix ?? '');
  const told = Number(hour);
  // Whose midnight or noon is 晚上12点? Asked rather than guessed.
  if (told === 12 && (half ?? suffix) !== undefined && half !== '中午') return undefined;
  const shift = late || (half === '中午' && told < 3) ? 12 : 0;
  return {
    hour: told < 12 ? told + shift : told,
    minute: halfPast ? 30 : Number(minute ?? minutes ?? 0),
    second: Number(second ?? 0),
  };
}
