/**
 * One request and its whole answer, straight from undici's dispatcher: no stream is made for an answer that is read
 * whole anyway, which costs less than half.
 */
import type { Dispatcher } from 'undici';

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** The answer is longer than the caller takes. */
export class TooLarge extends Error {
  override name = 'TooLarge';
}

/** It was asked for so long ago that whoever asked may no longer want it. Nothing has left. */
export class TooLate extends Error {
  override name = 'TooLate';
}

/**
 * Milliseconds within which a request leaves: longer than a connection may take. A process that stood still finds its
 * connections made when it wakes, before any of its timers has told it how late it is; meanwhile another has done its work.
 */
const leavesWithin = 6_000;

/**
 * `maxBytes` bounds the answer's body.
 * @throws TooLarge, TooLate, the signal's reason, or what undici says of the connection
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Answered> {
  return new Promise((done, fail) => {
    if (signal?.aborted) {
      fail(reasonOf(signal));
      return;
    }
    const asked = performance.now();
    let status = 0;
    let headers: Answered['headers'] = {};
    let total = 0;
    const parts: Buffer[] = [];
    let controller: Dispatcher.DispatchController | undefined;

    const stop = (): void => {
      const reason = reasonOf(signal);
      controller?.abort(reason);
      end(() => {
        fail(reason);
      });
    };
    const end = (settle: () => void): void => {
      if (signal) forget(signal, stop);
      settle();
    };
    if (signal) onceAborted(signal, stop);

    dispatcher.dispatch(request, {
      onRequestStart(given) {
        controller = given;
        // It may have been called off while it waited for a connection.
        if (signal?.aborted) given.abort(reasonOf(signal));
        else if (performance.now() - asked > leavesWithin) given.abort(new TooLate('it waited too long to leave'));
      },
      onResponseStart(_controller, statusCode, given) {
        status = statusCode;
        headers = given;
      },
      onResponseData(given, part) {
        total += part.length;
        if (total > maxBytes) given.abort(new TooLarge(`answer larger than ${maxBytes} bytes`));
        else parts.push(part);
      },
      onResponseEnd() {
        end(() => {
          done({ status, headers, body: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts) });
        });
      },
      onResponseError(_controller, error) {
        end(() => {
          fail(error);
        });
      },
    });
  });
}

/** Who is to be told by each signal. Hundreds of calls share one, and it walks through all its listeners for each that comes or goes. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

function onceAborted(signal: AbortSignal, stop: () => void): void {
  const known = waiting.get(signal);
  if (known) {
    known.add(stop);
    return;
  }
  const all = new Set([stop]);
  waiting.set(signal, all);
  signal.addEventListener('abort', () => {
    for (const each of all) each();
  });
}

function forget(signal: AbortSignal, stop: () => void): void {
  waiting.get(signal)?.delete(stop);
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('the request was called off', 'AbortError');
}
