/** Whether a polygon crosses itself: such a one is valid, and means two halves that nobody may have meant. */

/** Points beyond which it is not looked at: each side is held against each. */
const most = 500;

/** `shape`: `lat,lon lat,lon …`, closed. Sides that only touch cross nothing. */
export function crossesItself(shape: string): boolean {
  const points = shape.split(' ').map((pair) => pair.split(',').map(Number));
  if (points.length > most) return false;
  for (let one = 0; one + 1 < points.length; one += 1)
    for (let other = one + 2; other + 1 < points.length; other += 1)
      if (cross(points[one], points[one + 1], points[other], points[other + 1])) return true;
  return false;
}

type Point = readonly number[] | undefined;

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** On which side of the line through two points a third lies. */
function side([y1 = 0, x1 = 0]: Point = [], [y2 = 0, x2 = 0]: Point = [], [y = 0, x = 0]: Point = []): number {
  return Math.sign((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1));
}
