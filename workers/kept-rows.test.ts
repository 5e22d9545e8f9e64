import type { Placement } from '../core/model/placement.js';
import { KeptRows } from './kept-rows.js';

const row = (n: number, version = 0): Placement => ({ _id: `r1-a${n}`, version }) as Placement;

describe('rows kept between two writes', () => {
  it('are kept only where somebody in the process records', () => {
    const kept = new KeptRows();
    kept.keep([row(1)]);
    expect(kept.take(['r1-a1'])).toEqual({ rows: [], others: ['r1-a1'] });
    kept.open();
    kept.keep([row(1)]);
    kept.close();
    expect(kept.take(['r1-a1']).rows).toEqual([]);
  });

  it('are given once, the newest of each', () => {
    const kept = new KeptRows();
    kept.open();
    kept.keep([row(1), row(2)]);
    kept.keep([row(1, 7)]);
    expect(kept.take(['r1-a1', 'r1-a3'])).toEqual({ rows: [row(1, 7)], others: ['r1-a3'] });
    expect(kept.take(['r1-a1', 'r1-a2'])).toEqual({ rows: [row(2)], others: ['r1-a1'] });
  });

  it('are no more than a large order has, and those that nobody comes for go', () => {
    jest.useFakeTimers();
    const kept = new KeptRows();
    kept.open();
    kept.keep(Array.from({ length: 20_001 }, (_, n) => row(n)));
    kept.keep([row(30_000)]);
    expect(kept.take(['r1-a19999', 'r1-a20000', 'r1-a30000'])).toEqual({
      rows: [row(19_999)],
      others: ['r1-a20000', 'r1-a30000'],
    });
    for (let turn = 0; turn < 2; turn += 1) {
      jest.advanceTimersByTime(60_001);
      kept.keep([]);
    }
    expect(kept.take(['r1-a0']).rows).toEqual([]);
    jest.useRealTimers();
  });
});
