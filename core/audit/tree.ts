/**
 * A hash tree over the line of entries, as RFC 6962 (Certificate Transparency) builds it: whoever holds its root can be
 * shown that one entry is in the line, with some twenty hashes and without a word of the others.
 */
import { createHash } from 'node:crypto';
import type { Store } from '../store/store.js';

/** Bytes of a hash. */
const width = 32;
/** Hashes in one read. */
const pageSize = 5_000;

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const [leafMark, nodeMark] = [Uint8Array.of(0), Uint8Array.of(1)];
const leafOf = (hash: Uint8Array): Buffer => digest(leafMark, hash);
const nodeOf = (left: Uint8Array, right: Uint8Array): Buffer => digest(nodeMark, left, right);

export interface GrowingTree {
  /** `hash`: of an entry, hex. */
  push(hash: string): void;
  root(): string;
}

/** The root of a line as it is read, in memory that grows with its logarithm. */
export function growingTree(): GrowingTree {
  /** Whole subtrees from the largest to the smallest, of sizes that are the binary digits of `size`. */
  const peaks: Buffer[] = [];
  let size = 0;
  return {
    push(hash) {
      let peak = leafOf(Buffer.from(hash, 'hex'));
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) peak = nodeOf(peaks.pop() ?? peak, peak);
      peaks.push(peak);
      size += 1;
    },
    root() {
      const whole = peaks.reduceRight<Buffer | undefined>(
        (right, left) => (right ? nodeOf(left, right) : left),
        undefined,
      );
      return (whole ?? digest()).toString('hex');
    },
  };
}

export interface WholeTree {
  size: number;
  root: string;
  /** The hashes beside the way from entry `n` up to the root, hex. */
  path(n: number): string[];
}

/** The tree over the first `size` entries: 64 bytes of memory for each. @throws Error where the line does not hold them */
export async function wholeTree(store: Store, size: number): Promise<WholeTree> {
  const levels = [await leaves(store, size)];
  for (let below = levels[0]; below && below.length > width; below = levels.at(-1)) levels.push(levelAbove(below));
  return {
    size,
    root: (levels.at(-1) ?? digest()).toString('hex'),
    path(n) {
      let place = n - 1;
      return levels.flatMap((level) => {
        const beside = (place % 2 === 1 ? place - 1 : place + 1) * width;
        place = Math.floor(place / 2);
        return beside < level.length ? [level.subarray(beside, beside + width).toString('hex')] : [];
      });
    },
  };
}

function levelAbove(below: Buffer): Buffer {
  const count = below.length / width;
  const level = Buffer.alloc(Math.ceil(count / 2) * width);
  const at = (place: number): Buffer => below.subarray(place * width, (place + 1) * width);
  for (let place = 0; place < count; place += 2)
    // One without a neighbour goes up as it is.
    (place + 1 < count ? nodeOf(at(place), at(place + 1)) : at(place)).copy(level, (place / 2) * width);
  return level;
}

async function leaves(store: Store, size: number): Promise<Buffer> {
  const level = Buffer.alloc(size * width);
  for (let done = 0; done < size;) {
    const rows = await store.auditEntries
      .find({ n: { $gt: done, $lte: size } }, { n: 1 })
      .sort({ n: 1 })
      .limit(pageSize)
      .lean();
    if (rows.length === 0) throw new Error(`entry ${String(done + 1)} is missing`);
    for (const { _id, n } of rows) {
      done += 1;
      if (n !== done) throw new Error(`entry ${String(done)} is missing`);
      leafOf(Buffer.from(_id, 'hex')).copy(level, (n - 1) * width);
    }
  }
  return level;
}
