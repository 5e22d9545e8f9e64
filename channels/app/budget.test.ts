import fc from 'fast-check';
import { characters, cutToCharacters, cutToFit, jsonBytes } from './budget.js';
import { bounds, fitNotification } from './rendition.js';

/** Chinese, emoji with joiners, marks that pile up, quotes and control characters that grow as JSON, lone surrogates. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('汉', '𠮷', '👨‍👩‍👧‍👦', '🇨🇳', 'é̂̃', '"', '\\', '\u0001', '\n', '\ud800', ' ', 'a', '。'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 400 },
  )
  .map((parts) => parts.join(''));
const longText = fc.tuple(text, fc.integer({ min: 1, max: 30 })).map(([part, times]) => part.repeat(times));

function beginsWhole(original: string, cut: string): boolean {
  const parts = characters(original);
  const kept = characters(cut.endsWith('…') && !original.startsWith(cut) ? cut.slice(0, -1) : cut);
  return kept.every((part, n) => part === parts[n]);
}

describe('cutting to bytes', () => {
  it('always fits, keeps whole characters from the beginning, and keeps as many as fit', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 300 }), (original, most) => {
        const build = (value: string) => ({ value });
        const cut = cutToFit(original, most, build);
        expect(jsonBytes(build(cut))).toBeLessThanOrEqual(most);
        if (cut === original) return;
        const parts = characters(original);
        const kept = parts.findIndex((_, n) => `${parts.slice(0, n + 1).join('')}…` === cut) + 1;
        expect(cut === '' || kept > 0).toBe(true);
        expect(jsonBytes(build(`${parts.slice(0, kept + 1).join('')}…`))).toBeGreaterThan(most);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves what fits as it is', () => {
    expect(cutToFit('汉字', jsonBytes('汉字'), (value) => value)).toBe('汉字');
    expect(cutToFit('汉字', jsonBytes('汉字') - 1, (value) => value)).toBe('');
  });
});

describe('cutting to characters', () => {
  it('never has more characters than asked, and never breaks one', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (original, limit) => {
        const cut = cutToCharacters(original, limit);
        expect(characters(cut).length).toBeLessThanOrEqual(limit);
        expect(beginsWhole(original, cut)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('counts a family of emoji as one character', () => {
    expect(cutToCharacters('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 2)).toBe('👨‍👩‍👧‍👦…');
  });
});

it("fits a notification into each platform's bytes, whatever it says", () => {
  const extras = { url: `https://example.gov.cn/${'x'.repeat(300)}`, item: 'b'.repeat(36), feed: 'city' };
  fc.assert(
    fc.property(
      longText,
      longText,
      fc.option(longText, { nil: undefined }),
      fc.boolean(),
      (title, body, long, urgent) => {
        const { alert, android, ios, hmos } = fitNotification({ title, text: body, long, urgent }, extras, {
          feed: 'city',
          androidChannel: 'news',
          hmosCategory: 'WORK',
        });
        expect(jsonBytes(hmos)).toBeLessThanOrEqual(bounds.hmosBytes);
        expect(jsonBytes(android) + jsonBytes(alert)).toBeLessThanOrEqual(bounds.androidBytes);
        expect(jsonBytes(ios)).toBeLessThanOrEqual(bounds.iosBytes);
      },
    ),
    { numRuns: 150 },
  );
});
