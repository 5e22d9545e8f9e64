import { createRequire } from 'node:module';
import fc from 'fast-check';
import { base62OfMid, midOfBase62 } from './mid.js';

const independent = createRequire(__filename)('weibo/lib/weibo_util.js') as { mid2url(mid: string): string };

const mid = fc.bigInt({ min: 1n, max: 9_999_999_999_999_999n }).map(String);

describe('the address of a post', () => {
  it('is known for a known post', () => {
    expect(base62OfMid('201110410216293360')).toBe('wr4mOFqpbO');
  });

  it('agrees with an independent client', () => {
    // That client does not fill up short groups, so only those of four letters are compared.
    const group = fc.integer({ min: 62 ** 3, max: 9_999_999 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), group, group, (first, second, third) => {
        const value = `${first}${String(second).padStart(7, '0')}${String(third).padStart(7, '0')}`;
        expect(base62OfMid(value)).toBe(independent.mid2url(value));
      }),
    );
  });

  it('leads back to the post', () => {
    fc.assert(fc.property(mid, (value) => midOfBase62(base62OfMid(value)) === value));
  });

  it('is nothing where the letters are none', () => {
    expect(midOfBase62('')).toBeUndefined();
    expect(midOfBase62('a-b')).toBeUndefined();
    expect(midOfBase62('ZZZZ')).toBeUndefined();
  });
});
