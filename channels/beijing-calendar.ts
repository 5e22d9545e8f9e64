/** The one calendar of the hub: days and clock times of Beijing, which has had no summer time since 1991. */

const offset = '+08:00';
const offsetMs = 8 * 3_600_000;

export interface BeijingTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
}

export function beijingTime(instant: Date | string): BeijingTime {
  const shifted = new Date(new Date(instant).getTime() + offsetMs);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
  };
}

/** `2026-11-24`. */
export function beijingDay(instant: Date | string): string {
  return beijingStamp(instant).slice(0, 10);
}

/** `2026-11-24 18:00`. */
export function beijingMinute(instant: Date | string): string {
  return beijingStamp(instant).slice(0, 16).replace('T', ' ');
}

/** `2026-11-24T18:00:00+08:00`. */
export function beijingStamp(instant: Date | string): string {
  return `${new Date(new Date(instant).getTime() + offsetMs).toISOString().slice(0, 19)}${offset}`;
}

/** The instant at which clocks in Beijing show this; undefined for a day or an hour that does not exist. 24:00 ends a day. */
export function beijingInstant({ year, month, day, hour, minute }: BeijingTime, second = 0): Date | undefined {
  const midnight = Date.UTC(year, month - 1, day) - offsetMs;
  const there = beijingTime(new Date(midnight));
  const real = there.year === year && there.month === month && there.day === day;
  const clock = hour < 24 ? minute < 60 && second < 60 : hour === 24 && minute === 0 && second === 0;
  return real && clock ? new Date(midnight + (hour * 3_600 + minute * 60 + second) * 1_000) : undefined;
}

/** The first moment of the next day. */
export function nextBeijingDay(now: Date): Date {
  const day = 24 * 3_600_000;
  return new Date(Math.floor((now.getTime() + offsetMs) / day) * day + day - offsetMs);
}

/** Writes instants in a language, by the clock of Beijing. */
export function beijingFormat(
  locale: string,
  options: Omit<Intl.DateTimeFormatOptions, 'timeZone'>,
): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'Asia/Shanghai' });
}
