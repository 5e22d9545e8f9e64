/** What each part of a run has cost. */
import type { Ground } from './ground.js';

/** Answers the seconds of the processor used since, by part; `self` is this process. */
export function meter(ground: Ground): () => Record<string, number> {
  const before = ground.cpu();
  const own = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(own);
    const used = Object.entries(ground.cpu()).map(([part, seconds]) => [part, seconds - (before[part] ?? 0)]);
    return { ...Object.fromEntries(used), self: (user + system) / 1e6 };
  };
}

/** The same in microseconds for one delivery. */
export function each(used: Record<string, number>, deliveries: number): Record<string, number> {
  return Object.fromEntries(Object.entries(used).map(([part, seconds]) => [part, (seconds / deliveries) * 1e6]));
}

/** Without the platforms, which are not ours, and Redis, which is told apart. */
export function hubOf(parts: Record<string, number>): number {
  return Object.entries(parts).reduce(
    (sum, [part, value]) => (part === 'sandbox' || part === 'redis' ? sum : sum + value),
    0,
  );
}
