/** Chance that a seed repeats (mulberry32). */
export interface Dice {
  /** From 0 up to, not including, `end`. */
  below(end: number): number;
  /** Whole, from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True so many times of a hundred. */
  percent(chance: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function openDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const dice: Dice = {
    below: (end) => next() * end,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    percent: (chance) => next() * 100 < chance,
    pick(list) {
      const place = Math.floor(next() * list.length);
      if (place >= list.length) throw new Error('nothing to pick from');
      return list[place] as (typeof list)[number];
    },
  };
  return dice;
}
