/** Time limits for calls. A signal and its timer for every call would cost as much as opening the account. */
import { setMaxListeners } from 'node:events';

const shared = new Map<number, { until: number; signal: AbortSignal }>();

/** A signal that ends `seconds` from now, at most a second later: calls that begin within the same second share it. */
export function timeLimit(seconds: number, now = Date.now()): AbortSignal {
  const known = shared.get(seconds);
  if (known && now < known.until) return known.signal;
  const signal = AbortSignal.timeout((seconds + 1) * 1_000);
  setMaxListeners(0, signal);
  shared.set(seconds, { until: now + 1_000, signal });
  return signal;
}
