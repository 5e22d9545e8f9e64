/** Records for one process: what channels are tested with, and enough for a tool that runs alone. */
import type { Records } from './channel.js';

export function recordsInProcess(): Records {
  const kept = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    set(key, value) {
      kept.set(key, value);
      return Promise.resolve();
    },
    first(key, value) {
      const standing = kept.get(key) ?? value;
      kept.set(key, standing);
      return Promise.resolve(standing);
    },
    delete(key) {
      kept.delete(key);
      return Promise.resolve();
    },
    list(prefix, { after, limit }) {
      const behind = [...kept]
        .filter(([key]) => key.startsWith(prefix) && (after === undefined || byCodePoint(key, after) > 0))
        .sort(([left], [right]) => byCodePoint(left, right));
      return Promise.resolve(behind.slice(0, limit).map(([key, value]) => ({ key, value })));
    },
  };
}

/** As both stores order text; JavaScript's own order differs beyond U+FFFF. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
