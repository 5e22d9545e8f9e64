import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isPublicKey, isSignature, newKeyPair, signText, smallOrder } from './ed25519.js';

const one = z.object({ public_key: z.string(), message_hex: z.string(), signature: z.string() });
const { valid, invalid, encodings } = z
  .object({
    valid: z.array(one.extend({ name: z.string(), secret_key: z.string() })),
    invalid: z.array(one.extend({ why: z.string() })),
    encodings: z.object({ canonical_base64: z.string(), lax: z.array(z.string()) }),
  })
  .parse(JSON.parse(readFileSync(join(__dirname, 'fixtures', 'ed25519-rfc8032.json'), 'utf8')));

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const fits = ({ public_key, message_hex, signature }: z.infer<typeof one>): boolean =>
  isSignature(Buffer.from(message_hex, 'hex'), base64(signature), base64(public_key));

describe('Ed25519', () => {
  it.each(valid)('knows $name of RFC 8032', (vector) => {
    expect(fits(vector)).toBe(true);
    expect(isPublicKey(base64(vector.public_key))).toBe(true);
  });

  it('signs what it then knows, and nothing else', () => {
    const { publicKey, privateKey } = newKeyPair();
    const signature = signText('关于防御台风的通知', privateKey);
    expect(isSignature('关于防御台风的通知', signature, publicKey)).toBe(true);
    expect(isSignature('关于防御台风的通知。', signature, publicKey)).toBe(false);
    expect(isSignature('关于防御台风的通知', signature, newKeyPair().publicKey)).toBe(false);
  });

  it('signs as RFC 8032 does', () => {
    const [, second] = valid;
    expect(second && signText('r', base64(second.secret_key))).toBe(second && base64(second.signature));
  });

  it.each(invalid)('refuses: $why', (vector) => {
    expect(fits(vector)).toBe(false);
  });

  it('takes a signature in one spelling alone', () => {
    const [, , third] = valid;
    const message = Buffer.from(third?.message_hex ?? '', 'hex');
    const key = base64(third?.public_key ?? '');
    expect(isSignature(message, encodings.canonical_base64, key)).toBe(true);
    expect(encodings.lax.map((spelling) => isSignature(message, spelling, key))).toEqual(
      encodings.lax.map(() => false),
    );
  });

  it('registers no key of small order, in either sign, and none in another encoding or length', () => {
    const prime = 2n ** 255n - 19n;
    const encoded = (y: bigint): string =>
      Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64');
    const others = [prime, prime + 1n, prime + 7n, 2n ** 255n - 1n];
    const each = [...smallOrder, ...others].flatMap((y) => [y, y + 2n ** 255n]).map(encoded);
    expect(each.filter(isPublicKey)).toEqual([]);
    const good = base64(valid[0]?.public_key ?? '');
    expect([good.slice(0, -1), good.replaceAll('/', '_'), `${good}AA==`, ''].filter(isPublicKey)).toEqual([]);
  });

  it('knows every point of small order: there are eight', () => {
    // On the curve -x² + y² = 1 + d·x²·y² a point times eight is (0, 1); counted with both signs of x.
    const points = [...smallOrder].flatMap(pointsAt);
    expect(points).toHaveLength(8);
    for (const point of points) expect(doubled(doubled(doubled(point)))).toEqual([0n, 1n]);
  });
});

const p = 2n ** 255n - 19n;
const mod = (a: bigint): bigint => ((a % p) + p) % p;
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square))
    if (rest & 1n) result = mod(result * square);
  return result;
}
const inverse = (a: bigint): bigint => power(a, p - 2n);
const d = mod(-121665n * inverse(121666n));

function pointsAt(y: bigint): [bigint, bigint][] {
  const xx = mod((y * y - 1n) * inverse(d * y * y + 1n));
  const root = power(xx, (p + 3n) / 8n);
  const x = mod(root * root) === xx ? root : mod(root * power(2n, (p - 1n) / 4n));
  if (mod(x * x) !== xx) throw new Error('no point');
  return x === 0n
    ? [[0n, y]]
    : [
        [x, y],
        [mod(-x), y],
      ];
}

function doubled([x, y]: [bigint, bigint]): [bigint, bigint] {
  const product = mod(d * x * x * y * y);
  return [mod(2n * x * y * inverse(1n + product)), mod((y * y + x * x) * inverse(1n - product))];
}
