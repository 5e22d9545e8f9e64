import type { PlacementEvent } from '../../core/model/placement.js';
import type { StreamEntry } from '../../core/queue/events.js';
import { HeldClaims } from './held-claims.js';

const at = new Date('2026-11-29T08:00:00Z');
const now = at.getTime();

function told(placement: string, is: 'sending' | 'retry', token = 't1') {
  return { placement, event: { id: `${is} ${token}`, is, at, by: 'publish', seq: 1, try: token } as PlacementEvent };
}
const entry = (id: string, ...events: StreamEntry['events']): StreamEntry => ({ id, shard: 0, events });
const said = ({ events }: { events: StreamEntry['events'] }): string[] =>
  events.map(({ placement, event }) => `${placement} ${event.is} ${event.try ?? ''}`);

describe('claims whose outcome is due', () => {
  it('are written with it, and their entry is done when nothing of it is held any more', () => {
    const held = new HeldClaims();
    const claim = entry('1', told('a', 'sending'), told('b', 'sending'));
    expect(held.take([claim], now)).toEqual({ events: [], entries: [] });
    const one = entry('2', told('a', 'retry'));
    const first = held.take([one], now + 10);
    expect([said(first), first.entries]).toEqual([['a sending t1', 'a retry t1'], [one]]);
    const other = entry('3', told('b', 'retry'));
    const second = held.take([other], now + 20);
    expect([said(second), new Set(second.entries)]).toEqual([['b sending t1', 'b retry t1'], new Set([claim, other])]);
    expect(held.drain()).toEqual({ events: [], entries: [] });
  });

  it('are held for two seconds and no longer', () => {
    const held = new HeldClaims();
    const claim = entry('1', told('a', 'sending'), told('b', 'sending'));
    held.take([claim], now);
    held.take([entry('2', told('a', 'retry'))], now + 100);
    expect([held.wait(now + 1_900, 500), held.wait(now, 500)]).toEqual([100, 500]);
    expect(held.take([], now + 1_999).events).toEqual([]);
    const late = held.take([], now + 2_000);
    expect([said(late), late.entries]).toEqual([['b sending t1'], [claim]]);
  });

  it('come before whatever else happens to their placement, a later claim too', () => {
    const held = new HeldClaims();
    const both = [entry('1', told('a', 'sending')), entry('2', told('a', 'sending', 't2'))];
    const first = held.take(both, now);
    expect([said(first), first.entries]).toEqual([['a sending t1'], [both[0]]]);
    const rest = held.drain();
    expect([said(rest), rest.entries]).toEqual([['a sending t2'], [both[1]]]);
  });
});
