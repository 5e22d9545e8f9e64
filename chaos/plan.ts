/** What one run does, and when: drawn from a seed, so that the same seed does the same again. */
import { openDice, type Dice } from './dice.js';

/** What people order. `half`: only the accounts that bear the half's tag. */
export type Order =
  | { does: 'publish'; release: string; half: boolean }
  | { does: 'correction' | 'update'; release: string }
  | { does: 'withdraw'; release: string; half: boolean }
  /** An emergency to all of them, signed by two, and the next text of it. */
  | { does: 'warn' | 'warn-again'; release: string };

export type Fault =
  /** The platform answers `times` calls with an error. */
  | { does: 'fail'; channel: string; call: string; code: string; times: number }
  /** It does what is asked and cuts the connection. */
  | { does: 'drop'; channel: string; call: string; times: number }
  /** It takes `ms` for a call, for `seconds`. */
  | { does: 'late'; channel: string; call: string; ms: number; seconds: number }
  /** WeChat says yes to an account and publishes nothing. Weibo says yes, and shows the post only later. */
  | { does: 'lie'; channel: 'wechat' | 'weibo'; account: number }
  | { does: 'kill'; part: string }
  /** SIGSTOP, and SIGCONT after `seconds`. */
  | { does: 'stop'; part: string; seconds: number }
  /** Redis: emptied · killed, and its file lost · killed, and back as it was a moment ago. */
  | { does: 'flush' | 'lose' | 'age' };

export type Act = { at: number } & (Order | Fault);

export const publishers = ['publish-1', 'publish-2'] as const;
const others = ['record,dispatch', 'clock,media'] as const;

/** Seconds in which people order and things go wrong. */
const active = 30;

export function planOf(seed: number): Act[] {
  const dice = openDice(seed);
  const acts = [...ordersOf(dice), ...faultsOf(dice)];
  return acts.sort((one, other) => one.at - other.at);
}

function ordersOf(dice: Dice): Act[] {
  return ['甲', '乙', '丙'].slice(0, dice.between(2, 3)).flatMap((release) => {
    let at = dice.below(8);
    const acts: Act[] = [{ at, does: 'publish', release, half: dice.percent(25) }];
    for (let left = dice.between(1, 4); left > 0; left -= 1) {
      // Some come on the heels of the one before, while that is still being dispatched.
      at += dice.percent(30) ? dice.below(0.4) : dice.below(9);
      if (at > active) break;
      const chance = dice.below(100);
      if (chance < 50) acts.push({ at, does: 'correction', release });
      else if (chance < 70) acts.push({ at, does: 'update', release });
      else if (chance < 88) acts.push({ at, does: 'withdraw', release, half: true });
      else {
        acts.push({ at, does: 'withdraw', release, half: false });
        break;
      }
    }
    return acts;
  });
}

const failures = [
  { channel: 'weibo', call: 'statuses/share', code: '10001' },
  { channel: 'weibo', call: 'statuses/destroy', code: '10001' },
  { channel: 'weibo', call: 'statuses/user_timeline', code: '10001' },
  { channel: 'wechat', call: 'freepublish/submit', code: '-1' },
  { channel: 'wechat', call: 'freepublish/submit', code: '503' },
  { channel: 'wechat', call: 'draft/add', code: '-1' },
  { channel: 'wechat', call: 'freepublish/delete', code: '-1' },
  { channel: 'wechat', call: 'freepublish/get', code: '40001' },
  { channel: 'website', call: 'create', code: '500' },
  { channel: 'website', call: 'update', code: '503' },
  { channel: 'website', call: 'delete', code: '500' },
  { channel: 'website', call: 'source', code: '503' },
  { channel: 'app', call: 'push', code: '1000' },
  { channel: 'app', call: 'push', code: '503' },
] as const;

const drops = [
  { channel: 'weibo', call: 'statuses/share' },
  { channel: 'weibo', call: 'statuses/destroy' },
  { channel: 'wechat', call: 'freepublish/submit' },
  { channel: 'wechat', call: 'draft/add' },
  { channel: 'wechat', call: 'freepublish/delete' },
  { channel: 'website', call: 'create' },
  { channel: 'website', call: 'update' },
  { channel: 'website', call: 'delete' },
  { channel: 'app', call: 'push' },
] as const;

const slow = [
  { channel: 'weibo', call: '*' },
  { channel: 'wechat', call: '*' },
  { channel: 'wechat', call: 'freepublish/submit' },
  { channel: 'website', call: '*' },
  { channel: 'website', call: 'create' },
  { channel: 'app', call: 'push' },
] as const;

function faultsOf(dice: Dice): Act[] {
  const at = (): number => dice.below(active);
  const acts: Act[] = [];
  for (let n = dice.between(2, 4); n > 0; n -= 1)
    acts.push({ at: at(), does: 'fail', ...dice.pick(failures), times: dice.between(1, 6) });
  for (let n = dice.between(1, 3); n > 0; n -= 1)
    acts.push({ at: at(), does: 'drop', ...dice.pick(drops), times: dice.between(1, 3) });
  for (let n = dice.between(1, 2); n > 0; n -= 1) {
    // A request that lands after its sender has given it up (15 s) lands within the time that is waited for it (30 s).
    const ms = dice.percent(25) ? dice.between(16_000, 22_000) : dice.between(300, 4_000);
    acts.push({ at: at(), does: 'late', ...dice.pick(slow), ms, seconds: dice.between(2, 8) });
  }
  if (dice.percent(40))
    acts.push({ at: at(), does: 'lie', channel: dice.pick(['wechat', 'weibo']), account: dice.between(0, 3) });
  for (let n = dice.between(1, 3); n > 0; n -= 1)
    acts.push({ at: at(), does: 'kill', part: dice.percent(75) ? dice.pick(publishers) : dice.pick(others) });
  // Longer than a claim holds by itself (30 s), and soon enough that the run sees it wake.
  if (dice.percent(60))
    acts.push({ at: dice.below(14), does: 'stop', part: dice.pick(publishers), seconds: dice.between(32, 40) });
  if (dice.percent(40))
    acts.push({ at: at(), does: 'stop', part: dice.pick([...publishers, ...others]), seconds: dice.between(3, 12) });
  if (dice.percent(55)) acts.push({ at: at(), does: dice.pick(['flush', 'lose', 'age']) });
  return acts;
}

/** One line for people. */
export function wordsOf(act: Act): string {
  const { at, does, ...rest } = act;
  return `${at.toFixed(1).padStart(5)} s ${does} ${Object.values(rest).join(' ')}`;
}
