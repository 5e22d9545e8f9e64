/** What the ledger says of a drill: who was reached, how soon, who was late, what was not reached and why. */
import { LRUCache } from 'lru-cache';
import type { CauseGroup } from '../command/board.js';
import type { Queries } from '../placements/queries.js';
import { factsOf, type Facts } from '../report/facts.js';
import { everyRow, type ReportRow } from '../report/rows.js';
import type { Store } from '../store/store.js';

export interface DrillFigures {
  /** When its first order began to leave. */
  began?: Date;
  placements: number;
  /** The platform took it, or a person confirmed it. */
  reached: number;
  verified: number;
  /** Seconds from the beginning until 99 of 100 were reached, and until 99 of 100 were read back or confirmed; absent where it never was so. */
  reached99?: number;
  verified99?: number;
  /** Confirmed by a person, or read back, after the deadline; the latest first. */
  late: (Pick<ReportRow, 'placement' | 'organizationName' | 'accountName' | 'lateMinutes'> & { by?: string })[];
  lateCount: number;
  gaps: CauseGroup[];
}

/** Those late that are named. */
const mostLate = 100;
/** A drill that is over is read once; one that goes on changes its counts. */
const kept = new LRUCache<string, Promise<DrillFigures>>({ max: 200 });

/** @throws LianfaError not_found */
export async function figuresOf(
  store: Store,
  queries: Pick<Queries, 'counts'>,
  release: string,
): Promise<DrillFigures> {
  const facts = await factsOf(store, queries, release);
  const key = JSON.stringify([release, facts.counts, facts.orders.length, facts.deadline]);
  const known = kept.get(key);
  if (known) return known;
  const made = read(store, facts);
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

async function read(store: Store, facts: Facts): Promise<DrillFigures> {
  const began = await beganAt(store, facts.release);
  const reached: number[] = [];
  const verified: number[] = [];
  let late: ReportRow[] = [];
  let lateCount = 0;
  for await (const row of everyRow(store, facts)) {
    const known = row.verifiedAt ?? row.confirmedAt;
    const first = row.acceptedAt ?? known;
    if (first) reached.push(first.getTime());
    if (known) verified.push(known.getTime());
    if (row.lateMinutes === undefined) continue;
    lateCount += 1;
    late.push(row);
    if (late.length > mostLate * 2) late = latest(late);
  }
  const reached99 = secondsTo99(reached, facts.total, began);
  const verified99 = secondsTo99(verified, facts.total, began);
  return {
    ...(began && { began }),
    placements: facts.total,
    reached: reached.length,
    verified: verified.length,
    ...(reached99 !== undefined && { reached99 }),
    ...(verified99 !== undefined && { verified99 }),
    late: latest(late).map(({ placement, organizationName, accountName, lateMinutes, confirmedBy }) => ({
      ...{ placement, organizationName, accountName },
      ...(lateMinutes !== undefined && { lateMinutes }),
      ...(confirmedBy !== undefined && { by: confirmedBy }),
    })),
    lateCount,
    gaps: facts.causes,
  };
}

function latest(rows: ReportRow[]): ReportRow[] {
  return rows.sort((a, b) => (b.lateMinutes ?? 0) - (a.lateMinutes ?? 0)).slice(0, mostLate);
}

async function beganAt(store: Store, release: string): Promise<Date | undefined> {
  const [first] = await store.orders
    .find({ release }, { at: 1, startedAt: 1, notBefore: 1 })
    .sort({ seq: 1 })
    .limit(1)
    .lean();
  return first && (first.notBefore ?? first.startedAt ?? first.at);
}

/** By nearest rank over all that it should have reached. */
function secondsTo99(times: number[], total: number, began: Date | undefined): number | undefined {
  const rank = Math.ceil(total * 0.99);
  const at = rank === 0 ? undefined : times.sort((a, b) => a - b)[rank - 1];
  return at === undefined || !began ? undefined : Math.max(0, Math.round((at - began.getTime()) / 1_000));
}
