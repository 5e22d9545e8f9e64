import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { asJson, canonical, NotCanonical, readCanonical } from './canonical-json.js';

const { vectors, numbers } = z
  .object({
    vectors: z.array(
      z.object({ why: z.string(), input: z.string(), canonical: z.string(), utf8_bytes: z.int(), sha256: z.string() }),
    ),
    numbers: z.array(z.object({ ieee754_hex: z.string(), canonical: z.string() })),
  })
  .parse(JSON.parse(readFileSync(join(__dirname, 'fixtures', 'jcs-vectors.json'), 'utf8')));

describe('canonical JSON', () => {
  it('has all vectors before it', () => {
    expect([vectors.length, numbers.length]).toEqual([15, 17]);
  });

  it.each(vectors)('writes one text: $why', ({ input, canonical: text, utf8_bytes, sha256 }) => {
    const written = canonical(JSON.parse(input));
    expect(written).toBe(text);
    expect(Buffer.byteLength(written)).toBe(utf8_bytes);
    expect(createHash('sha256').update(written).digest('hex')).toBe(sha256);
    expect(canonical(readCanonical(written))).toBe(text);
  });

  it.each(numbers)('spells the number $ieee754_hex as $canonical', ({ ieee754_hex, canonical: text }) => {
    expect(canonical(Buffer.from(ieee754_hex, 'hex').readDoubleBE())).toBe(text);
  });

  it.each([
    ['a lone high surrogate', '\ud842'],
    ['a lone low surrogate in a name', { '\udfb7': 1 }],
    ['an undefined member', { a: undefined }],
    ['a hole in a list', [, 1]],
    ['no number', Number.NaN],
    ['a number without end', { a: [Number.NEGATIVE_INFINITY] }],
    ['a date', new Date(0)],
    ['a big integer', 1n],
    ['a function', { toJSON: () => 1 }],
    ['nothing at all', undefined],
  ])('refuses %s', (_, value) => {
    expect(() => canonical(value)).toThrow(NotCanonical);
  });

  it.each([
    ['a name given twice', '{"title":"甲","title":"乙"}'],
    ['another order', '{"b":1,"a":2}'],
    ['a space', '{"a": 1}'],
    ['another spelling of a number', '{"a":1.0}'],
    ['another spelling of a letter', '"\\u0041"'],
    ['a lone surrogate', '"\\ud800"'],
    ['more behind it', '{}{}'],
    ['no JSON', '{'],
  ])('reads no text with %s', (_, text) => {
    expect(() => readCanonical(text)).toThrow(NotCanonical);
  });
});

it('keeps of a value what JSON keeps of it, and refuses what JSON would change', () => {
  const given = { b: undefined, at: new Date(0), a: [undefined], none: null };
  expect(canonical(asJson(given))).toBe('{"a":[null],"at":"1970-01-01T00:00:00.000Z","none":null}');
  for (const wrong of [NaN, { a: [Infinity] }, undefined, () => 1]) expect(() => asJson(wrong)).toThrow(NotCanonical);
});
