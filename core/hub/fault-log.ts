/**
 * A fault that repeats is said once, then counted, then said to be over: a disk that is full or a Redis that is away would
 * otherwise fill with words what room there is left.
 */
import type { Logger } from 'pino';

export type Report = (error: unknown, what: string) => void;

/** ms between two words about a fault that goes on; one that is silent for as long is over. */
const everyMinute = 60_000;
/** Faults told apart at a time. */
const mostFaults = 200;

interface Fault {
  began: number;
  /** Since it was last spoken of. */
  times: number;
  timer: NodeJS.Timeout;
}

export function openFaultLog(log: Pick<Logger, 'error' | 'warn' | 'info'>, every = everyMinute): Report {
  const faults = new Map<string, Fault>();

  function speak(key: string, what: string, fault: Fault): void {
    const seconds = Math.round((Date.now() - fault.began) / 1_000);
    if (fault.times === 0) {
      clearInterval(fault.timer);
      faults.delete(key);
      log.info({ seconds }, `${what}: over`);
      return;
    }
    log.error({ times: fault.times, seconds, fault: key }, `${what}: goes on`);
    fault.times = 0;
  }

  return (error, what) => {
    const key = `${what}: ${kindOf(error)}`;
    const known = faults.get(key);
    if (known) {
      known.times += 1;
      return;
    }
    log.error({ err: error }, what);
    if (faults.size >= mostFaults) return;
    const fault: Fault = {
      began: Date.now(),
      times: 0,
      timer: setInterval(() => speak(key, what, fault), every).unref(),
    };
    faults.set(key, fault);
  };
}

/** Its class and words, without what is of one case alone. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const words = error.message.replace(/[0-9a-f-]{12,}|\d+/gi, '#').slice(0, 200);
  return `${error.name} ${words}`;
}
