/** The rules of calling somebody out, each by itself, and then every order of a receipt, a step and an outcome. */
import type { Callout, CalloutItem, Called } from '../model/callout.js';
import type { Rung } from '../duty/roster.js';
import type { Told } from '../model/duty.js';
import {
  answered,
  begun,
  ended,
  gathering,
  joined,
  lease,
  opened,
  over,
  settled,
  stepped,
  taken,
  type Outcome,
} from './protocol.js';

const start = new Date('2026-12-01T12:00:00Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);
const minute = 60_000;
const yes: Outcome = { is: 'accepted' };
const no: Outcome = { is: 'failed', cause: { zh: '拒收。', en: 'refused.' }, again: false };

function item(id: string): CalloutItem {
  const whose = { placement: `r1-${id}`, release: 'r1', account: id, channel: 'board' };
  return { id, title: '台风', accountName: '号', ...whose, reason: 'hand', since: start, state: 'open' };
}

/** Gathered already: its first step is due at `start`. */
function fresh(minutes = 5, ids = ['k1']): Callout {
  const names = { unitName: '县', organization: 'county', path: 'county/', lane: 'emergency' as const };
  const at = later(-gathering);
  return begun({ _id: 'k1', open: 'county', items: ids.map(item), ...names, at, minutes });
}

function rung(
  level: number,
  step: number,
  ...names: (string | { name: string; required?: true; told?: Told[] })[]
): Rung {
  const unit = level === 0 ? 'county' : 'city';
  return {
    unit,
    unitName: unit,
    level,
    step,
    people: names.map((one) => {
      const { name, required, told = [{ by: 'sms', after: 0 }] } = typeof one === 'string' ? { name: one } : one;
      const called: Called = { unit, unitName: unit, level, step, name, phone: '138', ...(required && { required }) };
      return { called, told };
    }),
  };
}

function must(row: Callout | undefined): Callout {
  if (!row) throw new Error('nothing was decided');
  return row;
}
/** Sends all that is due, each with this outcome. */
function sent(row: Callout, now: Date, outcome: Outcome | ((name: string) => Outcome) = yes): Callout {
  const claim = taken(row, now, 't');
  if (!claim) return row;
  return claim.mine.reduce(
    (after, { n, to }) => must(ended(after, n, 't', typeof outcome === 'function' ? outcome(to.name) : outcome, now)),
    claim.row,
  );
}
const yesSaid = { zh: '已处理。', en: 'settled.' };
const calls = ({ messages }: Callout) =>
  messages.map(({ to, way, state, kind }) => `${kind} ${to.name} ${way} ${state}`);

it('tells the next person when the time of the first is over, then one level up, then nobody', () => {
  const ladder = [rung(0, 1, '甲'), rung(0, 2, '乙'), rung(1, 1, '市')];
  let row = sent(must(stepped(fresh(), ladder, start)), start);
  expect(stepped(row, ladder, later(5 * minute - 1))).toBeUndefined();
  row = sent(must(stepped(row, ladder, later(5 * minute))), later(5 * minute));
  row = sent(must(stepped(row, ladder, later(10 * minute))), later(10 * minute));
  expect(calls(row)).toEqual(['call 甲 sms accepted', 'call 乙 sms accepted', 'call 市 sms accepted']);
  row = must(stepped(row, ladder, later(15 * minute)));
  expect(row).toMatchObject({ state: 'calling', exhausted: true });
  expect(row.stepAt ?? row.dueAt).toBeUndefined();
});

it('passes empty steps at once and says so', () => {
  const row = must(stepped(fresh(), [rung(0, 1), rung(0, 2), rung(1, 1, '市')], start));
  expect(calls(row)).toEqual(['call 市 sms queued']);
  expect(row.happened.map(({ is }) => is)).toEqual(['made', 'skipped', 'skipped', 'called']);
});

it('moves on at once where a step can be reached by no way, and waits where it was reached by one', () => {
  const told: Told[] = [
    { by: 'webhook', after: 0 },
    { by: 'sms', after: 0 },
  ];
  const ladder = [rung(0, 1, { name: '甲', told }), rung(0, 2, '乙')];
  const first = must(stepped(fresh(), ladder, start));
  const dead = sent(first, start, no);
  expect(dead.dueAt).toEqual(start);
  expect(calls(must(stepped(dead, ladder, start)))).toContain('call 乙 sms queued');
  const claim = taken(first, start, 't');
  const half = must(ended(must(ended(claim?.row ?? first, 1, 't', no, start)), 2, 't', yes, start));
  expect(stepped(half, ladder, later(minute))).toBeUndefined();
});

it('tries again what may be tried again, and does not keep the others waiting for it', () => {
  const again: Outcome = { ...no, again: true };
  const ladder = [rung(0, 1, '甲'), rung(0, 2, '乙')];
  const row = sent(must(stepped(fresh(), ladder, start)), start, again);
  expect(row.messages).toMatchObject([{ state: 'queued', dueAt: later(5_000), tries: 1 }]);
  expect(stepped(row, ladder, start)).toBeDefined();
  const third = sent(sent(row, later(5_000), again), later(25_000), again);
  expect(third.messages).toMatchObject([{ state: 'failed', tries: 3 }]);
});

it('sends nothing further to a place that has answered, and withdraws what is queued', () => {
  const told: Told[] = [
    { by: 'webhook', after: 0 },
    { by: 'sms', after: 3 },
  ];
  const ladder = [rung(0, 1, { name: '甲', told }, '丙'), rung(0, 2, '乙')];
  let row = sent(must(stepped(fresh(), ladder, start)), start);
  row = must(answered(row, 1, 'k1', { name: '甲' }, later(minute)));
  expect(calls(row)).toEqual(['call 甲 webhook accepted', 'call 甲 sms withdrawn', 'call 丙 sms accepted']);
  expect(row).toMatchObject({ state: 'answered', settleAt: later(minute) });
  expect(row.dueAt).toBeUndefined();
  expect(taken(row, later(10 * minute), 't') ?? stepped(row, ladder, later(10 * minute))).toBeUndefined();
});

it('waits for each whose own receipt is needed, and only for those who were told', () => {
  const both = rung(0, 1, { name: '甲', required: true }, { name: '乙', required: true });
  let row = sent(must(stepped(fresh(), [both, rung(1, 1, '市')], start)), start);
  row = must(answered(row, 1, 'k1', { name: '甲' }, later(1)));
  expect(row.state).toBe('calling');
  row = sent(must(stepped(row, [both, rung(1, 1, '市')], later(5 * minute))), later(5 * minute));
  expect(must(answered(row, 3, 'k1', { name: '市' }, later(6 * minute))).state).toBe('calling');
  expect(must(answered(row, 2, 'k1', { name: '乙' }, later(6 * minute))).state).toBe('answered');
});

it('keeps a receipt that comes after the end with its time, and reopens nothing', () => {
  const ladder = [rung(0, 1, '甲'), rung(0, 2, '乙')];
  const called = sent(must(stepped(fresh(), ladder, start)), start);
  const gone = must(over(called, ['k1'], { zh: '已撤回。', en: 'withdrawn.' }, later(minute)));
  for (const after of [minute, 61 * minute]) {
    const row = must(answered(gone, 1, 'k1', { name: '甲' }, later(after)));
    expect(row).toMatchObject({ state: 'over', receipts: [{ late: true, at: later(after) }] });
    expect(row.settleAt ?? row.stepAt ?? row.dueAt).toBeUndefined();
  }
});

it('tells of three things in one message, and of one that comes later in one more, never one each', () => {
  const ladder = [rung(0, 1, '甲'), rung(0, 2, '乙')];
  const begunNow = begun({ ...fresh(5, ['k1', 'k2']), at: start });
  expect(stepped(begunNow, ladder, later(gathering - 1))).toBeUndefined();
  const gathered = must(joined(begunNow, [item('k3'), item('k1')], later(1)));
  expect(gathered.items.map(({ id }) => id)).toEqual(['k1', 'k2', 'k3']);
  let row = sent(must(stepped(gathered, ladder, later(gathering))), later(gathering));
  expect(calls(row)).toEqual(['call 甲 sms accepted']);
  row = must(joined(row, [item('k4')], later(10_000)));
  row = must(joined(row, [item('k5'), item('k6')], later(11_000)));
  // Nobody is told more often than once a minute.
  expect(row.messages.slice(1)).toMatchObject([
    { state: 'queued', dueAt: later(gathering + minute), to: { name: '甲' } },
  ]);
  expect(joined(row, [item('k4')], later(12_000))).toBeUndefined();
  expect(
    joined(
      must(
        over(
          row,
          row.items.map(({ id }) => id),
          yesSaid,
          start,
        ),
      ),
      [item('k7')],
      start,
    ),
  ).toBeUndefined();
});

it('counts a receipt for its own thing, never for a neighbour, and goes on calling for what is open', () => {
  const ladder = [rung(0, 1, '甲'), rung(0, 2, '乙')];
  let row = sent(must(stepped(fresh(5, ['k1', 'k2', 'k3']), ladder, start)), start);
  row = must(answered(row, 1, 'k2', { name: '甲' }, later(1)));
  expect(row.items.map(({ state }) => state)).toEqual(['open', 'answered', 'open']);
  expect(row).toMatchObject({ state: 'calling', settleAt: later(1) });
  expect(answered(row, 1, 'k2', { name: '甲' }, later(2))).toBeUndefined();
  row = must(over(row, ['k1'], yesSaid, later(3)));
  row = sent(must(stepped(row, ladder, later(5 * minute))), later(5 * minute));
  expect(calls(row)).toEqual(['call 甲 sms accepted', 'call 乙 sms accepted']);
  row = must(answered(row, 2, 'k3', { name: '乙' }, later(6 * minute)));
  expect(row).toMatchObject({ state: 'answered', items: [{ state: 'over' }, { owed: true }, { owed: true }] });
  expect(row.open).toBeUndefined();
  expect(must(answered(row, 2, 'k1', { name: '乙' }, later(7 * minute))).receipts.at(-1)).toMatchObject({ late: true });
  const half = settled(row, 'k2');
  expect([half.items[1]?.owed, half.items[2]?.owed, half.settleAt]).toEqual([undefined, true, later(6 * minute)]);
  expect(settled(half, 'k3').settleAt).toBeUndefined();
});

it('keeps sent, accepted, opened and receipt apart', () => {
  const ladder = [rung(0, 1, '甲')];
  const claimed = taken(must(stepped(fresh(), ladder, start)), start, 't');
  const truths = (row: Callout | undefined) =>
    row?.messages.map(({ sentAt, acceptedAt, openedAt, receiptAt }) =>
      [sentAt, acceptedAt, openedAt, receiptAt].map((one) => one !== undefined),
    );
  expect(truths(stepped(fresh(), ladder, start))).toEqual([[false, false, false, false]]);
  expect(truths(claimed?.row)).toEqual([[true, false, false, false]]);
  expect(truths(ended(must(claimed?.row), 1, 't', no, start))).toEqual([[true, false, false, false]]);
  const taken1 = must(ended(must(claimed?.row), 1, 't', yes, start));
  expect(truths(taken1)).toEqual([[true, true, false, false]]);
  const seen = must(opened(taken1, 1, later(1)));
  expect(truths(seen)).toEqual([[true, true, true, false]]);
  expect(opened(seen, 1, later(2))).toBeUndefined();
  expect(truths(answered(seen, 1, 'k1', { name: '甲' }, later(2)))).toEqual([[true, true, true, true]]);
});

it('takes a claim over when it has run out, and lets a late answer count once', () => {
  const first = taken(must(stepped(fresh(), [rung(0, 1, '甲')], start)), start, 'one');
  const row = must(first?.row);
  expect(taken(row, later(lease - 1), 'two')).toBeUndefined();
  const second = taken(row, later(lease), 'two');
  expect(second?.mine).toMatchObject([{ n: 1, tries: 2 }]);
  expect(ended(must(second?.row), 1, 'one', no, later(lease + 1))).toBeUndefined();
  const late = must(ended(must(second?.row), 1, 'one', yes, later(lease + 1)));
  expect(late.messages).toMatchObject([{ state: 'accepted' }]);
  expect(ended(late, 1, 'two', yes, later(lease + 2))).toBeUndefined();
});

it.each([-5_000, 0, 5_000])(
  'has one delivery of an answer that comes %d ms from the end of its claim, whoever holds it by then',
  (from) => {
    const first = must(taken(must(stepped(fresh(), [rung(0, 1, '甲')], start)), start, 'one')?.row);
    const at = later(lease + from);
    const again = taken(first, at, 'two');
    expect(again === undefined).toBe(from < 0);
    const row = must(ended(again?.row ?? first, 1, 'one', yes, at));
    const last = again ? (ended(row, 1, 'two', yes, later(lease + 9_000)) ?? row) : row;
    expect(last.messages).toMatchObject([{ state: 'accepted', acceptedAt: at }]);
    expect(last.happened.filter(({ is }) => is === 'accepted')).toHaveLength(1);
  },
);

it('leaves no superior waiting, in whatever order receipt, step, claim and outcome come', () => {
  const ladder = [rung(0, 1, '甲'), rung(1, 1, '市')];
  const base = sent(must(stepped(fresh(), ladder, start)), start);
  const now = later(5 * minute);
  type Act = (row: Callout) => Callout;
  const acts: Record<string, Act> = {
    receipt: (row) => answered(row, 1, 'k1', { name: '甲' }, now) ?? row,
    step: (row) => stepped(row, ladder, now) ?? row,
    claim: (row) => taken(row, now, 't')?.row ?? row,
    outcome: (row) => ended(row, 2, 't', yes, now) ?? row,
  };
  const orders = permutations(Object.keys(acts));
  expect(orders).toHaveLength(24);
  for (const order of orders) {
    // Whatever was left out by this order is done afterwards, as the clock does.
    let row = [...order, 'step', 'claim', 'outcome'].reduce((so, name) => acts[name]?.(so) ?? so, base);
    // The last claim may have been left by whoever made it.
    row = sent(row, later(5 * minute + lease));
    const toSuperior = row.messages.filter(({ to }) => to.level > 0);
    const called = toSuperior.filter(({ kind, state }) => kind === 'call' && state === 'accepted').length;
    const released = toSuperior.filter(({ kind, state }) => kind === 'stand-down' && state === 'accepted').length;
    expect([order.join(' '), row.state, called]).toEqual([order.join(' '), 'answered', released]);
  }
});

it('counts intervals as lengths of time, whatever the clocks on the wall do', () => {
  const zone = process.env['TZ'];
  try {
    for (const [tz, turn] of [
      ['Europe/Berlin', '2026-10-25T00:58:00Z'],
      ['America/New_York', '2026-03-08T06:58:00Z'],
    ]) {
      process.env['TZ'] = tz;
      const at = new Date(turn ?? '');
      const row = must(stepped({ ...fresh(), stepAt: at }, [rung(0, 1, '甲')], at));
      expect((row.stepAt?.getTime() ?? 0) - at.getTime()).toBe(5 * minute);
    }
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

function permutations(list: readonly string[]): string[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, place) =>
    permutations([...list.slice(0, place), ...list.slice(place + 1)]).map((rest) => [one, ...rest]),
  );
}
