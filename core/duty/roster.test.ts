import type { DutyEntry } from '../model/duty.js';
import { gapsOf, onDuty, toldBy } from './roster.js';

const at = (text: string): Date => new Date(text);
let made = 0;
function line(name: string, more: Partial<DutyEntry> = {}): DutyEntry {
  made += 1;
  const whose = {
    organization: 'u',
    path: 'u/',
    step: 1,
    phone: '13800000000',
    by: 'x',
    at: at('2026-11-01T00:00:00Z'),
  };
  return { _id: `e${made}`, name, ...whose, ...more };
}
const names = (entries: DutyEntry[], when: string, gone?: ReadonlySet<string>) =>
  onDuty(entries, at(when), gone).map(({ step, people }) => [step, people.map(({ name }) => name)]);

const night = { from: at('2026-12-01T10:00:00Z'), until: at('2026-12-02T00:00:00Z') };

it('takes the shift where there is one, and the standing order at all other times', () => {
  const roster = [line('甲', night), line('乙', { ...night, step: 2 }), line('常设')];
  expect(names(roster, '2026-12-01T10:00:00Z')).toEqual([
    [1, ['甲']],
    [2, ['乙']],
  ]);
  expect(names(roster, '2026-12-02T00:00:00Z')).toEqual([[1, ['常设']]]);
});

it('calls a deputy in place of whom they stand in for, within their instants alone', () => {
  const roster = [line('甲'), line('丙', { ...night, instead: '甲' })];
  expect(names(roster, '2026-12-01T12:00:00Z')).toEqual([[1, ['丙']]]);
  expect(names(roster, '2026-12-03T12:00:00Z')).toEqual([[1, ['甲']]]);
});

it('keeps a step as an empty one where its people have left or cannot be told', () => {
  const roster = [
    line('走了', { person: 'p1' }),
    { ...line('无电话', { step: 2 }), phone: undefined },
    line('丙', { step: 3 }),
  ];
  expect(names(roster as DutyEntry[], '2026-12-01T12:00:00Z', new Set(['p1']))).toEqual([
    [1, []],
    [2, []],
    [3, ['丙']],
  ]);
});

it('tells by every address at once unless the line says otherwise, and by none without an address', () => {
  expect(toldBy({ phone: '1', mail: 'a@b.example' })).toEqual([
    { by: 'mail', after: 0 },
    { by: 'sms', after: 0 },
  ]);
  expect(
    toldBy({
      phone: '1',
      told: [
        { by: 'mail', after: 0 },
        { by: 'sms', after: 3 },
      ],
    }),
  ).toEqual([{ by: 'sms', after: 3 }]);
});

it('tells the gaps of a roster to the minute, joined where one follows another', () => {
  const [from, until] = [at('2026-12-01T00:00:00Z'), at('2026-12-03T00:00:00Z')];
  const next = { from: night.until, until: at('2026-12-02T08:00:00Z') };
  expect(gapsOf([line('甲', night), line('乙', next)], from, until)).toEqual([
    { from, until: night.from },
    { from: next.until, until },
  ]);
  expect(gapsOf([line('甲'), line('走了', { step: 2, person: 'p1' })], from, until, new Set(['p1']))).toEqual([
    { from, until, step: 2 },
  ]);
  expect(gapsOf([line('甲')], from, until)).toEqual([]);
  expect(gapsOf([], from, until)).toEqual([{ from, until }]);
});
