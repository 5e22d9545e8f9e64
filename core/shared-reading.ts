/** What many who look at a screen ask for at the same moment is read once. */

/** Milliseconds that an answer is given again for at least, and how many times as long as it took: reading may take a fifth of the time, not more. */
const youngest = 250;
const share = 4;

/** One reading of each kind at a time; its answer serves for a while that grows with what it cost. */
export function openShared(now: () => number) {
  const kept = new Map<string, { until: number; answer: Promise<unknown> }>();
  return async function shared<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = kept.get(key);
    if (known && now() < known.until) return known.answer as Promise<T>;
    for (const [other, { until }] of kept) if (now() >= until) kept.delete(other);
    const began = now();
    const answer = read();
    const entry = { until: Infinity, answer };
    kept.set(key, entry);
    try {
      const value = await answer;
      entry.until = now() + Math.max(youngest, share * (now() - began));
      return value;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  };
}
