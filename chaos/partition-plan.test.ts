import { isOrder, lineOf, planOf } from './partition-plan.js';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe('the plan of a partition', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planOf(7, 'file')).toEqual(planOf(7, 'file'));
    expect(planOf(7, 'file')).not.toEqual(planOf(8, 'file'));
  });

  it('has a publisher whose claims run out, and record apart from everything, each of 3 to 90 s', () => {
    for (const seed of seeds) {
      const breaks = planOf(seed, 'file').flatMap((act) => (isOrder(act) ? [] : [act]));
      expect(breaks.every(({ seconds }) => seconds >= 3 && seconds <= 90)).toBe(true);
      expect(breaks.filter(({ does, seconds }) => does === 'both' && seconds > 30)).toHaveLength(1);
      expect(breaks.some((one) => one.does === 'alone' && one.host === 'record')).toBe(true);
    }
  });

  it('draws each kind of break, and the store as a host only where it is one', () => {
    const linesOf = (store: 'file' | 'wire'): string =>
      seeds.flatMap((seed) => planOf(seed, store).map(lineOf)).join('\n');
    for (const kind of [/ cut /, / mute /, / slow /, / alone /, / both /, /stands still/])
      expect(linesOf('file')).toMatch(kind);
    expect(linesOf('file')).not.toMatch(/store/);
    expect(linesOf('wire')).toMatch(/store/);
  });

  it('changes nothing before it is published or after it was withdrawn, and a warning not before it was given', () => {
    for (const seed of seeds) {
      const seen = new Set<string>();
      for (const act of planOf(seed, 'file').filter(isOrder)) {
        if (act.does === 'publish' || act.does === 'warn') seen.add(act.release);
        expect(seen).toContain(act.release);
        if (act.does === 'withdraw' && !act.half) seen.delete(act.release);
      }
      expect(seen).toContain('警');
    }
  });

  it('orders nothing a second time over a store that would lose it', () => {
    const orders = seeds.flatMap((seed) => planOf(seed, 'wire').filter(isOrder));
    expect(new Set(orders.map(({ does }) => does))).toEqual(new Set(['publish', 'warn']));
  });
});
