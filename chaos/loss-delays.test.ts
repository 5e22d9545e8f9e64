import { delaysOf, wentOn } from './loss-delays.js';

const gone = 10_000;

describe('what deliveries waited for a host that was gone', () => {
  it('went on with the first text that was ordered after the loss, not with one that was under way', () => {
    const waves = [
      { name: 'before', askedAt: 9_000 },
      { name: 'after', askedAt: 12_000 },
    ];
    const takes = [
      { name: 'before', at: 11_000 },
      { name: 'after', at: 43_500 },
      { name: 'after', at: 41_000 },
    ];
    expect(delaysOf(waves, takes, gone)).toEqual({ onS: 31, longestS: 31.5 });
  });

  it('waited longest for what was in hand as the host went, though others went on at once', () => {
    const waves = [
      { name: 'in hand', askedAt: 9_900 },
      { name: 'after', askedAt: 10_000 },
    ];
    const takes = [
      { name: 'in hand', at: 10_200 },
      { name: 'in hand', at: 71_900 },
      { name: 'after', at: 10_300 },
    ];
    expect(delaysOf(waves, takes, gone)).toEqual({ onS: 0.3, longestS: 62 });
  });

  it('knows no order behind a text of which nobody was told', () => {
    const waves = [{ name: 'asked', askedAt: 10_000 }];
    const takes = [
      { name: 'refused', at: 10_100 },
      { name: 'asked', at: 11_000 },
    ];
    expect(delaysOf(waves, takes, gone)).toEqual({ onS: 1, longestS: 1 });
  });

  it('proves nothing where no order was taken any more', () => {
    const { onS } = delaysOf([{ name: 'before', askedAt: 9_000 }], [{ name: 'before', at: 9_100 }], gone);
    expect([
      wentOn({ deliveries: 20, onS }),
      wentOn({ deliveries: 0, onS: 1 }),
      wentOn({ deliveries: 20, onS: 1 }),
    ]).toEqual([false, false, true]);
  });
});
