/** How fast it goes: when rows came to the states that they are in, and how long the platforms took to answer. */
import type { Placement, PlacementEvent } from '../model/placement.js';
import type { PlacementState } from '../model/states.js';
import type { Store } from '../store/store.js';
import type { Board } from './board.js';

/** Seconds of one step of the chart; as many steps as fit. */
const widths = [10, 60, 600, 3_600, 6 * 3_600, 24 * 3_600] as const;
const mostSteps = 40;
/** Rows that are read for the platforms' answer times: the newest. */
const sample = 400;

/** From `from` until `to`; what came before is none of this release's, what came after has not happened. */
export async function paceOf(store: Store, release: string, from: Date, to: Date): Promise<Board['pace']> {
  const length = Math.max(0, to.getTime() - from.getTime()) / 1_000;
  const every = widths.find((seconds) => length / seconds < mostSteps) ?? Math.ceil(length / mostSteps);
  const steps: Board['pace']['steps'] = [];
  for (let at = from.getTime(); at <= to.getTime(); at += every * 1_000)
    steps.push(await cameBetween(store, release, new Date(at), new Date(at + every * 1_000)));
  return { every, from: from.toISOString(), steps };
}

async function cameBetween(
  store: Store,
  release: string,
  from: Date,
  to: Date,
): Promise<Board['pace']['steps'][number]> {
  const groups = await store.placements.aggregate<{ _id: PlacementState; count: number }>([
    { $match: { release, since: { $gte: from, $lt: to } } },
    { $group: { _id: '$state', count: { $sum: 1 } } },
  ]);
  return Object.fromEntries(groups.map(({ _id, count }) => [_id, count])) as Board['pace']['steps'][number];
}

export async function answersOf(store: Store, release: string): Promise<Board['answers']> {
  const rows = await store.placements
    .find({ release }, { channel: 1, recent: 1 })
    .sort({ since: -1 })
    .limit(sample)
    .lean();
  const times = new Map<string, number[]>();
  for (const row of rows) {
    const known = times.get(row.channel) ?? [];
    times.set(row.channel, [...known, ...answerTimes(row)]);
  }
  return [...times]
    .filter(([, ms]) => ms.length > 0)
    .map(([channel, ms]) => ({
      channel,
      count: ms.length,
      p50Ms: percentile(ms, 0.5),
      p95Ms: percentile(ms, 0.95),
    }))
    .sort((one, other) => (one.channel < other.channel ? -1 : 1));
}

/** Milliseconds between each hand-out and its first outcome. */
export function answerTimes({ recent }: Pick<Placement, 'recent'>): number[] {
  return recent.flatMap((event, place) => {
    if (event.is !== 'sending' || event.try === undefined) return [];
    const answer = recent.slice(place + 1).find((later) => later.try === event.try && isAnswer(later));
    return answer ? [Math.max(0, answer.at.getTime() - event.at.getTime())] : [];
  });
}

/** What a platform said; that nothing came is no answer. */
function isAnswer({ is }: PlacementEvent): boolean {
  return is === 'accepted' || is === 'owed' || is === 'withdrawn' || is === 'nothing';
}

/** By nearest rank. `values` is not empty. */
function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0);
}
