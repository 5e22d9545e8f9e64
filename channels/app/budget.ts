/** Fitting text into the bytes and characters a notification may have, without ever breaking a character people see. */
import { graphemes } from '../graphemes.js';

const ellipsis = '…';

/** Characters as people count them: an emoji with its modifiers is one. */
export function characters(text: string): string[] {
  return Array.from(graphemes.segment(text), (part) => part.segment);
}

/** UTF-8 bytes of the value as JSON, the form in which the push service counts it. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The text itself if it has at most `limit` characters, else its beginning with an ellipsis, `limit` characters in all. */
export function cutToCharacters(text: string, limit: number): string {
  // A character is at least one UTF-16 unit, so a text this short needs no counting.
  if (text.length <= limit) return text;
  const parts = characters(text);
  return parts.length <= limit ? text : wholeWords(parts, Math.max(0, limit - 1)) + ellipsis;
}

/** The first `count` characters, and fewer where they would end within a word that began a short way before. */
function wholeWords(parts: readonly string[], count: number): string {
  const beginning = parts.slice(0, count).join('').trimEnd();
  const within = /[a-z0-9]$/i.test(beginning) && /^[a-z0-9]/i.test(parts[count] ?? '');
  return within ? beginning.replace(/(?<=\S)\s+\S{1,20}$/, '') : beginning;
}

/**
 * The longest beginning of `text` (whole, or cut with an ellipsis) with which `build` makes a value of at most
 * `maxBytes` as JSON. `build('')` must fit by itself; if it does not, the answer is the empty text.
 */
export function cutToFit(text: string, maxBytes: number, build: (text: string) => unknown): string {
  const fits = (candidate: string) => jsonBytes(build(candidate)) <= maxBytes;
  if (fits(text)) return text;
  const parts = characters(text);
  const cut = (count: number) => (count === 0 ? '' : parts.slice(0, count).join('') + ellipsis);
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cut(middle))) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}
