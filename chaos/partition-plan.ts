/** What one run of `partition` does, and when: drawn from a seed, so that the same seed does the same again. */
import { openDice, type Dice } from './dice.js';
import type { HostName } from './network.js';
import type { Order } from './plan.js';

export type Store = 'file' | 'wire';

export type Break = { seconds: number } & (
  | { does: 'cut'; one: HostName; other: HostName }
  /** What the one sends does not reach the other; it hears it. */
  | { does: 'mute'; from: HostName; to: HostName }
  /** What it sends is late and partly lost. */
  | { does: 'slow'; host: HostName }
  /** From everything. */
  | { does: 'alone'; host: HostName }
  /**
   * Cut from Redis while platforms take long, until its claims have run out: the other takes them over, and both believe
   * that they hold them. `stopped`: it stands still meanwhile, and wakes before it hears Redis again.
   */
  | { does: 'both'; publisher: (typeof publishers)[number]; stopped: boolean }
);

export type Act = { at: number } & (Order | Break);

const publishers = ['publish-1', 'publish-2'] as const;

/** Who talks to whom. */
const talks: readonly (readonly [HostName, HostName])[] = [
  ...(['server-1', 'server-2', ...publishers, 'record', 'clock'] as const).map((one) => [one, 'redis'] as const),
  ...publishers.map((one) => [one, 'platforms'] as const),
];
/** Where the store is a host of its own. */
const talksToStore: typeof talks = (['server-1', 'server-2', ...publishers, 'record', 'clock'] as const).map(
  (one) => [one, 'store'] as const,
);

/** Seconds in which people order and breaks begin. */
const active = 45;
/** A claim's seconds: a publisher that is cut off for longer is taken for lost. */
const claim = 30;

/** The independent server that speaks MongoDB's protocol loses second orders (wire.ts): over it, there are first ones alone. */
export function planOf(seed: number, store: Store): Act[] {
  const dice = openDice(seed);
  const orders = ordersOf(dice);
  const acts = [...orders, bothOf(dice, orders), ...breaksOf(dice, store)].sort((one, other) => one.at - other.at);
  return store === 'file' ? acts : acts.filter((act) => !isOrder(act) || act.does === 'publish' || act.does === 'warn');
}

export function isOrder(act: Act): act is Act & Order {
  return !isBreak(act);
}

export function isBreak(act: Act): act is Act & Break {
  return 'seconds' in act;
}

/** Two releases, changed and withdrawn; and a warning with its update. */
function ordersOf(dice: Dice): Act[] {
  const acts: Act[] = ['甲', '乙'].flatMap((release) => {
    let at = dice.below(6);
    const own: Act[] = [{ at, does: 'publish', release, half: dice.percent(25) }];
    for (let left = dice.between(2, 4); left > 0; left -= 1) {
      at += dice.percent(30) ? dice.below(0.4) : dice.below(14);
      if (at > active) break;
      const chance = dice.below(100);
      if (chance < 60) own.push({ at, does: 'correction', release });
      else if (chance < 80) own.push({ at, does: 'update', release });
      else own.push({ at, does: 'withdraw', release, half: chance < 93 });
      // Nothing follows a withdrawal of all of it.
      if (chance >= 93) break;
    }
    return own;
  });
  const at = dice.below(20);
  acts.push({ at, does: 'warn', release: '警' });
  acts.push({ at: at + 3 + dice.below(20), does: 'warn-again', release: '警' });
  return acts;
}

/** Just before one of the first orders of all, so that it is at that when the line goes. */
function bothOf(dice: Dice, orders: readonly Act[]): Act {
  const { at } = dice.pick(orders.filter(({ does }) => does === 'publish'));
  const seconds = claim + dice.between(8, 28);
  return {
    at: Math.max(0, at - 0.2),
    does: 'both',
    publisher: dice.pick(publishers),
    stopped: dice.percent(50),
    seconds,
  };
}

function breaksOf(dice: Dice, store: Store): Act[] {
  const pairs = store === 'file' ? talks : [...talks, ...talksToStore];
  const acts: Act[] = [{ at: dice.below(active), does: 'alone', host: 'record', seconds: lasting(dice) }];
  for (let left = dice.between(1, 3); left > 0; left -= 1) {
    const [one, other] = dice.pick(pairs);
    acts.push({ at: dice.below(active), does: 'cut', one, other, seconds: lasting(dice) });
  }
  for (let left = dice.between(1, 3); left > 0; left -= 1) {
    const [from, to] = dice.percent(50) ? dice.pick(pairs) : turned(dice.pick(pairs));
    acts.push({ at: dice.below(active), does: 'mute', from, to, seconds: lasting(dice) });
  }
  for (let left = dice.between(1, 2); left > 0; left -= 1)
    acts.push({ at: dice.below(active), does: 'slow', host: dice.pick(hostsOf(pairs)), seconds: lasting(dice) });
  if (dice.percent(30))
    acts.push({ at: dice.below(active), does: 'alone', host: dice.pick(hostsOf(pairs)), seconds: lasting(dice) });
  return acts;
}

/** 3 to 90 s; the long ones are rare. */
function lasting(dice: Dice): number {
  const chance = dice.below(100);
  if (chance < 55) return dice.between(3, 15);
  return chance < 88 ? dice.between(16, 45) : dice.between(46, 90);
}

const turned = ([one, other]: readonly [HostName, HostName]): [HostName, HostName] => [other, one];
const hostsOf = (pairs: typeof talks): HostName[] => [...new Set(pairs.flat())];

/** One line of the plan's table. */
export function lineOf(act: Act): string {
  const until = isOrder(act) ? '' : `– ${(act.at + act.seconds).toFixed(1).padStart(5)}`;
  return `  ${act.at.toFixed(1).padStart(5)} ${until.padEnd(8)} ${act.does.padEnd(10)} ${wordsOf(act)}`;
}

function wordsOf(act: Act): string {
  switch (act.does) {
    case 'cut':
      return `${act.one} ╳ ${act.other}`;
    case 'mute':
      return `${act.from} ─╳→ ${act.to}`;
    case 'slow':
      return `${act.host} +200 ms, 5 %`;
    case 'alone':
      return act.host;
    case 'both':
      return `${act.publisher} ╳ redis${act.stopped ? ', and stands still' : ''}`;
    case 'publish':
    case 'withdraw':
      return `${act.release}${act.half ? ' half' : ''}`;
    default:
      return act.release;
  }
}
