/** Shared memory for one process: what channels are tested with, and enough for a tool that runs alone. */
import type { Counter, SharedMemory } from './channel.js';

/** `now` lets a test's clock run ahead; `clear` is the loss of all of it. */
export function memoryInProcess(now: () => Date = () => new Date()): SharedMemory & { clear(): void } {
  const values = new Map<string, { value: string; end: number }>();
  const locks = new Map<string, Promise<unknown>>();
  const alive = (key: string): string | undefined => {
    const kept = values.get(key);
    return kept && kept.end > now().getTime() ? kept.value : undefined;
  };
  const keep = (key: string, value: string, ttl: number): void => {
    values.set(key, { value, end: now().getTime() + ttl * 1_000 });
  };
  return {
    clear() {
      values.clear();
    },
    async get(key) {
      return alive(key);
    },
    async set(key, value, ttl) {
      keep(key, value, ttl);
    },
    async delete(key) {
      values.delete(key);
    },
    lock(key, _ttl, work) {
      const turn = (locks.get(key) ?? Promise.resolve()).then(work, work);
      locks.set(
        key,
        turn.catch(() => undefined),
      );
      return turn;
    },
    async spend(counters) {
      const spent = ({ key, of = '' }: Counter) => Number(alive(`${key} ${of}`) ?? 0);
      const full = counters.findIndex((counter) => spent(counter) >= counter.limit);
      if (full >= 0) return full;
      for (const counter of counters)
        keep(`${counter.key} ${counter.of ?? ''}`, String(spent(counter) + 1), counter.ttl);
      return undefined;
    },
  };
}
