/**
 * A fault that repeats is said once, then counted, then said to be over, whatever it is of: Redis, the store, a platform, a
 * disk. A disk that is full or a Redis that is away would otherwise fill with words what room there is left.
 */
import type { Logger } from 'pino';
import { patience } from '../store/mongodb/decided.js';
import { outageOf } from '../store/mongodb/outage.js';

export type Report = (error: unknown, what: string) => void;

/** ms between two words about a fault that goes on; one that is silent for as long is over. */
const everyMinute = 60_000;
/** A server that is away is asked for again each second: after so many ms of silence it is back. */
const backAfter = 5_000;
/** Whoever asks for a primary that is not there waits so long before saying so, ms, and nobody else meanwhile. */
const backAfterElection = patience.selection + backAfter;
/** Faults told apart at a time. */
const mostFaults = 200;

interface Fault {
  what: string;
  began: number;
  last: number;
  spoken: number;
  /** Since it was last spoken of. */
  times: number;
  timer: NodeJS.Timeout;
}

export function openFaultLog(log: Pick<Logger, 'error' | 'warn' | 'info'>, every = everyMinute): Report {
  const faults = new Map<string, Fault>();

  function look(key: string, fault: Fault, quiet: number): void {
    const now = Date.now();
    if (now - fault.last >= quiet) {
      clearInterval(fault.timer);
      faults.delete(key);
      const seconds = Math.round((fault.last - fault.began) / 1_000);
      log.info({ seconds, times: fault.times }, `${fault.what}: back after ${seconds} s`);
      return;
    }
    if (now - fault.spoken < every || fault.times === 0) return;
    log.error(
      { times: fault.times, seconds: Math.round((now - fault.began) / 1_000), fault: key },
      `${fault.what}: goes on`,
    );
    Object.assign(fault, { times: 0, spoken: now });
  }

  return (error, what) => {
    const election = outageOf(error) !== undefined;
    const away = election ? 'MongoDB' : addressOf(error);
    // Whoever else meets a server that is away has nothing to add.
    const key = away === undefined ? `${what}: ${kindOf(error)}` : away;
    const now = Date.now();
    const known = faults.get(key);
    if (known) {
      known.times += 1;
      known.last = now;
      return;
    }
    log.error({ err: error }, away === undefined ? what : `no answer from ${away}`);
    if (faults.size >= mostFaults) return;
    const quiet = away === undefined ? every : election ? backAfterElection : backAfter;
    const fault: Fault = {
      what: away ?? what,
      began: now,
      last: now,
      spoken: now,
      times: 0,
      timer: setInterval(() => look(key, fault, quiet), quiet).unref(),
    };
    faults.set(key, fault);
  };
}

/** Of a server that could not be reached; nothing where it is another kind of fault. */
function addressOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'connect') return undefined;
  return 'address' in error && 'port' in error ? `${String(error.address)}:${String(error.port)}` : undefined;
}

/** Its class and words, without what is of one case alone. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const words = error.message.replace(/[0-9a-f-]{12,}|\d+/gi, '#').slice(0, 200);
  return `${error.name} ${words}`;
}
