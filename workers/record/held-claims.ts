/** Claims whose outcome is due, kept back for a moment so that both are written together: most rows change once then, not twice. */
import type { StreamEntry } from '../../core/queue/events.js';
import type { Told } from '../../core/queue/claims.js';

/** What is to be written now, and the entries of which nothing is left to write after that. */
export interface Batch {
  events: Told[];
  entries: StreamEntry[];
}

/** Milliseconds that a claim waits for its outcome: the ledger must not say for longer that nobody is at a placement. */
const longest = 2_000;

interface Held {
  entry: StreamEntry;
  until: number;
  /** Claims of this entry that are still kept back. */
  left: number;
}

export class HeldClaims {
  /** By placement; an entry holds many. */
  private readonly claims = new Map<string, { told: Told; of: Held }>();
  private readonly entries = new Set<Held>();

  /** Milliseconds until something held must be written; at most `most`. */
  wait(now: number, most: number): number {
    const [oldest] = this.entries;
    return oldest ? Math.max(1, Math.min(most, oldest.until - now)) : most;
  }

  /** Takes entries in the order of the stream. Each placement's events come out in that order. */
  take(fresh: readonly StreamEntry[], now: number): Batch {
    const batch: Batch = { events: [], entries: [] };
    for (const entry of fresh) {
      const isClaim = entry.events.every(({ event }) => event.is === 'sending');
      for (const { placement } of entry.events) this.give(placement, batch);
      if (isClaim && entry.events.length > 0) this.hold(entry, now);
      else {
        batch.events.push(...entry.events);
        batch.entries.push(entry);
      }
    }
    for (const held of this.entries) {
      if (held.until > now) break;
      this.giveAll(held, batch);
    }
    return batch;
  }

  /** All that is held. */
  drain(): Batch {
    const batch: Batch = { events: [], entries: [] };
    for (const held of this.entries) this.giveAll(held, batch);
    return batch;
  }

  private hold(entry: StreamEntry, now: number): void {
    const held = { entry, until: now + longest, left: entry.events.length };
    this.entries.add(held);
    for (const told of entry.events) this.claims.set(told.placement, { told, of: held });
  }

  private giveAll(held: Held, batch: Batch): void {
    for (const { placement } of held.entry.events)
      if (this.claims.get(placement)?.of === held) this.give(placement, batch);
  }

  private give(placement: string, batch: Batch): void {
    const claim = this.claims.get(placement);
    if (!claim) return;
    this.claims.delete(placement);
    batch.events.push(claim.told);
    const { of } = claim;
    of.left -= 1;
    if (of.left > 0) return;
    this.entries.delete(of);
    batch.entries.push(of.entry);
  }
}
