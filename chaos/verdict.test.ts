import { sum, verdict, wantedOf, wasTakenOver, type Seen } from './verdict.js';

const calm: Seen = { ordered: [{ text: 1 }], taken: [1], shown: [1], inPlace: false, told: false, atRest: true };
const none = { overtaken: 0, doubles: 0, lost: 0, stuck: 0 };

describe('the verdict over one release on one account', () => {
  it('finds nothing wrong where the public sees what was ordered last', () => {
    expect(verdict(calm)).toEqual(none);
    expect(verdict({ ...calm, ordered: [{ text: 1 }, {}], shown: [] })).toEqual(none);
  });

  it('calls overtaken an older text that was taken after a newer one, though it is gone again', () => {
    const seen = { ...calm, ordered: [{ text: 1 }, { text: 2 }], taken: [2, 1], shown: [2] };
    expect(verdict(seen)).toEqual({ ...none, overtaken: 1 });
  });

  it('calls overtaken what stands beside a correction, or after a withdrawal', () => {
    const corrected = { ...calm, ordered: [{ text: 1 }, { text: 2 }], taken: [1, 2], shown: [1, 2] };
    expect(verdict(corrected)).toEqual({ ...none, overtaken: 1 });
    expect(verdict({ ...calm, ordered: [{ text: 1 }, {}] })).toEqual({ ...none, overtaken: 1 });
  });

  it('lets an update stand beside what it goes on from, and misses that where it has gone', () => {
    const ordered = [{ text: 1 }, { text: 2 }, { text: 3, keeps: true as const }];
    expect(wantedOf(ordered)).toEqual({ wanted: 3, may: new Set([2]) });
    expect(verdict({ ...calm, ordered, taken: [1, 2, 3], shown: [2, 3] })).toEqual(none);
    expect(verdict({ ...calm, ordered, taken: [1, 2, 3], shown: [1, 2, 3] })).toEqual({ ...none, overtaken: 1 });
    expect(verdict({ ...calm, ordered, taken: [1, 2, 3], shown: [3] })).toEqual({ ...none, lost: 1 });
  });

  it('counts a text that was taken twice, whatever became of it', () => {
    expect(verdict({ ...calm, taken: [1, 1] })).toEqual({ ...none, doubles: 1 });
  });

  it('calls lost what nobody sees and nobody was told of', () => {
    expect(verdict({ ...calm, taken: [], shown: [] })).toEqual({ ...none, lost: 1 });
    expect(verdict({ ...calm, taken: [], shown: [], told: true })).toEqual(none);
  });

  it('calls stuck what is still on its way when all others rest', () => {
    expect(verdict({ ...calm, taken: [], shown: [], atRest: false })).toEqual({ ...none, stuck: 1 });
  });

  it('adds up', () => {
    expect(
      sum([
        { ...none, lost: 1 },
        { ...none, lost: 2, stuck: 1 },
      ]),
    ).toEqual({ ...none, lost: 3, stuck: 1 });
  });
});

describe('two publishers that hold the same delivery', () => {
  const first = { is: 'sending', try: 'a' };
  const second = { is: 'sending', try: 'b' };

  it('are told by a hand-out whose outcome nobody knew at the next one', () => {
    expect(wasTakenOver([first, second])).toBe(true);
    expect(wasTakenOver([first, second, { is: 'accepted', try: 'a' }])).toBe(true);
  });

  it('are none where the first had ended, or is the only one', () => {
    expect(wasTakenOver([first, { is: 'accepted', try: 'a' }, second])).toBe(false);
    expect(wasTakenOver([first, first])).toBe(false);
    expect(wasTakenOver([])).toBe(false);
  });
});
