/** What happens to the lines between hosts, and is taken back when its time is over. */
import type { HostName, Network } from './network.js';
import type { Break } from './partition-plan.js';
import type { Platforms } from './platforms.js';
import type { World } from './world.js';

export interface Breaks {
  begin(what: Break): Promise<void>;
  /** Resolves when all hear each other again. */
  over(): Promise<void>;
}

/** A platform's answers while two believe that they hold the same: long enough for requests to be under way when the line goes. */
const late = { ms: 1_500, spread: 1_500 };
/** Seconds from then on until it does. */
const cutAfter = 2.5;
/** Seconds by which who stood still wakes before it hears Redis again. */
const wakesBefore = 4;

export function openBreaks(network: Network, world: World, platforms: Platforms): Breaks {
  let healedAt = 0;

  /** `after`: seconds until it begins. */
  function hold(seconds: number, begin: () => readonly (() => void)[], after = 0): void {
    healedAt = Math.max(healedAt, Date.now() + (after + seconds) * 1_000);
    setTimeout(() => {
      const ends = begin();
      setTimeout(() => {
        for (const end of ends) end();
      }, seconds * 1_000);
    }, after * 1_000);
  }
  const apart = (one: HostName, other: HostName): (() => void)[] => [network.cut(one, other), network.cut(other, one)];
  const all = (latency: object): Promise<unknown> =>
    Promise.all(platforms.names.map((channel) => platforms.control(channel, 'latency', latency)));

  /** Its requests are under way when the line goes. */
  async function both({ publisher, stopped, seconds }: Extract<Break, { does: 'both' }>): Promise<void> {
    await all(late);
    hold(
      seconds,
      () => {
        void all({ ms: 0 });
        if (stopped) world.stop(publisher, seconds - wakesBefore);
        return apart(publisher, 'redis');
      },
      cutAfter,
    );
  }

  return {
    async begin(what) {
      switch (what.does) {
        case 'cut':
          return hold(what.seconds, () => apart(what.one, what.other));
        case 'mute':
          return hold(what.seconds, () => [network.cut(what.from, what.to)]);
        case 'slow':
          return hold(what.seconds, () => [network.slow(what.host)]);
        case 'alone': {
          const others = network.others(what.host);
          return hold(what.seconds, () => others.flatMap((other) => apart(what.host, other)));
        }
        case 'both':
          return both(what);
      }
    },
    async over() {
      await new Promise((wait) => setTimeout(wait, Math.max(0, healedAt + 500 - Date.now())));
    },
  };
}
