import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calendarDay, carriedYears, daysBetween } from './working-days.js';
import { yearOf } from './year.js';

interface Sample {
  off_days: string[];
  make_up_working_days: string[];
  is_working_day: { date: string; weekday: string; working_day: boolean }[];
  add_working_days: { from: string; plus_working_days: number; is: string }[];
  last_working_day_before: { from: string; last_working_day_before: string }[];
  working_days_in_month: { month: string; working_days: number }[];
}
const sample = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/fixtures/calendar/holidays-cn-2025-2026.json'), 'utf8'),
) as Sample;
const works = (day: string): boolean => calendarDay(day, carriedYears).working;

it('knows each day off and each day worked of the notices for 2025 and 2026, and no other', () => {
  const both = daysBetween('2025-01-01', '2026-12-31').map((day) => calendarDay(day, carriedYears));
  const weekend = (day: string): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
  expect(both.filter(({ day, working }) => working && weekend(day)).map(({ day }) => day)).toEqual(
    sample.make_up_working_days,
  );
  const named = carriedYears.flatMap(({ days }) => days.filter(({ working }) => !working).map(({ day }) => day));
  expect(named).toEqual(sample.off_days);
  expect(sample.off_days.filter(works)).toEqual([]);
  expect(both.filter(({ day, working }) => !working && !weekend(day) && !named.includes(day))).toEqual([]);
});

it.each(sample.is_working_day)(
  'says of $date that it works: $working_day',
  ({ date, weekday, working_day: working }) => {
    const { said, notice } = calendarDay(date, carriedYears);
    expect(said.zh.startsWith(working ? '上班（' : '休息（')).toBe(true);
    expect(said.zh).toContain(weekday);
    expect(said.zh).not.toContain('调休');
    expect(notice).toContain(date.slice(0, 4));
  },
);

it.each(sample.add_working_days)(
  'counts $plus_working_days working days on from $from',
  ({ from, plus_working_days, is }) => {
    const later = daysBetween(from, '2026-12-31').slice(1).filter(works);
    expect(later[plus_working_days - 1]).toBe(is);
  },
);

it.each(sample.last_working_day_before)('finds the working day before $from', ({ from, last_working_day_before }) => {
  expect(daysBetween('2025-01-01', from).slice(0, -1).filter(works).at(-1)).toBe(last_working_day_before);
});

it.each(sample.working_days_in_month)('counts $working_days working days in $month', ({ month, working_days }) => {
  const days = daysBetween('2025-01-01', '2026-12-31').filter((day) => day.startsWith(month));
  expect(days.filter(works)).toHaveLength(working_days);
});

it('says that a year without a notice is told by the weekday alone, and never answers for it silently', () => {
  expect(calendarDay('2027-10-01', carriedYears)).toEqual({
    day: '2027-10-01',
    working: true,
    said: {
      zh: '上班（周五；2027 年放假安排尚未录入，只按周一至周五推算）',
      en: 'works (Friday; no notice for 2027 is loaded: told by the weekday alone)',
    },
  });
  // The package knows 2024 too, but this version names no notice for it.
  expect(calendarDay('2024-10-01', carriedYears)).not.toHaveProperty('notice');
});

it('takes a year as an operator enters it', () => {
  const entered = yearOf(2027, {
    notice: '国务院办公厅关于2027年部分节假日安排的通知',
    off: [{ day: '2027-10-01', holiday: '国庆节' }],
    working: [{ day: '2027-09-26', holiday: '国庆节' }],
  });
  const years = [entered, ...carriedYears];
  expect(calendarDay('2027-10-01', years).said.zh).toBe('休息（周五，国庆节）');
  expect(calendarDay('2027-09-26', years)).toMatchObject({
    working: true,
    said: { zh: '上班（周日，因国庆节放假补班）' },
    notice: '国务院办公厅关于2027年部分节假日安排的通知',
  });
  expect(calendarDay('2027-09-27', years).said.zh).toBe('上班（周一）');
});

it.each([
  ['of another year', { off: [{ day: '2028-10-01', holiday: '国庆节' }], working: [] }],
  [
    'named twice',
    { off: [{ day: '2027-10-02', holiday: '国庆节' }], working: [{ day: '2027-10-02', holiday: '国庆节' }] },
  ],
  ['no weekend day', { off: [], working: [{ day: '2027-10-01', holiday: '国庆节' }] }],
])('refuses a day that is %s', (_why, days) => {
  expect(() => yearOf(2027, { notice: '通知', ...days })).toThrow(
    expect.objectContaining({ code: 'calendar_year_invalid' }),
  );
});

it('says the same wherever the server stands', () => {
  const script = `
    require(${JSON.stringify(join(import.meta.dirname, '../../test/support/typescript.cjs'))});
    const { calendarDay, carriedYears, daysBetween } = require(${JSON.stringify(join(import.meta.dirname, 'working-days.ts'))});
    const { readPlannedTime } = require(${JSON.stringify(join(import.meta.dirname, 'planned-time.ts'))});
    const days = daysBetween('2025-01-01', '2027-12-31').map((day) => calendarDay(day, carriedYears));
    const written = ['2027-03-14 02:30', '2027-03-14 10:30', '2027年11月7日 1时30分', '2026-12-01', '2026-12-01 24:00', '2027-03-14T02:30:00-05:00'];
    console.log(JSON.stringify([days, written.map((one) => readPlannedTime(one, 'begins'))]));`;
  const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati'];
  const told = zones.map((TZ) =>
    execFileSync(process.execPath, ['-e', script], { env: { ...process.env, TZ } }).toString(),
  );
  expect(new Set(told).size).toBe(1);
  const [, instants] = JSON.parse(told[0] ?? '') as [unknown, string[]];
  expect(instants).toEqual([
    '2027-03-13T18:30:00.000Z',
    '2027-03-14T02:30:00.000Z',
    '2027-11-06T17:30:00.000Z',
    '2026-11-30T16:00:00.000Z',
    '2026-12-01T16:00:00.000Z',
    '2027-03-14T07:30:00.000Z',
  ]);
});
