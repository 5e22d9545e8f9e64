import { nextCheck } from './check.js';

const hour = 3_600_000;
const day = 24 * hour;
const now = new Date('2026-11-25T01:30:00Z');
const gap = (id: string, from = now, daysLeft?: number) => nextCheck(id, from, daysLeft).getTime() - from.getTime();

it('checks every account once a day, at its own time, and not at once again', () => {
  for (let n = 0; n < 200; n += 1) {
    const first = nextCheck(`a${n}`, now);
    expect(gap(`a${n}`)).toBeGreaterThanOrEqual(hour);
    expect(gap(`a${n}`)).toBeLessThan(day + hour);
    // Late by some minutes, it is at the same time the next day.
    expect(nextCheck(`a${n}`, new Date(first.getTime() + 20 * 60_000)).getTime() - first.getTime()).toBe(day);
  }
});

it('spreads a hundred thousand accounts evenly over the day', () => {
  const hours = new Map<number, number>();
  for (let n = 0; n < 100_000; n += 1) {
    const at = nextCheck(`a${n}`, now).getUTCHours();
    hours.set(at, (hours.get(at) ?? 0) + 1);
  }
  expect(hours.size).toBe(24);
  for (const count of hours.values()) expect(Math.abs(count - 100_000 / 24)).toBeLessThan(400);
});

it.each([14, 7, 3, 1, 0])('looks when %i days are left, where that comes before the daily time', (ahead) => {
  expect(gap('a1', now, ahead + 0.01)).toBe(Math.round(0.01 * day) + 1_000);
});
