/**
 * One closed line of points. What it goes round is inside, whichever way its points run and however often they cross; a
 * point on the line is inside too. Its sides are sorted into bands by latitude, so that a point is held against a few of
 * six thousand. Longitudes may run past 180: a line over the antimeridian is read in one piece.
 */
export interface Point {
  /** Degrees north, WGS 84. */
  lat: number;
  /** Degrees east. */
  lon: number;
}

/** `west` up to `east`, which may lie past 180. */
export interface Box {
  south: number;
  north: number;
  west: number;
  east: number;
}

/** Pairs of sides that are held against each other in search of a crossing, at most. */
const mostCompared = 5_000_000;
/** Places that one side may take up in all bands together, at most, on average. */
const placesPerSide = 8;

export class Ring {
  readonly box: Box;
  readonly points: readonly Point[];
  readonly #bands: readonly number[][];
  readonly #height: number;

  /** @param points with or without the first once more at the end; at least three */
  constructor(points: readonly Point[]) {
    const [first, last] = [points[0], points.at(-1)];
    const isClosed = first !== undefined && first.lat === last?.lat && first.lon === last.lon;
    this.points = isClosed ? points.slice(0, -1) : points;
    this.box = boxOf(this.points);
    const { bands, height } = bandsOf(this.points, this.box);
    this.#bands = bands;
    this.#height = height;
  }

  /** Inside, or on the line. */
  holds(point: Point): boolean {
    return this.where(point) !== 'outside';
  }

  where({ lat, lon }: Point): 'inside' | 'border' | 'outside' {
    if (lat < this.box.south || lat > this.box.north) return 'outside';
    for (const turn of turns) {
      const shifted = lon + turn;
      if (shifted < this.box.west || shifted > this.box.east) continue;
      const found = this.#where({ lat, lon: shifted });
      if (found !== 'outside') return found;
    }
    return 'outside';
  }

  #where(point: Point): 'inside' | 'border' | 'outside' {
    let winds = 0;
    for (const side of this.#bands[this.#bandOf(point.lat)] ?? []) {
      const [from, to] = this.#side(side);
      const lies = leftOf(from, to, point);
      if (lies === 0 && isBetween(from, to, point)) return 'border';
      if (from.lat <= point.lat) {
        if (to.lat > point.lat && lies > 0) winds += 1;
      } else if (to.lat <= point.lat && lies < 0) winds -= 1;
    }
    return winds === 0 ? 'outside' : 'inside';
  }

  /** Whether a side of one crosses or touches a side of the other. */
  crosses(other: Ring): boolean {
    for (const turn of turns) {
      if (!meetBoxes(this.box, shiftedBox(other.box, turn))) continue;
      for (let side = 0; side < other.points.length; side += 1) {
        const [from, to] = other.#side(side).map(({ lat, lon }) => ({ lat, lon: lon + turn })) as [Point, Point];
        if (this.#met(from, to, () => true) !== undefined) return true;
      }
    }
    return false;
  }

  /**
   * Where the line crosses itself; undefined where it never does. Two stretches that only touch, in a point or along a
   * side, cross nothing: what the line goes round is the same however it is read. They cross where one comes from the left
   * of the other and goes away on its right. A line so tangled that looking would take seconds is not looked at to its end.
   */
  crossing(): Point | undefined {
    let left = mostCompared;
    for (let side = 0; side < this.points.length && left > 0; side += 1) {
      const [from, to] = this.#side(side);
      const other = this.#met(from, to, (one) => {
        left -= 1;
        return one > side && isThrough([from, to], this.#side(one));
      });
      if (other !== undefined) return crossOf([from, to], this.#side(other));
    }
    return left > 0 ? crossingAtPoints(this.#withTouches()) : undefined;
  }

  /** The line with a point more wherever one of its points lies on another side: then stretches meet in points alone. */
  #withTouches(): Point[] {
    const on = new Map<number, Point[]>();
    for (const point of this.points)
      for (const side of this.#bands[this.#bandOf(point.lat)] ?? []) {
        const [from, to] = this.#side(side);
        if (isSame(point, from) || isSame(point, to)) continue;
        if (leftOf(from, to, point) !== 0 || !isBetween(from, to, point)) continue;
        const known = on.get(side);
        if (known) known.push(point);
        else on.set(side, [point]);
      }
    const all = this.points.flatMap((from, side) => [from, ...alongFrom(from, on.get(side) ?? [])]);
    return all.filter((point, at) => !isSame(point, all[(at + 1) % all.length] ?? nowhere));
  }

  /** A side among those told that meets the stretch. */
  #met(from: Point, to: Point, told: (side: number) => boolean): number | undefined {
    const low = this.#bandOf(Math.min(from.lat, to.lat));
    const high = this.#bandOf(Math.max(from.lat, to.lat));
    for (let band = low; band <= high; band += 1)
      for (const side of this.#bands[band] ?? []) if (told(side) && meet([from, to], this.#side(side))) return side;
    return undefined;
  }

  #side(index: number): [Point, Point] {
    const from = this.points[index] ?? nowhere;
    return [from, this.points[(index + 1) % this.points.length] ?? nowhere];
  }

  #bandOf(lat: number): number {
    return bandAt(lat, this.box.south, this.#height, this.#bands.length);
  }
}

const nowhere: Point = { lat: NaN, lon: NaN };
/** The same meridian, once round more or less. */
const turns = [0, 360, -360] as const;

function boxOf(points: readonly Point[]): Box {
  const box = { south: Infinity, north: -Infinity, west: Infinity, east: -Infinity };
  for (const { lat, lon } of points) {
    box.south = Math.min(box.south, lat);
    box.north = Math.max(box.north, lat);
    box.west = Math.min(box.west, lon);
    box.east = Math.max(box.east, lon);
  }
  return box;
}

/** As many bands as sides, or fewer where the sides are long: what is kept stays a few times the line itself. */
function bandsOf(points: readonly Point[], { south, north }: Box): { bands: number[][]; height: number } {
  const most = points.length * placesPerSide;
  for (let count = Math.max(1, points.length); ; count = Math.ceil(count / 2)) {
    const height = (north - south) / count || 1;
    const spans = points.map(({ lat }, at) => {
      const next = points[(at + 1) % points.length] ?? nowhere;
      const low = bandAt(Math.min(lat, next.lat), south, height, count);
      return [low, bandAt(Math.max(lat, next.lat), south, height, count)] as const;
    });
    if (count > 1 && spans.reduce((sum, [low, high]) => sum + high - low + 1, 0) > most) continue;
    const bands = Array.from({ length: count }, (): number[] => []);
    for (const [side, [low, high]] of spans.entries())
      for (let band = low; band <= high; band += 1) bands[band]?.push(side);
    return { bands, height };
  }
}

function bandAt(lat: number, south: number, height: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((lat - south) / height)));
}

/** Above 0 where the point lies on the left of the way from one to the other, 0 on it. */
function leftOf(from: Point, to: Point, { lat, lon }: Point): number {
  return (to.lon - from.lon) * (lat - from.lat) - (lon - from.lon) * (to.lat - from.lat);
}

function isBetween(from: Point, to: Point, { lat, lon }: Point): boolean {
  return (
    lat >= Math.min(from.lat, to.lat) &&
    lat <= Math.max(from.lat, to.lat) &&
    lon >= Math.min(from.lon, to.lon) &&
    lon <= Math.max(from.lon, to.lon)
  );
}

function meet([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  const [ofC, ofD] = [leftOf(a, b, c), leftOf(a, b, d)];
  const [ofA, ofB] = [leftOf(c, d, a), leftOf(c, d, b)];
  if (ofC * ofD < 0 && ofA * ofB < 0) return true;
  return (
    (ofC === 0 && isBetween(a, b, c)) ||
    (ofD === 0 && isBetween(a, b, d)) ||
    (ofA === 0 && isBetween(c, d, a)) ||
    (ofB === 0 && isBetween(c, d, b))
  );
}

/** Whether each goes from one side of the other to its other side, with none of their ends on the other. */
function isThrough([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  return leftOf(a, b, c) * leftOf(a, b, d) < 0 && leftOf(c, d, a) * leftOf(c, d, b) < 0;
}

function isSame(one: Point, other: Point): boolean {
  return one.lat === other.lat && one.lon === other.lon;
}

/** In the order in which they lie from there on. */
function alongFrom(from: Point, points: readonly Point[]): Point[] {
  const far = ({ lat, lon }: Point): number => Math.abs(lat - from.lat) + Math.abs(lon - from.lon);
  return [...points].sort((one, other) => far(one) - far(other));
}

/** Times that a line may come to one point and still be looked at there. */
const mostVisits = 50;

/** Of a line whose stretches meet in points alone: one at which two of them cross. */
function crossingAtPoints(line: readonly Point[]): Point | undefined {
  const visits = new Map<string, number[]>();
  for (const [at, { lat, lon }] of line.entries()) {
    const key = `${lat},${lon}`;
    visits.set(key, [...(visits.get(key) ?? []), at]);
  }
  for (const all of visits.values())
    for (const [place, one] of all.slice(0, mostVisits).entries())
      for (const other of all.slice(place + 1, mostVisits)) if (crossAt(line, one, other)) return line[one];
  return undefined;
}

/** Whether the stretches through the points at two places, which are one point, cross there, or where the side ends that they share from there on. */
function crossAt(line: readonly Point[], one: number, other: number): boolean {
  const at = (place: number): Point => line[((place % line.length) + line.length) % line.length] ?? nowhere;
  const sideOf = (point: Point, middle: number): number =>
    sectorOf({ middle: at(middle), back: at(middle - 1), ahead: at(middle + 1) }, point);
  const [before, after] = [sideOf(at(one - 1), other), sideOf(at(one + 1), other)];
  if (before !== 0 && after !== 0) return before !== after;
  // They come together here and go on along one side: it is told at that end alone from which one comes in.
  if (before === 0 || after !== 0) return false;
  const step = isSame(at(one + 1), at(other + 1)) ? 1 : -1;
  for (let n = 1; n < line.length; n += 1) {
    const [mine, theirs] = [one + n, other + step * n];
    if ((mine - theirs) % line.length === 0 || !isSame(at(mine), at(theirs))) return false;
    const leaves = sideOf(at(mine + 1), theirs);
    if (leaves !== 0) return leaves !== before;
  }
  return false;
}

/** On which side of the way from `back` over `middle` to `ahead` a point lies: 1 left, -1 right, 0 on it. */
function sectorOf({ middle, back, ahead }: { middle: Point; back: Point; ahead: Point }, point: Point): number {
  if (isSame(point, back) || isSame(point, ahead)) return 0;
  const angle = ({ lat, lon }: Point): number => Math.atan2(lat - middle.lat, lon - middle.lon);
  const turn = (to: Point): number => (angle(to) - angle(ahead) + 4 * Math.PI) % (2 * Math.PI);
  const [of, end] = [turn(point), turn(back)];
  return of > 0 && of < end ? 1 : -1;
}

function crossOf([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): Point {
  const [ofA, ofB] = [leftOf(c, d, a), leftOf(c, d, b)];
  const part = ofA === ofB ? 0 : ofA / (ofA - ofB);
  return { lat: a.lat + (b.lat - a.lat) * part, lon: a.lon + (b.lon - a.lon) * part };
}

export function meetBoxes(one: Box, other: Box): boolean {
  return one.south <= other.north && other.south <= one.north && one.west <= other.east && other.west <= one.east;
}

export function shiftedBox(box: Box, turn: number): Box {
  return { ...box, west: box.west + turn, east: box.east + turn };
}

/** Whether two boxes meet anywhere on the globe. */
export function meetOnGlobe(one: Box, other: Box): boolean {
  return turns.some((turn) => meetBoxes(one, shiftedBox(other, turn)));
}
