/**
 * The clock by which callouts count: lengths of time, whoever sets the wall's clock meanwhile, and also across the end of
 * the process, as long as the machine runs on. While anybody is being called it keeps the moment at which it was; whoever
 * begins after it on the same machine goes on from there. Once nobody waits for anything it takes the wall's time again.
 */
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { z } from 'zod';
import { openRecords } from '../../core/store/records.js';
import type { Store } from '../../core/store/store.js';

export interface SteadyClock {
  now(): Date;
  /** The instant, as somebody has set it: by which a warning ends. */
  wall(): Date;
  /** Before the first use of `now`: what an earlier process has kept is known. */
  ready(): Promise<void>;
  /** `isIdle`: nobody is being called, so no interval is under way. */
  keep(isIdle: boolean): Promise<void>;
}

export interface Machine {
  name: string;
  /** Names this run of the machine; undefined where it cannot be told from another. */
  boot: string | undefined;
  /** Milliseconds since it was started, which nobody sets. */
  up(): number;
  /** Milliseconds since 1970, as somebody has set it. */
  wall(): number;
}

function thisMachine(): Machine {
  return { name: hostname(), boot: bootId(), up: () => uptime() * 1_000, wall: () => Date.now() };
}

function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not on Linux: each process has a time of its own.
    return undefined;
  }
}

const schema = z.object({ boot: z.string(), wall: z.number(), up: z.number() });

export function openSteadyClock(store: Pick<Store, 'records'>, machine = thisMachine()): SteadyClock {
  const records = openRecords(store)('callouts');
  const key = `clock/${machine.name}`;
  let [wall, up] = [machine.wall(), machine.up()];
  let begun: Promise<void> | undefined;
  let isKept = false;
  const now = (): Date => new Date(Math.round(wall + machine.up() - up));

  async function begin(): Promise<void> {
    const text = await records.get(key);
    if (text === undefined) return;
    isKept = true;
    const kept = schema.safeParse(JSON.parse(text)).data;
    if (kept && kept.boot === machine.boot) [wall, up] = [kept.wall, kept.up];
  }

  return {
    now,
    wall: () => new Date(machine.wall()),
    async ready() {
      begun ??= begin();
      await begun.catch((error: unknown) => {
        begun = undefined;
        throw error;
      });
    },
    async keep(isIdle) {
      if (isIdle) {
        [wall, up] = [machine.wall(), machine.up()];
        if (isKept) await records.delete(key);
        isKept = false;
        return;
      }
      if (machine.boot === undefined) return;
      isKept = true;
      await records.set(key, JSON.stringify({ boot: machine.boot, wall: now().getTime(), up: machine.up() }));
    },
  };
}
