/** Between a post's mid and the letters in its public address: groups of seven digits from the right, each in base 62. */

const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `mid` is a decimal string. */
export function base62OfMid(mid: string): string {
  let letters = '';
  for (let end = mid.length; end > 0; end -= 7) {
    const start = Math.max(0, end - 7);
    const group = toBase62(Number(mid.slice(start, end)));
    letters = (start > 0 ? group.padStart(4, '0') : group) + letters;
  }
  return letters;
}

/** The mid that the letters stand for; undefined where they are no such letters. */
export function midOfBase62(letters: string): string | undefined {
  let mid = '';
  for (let end = letters.length; end > 0; end -= 4) {
    const start = Math.max(0, end - 4);
    const group = fromBase62(letters.slice(start, end));
    if (group === undefined || group >= 10_000_000) return undefined;
    mid = (start > 0 ? String(group).padStart(7, '0') : String(group)) + mid;
  }
  return mid === '' ? undefined : mid;
}

function toBase62(value: number): string {
  let letters = '';
  let rest = value;
  do {
    letters = digits.charAt(rest % 62) + letters;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return letters;
}

function fromBase62(letters: string): number | undefined {
  let value = 0;
  for (const letter of letters) {
    const digit = digits.indexOf(letter);
    if (digit < 0) return undefined;
    value = value * 62 + digit;
  }
  return value;
}
