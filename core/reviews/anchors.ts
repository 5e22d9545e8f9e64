/** Finding the passage of a comment again in another revision: pure functions of the blocks and the anchor. */
import type { Anchor } from '../model/comment.js';

/** Where the passage stands in a text. */
export type Spot =
  /** `moved`: in another block, or among other words. */
  | { is: 'there' | 'moved'; block: number; start: number; end: number }
  /** Its words are not in the text any more. */
  | { is: 'changed' };

/** Characters kept of what stands on either side of a passage. */
export const around = 40;

/** Looks in the block itself first, then anywhere; of several places the one among the most of the same words, then the nearest. */
export function spotOf(blocks: readonly string[], anchor: Anchor): Spot {
  const best = blocks
    .flatMap((words, block) => placesIn(words, anchor.quote).map((start) => rated(words, block, start, anchor)))
    .reduce<Rated | undefined>((one, other) => (one && !better(other, one) ? one : other), undefined);
  if (!best) return { is: 'changed' };
  const { block, start, near, far } = best;
  const stays = far === 0 && near === anchor.prefix.length + anchor.suffix.length;
  return { is: stays ? 'there' : 'moved', block, start, end: start + anchor.quote.length };
}

interface Rated {
  block: number;
  start: number;
  /** Characters beside it that are the same as then. */
  near: number;
  /** Blocks between here and where it was. */
  far: number;
}

function better(one: Rated, other: Rated): boolean {
  return one.near === other.near ? one.far < other.far : one.near > other.near;
}

/** More places than these are as good as none. */
const mostPlaces = 200;

function placesIn(words: string, quote: string): number[] {
  const found: number[] = [];
  for (let at = words.indexOf(quote); at >= 0 && found.length < mostPlaces; at = words.indexOf(quote, at + 1))
    found.push(at);
  return found;
}

function rated(words: string, block: number, start: number, { quote, prefix, suffix, block: was }: Anchor): Rated {
  const before = words.slice(Math.max(0, start - around), start);
  const after = words.slice(start + quote.length, start + quote.length + around);
  const near = sameAtEnd(before, prefix) + sameAtStart(after, suffix);
  return { block, start, near, far: Math.abs(block - was) };
}

function sameAtStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}

function sameAtEnd(one: string, other: string): number {
  return sameAtStart([...one].reverse().join(''), [...other].reverse().join(''));
}
