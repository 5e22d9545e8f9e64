/** What a report says before its rows: who signed what, what was ordered, how it stands. Read from the ledger alone. */
import { courseOf } from '../command/messages.js';
import { causesOf } from '../command/causes.js';
import { LianfaError } from '../errors.js';
import type { Board, CauseGroup } from '../command/board.js';
import type { OrderAction } from '../model/order.js';
import type { Placement, PlacementEvent } from '../model/placement.js';
import type { Count } from '../placements/report.js';
import type { Queries } from '../placements/queries.js';
import type { Store } from '../store/store.js';

export interface Facts {
  release: string;
  title: string;
  /** When it was drawn up. */
  at: Date;
  deadline: Date | undefined;
  messages: Board['messages'];
  /** Each order with those who signed it: everybody of the chain that led to it. */
  orders: OrderFact[];
  counts: readonly Count[];
  total: number;
  causes: CauseGroup[];
}

export interface OrderFact {
  seq: number;
  at: Date;
  revision: string | undefined;
  placements: number;
  /** 期限: signed with it. */
  deadline: Date | undefined;
  /** What was ordered, where that is no text. */
  action: OrderAction;
  reason: string | undefined;
  signers: { name: string; at: Date | undefined }[];
}

/** @throws LianfaError not_found */
export async function factsOf(store: Store, queries: Pick<Queries, 'counts'>, release: string): Promise<Facts> {
  const row = await store.releases.findById(release).lean();
  if (!row) throw new LianfaError('not_found', { what: release });
  const [counts, course, orders] = await Promise.all([
    queries.counts([release]).then((all) => all.get(release) ?? []),
    courseOf(store, release),
    store.orders.find({ release }).sort({ seq: 1 }).lean(),
  ]);
  const reviews = await store.reviews.find({ release, state: 'signed' }).sort({ _id: 1 }).lean();
  const people = [
    ...new Set([
      ...orders.map(({ by }) => by),
      ...reviews.flatMap((review) => review.decisions.map(({ person }) => person)),
    ]),
  ];
  const names = await namesOf(store, people);
  const nameOf = (id: string): string => names.get(id) ?? id;
  return {
    release,
    // Nobody takes the report of a drill for one of the real thing.
    title: course.messages.some(({ exercise }) => exercise) ? `演练：${row.title}` : row.title,
    at: new Date(),
    deadline: course.clocks.deadline === undefined ? undefined : new Date(course.clocks.deadline),
    messages: course.messages,
    orders: orders.map(({ _id, seq, at, revision, placements, by, deadline, action, reason }) => {
      const decisions = reviews.flatMap((review) =>
        review.state === 'signed' && review.order === _id ? review.decisions : [],
      );
      const others = decisions.filter(({ person }) => person !== by);
      return {
        seq,
        at,
        revision,
        placements,
        deadline,
        action,
        reason,
        signers: [
          ...others.map(({ person, at: when }) => ({ name: nameOf(person), at: when })),
          { name: nameOf(by), at },
        ],
      };
    }),
    counts,
    total: counts.reduce((sum, { count }) => sum + count, 0),
    causes: await causesOf(store, release, counts),
  };
}

/** Of those who are still known. */
export async function namesOf(store: Store, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await store.people.find({ _id: { $in: [...ids] } }, { displayName: 1 }).lean();
  return new Map(rows.map(({ _id, displayName }) => [_id, displayName]));
}

/** When each thing happened to the message that is wanted now. */
export interface Times {
  acceptedAt?: Date;
  verifiedAt?: Date;
  confirmedAt?: Date;
  confirmedBy?: string;
  note?: string;
}

/** `events`: all of the placement, oldest first. The first of each kind counts: what is read again later was there before. */
export function timesOf({ orders }: Pick<Placement, 'orders'>, events: readonly PlacementEvent[]): Times {
  const seq = orders.at(-1)?.seq;
  const own = events.filter((event) => event.seq === seq && !event.ignored);
  const accepted = own.find(({ is }) => is === 'accepted' || is === 'owed' || is === 'withdrawn');
  const verified = own.find((event) => event.is === 'read' && event.outcome === 'verified');
  const confirmed = own.findLast((event) => event.is === 'confirmed');
  return {
    ...(accepted && { acceptedAt: accepted.at }),
    ...(verified && { verifiedAt: verified.at }),
    ...(confirmed?.is === 'confirmed' && {
      confirmedAt: confirmed.at,
      confirmedBy: confirmed.by,
      note: confirmed.note,
    }),
  };
}
