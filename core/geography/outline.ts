/** The outline of a region: pieces of land, each with the holes that belong to others. */
import { meetOnGlobe, Ring, type Box, type Point } from './ring.js';

export interface Piece {
  outer: Ring;
  holes: readonly Ring[];
}

export class Outline {
  readonly pieces: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }

  /** Of its land, its border counting as its own. */
  holds(point: Point): boolean {
    return this.pieces.some(
      ({ outer, holes }) => outer.holds(point) && !holes.some((hole) => hole.where(point) === 'inside'),
    );
  }

  /** Whether the ring and the land have anything in common: a hole that holds the ring whole has not. */
  meets(ring: Ring): boolean {
    const [corner] = ring.points;
    return (
      this.lines().some((line) => line.crosses(ring)) ||
      (corner !== undefined && this.holds(corner)) ||
      this.lines().some(({ points: [own] }) => own !== undefined && ring.holds(own))
    );
  }

  lines(): Ring[] {
    return this.pieces.flatMap(({ outer, holes }) => [outer, ...holes]);
  }

  isNear(box: Box): boolean {
    return this.pieces.some(({ outer }) => meetOnGlobe(outer.box, box));
  }
}
