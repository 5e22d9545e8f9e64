import { setTimeout as pause } from 'node:timers/promises';

/** Writes that arrive within `linger` ms of the first, or while one is under way, go together: at most `most` at once. */
export function coalesce<T>(
  write: (items: T[]) => Promise<void>,
  { most, linger }: { most: number; linger: number },
): (item: T) => Promise<void> {
  let waiting: { item: T; done: () => void; fail: (error: unknown) => void }[] = [];
  let busy = false;

  async function run(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      await pause(linger);
      const now = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        await write(now.map((entry) => entry.item));
        for (const entry of now) entry.done();
      } catch (error) {
        for (const entry of now) entry.fail(error);
      }
    }
    busy = false;
  }

  return (item) =>
    new Promise((done, fail) => {
      waiting.push({ item, done, fail });
      if (!busy) void run();
    });
}
