/**
 * Hosts that take requests and do not answer. A failure is counted by the circuit breaker; a host that hangs would have
 * to be waited for a quarter of a minute, request by request, before it counts as one.
 */

/** So many requests open for so long, ms, and nothing heard meanwhile: the host is silent. From then on no more than so many may be open at once, to see whether it answers again. */
const few = 4;
const patience = 5_000;
/** It is left alone as long as it has been silent, within these bounds, ms. */
const alone = { least: 5_000, most: 300_000 };

export interface SilenceWatch {
  /** Milliseconds to leave the host alone; 0 where it may be asked. */
  wait(host: string): number;
  /** A request leaves for it. Call what is returned when it has ended. */
  begin(host: string): (answered: boolean) => void;
}

interface Watched {
  /** When each open request began, oldest first. */
  open: Set<{ at: number }>;
  heard: number;
  silentSince: number | undefined;
}

export function watchSilence(now: () => number = () => performance.now()): SilenceWatch {
  const hosts = new Map<string, Watched>();

  function watched(host: string): Watched {
    const known = hosts.get(host);
    if (known) return known;
    const made: Watched = { open: new Set(), heard: -Infinity, silentSince: undefined };
    hosts.set(host, made);
    return made;
  }

  return {
    wait(host) {
      const one = hosts.get(host);
      if (!one || one.open.size < few) return 0;
      one.silentSince ??= silentSince(one, now());
      if (one.silentSince === undefined) return 0;
      return Math.min(alone.most, Math.max(alone.least, now() - one.silentSince));
    },
    begin(host) {
      const one = watched(host);
      const request = { at: now() };
      one.open.add(request);
      return (answered) => {
        one.open.delete(request);
        // What failed at once was not silent.
        if (answered || now() - request.at < patience) {
          one.heard = now();
          one.silentSince = undefined;
        } else if (one.heard < request.at) one.silentSince ??= request.at;
      };
    },
  };
}

function silentSince({ open, heard }: Watched, now: number): number | undefined {
  const [oldest] = open;
  const youngestOfFew = [...take(open, few)].at(-1);
  if (!oldest || !youngestOfFew) return undefined;
  const since = Math.max(youngestOfFew.at, heard);
  return now - since >= patience ? Math.max(oldest.at, heard) : undefined;
}

function* take<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
