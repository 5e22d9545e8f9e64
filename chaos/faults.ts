/** What goes wrong, done for real: to the platforms by their controls, to processes by signals, to Redis by its file. */
import type { Fault } from './plan.js';
import type { Platforms, Taken } from './platforms.js';
import type { World } from './world.js';

export interface Trouble {
  begin(fault: Fault): Promise<void>;
  /** What the platform took of these and never published: its yes was a lie. */
  neverPublished(log: readonly Taken[]): ReadonlySet<Taken>;
  /** Resolves when nobody stands still any more. */
  over(): Promise<void>;
}

/** `first`: number of the run's first account on each platform. */
export function openTrouble(world: World, platforms: Platforms, first: number): Trouble {
  let awakeAt = 0;
  const lies: { account: string; at: string }[] = [];

  async function lie({ channel, account }: Extract<Fault, { does: 'lie' }>): Promise<void> {
    const { settings } = platforms.account(channel, first + account);
    if (channel === 'wechat') {
      await platforms.control('wechat', 'outcome', { appid: settings['appId'], status: 3 });
      lies.push({ account: String(settings['appId']), at: new Date().toISOString() });
    } else await platforms.control('weibo', 'delay', { times: 1, seconds: 20 });
  }

  return {
    async begin(fault) {
      switch (fault.does) {
        case 'fail':
          return platforms.control(fault.channel, 'script', fault);
        case 'drop':
          return platforms.control(fault.channel, 'drop', fault);
        case 'late': {
          const { channel, call, ms, seconds } = fault;
          await platforms.control(channel, 'latency', { call, ms, spread: ms / 4 });
          setTimeout(
            () => void platforms.control(channel, 'latency', { call, ms: 0 }).catch(() => undefined),
            seconds * 1_000,
          );
          return;
        }
        case 'lie':
          // An account that was never named has no outcomes yet.
          return lie(fault).catch(() => undefined);
        case 'kill':
          world.kill(fault.part);
          return;
        case 'stop':
          awakeAt = Math.max(awakeAt, Date.now() + fault.seconds * 1_000);
          world.stop(fault.part, fault.seconds);
          return;
        case 'flush':
          return world.flush();
        case 'lose':
          world.lose();
          return;
        case 'age':
          world.age();
          return;
      }
    },
    neverPublished: (log) =>
      new Set(
        lies.flatMap(({ account, at }) => log.find((entry) => entry.account === account && entry.at >= at) ?? []),
      ),
    async over() {
      // Whoever wakes must have had the time to do harm.
      await new Promise((wait) => setTimeout(wait, Math.max(0, awakeAt + 2_000 - Date.now())));
      world.wake();
    },
  };
}
