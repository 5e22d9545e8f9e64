/**
 * How a server takes its leave, so that nobody behind a load balancer notices: it is not ready any more, and works on until
 * whoever distributes the requests has seen that; then nobody comes in, what is under way is ended, and streams end so that
 * those who listen go on elsewhere.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { RequestHandler } from 'express';

/** Seconds for which it works on, unless told: longer than a balancer takes that asks every second and believes the third no. */
export const usualDrain = 5;

/** Milliseconds after which nobody can be said to ask whether it is ready. */
const asksWithin = 30_000;

export interface Leaving {
  /** It was told to end: no more ready. */
  begun(): boolean;
  /** Somebody asks whether it is ready. */
  asked(): void;
  /** Tells whoever keeps a connection to the server not to. */
  handle: RequestHandler;
  /** Answers when nobody sends anything new here any more; at once where nobody ever asked whether it is ready. */
  begin(): Promise<void>;
  /** To be called when streams are to end. Returns the way to forget it. */
  onEnd(end: () => void): () => void;
  endStreams(): void;
}

/** `seconds`: for which it works on, in place of the usual. */
export function openLeaving(seconds?: number): Leaving {
  let begun = false;
  let asked: number | undefined;
  const ends = new Set<() => void>();
  let ended = false;
  return {
    begun: () => begun,
    asked: () => {
      asked = Date.now();
    },
    handle(_, response, next) {
      if (begun) response.set('Connection', 'close');
      next();
    },
    async begin() {
      begun = true;
      const isAsked = asked !== undefined && Date.now() - asked < asksWithin;
      await pause((seconds ?? (isAsked ? usualDrain : 0)) * 1_000);
    },
    onEnd(end) {
      ends.add(end);
      // Who comes as all others are sent away is sent away too.
      if (ended) setImmediate(end);
      return () => ends.delete(end);
    },
    endStreams() {
      ended = true;
      for (const end of ends) end();
    },
  };
}
