import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beijingDay, beijingInstant, beijingStamp, beijingTime, nextBeijingDay } from './beijing-calendar.js';

const lateEvening = new Date('2026-12-31T16:30:00Z');

it('reads the clock of Beijing, whose day begins at 16:00 UTC', () => {
  expect(beijingTime(lateEvening)).toEqual({ year: 2027, month: 1, day: 1, hour: 0, minute: 30 });
  expect(beijingDay(lateEvening)).toBe('2027-01-01');
  expect(beijingStamp(lateEvening)).toBe('2027-01-01T00:30:00+08:00');
  expect(nextBeijingDay(new Date('2026-12-31T15:59:59Z')).toISOString()).toBe('2026-12-31T16:00:00.000Z');
});

it('knows no day that does not exist', () => {
  const at = (month: number, day: number, hour = 0) => beijingInstant({ year: 2026, month, day, hour, minute: 0 });
  expect(at(2, 29)).toBeUndefined();
  expect(at(13, 1)).toBeUndefined();
  expect(at(1, 1, 25)).toBeUndefined();
  expect(at(12, 31, 24)?.toISOString()).toBe('2026-12-31T16:00:00.000Z');
});

it('is the only calendar: nobody else adds eight hours or names the zone', () => {
  const root = join(__dirname, '..');
  // A sandbox speaks for its platform and knows nothing of the hub; the dashboard runs in a browser.
  const others = ['channels', 'core', 'workers', 'server', 'cli']
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)),
    )
    .filter((file) => /\.ts$/.test(file) && !/sandbox|\.test\.ts$|fixtures|beijing-calendar/.test(file))
    .filter((file) => /Asia\/Shanghai|\b8 \* 3_?600|\+08:00['"`]/.test(readFileSync(join(root, file), 'utf8')));
  expect(others).toEqual([]);
});
