import { readPlannedTime, sayInstant } from './planned-time.js';

it.each([
  ['2026-12-01', '2026-11-30T16:00:00.000Z', '2026-12-01T16:00:00.000Z'],
  ['2026年12月1日', '2026-11-30T16:00:00.000Z', '2026-12-01T16:00:00.000Z'],
  ['2026-12-01 00:00', '2026-11-30T16:00:00.000Z', '2026-11-30T16:00:00.000Z'],
  ['2026-12-01 24:00', '2026-12-01T16:00:00.000Z', '2026-12-01T16:00:00.000Z'],
  ['2026-12-01T24:00:00+08:00', '2026-12-01T16:00:00.000Z', '2026-12-01T16:00:00.000Z'],
  [' 2026-12-01 09:00 ', '2026-12-01T01:00:00.000Z', '2026-12-01T01:00:00.000Z'],
  ['2026-12-01T09:00', '2026-12-01T01:00:00.000Z', '2026-12-01T01:00:00.000Z'],
  ['2026-12-01T01:00:00Z', '2026-12-01T01:00:00.000Z', '2026-12-01T01:00:00.000Z'],
])('reads %s: what begins then begins at %s, what ends then ends at %s', (written, begins, ends) => {
  expect(readPlannedTime(written, 'begins')?.toISOString()).toBe(begins);
  expect(readPlannedTime(written, 'ends')?.toISOString()).toBe(ends);
});

it.each([['09:00'], ['明天上午9点'], ['2026-12-01 25:00'], ['2026-02-30'], ['2026-12-01 上午12点'], ['']])(
  'asks rather than guesses what %s means',
  (written) => {
    expect(readPlannedTime(written, 'begins')).toBeUndefined();
  },
);

it('tells an instant with its hour, by the clock of Beijing', () => {
  expect(sayInstant(new Date('2026-11-30T16:00:00Z'))).toBe('2026年12月1日 00:00（北京时间）');
});
