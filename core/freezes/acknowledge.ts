/** Waits until every publishing process goes by the freezes as they are now, and until what had left before has ended. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KnownPublisher, Publishers } from '../queue/publishers.js';

/** `confirmed`: it goes by this version or a later one. `asked`: it lives and has not said so yet. `silent`: it has not been heard for a while; the door holds for it all the same. */
export type ProcessState = 'confirmed' | 'asked' | 'silent';

export interface FreezeProcess extends KnownPublisher {
  state: ProcessState;
}

export interface Acknowledgement {
  /** Every process that lives has confirmed. */
  acknowledged: boolean;
  /** Requests that had gone through the door as their processes confirmed: they may have landed. */
  inFlight: number;
  /** Those of them that had not ended when this was told. */
  remaining: number;
  /** From the order until every process that lives had confirmed; where one has not, until this was told. Ms. */
  milliseconds: number;
  processes: FreezeProcess[];
}

/** Ms of silence after which a process is no longer waited for. Longer than an open door is good (see `openIsGood`). */
const silentAfter = 5_000;
const look = 25;

/** What a process must go by: a version of the ledger's freezes, and those that no ledger has yet, by id. */
export interface Asked {
  version: number;
  unwritten: readonly string[];
}

export function stateOf({ version, holds, silentFor }: KnownPublisher, asked: Asked): ProcessState {
  if (silentFor > silentAfter) return 'silent';
  return version >= asked.version && asked.unwritten.every((id) => holds.includes(id)) ? 'confirmed' : 'asked';
}

/** At most `patience` ms. */
export async function acknowledged(
  publishers: Pick<Publishers, 'known'>,
  asked: Asked,
  began: number,
  patience: number,
): Promise<Acknowledgement> {
  let confirmedAt: number | undefined;
  for (;;) {
    const processes = (await publishers.known()).map((one) => ({ ...one, state: stateOf(one, asked) }));
    const heard = processes.filter(({ state }) => state !== 'silent');
    const all = heard.every(({ state }) => state === 'confirmed');
    const sum = (pick: (one: FreezeProcess) => number): number => heard.reduce((total, one) => total + pick(one), 0);
    const remaining = sum((one) => one.remaining);
    const now = Date.now();
    confirmedAt = all ? (confirmedAt ?? now) : undefined;
    if ((all && remaining === 0) || now - began >= patience) {
      const milliseconds = (confirmedAt ?? now) - began;
      return { acknowledged: all, inFlight: sum((one) => one.inFlight), remaining, milliseconds, processes };
    }
    await pause(look);
  }
}
