import type { Order } from '../model/order.js';
import { verdictOf, type Circumstances, type SignerState } from './verdict.js';

const due = new Date('2026-12-01T01:00:00Z');
const after = (minutes: number): Date => new Date(due.getTime() + minutes * 60_000);
const fine: Circumstances = { signers: ['serving'], signed: true, reachable: true };
const order = (more: Partial<Order> = {}) => ({ lane: 'routine' as const, notBefore: due, ...more });

it('waits until its time, and starts at it', () => {
  expect(verdictOf(order(), after(-0.1), fine)).toEqual({ is: 'wait' });
  expect(verdictOf(order(), due, fine)).toEqual({ is: 'start' });
});

it.each([
  ['routine', {}, 10],
  ['emergency', { lane: 'emergency' as const }, 2],
  ['its own', { tolerance: 45 }, 45],
  ['none at all', { tolerance: 0 }, 0],
])('starts late within the tolerance (%s), and asks beyond it', (_of, more, minutes) => {
  expect(verdictOf(order(more), after(minutes), fine)).toEqual({ is: 'start' });
  expect(verdictOf(order(more), after(minutes + 1), fine)).toEqual({
    is: 'hold',
    reason: 'late',
    minutes: minutes + 1,
  });
});

it.each([
  ['serving', 'start'],
  ['left', 'start'],
  ['removed', 'hold'],
] as const)('takes the signature of somebody who is %s meanwhile as of its moment: %s', (signer: SignerState, is) => {
  expect(verdictOf(order(), due, { ...fine, signers: ['serving', signer] }).is).toBe(is);
});

it('holds what somebody signed who was disabled for cause as soon as that is known, before its time', () => {
  expect(verdictOf(order(), after(-600), { ...fine, signers: ['removed'] })).toEqual({
    is: 'hold',
    reason: 'signer_removed',
  });
});

it('holds what somebody signed whose row was taken out of the database, whatever a person says', () => {
  const sent = { by: 'c', at: after(30), over: ['signer_removed' as const] };
  for (const late of [-600, 31])
    expect(verdictOf(order({ sent }), after(late), { ...fine, signers: ['serving', 'missing'] })).toEqual({
      is: 'hold',
      reason: 'signer_missing',
    });
});

it.each([
  ['expired', { expires: after(5) }, {}],
  ['warning_ended', {}, { warningEnds: after(5) }],
  ['not_signed', {}, { signed: false }],
  ['audience_empty', {}, { reachable: false }],
] as const)('holds what can come to nothing: %s', (reason, more, circumstances) => {
  expect(verdictOf(order(more), after(5), { ...fine, ...circumstances })).toEqual({ is: 'hold', reason });
  // Only at its time: an account may be connected until then.
  expect(verdictOf(order(more), after(-5), { ...fine, ...circumstances })).toEqual({ is: 'wait' });
});

it('lets the word that a warning is over begin after its end', () => {
  const over = order({ expires: after(5) });
  expect(verdictOf(over, after(6), { ...fine, lifts: true })).toEqual({ is: 'start' });
  expect(verdictOf(over, after(6), fine)).toEqual({ is: 'hold', reason: 'expired' });
});

it('asks the same thing once: a person who said "send" has overruled it, and nothing else', () => {
  const sent = { by: 'c', at: after(30), over: ['signer_removed' as const] };
  expect(verdictOf(order({ sent }), after(31), { ...fine, signers: ['removed'] })).toEqual({ is: 'start' });
  expect(verdictOf(order({ sent }), after(31), { ...fine, reachable: false })).toEqual({
    is: 'hold',
    reason: 'audience_empty',
  });
  // Late is counted from that word on.
  expect(verdictOf(order({ sent }), after(41), fine)).toEqual({ is: 'hold', reason: 'late', minutes: 41 });
});
