/** Civil days of Beijing as text, `2026-12-01`: no clock of the browser comes near them. */

const day = 86_400_000;

function atNoon(text: string): number {
  return Date.parse(`${text}T12:00:00Z`);
}

function textOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

const beijing = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });

export function today(): string {
  return beijing.format(new Date());
}

export function plusDays(from: string, days: number): string {
  return textOf(atNoon(from) + days * day);
}

/** `2026-12` plus so many months. */
export function plusMonths(month: string, months: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 15)).toISOString().slice(0, 7);
}

/** The weeks of a month, Monday first; days of its neighbours fill the first and the last. */
export function weeksOf(month: string): string[][] {
  const first = `${month}-01`;
  const monday = plusDays(first, -((new Date(atNoon(first)).getUTCDay() + 6) % 7));
  const end = `${plusMonths(month, 1)}-01`;
  const weeks: string[][] = [];
  for (let from = monday; from < end; from = plusDays(from, 7))
    weeks.push(Array.from({ length: 7 }, (_, place) => plusDays(from, place)));
  return weeks;
}

/** `09:00` of an instant told by the clock of Beijing. */
export function clockOf(stamp: string): string {
  return stamp.slice(11, 16);
}

export function dayOf(stamp: string): string {
  return stamp.slice(0, 10);
}
