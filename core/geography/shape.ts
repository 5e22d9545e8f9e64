/**
 * The shapes of a warning in CAP 1.2's own notation (OASIS CAP 1.2, 3.2.4): a polygon is `lat,lon lat,lon …`, at least four
 * pairs, the last the same as the first; a circle is `lat,lon radius`, the radius in kilometres. WGS 84.
 */
import { circle as circleOf } from '@turf/circle';
import { distance } from '@turf/distance';
import { LRUCache } from 'lru-cache';
import type { Said } from '../../channels/channel.js';
import type { Outline } from './outline.js';
import { Ring, type Box, type Point } from './ring.js';

export interface Shape {
  box: Box;
  /** Pairs of a polygon; 0 of a circle. */
  pairs: number;
  /** Inside, or on its edge. */
  holds(point: Point): boolean;
  meets(outline: Outline): boolean;
  /** Where a polygon's line crosses itself. */
  crossing(): Point | undefined;
}

export type Read = { shape: Shape } | { fault: Said };

/** Pairs of one polygon, at most. */
export const mostPairs = 20_000;
const number = '[+-]?\\d{1,3}(?:\\.\\d{1,15})?';
const pair = new RegExp(`^(${number}),(${number})$`);

export function readPolygon(text: string): Read {
  const points: Point[] = [];
  const texts = text.split(' ');
  if (texts.length > mostPairs)
    return { fault: { zh: `一个多边形最多 ${mostPairs} 个点。`, en: `at most ${mostPairs} pairs.` } };
  for (const [at, one] of texts.entries()) {
    const point = readPoint(one);
    if (!point)
      return {
        fault: { zh: `第 ${at + 1} 个点“${one}”不是“纬度,经度”。`, en: `pair ${at + 1}, "${one}", is no "lat,lon".` },
      };
    points.push(point);
  }
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 4 || first?.lat !== last?.lat || first?.lon !== last?.lon) return { fault: notClosed };
  const whole = inOnePiece(points);
  return whole ? { shape: polygonOf(new Ring(whole), points.length) } : { fault: roundPole };
}

export function readCircle(text: string): Read {
  const [place = '', size = '', ...more] = text.split(' ');
  const centre = readPoint(place);
  const km = /^\d{1,5}(?:\.\d{1,15})?$/.test(size) ? Number(size) : NaN;
  return centre && more.length === 0 && km <= mostKm ? { shape: discOf(centre, km) } : { fault: noCircle };
}

/** Half round the globe. */
const mostKm = 20_037;

function readPoint(text: string): Point | undefined {
  const [, north, east] = pair.exec(text) ?? [];
  const point = { lat: Number(north ?? NaN), lon: Number(east ?? NaN) };
  return Math.abs(point.lat) <= 90 && Math.abs(point.lon) <= 180 ? point : undefined;
}

/** Each step goes the shorter way round the globe. Undefined where the line comes back a whole turn away, round a pole. */
function inOnePiece(points: readonly Point[]): Point[] | undefined {
  let before = points[0]?.lon ?? 0;
  const whole = points.map(({ lat, lon }) => {
    const step = ((((lon - before + 180) % 360) + 360) % 360) - 180;
    // Where nothing is to be turned the number stays as it was written.
    before = Math.abs(lon - before) <= 180 ? lon : before + step;
    return { lat, lon: before };
  });
  return Math.abs((whole.at(-1)?.lon ?? 0) - (whole[0]?.lon ?? 0)) < 1 ? whole : undefined;
}

function polygonOf(ring: Ring, pairs: number): Shape {
  return {
    box: ring.box,
    pairs,
    holds: (point) => ring.holds(point),
    meets: (outline) => outline.isNear(ring.box) && outline.meets(ring),
    crossing: () => ring.crossing(),
  };
}

function discOf(centre: Point, km: number): Shape {
  const box = boxAround(centre, km);
  const holds = (point: Point): boolean => distance([centre.lon, centre.lat], [point.lon, point.lat]) <= km;
  return {
    box,
    pairs: 0,
    holds,
    meets: (outline) =>
      outline.isNear(box) &&
      (outline.holds(centre) ||
        outline.lines().some((line) => line.points.some(holds)) ||
        (km > 0 && outline.lines().some((line) => line.crosses(edgeOf(centre, km))))),
    crossing: () => undefined,
  };
}

/** The edge as a line of 128 points: at most 0.03 % of the radius inside it. */
function edgeOf(centre: Point, km: number): Ring {
  const [line = []] = circleOf([centre.lon, centre.lat], km, { steps: 128 }).geometry.coordinates;
  return new Ring(line.flatMap(([lon, lat]) => (lon === undefined || lat === undefined ? [] : [{ lat, lon }])));
}

/** Of the mean radius that @turf reckons with, km in a degree; a hair wider, so that rounding leaves nothing out. */
const kmInDegree = 111.19;
const hair = 1e-9;

function boxAround({ lat, lon }: Point, km: number): Box {
  const high = km / kmInDegree + hair;
  const [south, north] = [lat - high, lat + high];
  const reach = Math.sin((high * Math.PI) / 180) / Math.cos((lat * Math.PI) / 180);
  const isPolar = south <= -90 || north >= 90 || reach >= 1;
  const wide = isPolar ? 180 : (Math.asin(reach) * 180) / Math.PI + hair;
  return { south: Math.max(-90, south), north: Math.min(90, north), west: lon - wide, east: lon + wide };
}

const kept = new LRUCache<string, { shapes: readonly Shape[] }>({ max: 20 });

/** The shapes of an audience, whose notation was checked when it came in. @throws RangeError where one cannot be read */
export function shapesOf({
  polygons = [],
  circles = [],
}: {
  polygons?: readonly string[] | undefined;
  circles?: readonly string[] | undefined;
}): readonly Shape[] {
  const key = `${polygons.join('\n')}\n\n${circles.join('\n')}`;
  const found = kept.get(key);
  if (found) return found.shapes;
  const shapes = [...polygons.map(readPolygon), ...circles.map(readCircle)].map((read) => {
    if ('fault' in read) throw new RangeError(read.fault.en);
    return read.shape;
  });
  kept.set(key, { shapes });
  return shapes;
}

const notClosed: Said = {
  zh: '多边形至少要有四个点，且最后一个点与第一个相同。',
  en: 'a polygon has at least four pairs, the last the same as the first.',
};
const roundPole: Said = {
  zh: '不支持绕过极点的多边形。',
  en: 'a polygon that goes round a pole cannot be read.',
};
const noCircle: Said = {
  zh: '圆应写成“纬度,经度 半径公里数”，半径不超过 20037。',
  en: 'a circle is "lat,lon radius", the radius in kilometres and at most 20037.',
};
