import fc from 'fast-check';
import { applyEvents } from './apply.js';
import type { Delivery, DeliveryEvent } from '../model/delivery.js';
import { isFinal, states } from '../model/states.js';

const start = new Date('2026-11-24T10:00:00Z');

function delivery(): Delivery {
  return {
    _id: 'v1-a1',
    release: 'r1',
    revision: 'v1',
    dispatch: 'd1',
    action: 'publish',
    channel: 'toy',
    account: 'a1',
    organization: 'o1',
    region: '350100',
    lane: 'routine',
    state: 'queued',
    since: start,
    dueAt: start,
    attempts: 0,
    events: [{ id: 'q', to: 'queued', at: start, by: 'u1' }],
    version: 0,
  };
}

function event(id: string, to: DeliveryEvent['to'], rest: Partial<DeliveryEvent> = {}): DeliveryEvent {
  return { id, to, at: new Date(start.getTime() + 1_000), by: 'publish', ...rest };
}

describe('applying events', () => {
  it('moves a delivery from queued to verified and keeps every event', () => {
    const remote = { id: '42', url: 'https://w.example/42' };
    const done = applyEvents(delivery(), [
      event('1', 'sending', { attempt: 1 }),
      event('2', 'published', { remote }),
      event('3', 'verified'),
    ]);
    expect(done).toMatchObject({ state: 'verified', attempts: 1, remote, version: 1 });
    expect(done?.dueAt).toBeUndefined();
    expect(done?.events.map(({ id }) => id)).toEqual(['q', '1', '2', '3']);
  });

  it('changes nothing when the same events come again', () => {
    const events = [event('1', 'sending'), event('2', 'published')];
    const once = applyEvents(delivery(), events) as Delivery;
    expect(applyEvents(once, events)).toBeUndefined();
  });

  it('takes a claim that comes after its own outcome as history, and still counts the attempt', () => {
    const waiting = applyEvents(delivery(), [event('2', 'waiting', { attempt: 1, clean: true })]) as Delivery;
    const late = applyEvents(waiting, [event('1', 'sending', { attempt: 1 })]);
    expect(late).toMatchObject({ state: 'waiting', attempts: 1, clean: true });
    expect(late?.events.at(-1)).toMatchObject({ id: '1', ignored: true });
    expect(applyEvents(late as Delivery, [event('3', 'sending', { attempt: 2 })])).toMatchObject({
      state: 'sending',
      attempts: 2,
    });
  });

  it('keeps a forbidden move as ignored and leaves the state alone', () => {
    const verified = applyEvents(delivery(), [
      event('1', 'sending'),
      event('2', 'published'),
      event('3', 'verified'),
    ]) as Delivery;
    const late = applyEvents(verified, [event('4', 'sending')]);
    expect(late).toMatchObject({ state: 'verified' });
    expect(late?.events.at(-1)).toMatchObject({ id: '4', ignored: true });
  });

  it('remembers that a refusal was clean only until the next event', () => {
    const waiting = applyEvents(delivery(), [
      event('1', 'sending'),
      event('2', 'waiting', { clean: true }),
    ]) as Delivery;
    expect(waiting.clean).toBe(true);
    expect((applyEvents(waiting, [event('3', 'sending')]) as Delivery).clean).toBeUndefined();
  });

  it('does not touch the delivery it was given', () => {
    const before = delivery();
    applyEvents(before, [event('1', 'sending')]);
    expect(before).toEqual(delivery());
  });

  it('whatever comes, in whatever order and however often: each event is kept once, and only final states have no deadline', () => {
    const events = fc.array(fc.record({ id: fc.integer({ min: 0, max: 12 }), to: fc.constantFrom(...states) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(events, (list) => {
        const stream = list.map(({ id, to }) => event(`e${id}`, to));
        const together = applyEvents(delivery(), stream) ?? delivery();
        const oneByOne = stream.reduce((row, one) => applyEvents(row, [one]) ?? row, delivery());
        expect({ ...oneByOne, version: 0 }).toEqual({ ...together, version: 0 });
        expect(new Set(together.events.map(({ id }) => id)).size).toBe(together.events.length);
        expect(together.dueAt === undefined).toBe(isFinal(together.state));
      }),
    );
  });
});
