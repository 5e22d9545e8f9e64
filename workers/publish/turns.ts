/**
 * Whose turn it is: what a lane of this process has in flight, bounded in all, for each channel and for each host.
 * Channels take turns, and within a channel its hosts. What takes long gives its place in the lane to others and keeps
 * only its host's: so a host that hangs costs its own share.
 */

export interface Turns {
  /** Does the work when its turn has come; answers and fails as the work does. @throws NoTurn */
  take<T>(from: From, work: () => Promise<T>): Promise<T>;
  /** Waits while a channel has so much here that a batch of so many would only wait. A few come in beside what waits, for their host's turn may be the next. @throws NoTurn */
  room(channel: string, size: number): Promise<void>;
  /** From now on nobody's turn comes any more: what waits fails, what has begun goes on. */
  close(): void;
  closed(): boolean;
}

/** The process is ending, and nothing of this was begun: another takes it. */
export class NoTurn extends Error {}

export interface From {
  channel: string;
  /** Where the requests go. */
  host: string;
}

export interface Bounds {
  /** In flight at once. Each is less than the one before, so that no channel and no host can hold all of a lane. */
  lane: number;
  channel: number;
  host: number;
  /** Milliseconds after which what is in flight counts for its host alone. */
  brisk: number;
  /** Of one channel, waiting for its turn: beyond it, what waits in the queue may be taken by another process. */
  waiting: number;
  /** So many are a few. */
  few: number;
  /** Of one channel, waiting or in flight: what bounds memory. */
  held: number;
}

/** What one publishing process has in flight for a lane: to publish, and to read back. */
export const bounds = {
  publish: { lane: 256, channel: 192, host: 128, brisk: 1_000, waiting: 100, few: 20, held: 2_000 },
  verify: { lane: 128, channel: 96, host: 64, brisk: 1_000, waiting: 100, few: 20, held: 2_000 },
} as const satisfies Record<string, Bounds>;

interface Waiting {
  begin(): void;
  leave(): void;
}

interface Host {
  open: number;
  waiting: Waiting[];
}

interface Line {
  open: number;
  waiting: number;
  held: number;
  hosts: Map<string, Host>;
  /** Hosts that have something waiting and a place free, by whose turn is next. */
  ready: Set<string>;
  /** Batches that wait for room. */
  outside: Waiting[];
}

/** Of a lane. */
export function openLane(): Record<keyof typeof bounds, Turns> {
  return { publish: openTurns(bounds.publish), verify: openTurns(bounds.verify) };
}

export function openTurns(most: Bounds): Turns {
  let open = 0;
  let closed = false;
  const lines = new Map<string, Line>();
  /** Channels by whose turn is next, of those that have a host ready. */
  const ready = new Set<string>();

  function lineOf(channel: string): Line {
    const known = lines.get(channel);
    if (known) return known;
    const made: Line = { open: 0, waiting: 0, held: 0, hosts: new Map(), ready: new Set(), outside: [] };
    lines.set(channel, made);
    return made;
  }

  /** Lets in whatever has a place, one of each channel and host by turns. */
  function next(): void {
    for (const channel of ready) {
      if (open >= most.lane) return;
      const line = lineOf(channel);
      const [host] = line.ready;
      if (host === undefined || line.open >= most.channel) continue;
      ready.delete(channel);
      line.ready.delete(host);
      line.hosts.get(host)?.waiting.shift()?.begin();
      // To the end of the line: a set goes on to what is added while it is walked.
      stand(channel, host);
    }
  }

  function stand(channel: string, name: string): void {
    const line = lineOf(channel);
    const host = line.hosts.get(name);
    if (host && host.waiting.length > 0 && host.open < most.host) line.ready.add(name);
    if (line.ready.size > 0) ready.add(channel);
  }

  function hasRoom({ waiting, held }: Line): boolean {
    return waiting < most.waiting && held < most.held;
  }

  function hostOf({ channel, host }: From): Host {
    const { hosts } = lineOf(channel);
    const known = hosts.get(host);
    if (known) return known;
    const made: Host = { open: 0, waiting: [] };
    hosts.set(host, made);
    return made;
  }

  function begin(line: Line, host: Host): { slow(): void; end(): void } {
    open += 1;
    line.open += 1;
    host.open += 1;
    let counts = true;
    const giveBack = (): void => {
      if (!counts) return;
      counts = false;
      open -= 1;
      line.open -= 1;
    };
    return {
      slow() {
        giveBack();
        next();
        if (hasRoom(line)) line.outside.shift()?.begin();
      },
      end() {
        giveBack();
        host.open -= 1;
      },
    };
  }

  return {
    take(from, work) {
      if (closed) return Promise.reject(new NoTurn());
      const [line, host] = [lineOf(from.channel), hostOf(from)];
      line.held += 1;
      line.waiting += 1;
      return new Promise((done, fail) => {
        const begun = (): void => {
          line.waiting -= 1;
          const place = begin(line, host);
          const timer = setTimeout(() => {
            place.slow();
          }, most.brisk).unref();
          void work()
            .then(done, fail)
            .finally(() => {
              clearTimeout(timer);
              place.end();
              line.held -= 1;
              if (host.open === 0 && host.waiting.length === 0) line.hosts.delete(from.host);
              stand(from.channel, from.host);
              next();
              if (hasRoom(line)) line.outside.shift()?.begin();
            });
        };
        const leave = (): void => {
          line.waiting -= 1;
          line.held -= 1;
          fail(new NoTurn());
        };
        host.waiting.push({ begin: begun, leave });
        stand(from.channel, from.host);
        next();
      });
    },
    async room(channel, size) {
      if (closed) throw new NoTurn();
      const line = lineOf(channel);
      if (size <= most.few && line.held < most.held) return;
      while (!hasRoom(line))
        await new Promise<void>((begin, fail) =>
          line.outside.push({
            begin,
            leave: () => {
              fail(new NoTurn());
            },
          }),
        );
    },
    close() {
      closed = true;
      ready.clear();
      for (const line of lines.values()) {
        line.ready.clear();
        for (const { waiting } of line.hosts.values()) for (const one of waiting.splice(0)) one.leave();
        for (const one of line.outside.splice(0)) one.leave();
      }
    },
    closed: () => closed,
  };
}
