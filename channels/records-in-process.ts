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
    delete(key) {
      kept.delete(key);
      return Promise.resolve();
    },
  };
}
