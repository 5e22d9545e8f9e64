import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { retryAfter } from './retry-after.js';

const now = new Date('2026-11-24T10:00:00Z');

it.each([
  ['120', 120],
  [' 5 ', 5],
  ['0', 1],
  [['30', '60'], 30],
  ['Tue, 24 Nov 2026 10:02:00 GMT', 120],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 1],
  ['soon', undefined],
  ['-5', undefined],
  ['99999', 3_600],
  ['', undefined],
  [undefined, undefined],
])('reads %j', (header, seconds) => {
  expect(retryAfter(header, now)).toBe(seconds);
});

it('is the only reader: no channel takes the header apart by itself', () => {
  const others = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ts$/.test(file) && !/sandbox|\.test\.ts$|fixtures|retry-after/.test(file))
    .filter((file) => {
      const text = readFileSync(join(__dirname, file), 'utf8');
      return text.includes("'retry-after'") && !text.includes('/retry-after.js');
    });
  expect(others).toEqual([]);
});
