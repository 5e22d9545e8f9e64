/** How an event changes a delivery: a pure function, so that replaying the stream changes nothing twice. */
import type { Delivery, DeliveryEvent } from '../model/delivery.js';
import { deadlines, isFinal, mayMove } from '../model/states.js';

/**
 * Applies events in order and returns the changed delivery, or undefined where all of them are known already. A move
 * that the table forbids is kept in the history as `ignored` and changes nothing else.
 */
export function applyEvents(delivery: Delivery, events: readonly DeliveryEvent[]): Delivery | undefined {
  const known = new Set(delivery.events.map((event) => event.id));
  const fresh = events.filter((event) => !known.has(event.id) && known.add(event.id));
  if (fresh.length === 0) return undefined;
  // Not by a spread: an object that begins as one is slow to give another field (see outcomes.ts), and most get `remote` here.
  const next: Delivery = Object.assign({}, delivery, { events: [...delivery.events], version: delivery.version + 1 });
  for (const event of fresh) applyOne(next, event);
  return next;
}

function applyOne(delivery: Delivery, event: DeliveryEvent): void {
  if (
    event.to === 'sending' &&
    event.attempt !== undefined &&
    delivery.events.some(({ by, to, attempt }) => by === event.by && to !== 'sending' && attempt === event.attempt)
  ) {
    // Its outcome is here already, by way of another recorder.
    delivery.events.push({ ...event, ignored: true });
    delivery.attempts = Math.max(delivery.attempts, event.attempt);
    return;
  }
  if (!mayMove(delivery.state, event.to)) {
    delivery.events.push({ ...event, ignored: true });
    // Something may be leaving all the same.
    if (event.to === 'sending') delete delivery.clean;
    return;
  }
  delivery.events.push(event);
  const reminded = event.by === 'clock' && delivery.state === 'needs_action' && event.to === 'needs_action';
  if (delivery.state !== event.to) delivery.since = event.at;
  delivery.state = event.to;
  if (event.to === 'sending') delivery.attempts = Math.max(delivery.attempts, event.attempt ?? delivery.attempts + 1);
  if (event.remote) delivery.remote = event.remote;
  if (!reminded) {
    for (const mark of ['clean', 'parked'] as const) {
      if (event[mark]) delivery[mark] = true;
      else if (delivery[mark]) delete delivery[mark];
    }
  }
  if (isFinal(event.to)) delete delivery.dueAt;
  else delivery.dueAt = event.dueAt ?? new Date(event.at.getTime() + (deadlines[event.to] ?? 0) * 1_000);
}
